"""Streams belong to a name and a place, and to nothing else."""

import pytest

from valuescape.simulation.streams import streams


def test_more_replicates_leave_the_first_alone() -> None:
    few = [rng.random() for rng in streams(5, "users", 3)]
    many = [rng.random() for rng in streams(5, "users", 9)]
    assert many[:3] == few
    assert len(set(many)) == 9


def test_names_and_seeds_make_different_streams() -> None:
    first = {next(streams(s, n, 1)).random() for s in (1, 2) for n in ("a", "b", "ab", "ba")}
    assert len(first) == 8


@pytest.mark.parametrize(
    ("seed", "name", "n", "message"),
    [(-1, "a", 1, "seed = -1"), (1, "", 1, "name"), (1, "a", 0, "n = 0")],
)
def test_bad_arguments_are_refused(seed: int, name: str, n: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        streams(seed, name, n)
