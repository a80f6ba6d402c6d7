"""``valuescape taxonomy build`` and ``match``: files in, tables out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from valuescape.store import replaced_folder, write_table
from valuescape.taxonomy.embedding import choose_embedding
from valuescape.taxonomy.free_tree import draft_tree, name_tree
from valuescape.taxonomy.matching import COMPUTED, LISTED, UNMAPPED, match_names, read_tree
from valuescape.taxonomy.namelist import read_names
from valuescape.taxonomy.naming_command import Naming, ledger_beside, name_by_model


def build_file(
    names: Path,
    output: Path,
    *,
    embeddings: str | None = None,
    sizes: Sequence[int] | None = None,
    n_headings: int | None = None,
    seed: int = 0,
    naming: Naming | None = None,
) -> str:
    """Build a tree over the names of a file and write ``taxonomy.csv`` and ``values.csv``.

    Parameters
    ----------
    names : Path
        As :func:`valuescape.taxonomy.namelist.read_names` takes it.
    output : Path
        Folder of the two tables; replaced whole.  Beside it, named by a model, lies the ledger.
    embeddings : str, optional
        As :func:`valuescape.taxonomy.embedding.choose_embedding` takes it.
    sizes, n_headings, seed
        As :func:`valuescape.taxonomy.free_tree.build_tree` takes them.

    naming : Naming, optional
        A model that names the nodes; by their medoids where absent.

    Returns
    -------
    str
        What was built, in words.

    Raises
    ------
    InputError
        If the file or an option is not usable, or naming stops or fails; nothing is written then.
    """
    ledger = ledger_beside(output)
    counts = read_names(names)
    embedding = choose_embedding(embeddings)
    draft = draft_tree(
        {str(name): int(n) for name, n in counts.items()},
        embedding=embedding,
        sizes=sizes,
        n_headings=n_headings,
        seed=seed,
    )
    tree, told = (
        name_by_model(draft, seed, naming, ledger) if naming else (name_tree(draft, seed=seed), "")
    )
    with replaced_folder(output) as out:
        write_table(tree.nodes, out / "taxonomy.csv", key=["node_id"])
        write_table(tree.places, out / "values.csv", key=["value_raw"])
    levels = tree.nodes["level"].value_counts()
    above = ", ".join(f"{levels[level]:,}" for level in (1, 2, 3))
    built = (
        f"{len(counts):,} names, {levels[0]:,} values, {above} nodes above "
        f"(embeddings: {embedding.name})"
    )
    return f"{built}\n{told}" if told else built


def match_file(
    names: Path,
    tree: Path,
    output: Path,
    *,
    embeddings: str | None = None,
    least_score: float | None = None,
) -> str:
    """Map the names of a file to a tree and write the table.

    Parameters
    ----------
    names : Path
        As :func:`valuescape.taxonomy.namelist.read_names` takes it.
    tree : Path
        Table ``taxonomy``.
    output : Path
        CSV to write.
    embeddings : str, optional
        As :func:`valuescape.taxonomy.embedding.choose_embedding` takes it.
    least_score : float, optional
        As :func:`valuescape.taxonomy.matching.match_names` takes it.

    Returns
    -------
    str
        How many names were placed how, in words.

    Raises
    ------
    InputError
        If a file or an option is not usable.
    """
    counts = read_names(names)
    target = read_tree(tree)
    embedding = choose_embedding(embeddings)
    found = match_names(
        {str(name): int(n) for name, n in counts.items()},
        target,
        embedding,
        least_score=least_score,
    )
    write_table(found, output, key=["value_raw"])
    placed = found["placed"].value_counts().to_dict()
    told = ", ".join(f"{placed.get(how, 0):,} {how}" for how in (LISTED, COMPUTED, UNMAPPED))
    return f"{len(found):,} names: {told} (embeddings: {embedding.name})"
