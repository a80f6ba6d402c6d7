"""Out-of-fold probabilities against SciPy, and a labeller that memorises underneath them."""

import numpy as np
import pytest
from scipy import optimize, special

from valuescape.statistics.correction import LabelledFrame, corrected_prevalence
from valuescape.statistics.cross_fitted import cross_fitted_probability, log_odds_features

ROWS = np.arange(300)


def framed(rng: np.random.Generator) -> LabelledFrame:
    return LabelledFrame.of(rng.random(300) < 0.5, ROWS % 3, ROWS // 2, ROWS // 2 % 3)


def data(seed: int) -> tuple[np.ndarray, np.ndarray, LabelledFrame]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, 4))
    y = (rng.random(300) < special.expit(x @ [2.0, -1.0, 0.0, 0.5] - 0.5)).astype(float)
    return x, y, framed(rng)


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0])
def test_each_fold_is_the_penalised_fit_of_the_others(penalty: float) -> None:
    x, y, frame = data(1)
    found = cross_fitted_probability(x, y, frame, penalty=penalty)
    for fold in range(3):
        others = frame.read & (frame.fold != fold)
        w = frame.weight[others] / frame.weight[others].mean()

        def loss(b: np.ndarray, w: np.ndarray = w, others: np.ndarray = others) -> float:
            eta = b[0] + x[others] @ b[1:]
            fit = w @ (np.logaddexp(0, eta) - y[others] * eta)
            return float(fit + penalty / 2 * b[1:] @ b[1:])

        best = optimize.minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
        own = frame.fold == fold
        expected = special.expit(best[0] + x[own] @ best[1:])
        np.testing.assert_allclose(found[own], expected, atol=1e-5)


def test_a_folds_own_readings_do_not_reach_it() -> None:
    x, y, frame = data(2)
    one = cross_fitted_probability(x, y, frame, penalty=1.0)
    other = cross_fitted_probability(x, np.where(frame.fold == 0, 1 - y, y), frame, penalty=1.0)
    own = frame.fold == 0
    np.testing.assert_array_equal(one[own], other[own])
    assert (one[~own] != other[~own]).any()


def test_readings_that_are_all_alike_and_none_at_all() -> None:
    x, _, frame = data(3)
    assert (cross_fitted_probability(x, np.ones(300), frame, penalty=1.0) == 1).all()
    assert (cross_fitted_probability(x, np.zeros(300), frame, penalty=1.0) == 0).all()
    nobody = cross_fitted_probability(x, np.ones(300), frame, within=np.zeros(300), penalty=1.0)
    assert (nobody == 0).all()


def test_within_a_part_the_probability_is_that_of_the_part() -> None:
    x, y, frame = data(4)
    part = (x[:, 3] > 0).astype(float)
    found = cross_fitted_probability(x, y, frame, within=part, penalty=1.0)
    other = cross_fitted_probability(x, np.where(part > 0, y, 1 - y), frame, within=part, penalty=1)
    np.testing.assert_array_equal(found, other)


def test_features_are_standardised_and_constant_ones_dropped() -> None:
    rng = np.random.default_rng(5)
    p = np.column_stack([rng.random(50), np.full(50, 0.3), np.zeros(50), rng.random(50)])
    found = log_odds_features(p)
    assert found.shape == (50, 2)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), 1)
    moved = log_odds_features(np.array([[0.0], [1.0], [0.5]]), edge=0.01)
    np.testing.assert_allclose(moved, log_odds_features([[0.01], [0.99], [0.5]]))


def ridge_labels(x: np.ndarray, y: np.ndarray, frame: LabelledFrame, *, folds: bool) -> np.ndarray:
    """A labeller with more features than readings, which repeats what it was fitted on."""
    found = np.zeros(y.size)
    for fold in range(int(frame.fold.max()) + 1):
        own = frame.fold == fold
        seen = frame.read & ~own if folds else frame.read
        kernel = x[seen] @ x[seen].T + 1e-2 * np.eye(seen.sum())
        found[own] = x[own] @ x[seen].T @ np.linalg.solve(kernel, y[seen] - 0.3) + 0.3
    return np.clip(found, 0.0, 1.0)


def test_a_memorising_labeller_beneath_the_proxy_leaves_the_coverage() -> None:
    """Its labels are out of fold, the proxy of them is too: the corrected share covers."""
    rng = np.random.default_rng(6)
    n, replicates = 700, 60
    rows = np.arange(n)
    x = rng.normal(size=(n, 200))
    y = (rng.random(n) < special.expit(3 * (x[:, :20].sum(axis=1) / 4.5) - 1.2)).astype(float)
    covered, in_sample, gains = [], [], []
    for _ in range(replicates):
        frame = LabelledFrame.of(rng.random(n) < 0.25, rows * 0, rows // 2, rows // 2 % 5)
        proxies = []
        for folds in (True, False):
            labels = ridge_labels(x, y, frame, folds=folds)
            features = log_odds_features(np.column_stack([labels, labels**2]))
            proxies.append(cross_fitted_probability(features, y, frame, penalty=1.0))
        found = corrected_prevalence(y, proxies[0], frame)
        naive = corrected_prevalence(y, proxies[1], frame, tuning=1.0)
        covered.append(found.ci_low <= y.mean() <= found.ci_high)
        in_sample.append(naive.ci_low <= y.mean() <= naive.ci_high)
        gains.append(found.gain)
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)
    assert np.mean(in_sample) < 0.5
    assert np.median(gains) > 1
