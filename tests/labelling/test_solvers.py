"""Held-out scores in closed form equal refitting without the group."""

import numpy as np
import pytest

from valuescape.labelling.solvers import logistic_head, ridge_heads

RNG = np.random.default_rng(5)
X = RNG.normal(size=(30, 8)).astype(np.float32)
KERNEL = X @ X.T
TARGETS = (RNG.random((30, 2)) < 0.4).astype(float)
GROUPS = [np.arange(i, i + 3) for i in range(0, 30, 3)]


def test_leaving_a_group_out_equals_refitting() -> None:
    heads = ridge_heads(KERNEL, TARGETS, GROUPS, 0.7)
    for rows in GROUPS:
        rest = np.setdiff1d(np.arange(30), rows)
        system = KERNEL[np.ix_(rest, rest)].astype(float) + 0.7 * np.eye(len(rest))
        dual = np.linalg.solve(system, TARGETS[rest] - heads.offset)
        again = KERNEL[np.ix_(rows, rest)] @ dual + heads.offset
        assert heads.held_out[rows] == pytest.approx(again, abs=2e-4)


def test_logistic_head_is_scikit_learns_solution() -> None:
    from sklearn.linear_model import LogisticRegression

    head = logistic_head(KERNEL, TARGETS[:, 0], GROUPS, 2.0)
    weight = np.where(
        TARGETS[:, 0] > 0, 0.5 / TARGETS[:, 0].mean(), 0.5 / (1 - TARGETS[:, 0].mean())
    )
    model = LogisticRegression(C=1 / 2.0, tol=1e-10, max_iter=1000)
    model.fit(X, TARGETS[:, 0], sample_weight=weight)
    assert (X.T @ head.dual)[:, 0] == pytest.approx(model.coef_[0], abs=2e-3)
    assert head.offset[0] == pytest.approx(model.intercept_[0], abs=2e-3)
