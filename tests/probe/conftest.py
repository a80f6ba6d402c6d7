"""The labeller is loaded once for all tests of the probe."""

from __future__ import annotations

from functools import cache

import pytest

from valuescape.labelling.command import find_labeller
from valuescape.probe import command

_found = cache(find_labeller)


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_labeller", _found)
