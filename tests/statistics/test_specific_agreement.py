"""Specific agreement is the F measure of one rater against the other, whichever comes first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.statistics import ClusterBootstrap, percent_agreement, specific_agreement

ratings = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=2)


@given(ratings)
def test_it_is_the_mean_of_precision_and_recall_by_harmony(pairs: list[tuple[str, str]]) -> None:
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    found = specific_agreement(one, two, "a").estimate
    if not ((one == "a") | (two == "a")).any():
        assert np.isnan(found)
        return
    both = np.sum((one == "a") & (two == "a"))
    assert found == pytest.approx(2 * both / (np.sum(one == "a") + np.sum(two == "a")))
    assert found == specific_agreement(two, one, "a").estimate


@given(ratings)
def test_the_two_weighted_by_use_are_percent_agreement(pairs: list[tuple[str, str]]) -> None:
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    used = {c: np.sum(one == c) + np.sum(two == c) for c in "ab"}
    total = sum(used[c] * specific_agreement(one, two, c).estimate for c in "ab" if used[c]) / sum(
        used.values()
    )
    assert total == pytest.approx(percent_agreement(np.column_stack([one, two])).estimate)


def test_missing_ratings_do_not_count_and_the_interval_holds_the_estimate() -> None:
    one = [True, True, None, False] * 10
    two = [True, False, True, None] * 10
    found = specific_agreement(one, two, True, bootstrap=ClusterBootstrap(np.arange(40)))
    assert found.n_units == 20
    assert found.estimate == pytest.approx(2 / 3)
    assert found.low < found.estimate < found.high
