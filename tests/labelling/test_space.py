"""Latent directions are those of a dense decomposition; stored heads score as fitted ones."""

import numpy as np
import pytest
from scipy import sparse

from tests.labelling.invented import conversation, corpus
from valuescape.labelling.features import count_features
from valuescape.labelling.fitting import RIDGE_PENALTY, fit_model, indicators
from valuescape.labelling.latent import (
    DIRECTIONS,
    POINT_STEPS,
    closeness,
    fit_latent,
    latent_points,
    stepped_points,
    thinned,
)
from valuescape.labelling.model import head_scores, probabilities
from valuescape.labelling.solvers import ridge_heads
from valuescape.labelling.space import CURVATURE, fit_space, placed

RNG = np.random.default_rng(8)


def texts_of_low_rank(n: int = 150, buckets: int = 400, rank: int = 6) -> sparse.csr_matrix:
    """Return simulated features of known rank, directions well apart."""
    left = RNG.normal(size=(n, rank)) * 2.0 ** -np.arange(rank)
    dense = left @ RNG.normal(size=(rank, buckets))
    return sparse.csr_matrix(dense.astype(np.float32))


def test_directions_span_those_of_a_dense_decomposition() -> None:
    features = texts_of_low_rank()
    latent = fit_latent(features)
    found = latent.axes.astype(float)[:, :6]
    _, _, exact = np.linalg.svd(features.toarray().astype(float), full_matrices=False)
    for j in range(6):
        cosine = abs(found[:, j] @ exact[j]) / np.linalg.norm(found[:, j])
        assert cosine == pytest.approx(1.0, abs=0.03)  # the steps of the axes


def test_fewer_texts_than_directions_and_empty_texts_are_placed() -> None:
    conversations = [conversation("a", "Hello", "Good day"), conversation("b", "", "")]
    counts = count_features(conversations)
    space = fit_space(counts)
    assert space.latent.axes.shape[1] == 2 < DIRECTIONS
    found = placed(counts, space)
    assert np.isfinite(found.kernel()).all()
    for rows in (np.array([0]), np.array([1, 0])):
        assert (found.rows(rows).kernel() == found.kernel()[np.ix_(rows, rows)]).all()


def test_points_lie_on_the_sphere_and_closeness_is_gaussian() -> None:
    features = texts_of_low_rank(40)
    form = RNG.normal(size=(40, 3)).astype(np.float32)
    points = latent_points(features, form, fit_latent(features))
    assert np.linalg.norm(points, axis=1) == pytest.approx(1.0, abs=1e-6)
    known = stepped_points(points)
    exact = known.astype(float) / POINT_STEPS
    squared = 2.0 - 2.0 * points.astype(float) @ exact.T
    assert closeness(points, known) == pytest.approx(np.exp(-squared), abs=2e-6)


def test_a_row_of_closeness_does_not_depend_on_the_others() -> None:
    points = RNG.normal(size=(50, 78)).astype(np.float32) / 9
    known = stepped_points(points[:33])
    whole = closeness(points, known)
    for i in (0, 17, 49):
        assert (closeness(points[i : i + 1], known)[0] == whole[i]).all()


def test_thinned_rows_are_spread_over_all() -> None:
    rows = thinned(np.arange(33_705))
    assert len(rows) == 8000
    assert set(np.diff(rows).tolist()) == {4, 5}


def test_stored_heads_score_like_the_kernel_they_were_fitted_with() -> None:
    conversations, targets = corpus(90)
    counts = count_features(conversations)
    read = placed(counts, fit_space(counts))
    flat = read.products + read.form @ read.form.T
    assert read.kernel() - flat == pytest.approx(CURVATURE * read.near, abs=1e-5)
    truth = targets.subjective.astype(float)[:, None]
    heads = ridge_heads(read.kernel(), truth, np.split(np.arange(90), 30), RIDGE_PENALTY)
    exact = (read.kernel() @ heads.dual)[:, 0] + heads.offset[0]
    stored = head_scores(fit_model(read, targets, "t").weights, counts)[:, 1]
    gap = (stored - exact) / heads.held_out.std()
    assert abs(gap.mean()) < 0.01
    assert gap.std() < 0.05


def test_the_gaussian_part_learns_what_no_weighted_sum_of_words_can() -> None:
    """Subjective when exactly one of two topics is spoken of: simulated, held out by group."""
    rng = np.random.default_rng(4)
    topics = [[f"{name}{k}" for k in range(12)] for name in ("river", "copper")]
    fillers = [[f"{name}{k}" for k in range(12)] for name in ("meadow", "winter")]
    found, truth = [], []
    for i in range(240):
        spoken = rng.random(2) < 0.5
        words = [
            rng.choice(topics[t] if spoken[t] else fillers[t], 14, replace=True) for t in (0, 1)
        ]
        found.append(conversation(f"x{i}", " ".join(np.concatenate(words)), "Indeed."))
        truth.append(bool(spoken[0] ^ spoken[1]))
    _, targets = corpus(240)
    subjective = np.array(truth)
    values = targets.values & subjective[:, None]
    said = (subjective, targets.task_type, targets.response_type, values)
    groups = np.array([f"g{i}" for i in range(240)])
    targets = type(targets)(*said, targets.value_names, groups, indicators(*said))
    counts = count_features(found)
    read = placed(counts, fit_space(counts))
    learnt, held = np.arange(160), np.arange(160, 240)
    model = fit_model(read.rows(learnt), targets.rows(learnt), "t")
    p = probabilities(model, counts.rows(held)).subjective
    assert ((p > 0.5) == subjective[held]).mean() > 0.8
