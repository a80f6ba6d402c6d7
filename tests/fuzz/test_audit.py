"""Damaged sheets that coders return: read as they were meant, or refused with file and row."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pandas as pd
import pytest

from tests.fuzz.campaign import CASES, campaign, refused_in_place_of
from tests.fuzz.mutations import damaged_bytes, damaged_value, spelt
from tests.fuzz.test_tables import as_csv, damaged_frame
from valuescape.audit.command import Draw, draw_audit, read_audit
from valuescape.labelling.command import label_file
from valuescape.stages.label import demo_corpus


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    label_file(demo_corpus(), "embedded", folder)
    tables = folder / "labels.parquet", folder / "expressions.parquet"
    draw_audit(demo_corpus(), *tables, folder / "draw", Draw(n=20, n_values=2))
    return folder / "draw"


def coded(drawn: Path) -> pd.DataFrame:
    """Answer as the machine did."""
    design = drawn / "design"
    frame = pd.read_csv(design / "frame.csv", keep_default_na=False, dtype=str)
    frame = frame[frame["item"] != ""]
    draw = json.loads((design / "audit.json").read_text())["draw"]
    answers = frame[["item", *frame.columns[6:]]].reset_index(drop=True)
    return answers.assign(draw=draw, coder="a")


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("ending", ["json", "csv"])
def test_returned_sheets(drawn: Path, ending: str, n: int, tmp_path: Path) -> None:
    rows = coded(drawn)
    keys = [c for c in rows.columns if c not in ("draw", "coder", "item")]
    answers = {row["item"]: {key: row[key] for key in keys} for _, row in rows.iterrows()}
    sheet = {"draw": rows["draw"].iloc[0], "coder": "a", "answers": answers}

    def make(rng: random.Random) -> bytes:
        if ending == "json":
            content = spelt(rng, damaged_value(rng, sheet) if rng.random() < 0.7 else sheet)
        else:
            content = as_csv(rng, damaged_frame(rng, rows))
            content = content.replace(b",", b";") if rng.random() < 0.3 else content
        return damaged_bytes(rng, content) if rng.random() < 0.5 else content

    found = campaign(
        tmp_path / f"a.{ending}", make, lambda path: read_audit(drawn, [path], tmp_path / "out"), n
    )
    assert found.read


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("name", ["audit.json", "frame.csv"])
def test_designs(drawn: Path, name: str, n: int, tmp_path: Path) -> None:
    design = tmp_path / "design"
    design.mkdir()
    for path in (drawn / "design").iterdir():
        (design / path.name).write_bytes(path.read_bytes())
    good, sheet = (design / name).read_bytes(), tmp_path / "design" / "sheet.csv"
    coded(drawn).to_csv(sheet, index=False)

    def make(rng: random.Random) -> bytes:
        if name == "audit.json" and rng.random() < 0.5:
            return spelt(rng, damaged_value(rng, json.loads(good)))
        return damaged_bytes(rng, good)

    campaign(design / name, make, lambda _: read_audit(tmp_path, [sheet], tmp_path / "out"), n)


@pytest.mark.parametrize("name", ["a.json", "a.csv"])
def test_what_is_no_file(drawn: Path, name: str, tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, name, lambda path: read_audit(drawn, [path], tmp_path / "out"))
