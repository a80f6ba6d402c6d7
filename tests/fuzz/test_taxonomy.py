"""Damaged lists of names and trees: built and matched, or refused with file and line."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.fuzz.campaign import CASES, campaign, refused_in_place_of
from tests.fuzz.mutations import damaged_bytes
from tests.fuzz.test_tables import SPELT, damaged_frame
from valuescape.errors import InputError
from valuescape.taxonomy.command import build_file, match_file
from valuescape.taxonomy.matching import read_tree
from valuescape.taxonomy.namelist import read_names
from valuescape.taxonomy.values import VALUE_COLUMNS, load_values

NAMES = pd.DataFrame(
    {"value": ["hope", "zeal", "honesty", "care for others", "诚实"], "n": [1, 2, 3, 4, 5]}
)
TREE = pd.DataFrame(
    {
        "node_id": ["v1", "v2", "a", "b", "c"],
        "name": ["hope", "honesty", "Outlook", "Character", "Person"],
        "level": [0, 0, 1, 2, 3],
        "parent_id": ["a", "a", "b", "c", ""],
        "polarity": "desirable",
    }
)
STRANGE: tuple[Any, ...] = (
    "--",
    "x" * 300,
    "\u202e",
    "a\x00b",
    "é",
    "e\u0301",
    "hope",
    "v1",
    "a",
    3,
)


def listed(ending: str, given: pd.DataFrame = NAMES) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        names = [*given["value"], *(str(x) for x in rng.sample(STRANGE, rng.randint(0, 2)))]
        if ending == "txt":
            content = "\n".join(rng.sample(names, len(names))).encode()
        else:
            content = SPELT[ending](rng, damaged_frame(rng, given))
        return damaged_bytes(rng, content) if rng.random() < 0.6 else content

    return make


def tree(ending: str) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        given = TREE.astype(object)
        if rng.random() < 0.5:
            given.iloc[rng.randrange(5), rng.randrange(4)] = rng.choice(STRANGE)
        content = SPELT[ending](rng, damaged_frame(rng, given) if rng.random() < 0.5 else given)
        return damaged_bytes(rng, content) if rng.random() < 0.3 else content

    return make


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("ending", ["txt", *SPELT])
def test_names_to_match(ending: str, n: int, tmp_path: Path) -> None:
    TREE.to_csv(tmp_path / "tree.csv", index=False)
    campaign(
        tmp_path / f"names.{ending}",
        listed(ending),
        lambda path: match_file(
            path, tmp_path / "tree.csv", tmp_path / "o.csv", embeddings="stems"
        ),
        n,
    )


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("ending", SPELT)
def test_trees_to_match(ending: str, n: int, tmp_path: Path) -> None:
    NAMES.to_csv(tmp_path / "names.csv", index=False)
    campaign(
        tmp_path / f"tree.{ending}",
        tree(ending),
        lambda path: match_file(
            tmp_path / "names.csv", path, tmp_path / "o.csv", embeddings="stems"
        ),
        n,
    )


@pytest.mark.parametrize("n", CASES)
def test_names_to_build_from(n: int, tmp_path: Path) -> None:
    def read(path: Path) -> None:
        try:
            build_file(path, tmp_path / "out", embeddings="stems")
        except InputError as error:
            if "distinct values" not in str(error):
                raise

    more = pd.DataFrame({"value": [f"{a} {b}" for a in NAMES["value"] for b in NAMES["value"]]})
    campaign(tmp_path / "names.csv", listed("csv", more.assign(n=1)), read, n)


@pytest.mark.parametrize("n", CASES)
def test_values_of_an_earlier_stage(n: int, tmp_path: Path) -> None:
    rows = pd.DataFrame({c: ["1", "2"] for c in VALUE_COLUMNS})

    def make(rng: random.Random) -> bytes:
        content = SPELT["csv"](rng, damaged_frame(rng, rows))
        return damaged_bytes(rng, content) if rng.random() < 0.5 else content

    campaign(tmp_path / "values.csv", make, load_values, n)


@pytest.mark.parametrize(
    ("name", "read"),
    [("a.txt", read_names), ("a.csv", read_names), ("a.parquet", read_names),
     ("t.csv", read_tree), ("v.csv", load_values)],
)  # fmt: skip
def test_what_is_no_file(name: str, read: Callable[[Path], Any], tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, name, read)
