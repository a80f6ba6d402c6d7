"""Figures agree with scikit-learn's, weights and ties included."""

import numpy as np
import pytest
from sklearn import metrics

from valuescape.labelling import evaluation as ev

RNG = np.random.default_rng(11)
N = 300
TRUTH = RNG.random(N) < 0.3
P = np.round(np.clip(0.3 * TRUTH + RNG.random(N), 0, 1), 1)  # many ties
CALLED = P > 0.6
WEIGHTS = np.column_stack([np.ones(N), RNG.integers(0, 4, N)]).astype(float)
CLASSES, GUESSED = RNG.integers(0, 5, N), RNG.integers(0, 5, N)


@pytest.mark.parametrize("column", [0, 1])
def test_figures_equal_those_of_scikit_learn(column: int) -> None:
    w = WEIGHTS[:, column]
    expected = {
        ev.kappa(CLASSES, GUESSED, 5): metrics.cohen_kappa_score(CLASSES, GUESSED, sample_weight=w),
        ev.macro_f1(CLASSES, GUESSED, 5): metrics.f1_score(
            CLASSES, GUESSED, average="macro", sample_weight=w
        ),
        ev.accuracy(CLASSES, GUESSED): metrics.accuracy_score(CLASSES, GUESSED, sample_weight=w),
        ev.average_precision(TRUTH, P): metrics.average_precision_score(TRUTH, P, sample_weight=w),
        ev.auc(TRUTH, P): metrics.roc_auc_score(TRUTH, P, sample_weight=w),
        ev.precision(TRUTH, CALLED): metrics.precision_score(TRUTH, CALLED, sample_weight=w),
        ev.recall(TRUTH, CALLED): metrics.recall_score(TRUTH, CALLED, sample_weight=w),
    }
    for metric, value in expected.items():
        assert metric(WEIGHTS)[column] == pytest.approx(value, abs=1e-12)


def test_calibration_error_of_bins_by_hand() -> None:
    truth = np.array([False, True, True, True])
    p = np.array([0.1, 0.3, 0.8, 0.9])
    found = ev.calibration_error(truth, p, n_bins=2)(np.ones((4, 1)))
    assert found[0] == pytest.approx((abs(1 - 0.4) + abs(2 - 1.7)) / 4)


def test_bootstrap_draws_whole_groups() -> None:
    groups = np.array(["a", "a", "b", "c", "c", "c"])
    weights = ev.bootstrap_weights(groups, 50, seed=1)
    assert (weights[:, 0] == 1).all()
    assert (weights[0] == weights[1]).all()
    assert (weights[3:6] == weights[3]).all()
    assert (weights[[0, 2, 3]].sum(axis=0) == 3).all()


def test_average_precision_is_defined_where_the_first_conversation_is_not_drawn() -> None:
    p, truth = np.array([0.9, 0.8, 0.2]), np.array([False, True, False])
    drawn = np.array([[0.0], [1.0], [2.0]])
    assert ev.average_precision(truth, p)(drawn).tolist() == [1.0]
