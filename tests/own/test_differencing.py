"""A simulated private corpus: what all published tables together say of the counts they hide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.own import attacker, simulated
from tests.own.attacker import FLOOR, NEAR, Knowledge, Name, check_ranges, small
from valuescape.own.command import Order, write_report

pytestmark = pytest.mark.slow


def published(folder: Path, tables: tuple) -> Path:  # type: ignore[type-arg]
    labels = simulated.write_corpus(folder / "labels", tables)
    write_report(Order(labels, folder / "report"))
    return folder / "report"


@pytest.fixture(scope="module", params=[(1, 600, 2), (2, 900, 4)], ids=["small", "large"])
def attack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    seed, n, per_heading = request.param
    tables = simulated.corpus(seed, n, per_heading=per_heading)
    report = published(tmp_path_factory.mktemp("attack"), tables)
    counts = attacker.true_counts(tables)
    have = attacker.structure(counts)
    attacker.read_report(report, have)
    return report, counts, have


def test_what_is_published_is_true_and_not_small(attack) -> None:  # type: ignore[no-untyped-def]
    _, counts, have = attack
    assert len(have.known) > 60
    for name, number in have.known.items():
        assert counts[name][0] == number, name
    assert not set(small(counts)) & set(have.known)


def test_no_small_count_is_bounded_tighter_than_the_rules_allow(attack) -> None:  # type: ignore[no-untyped-def]
    _, counts, have = attack
    wanted = small(counts)
    assert len(wanted) > 300
    check_ranges(have.bounds(wanted, list(counts)), counts, have)


def test_the_attack_succeeds_where_only_small_counts_are_hidden(attack) -> None:  # type: ignore[no-untyped-def]
    _, counts, _ = attack
    have = attacker.structure(counts)
    hidden = set(small(counts))
    for name, (n, _) in counts.items():
        if name not in hidden:
            have.learn(name, n)
    ranges = have.bounds(sorted(hidden, key=str), list(counts))
    exact = [name for name, (low, high) in ranges.items() if high - low < NEAR]
    tight = [name for name, (low, high) in ranges.items() if high < FLOOR - NEAR]
    assert len(tight) > 10
    assert exact
    assert all(counts[name][0] == round(ranges[name][0]) for name in exact)


def test_one_user_more_or_less_gives_no_small_count_away(tmp_path: Path) -> None:
    """With two reports, that differ by a user of known size, small counts stay unknown."""
    tables = simulated.corpus(3, per_heading=3)
    sizes = tables[2]["user"].value_counts()
    user = str(sizes.index[10])
    fewer = simulated.without(tables, user)
    both = Knowledge()
    counts: dict[Name, tuple[int, int]] = {}
    for tag, corpus in (("with", tables), ("without", fewer)):
        report = published(tmp_path / tag, corpus)
        of = attacker.true_counts(corpus)
        have = attacker.structure(of)
        attacker.read_report(report, have)
        counts |= {(tag, *name): found for name, found in of.items()}
        both.known |= {(tag, *name): x for name, x in have.known.items()}
        for mine, theirs in ((both.zero, have.zero), (both.below, have.below)):
            mine += [{(tag, *name): x for name, x in row.items()} for row in theirs]
    for name in [n for n in counts if n[0] == "with" and ("without", *n[1:]) in counts]:
        other = ("without", *name[1:])
        both.below.append({other: 1.0, name: -1.0})
        both.below.append({name: 1.0, other: -1.0, ("his",): -1.0})
    both.known["his",] = float(sizes[user])
    every = [*counts, ("his",)]
    wanted = [name for name in small(counts) if name not in both.known]
    ranges = both.bounds(wanted, every)
    widths = np.array([high - low for low, high in ranges.values()])
    assert (widths > 1.0 - NEAR).all(), [n for n, r in ranges.items() if r[1] - r[0] < 1]
    assert np.median(widths) >= FLOOR - 1
