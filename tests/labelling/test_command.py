"""``label_file``: two tables of the schema, or one message and nothing written."""

from pathlib import Path

import pytest

from valuescape.errors import InputError
from valuescape.labelling.command import label_file
from valuescape.stages.label import demo_corpus
from valuescape.store import read_table


def test_the_two_tables_have_the_columns_of_the_schema(tmp_path: Path) -> None:
    n = label_file(demo_corpus(), "embedded", tmp_path / "out")
    labels = read_table(tmp_path / "out" / "labels.parquet", "labels")
    expressions = read_table(tmp_path / "out" / "expressions.parquet", "expressions")
    assert len(labels) == n
    assert set(expressions["conversation_id"]) <= set(labels["conversation_id"])
    assert labels["labeller"].unique().tolist() == ["embedded-2"]
    label_file(demo_corpus(), "embedded", tmp_path / "again")
    for name in ("labels", "expressions"):
        first, second = (tmp_path / f / f"{name}.parquet" for f in ("out", "again"))
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("text", "labeller", "message"),
    [
        ("", "embedded", "no conversation"),
        ("{", "embedded", "line 1: not JSON"),
        ("", "oracle", "--labeller 'oracle' is not known; allowed: embedded"),
    ],
)
def test_bad_input_leaves_nothing_behind(
    tmp_path: Path, text: str, labeller: str, message: str
) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        label_file(path, labeller, tmp_path / "out")
    assert not (tmp_path / "out").exists()
