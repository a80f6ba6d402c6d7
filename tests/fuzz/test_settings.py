"""Damaged settings: read as a whole, or refused in one line that names the file."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.campaign import CASES, campaign, fault, refused_in_place_of
from tests.fuzz.mutations import damaged_bytes, damaged_value
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.settings import Settings, load_settings

WRITTEN = (ROOT / "params.yaml").read_bytes()
GIVEN = yaml.safe_load(WRITTEN)
LEAVES = [(block, option) for block in GIVEN for option in GIVEN[block]]


def dumped(content: Any) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "surrogatepass")


def damaged(rng: random.Random) -> bytes:
    content = damaged_value(rng, GIVEN) if rng.random() < 0.5 else GIVEN
    written = dumped(content) if content is not GIVEN else WRITTEN
    return written if content is not GIVEN and rng.random() < 0.7 else damaged_bytes(rng, written)


def read(path: Path) -> None:
    told = ""
    try:
        assert isinstance(load_settings(path), Settings)
    except InputError as error:
        told = str(error)
        raise
    finally:
        assert "\n" not in told
        assert len(told) < 5000


@pytest.mark.parametrize("n", CASES)
def test_damaged_settings(n: int, tmp_path: Path) -> None:
    found = campaign(tmp_path / "params.yaml", damaged, read, n)
    assert found.refused > n / 2


@pytest.mark.parametrize("n", CASES)
def test_any_value_at_any_option(n: int, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
    anything = scalar | st.lists(scalar, max_size=3) | st.dictionaries(st.text(), scalar)

    @settings(max_examples=n, derandomize=True, database=None)
    @given(st.sampled_from(LEAVES), anything)
    def check(place: tuple[str, str], value: Any) -> None:
        content = copy.deepcopy(GIVEN)
        content[place[0]][place[1]] = value
        assert not fault(path, dumped(content), read)

    check()


def test_what_is_no_file(tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, "params.yaml", load_settings)
