"""Stage ``release``: labels, tree and cards as one folder that others can take and cite."""

from pathlib import Path

import yaml

from valuescape.errors import InputError
from valuescape.options import Release
from valuescape.paths import Paths, paths
from valuescape.release.card import dataset_card
from valuescape.release.checksums import checksums
from valuescape.release.codebook import CodedTable, read_codebook
from valuescape.release.croissant import Description, croissant
from valuescape.release.tables import write_released
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.store import replaced_folder, write_bytes, write_json, write_text

COPIED = ("labels/CODEBOOK.md", "labels/CODEBOOK_OPEN.md", "labels/CODEBOOK_UNPRIMED.md")
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).release
    tables = chosen_tables(home, settings)
    with replaced_folder(home.release) as out:
        for table in tables:
            write_released(home.data / table.path, table, out)
        for path in settings.machine:
            _copy(home.data / path, out / "parquet" / f"machine_{Path(path).name}")
        for path in COPIED:
            _copy(home.data / path, out / Path(path).name)
        _copy(home.data / "labels" / "VOCABULARY.txt", out / "VOCABULARY.txt")
        _copy(home.data / "codebook.yaml", out / "codebook.yaml")
        _copy(home.root / "LICENSE-DATA", out / "LICENSE")
        _copy(home.root / "CITATION.cff", out / "CITATION.cff")
        write_json(croissant(described(home, settings), tables, out), out / "croissant.json")
        write_text(card(home, settings, tables), out / "README.md")
        write_text(settings.suppression + "\n", out / "SUPPRESSION.md")
        listed = checksums(out)
        write_text(listed, out / "SHA256SUMS")
    write_text(listed, home.release_checksums)


def chosen_tables(home: Paths, settings: Release) -> list[CodedTable]:
    """Give the tables that are released, as the codebook describes them.

    Raises
    ------
    InputError
        If the codebook does not describe one.
    """
    codebook = read_codebook(home.data / "codebook.yaml")
    for path in settings.tables:
        if path not in codebook:
            raise InputError(f"params.yaml: release.tables: {path!r} is not in data/codebook.yaml")
    return [codebook[path] for path in settings.tables]


def described(home: Paths, settings: Release) -> Description:
    """Describe the data set, from the citation file and the options."""
    cited = yaml.safe_load((home.root / "CITATION.cff").read_text("utf-8"))
    author, date = cited["authors"][0]["name"], cited["date-released"]
    return Description(
        name=settings.name,
        title=settings.title,
        about=settings.about,
        version=str(cited["version"]),
        date=date.isoformat(),
        license=LICENSE,
        cite_as=f"{author} ({date.year}). {settings.title}, version {cited['version']}.",
        creator=author,
        collection=settings.collection,
        biases=settings.biases,
        limits=settings.limits,
        uses=settings.uses,
    )


def card(home: Paths, settings: Release, tables: list[CodedTable]) -> str:
    """Give the data card with the header of a dataset hub."""
    n_rows = max((home.data / table.path).read_bytes().count(b"\n") - 1 for table in tables)
    body = (home.data / "README.md").read_text("utf-8")
    return dataset_card(settings.title, [table.name for table in tables], n_rows, body)


def _copy(source: Path, target: Path) -> None:
    write_bytes(source.read_bytes(), target)


if __name__ == "__main__":
    run(main)
