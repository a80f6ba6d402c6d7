"""``valuescape taxonomy``: files in, tables out, one message for what is not usable."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.taxonomy.test_free_tree import NAMES
from valuescape.cli import app
from valuescape.store import read_table

runner = CliRunner()


def _names(folder: Path, lines: list[str]) -> str:
    path = folder / "names.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_list_is_arranged_and_another_mapped_to_it(tmp_path: Path) -> None:
    out = tmp_path / "tree"
    given = ["build", _names(tmp_path, NAMES), "--output", str(out), "--embeddings", "stems"]
    done = runner.invoke(app, ["taxonomy", *given, "--sizes", "9", "4", "2"])
    assert done.exit_code == 0, done.output
    assert "36 names, 36 values, 9, 4, 2 nodes above (embeddings: stems)" in done.output
    assert set(read_table(out / "taxonomy.csv", "taxonomy")["level"]) == {0, 1, 2, 3}
    assert len(pd.read_csv(out / "values.csv")) == 36
    before = (out / "taxonomy.csv").read_bytes()
    assert runner.invoke(app, ["taxonomy", *given, "--sizes", "9", "4", "2"]).exit_code == 0
    assert (out / "taxonomy.csv").read_bytes() == before

    asked = _names(tmp_path, ["Honesty at sea", "honesty at the fair", "xyzzy"])
    tree, found = str(out / "taxonomy.csv"), tmp_path / "found.csv"
    given = ["match", asked, "--tree", tree, "--output", str(found), "--embeddings", "stems"]
    done = runner.invoke(app, ["taxonomy", *given, "--least-score", "0.2"])
    assert done.exit_code == 0, done.output
    assert "3 names: 1 listed, 1 computed, 1 unmapped" in done.output
    table = pd.read_csv(found, keep_default_na=False)
    assert table["placed"].tolist() == ["listed", "computed", "unmapped"]
    done = runner.invoke(app, ["taxonomy", *given, "--least-score", "1"])
    assert "1 listed, 0 computed, 2 unmapped" in done.output


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        ([""], [], "no name; at least one value name is needed"),
        (["hope"], [], "1 distinct values; a tree of four levels needs at least 8"),
        (["hope", "a\x00b"], [], "line 2: value name"),
        (NAMES, ["--headings", "99"], "headings: 99 of 36 values; allowed is 1 to 4"),
        (NAMES, ["--sizes", "30", "4", "2"], "sizes: 30, 4, 2"),
        (NAMES, ["--embeddings", "magic"], "allowed are sentences, stems"),
        (NAMES, ["--embeddings", "none.parquet"], "none.parquet: no such file"),
    ],
)
def test_what_is_not_usable_is_named_and_nothing_written(
    tmp_path: Path, lines: list[str], options: list[str], said: str
) -> None:
    out = tmp_path / "tree"
    names = _names(tmp_path, lines)
    options = options if "--embeddings" in options else [*options, "--embeddings", "stems"]
    done = runner.invoke(app, ["taxonomy", "build", names, "--output", str(out), *options])
    assert done.exit_code == 1
    assert done.output.startswith("error: ")
    assert said in done.output
    assert not out.exists()
