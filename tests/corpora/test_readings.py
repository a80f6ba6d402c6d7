"""The released readings hold together, and a set that does not is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.corpora.readings import check_frame, load_readings, with_labeller
from valuescape.errors import InputError

Tables = dict[str, pd.DataFrame]


def tiny() -> Tables:
    ids = ["a", "b", "c", "d"]
    return {
        "conversations": pd.DataFrame(
            {
                "conversation_id": [*ids, "e"],
                "source": "corpus",
                "file": "f.jsonl",
                "stratum": ["s", "s", "t", "t", "t"],
                "group": "ordinary",
                "in_frame": "true",
                "model": ["m", "n", "m", "m", "m"],
                "prompt_id": "0" * 12,
                "prompt_group": ["g1", "g1", "g2", "g3", "g4"],
                "n_turns": 2,
                "n_characters": 100,
            }
        ),
        "labels": pd.DataFrame(
            {
                "conversation_id": [*ids, "a"],
                "codebook": ["closed"] * 4 + ["open"],
                "reading": 1,
                "reader": "r1",
                "subjective": "true",
                "task_type": "about_ai",
                "task": "",
                "response_type": "no_values",
            }
        ),
        "expressions": pd.DataFrame(
            {
                "conversation_id": ["a", "a", "b"],
                "codebook": "closed",
                "reading": 1,
                "party": ["assistant", "user", "assistant"],
                "value": ["care", "care", "clarity"],
                "explicit": ["true", "false", "true"],
                "rank": [1, 1, 1],
            }
        ),
        "sample": pd.DataFrame(
            {
                "conversation_id": ids,
                "stratum": ["s", "s", "t", "t"],
                "wave": 1,
                "psu_id": ids,
                "inclusion_probability": [0.5, 0.25, 0.5, 0.5],
                "second_reading_probability": 0.1,
                "open_reading_probability": 0.5,
                "unprimed_reading_probability": 0.0,
            }
        ),
        "frame": pd.DataFrame(
            {"stratum": ["s", "t"], "n_conversations": [6, 4], "n_psu": [6, 4], "n_read": 2}
        ),
        "assistants": pd.DataFrame(
            {
                "source": "corpus",
                "model": ["m", "n"],
                "system": ["m", "n"],
                "developer": ["A", ""],
                "variant": "",
                "certain": "true",
                "n_conversations": 2,
                "n_read": 2,
            }
        ),
    }


def saved(tables: Tables, folder: Path) -> Path:
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_readings_are_put_into_the_studys_words(tmp_path: Path) -> None:
    found = load_readings(saved(tiny(), tmp_path))
    assert found.conversations["run"].tolist() == ["corpus: m", "corpus: n", *["corpus: m"] * 3]
    assert found.labels["labeller"].tolist() == ["reading-closed-1"] * 4 + ["reading-open-1"]
    assert set(found.labels["status"]) == {"ok"}
    assert found.labels["reader"].tolist() == ["r1"] * 5
    assert found.expressions["value_raw"].tolist() == found.expressions["value"].tolist()
    assert not {"codebook", "reading"} & {*found.labels.columns, *found.expressions.columns}


def set_cell(table: str, row: int, column: str, value: object) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = tables[table].astype({column: object})
        tables[table].loc[row, column] = value

    return change


def drop_rows(table: str, rows: list[int]) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = tables[table].drop(index=rows)

    return change


DEFECTS = {
    "weights miss the frame": (
        set_cell("sample", 1, "inclusion_probability", 0.2),
        r"sample.csv: in stratum 's' .* add up to 7; allowed is within 10% of the frame's 6",
    ),
    "frame too large": (
        set_cell("frame", 1, "n_conversations", 5),
        r"in stratum 't' .* add up to 4; allowed is within 10% of the frame's 5",
    ),
    "stratum without a row": (
        drop_rows("sample", [2, 3]),
        r"labels.csv, line 4: conversation 'c' is not in sample.csv",
    ),
    "stratum unknown to the frame": (
        drop_rows("frame", [1]),
        r"stratum 't' is not in frame.csv; allowed are s",
    ),
    "label of an unknown conversation": (
        set_cell("labels", 1, "conversation_id", "z"),
        r"labels.csv, line 3: conversation 'z' is not in conversations.csv; allowed are",
    ),
    "draw of an unknown conversation": (
        set_cell("sample", 3, "conversation_id", "z"),
        r"sample.csv, line 5: conversation 'z' is not in conversations.csv",
    ),
    "label of a conversation never drawn": (
        set_cell("labels", 3, "conversation_id", "e"),
        r"labels.csv, line 5: conversation 'e' is not in sample.csv",
    ),
    "stratum moved": (
        set_cell("sample", 0, "stratum", "t"),
        r"sample.csv, line 2: stratum is 't'; allowed is 's', as in conversations.csv",
    ),
    "expression without a label": (
        set_cell("expressions", 2, "codebook", "unprimed"),
        r"expressions.csv, line 4: labels.csv has no row for conversation_id=b, "
        r"codebook=unprimed, reading=1",
    ),
    "conversation twice": (
        set_cell("conversations", 1, "conversation_id", "a"),
        r"conversations.csv, line 3: a second row for conversation_id=a",
    ),
    "assistant twice": (
        set_cell("assistants", 1, "model", "m"),
        r"assistants.csv, line 3: a second row for source=corpus, model=m",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_readings_that_do_not_hold_together_are_refused(tmp_path: Path, defect: str) -> None:
    change, message = DEFECTS[defect]
    tables = tiny()
    change(tables)
    with pytest.raises(InputError, match=message) as caught:
        load_readings(saved(tables, tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list(tiny()))
def test_an_absent_or_empty_file_is_named(tmp_path: Path, name: str) -> None:
    saved(tiny(), tmp_path)
    (tmp_path / f"{name}.csv").write_bytes(b"")
    with pytest.raises(InputError, match=rf"{name}\.csv: the file is empty"):
        load_readings(tmp_path)
    (tmp_path / f"{name}.csv").unlink()
    with pytest.raises(InputError, match=rf"{name}\.csv: no such file"):
        load_readings(tmp_path)


def test_a_stratum_never_drawn_misses_its_frame() -> None:
    sample = pd.DataFrame({"stratum": ["s"], "inclusion_probability": [0.5]})
    frame = pd.DataFrame({"stratum": ["s", "t"], "n_conversations": [2, 7]})
    with pytest.raises(InputError, match=r"stratum 't' .* add up to 0; .* the frame's 7"):
        check_frame(sample, frame, Path("sample.csv"))
    empty = frame.assign(n_conversations=[2, 0])
    check_frame(sample, empty, Path("sample.csv"))
    with pytest.raises(InputError, match="the frame's 0"):
        check_frame(sample, empty.assign(n_conversations=0), Path("sample.csv"))


@pytest.mark.parametrize(("size", "passes"), [(110, True), (91, True), (112, False), (90, False)])
def test_the_tolerance_is_a_tenth_of_the_frame(size: int, passes: bool) -> None:
    sample = pd.DataFrame({"stratum": ["s"] * 100, "inclusion_probability": 1.0})
    frame = pd.DataFrame({"stratum": ["s"], "n_conversations": [size]})
    if passes:
        check_frame(sample, frame, Path("sample.csv"))
    else:
        with pytest.raises(InputError):
            check_frame(sample, frame, Path("sample.csv"))


def test_a_labeller_is_named_by_codebook_and_reading() -> None:
    given = pd.DataFrame({"codebook": ["closed", "open"], "reading": [2, 1], "x": [0, 1]})
    found = with_labeller(given)
    assert found.to_dict("list") == {
        "x": [0, 1],
        "labeller": ["reading-closed-2", "reading-open-1"],
    }


def test_weights_of_the_released_sample_add_up_to_its_frame() -> None:
    found = load_readings(ROOT / "data" / "labels")
    totals = (1 / found.sample["inclusion_probability"]).groupby(found.sample["stratum"]).sum()
    sizes = found.frame.set_index("stratum")["n_conversations"]
    np.testing.assert_allclose(totals[sizes.index] / sizes, 1.0, atol=0.1)
    assert sizes.sum() == found.conversations["in_frame"].sum() == 27_137
    drawn = found.sample["stratum"].value_counts()
    pd.testing.assert_series_equal(
        drawn[sizes.index], found.frame.set_index("stratum")["n_read"], check_names=False
    )
