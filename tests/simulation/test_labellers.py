"""Frames with a machine that memorises: shares, folds, and what each labeller knows."""

import numpy as np
import pytest

from valuescape.simulation.labellers import READ_SHARES, labelled_truth


@pytest.fixture(scope="module")
def draws() -> list:  # type: ignore[type-arg]
    return [labelled_truth(0.2, np.random.default_rng(i)) for i in range(40)]


def test_shares_and_readings_are_as_planned(draws: list) -> None:  # type: ignore[type-arg]
    share = [d.truth.mean() for d in draws]
    assert np.mean(share) == pytest.approx(0.17, abs=0.01)
    one = draws[0]
    for h, wanted in enumerate(READ_SHARES):
        inside = one.frame.stratum == h
        assert one.frame.read[inside].mean() == pytest.approx(wanted, abs=0.01)
    folds = {(int(c), int(f)) for c, f in zip(one.frame.cluster, one.frame.fold, strict=True)}
    assert len(folds) == 1500
    groups = {(int(c), bool(r)) for c, r in zip(one.frame.cluster, one.frame.read, strict=True)}
    assert len(groups) == 1500


def test_only_the_in_sample_labeller_knows_what_was_read(draws: list) -> None:  # type: ignore[type-arg]
    for d in draws[:5]:
        read = d.frame.read
        assert np.abs(d.in_sample - d.truth)[read].max() == pytest.approx(0.02)
        assert np.array_equal(d.in_sample[~read], d.crossfitted[~read])
        assert np.abs(d.crossfitted - d.truth)[read].mean() > 0.1


def test_the_machine_overcalls_in_the_second_context_alone(draws: list) -> None:  # type: ignore[type-arg]
    bias = np.array(
        [[(d.crossfitted - d.truth)[side].mean() for side in (d.second, ~d.second)] for d in draws]
    ).mean(axis=0)
    assert bias[0] > 0.1
    assert bias[1] == pytest.approx(0.2 * (1 - (4 * 0.7 + 1 + 1.3) / 6), abs=0.015)


@pytest.mark.parametrize(("p", "n"), [(0.0, 900), (0.6, 900), (float("nan"), 900), (0.2, 89)])
def test_bad_arguments_are_refused(p: float, n: int) -> None:
    with pytest.raises(ValueError, match=r"^(prevalence|n_groups) ="):
        labelled_truth(p, np.random.default_rng(1), n_groups=n)
