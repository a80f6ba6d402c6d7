"""Which counts may be shown: attacked as someone would who sees all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.own import attacker, simulated
from tests.own.attacker import Name
from valuescape.corpora.reading import Tally
from valuescape.errors import InputError
from valuescape.own.floors import Floors, Shown, shown_counts
from valuescape.own.frame import Frame, own_frame
from valuescape.own.labels import given_labels


def frame_of(folder: Path, tables: tuple) -> Frame:  # type: ignore[type-arg]
    labels = simulated.write_corpus(folder / "labels", tables)
    return own_frame(given_labels(labels, None, None, Tally()), private=True)


def seen(shown: Shown, name: Name) -> bool:
    """Whether a count, by the attacker's name for it, may be shown."""
    first, *rest = name
    if name == ("all",):
        return True
    if first == attacker.TOTAL:
        return any(shown.nodes.get((level, rest[0])) for level in (0, 3))  # type: ignore[call-overload]
    if first == "size":
        return bool(shown.contexts[rest[0], rest[1]])  # type: ignore[index]
    if first == "answer":
        return bool(shown.responses[rest[0], rest[1]])  # type: ignore[index]
    return any(shown.cells.get((first, level, *rest)) for level in (0, 3))  # type: ignore[call-overload]


@pytest.mark.parametrize("seed", [4, 5])
def test_what_is_hidden_stays_hidden_under_all_sums_and_inclusions(
    tmp_path: Path, seed: int
) -> None:
    tables = simulated.corpus(seed, n=500, users=90, per_heading=2)
    shown = shown_counts(frame_of(tmp_path, tables), Floors())
    counts = attacker.true_counts(tables)
    have = attacker.structure(counts)
    for name, (n, _) in counts.items():
        if seen(shown, name):
            have.learn(name, n)
    hidden = attacker.small(counts)
    assert not set(hidden) & set(have.known)
    assert len(have.known) > 40
    rng = np.random.default_rng(seed)
    some = [hidden[i] for i in rng.permutation(len(hidden))[:60]]
    attacker.check_ranges(have.bounds(some, list(counts)), counts, have)


def test_public_conversations_have_no_floors(tmp_path: Path) -> None:
    tables = simulated.corpus(6, n=120, users=30, per_heading=1)
    shown = shown_counts(frame_of(tmp_path, tables), None)
    assert all(shown.nodes.values())
    assert all(shown.cells.values())
    assert all(small == protecting == 0 for _, _, small, protecting in shown.report)


@pytest.mark.parametrize(("n", "users"), [(14, 14), (400, 4)])
def test_a_corpus_under_a_floor_is_refused(tmp_path: Path, n: int, users: int) -> None:
    frame = frame_of(tmp_path, simulated.corpus(7, n=n, users=users, per_heading=2))
    with pytest.raises(InputError, match=r"too few conversations.*--public"):
        shown_counts(frame, Floors())


def test_the_size_of_a_stance_is_shown_only_if_its_parts_are(tmp_path: Path) -> None:
    shown = shown_counts(frame_of(tmp_path, simulated.corpus(8, 500, 90, 2)), Floors())
    parts = {"support": attacker.SUPPORT, "resistance": attacker.RESISTANCE}
    for stance, answers in parts.items():
        known = all(shown.contexts["response_type", a] for a in answers)
        rest = all(shown.contexts["stance", s] for s in ("support", "resistance", "other"))
        assert shown.contexts["stance", stance] == known or rest
