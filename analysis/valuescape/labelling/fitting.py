"""Fit the embedded labeller to readings."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from valuescape.labelling.model import N_FACET_SCORES, EmbeddedModel, Weights
from valuescape.labelling.solvers import DualHeads, Index, logistic_head, ridge_heads
from valuescape.labelling.space import CURVATURE, Placed, Space
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

Floats = npt.NDArray[np.float64]

HEADING = "heading"
RIDGE_PENALTY = 0.6
LOGISTIC_PENALTY = 0.045
FACET_EMPHASIS = 8.0
GRAIN = 1.5
_LARGEST_STEP = 127
SUBJECTIVE_FREEDOM = 1.0
CLASS_FREEDOM = 0.05
VALUE_FREEDOM = 0.002
_ITERATIONS = 500
_OWN_EMPHASIS = 10.0
_LEAST_WEIGHT = 1e-12


@dataclass(frozen=True, slots=True)
class Targets:
    """What readers said of n conversations.

    Attributes
    ----------
    subjective : ndarray of bool, shape (n,)
        Whether a good answer depends on judgement.
    task_type, response_type : ndarray of int64, shape (n,)
        Places in the lists of the schema.
    values : ndarray of bool, shape (n, n_values)
        Whether the value was read.
    value_names : tuple of (str, str)
        Party and value of each column of ``values``.
    groups : ndarray of str, shape (n,)
        Prompt group of each conversation.
    taught : ndarray of float64, shape (n, 1 + 16 + 7 + n_values)
        What ridge heads are fitted to: subjective, task types, response types and values as
        shares of all readings of the conversation; columns as :func:`indicators` has them.
    """

    subjective: npt.NDArray[np.bool_]
    task_type: Index
    response_type: Index
    values: npt.NDArray[np.bool_]
    value_names: tuple[tuple[str, str], ...]
    groups: npt.NDArray[np.str_]
    taught: Floats

    def rows(self, index: Index) -> Targets:
        """Return the readings of some conversations."""
        return Targets(
            self.subjective[index],
            self.task_type[index],
            self.response_type[index],
            self.values[index],
            self.value_names,
            self.groups[index],
            self.taught[index],
        )


def indicators(
    subjective: npt.NDArray[np.bool_],
    task_type: Index,
    response_type: Index,
    values: npt.NDArray[np.bool_],
) -> Floats:
    """Return one reading of n conversations as zeros and ones.

    Returns
    -------
    ndarray of float64, shape (n, 1 + 16 + 7 + n_values)
        Subjective, one column a task type, one a response type, one a value.

    Examples
    --------
    >>> found = indicators(np.array([True]), np.array([15]), np.array([0]), np.array([[False]]))
    >>> found.shape, np.flatnonzero(found[0]).tolist()
    ((1, 25), [0, 16, 17])
    """
    blocks = (
        subjective[:, None],
        task_type[:, None] == np.arange(len(TASK_TYPES)),
        response_type[:, None] == np.arange(len(RESPONSE_TYPES)),
        values,
    )
    return np.hstack(blocks).astype(float)


def fit_model(read: Placed, targets: Targets, version: str) -> EmbeddedModel:
    """Fit heads, calibration and thresholds to read conversations.

    Parameters
    ----------
    read : Placed
        The n read conversations in a space learnt without labels.
    targets : Targets
        Their readings, in the same order.
    version : str
        Name of the result.

    Returns
    -------
    EmbeddedModel
        Heads are linear in the n-grams and measures of form plus a Gaussian kernel on latent
        places; calibration and thresholds rest on scores held out by prompt group.
    """
    heads = _fit_heads(read.kernel(), targets)
    scores = heads.held_out
    basis, step, mixing = _compressed(
        read.features.T @ heads.dual, read.products @ heads.dual, scores
    )
    weights = Weights(
        **_space_arrays(read.space),
        axes=read.space.latent.axes,
        basis=basis,
        step=step,
        mixing=mixing,
        form=(read.form.T @ heads.dual).astype(np.float32),
        offset=heads.offset.astype(np.float32),
        points=read.points,
        pull=(CURVATURE * heads.dual).astype(np.float16).astype(np.float32),
        **_calibrated(scores[:, :N_FACET_SCORES], scores[:, N_FACET_SCORES:], targets),
    )
    return EmbeddedModel(version, targets.value_names, weights)


def _space_arrays(space: Space) -> dict[str, npt.NDArray[np.float32]]:
    scaling, latent = space.scaling, space.latent
    return {
        "idf": scaling.idf,
        "centre": scaling.centre,
        "spread": scaling.spread,
        "axis_step": latent.step,
        "axis_centre": latent.centre,
        "axis_size": latent.size,
    }


def _fit_heads(kernel: npt.NDArray[np.float32], targets: Targets) -> DualHeads:
    """Fit the logistic head, then all ridge heads, in the order that Weights fixes."""
    _, first = np.unique(targets.groups, return_inverse=True)
    groups = np.split(np.argsort(first, kind="stable"), np.cumsum(np.bincount(first))[:-1])
    truth = targets.subjective.astype(float)
    logistic = logistic_head(kernel, truth, groups, LOGISTIC_PENALTY)
    ridge = ridge_heads(kernel, targets.taught, groups, RIDGE_PENALTY)
    return DualHeads(
        np.hstack([logistic.dual, ridge.dual]),
        np.concatenate([logistic.offset, ridge.offset]),
        np.hstack([logistic.held_out, ridge.held_out]),
    )


def _compressed(
    weights: npt.NDArray[np.float32], fitted: npt.NDArray[np.float32], held_out: Floats
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Turn the heads to their principal directions and round those to one common step.

    Scores are taken in units of their spread (facets weighing more), so that one step for all
    directions spends bits where scores vary most, and directions of little weight round to zero.
    """
    unit = 1.0 / _spread(held_out)
    unit[:N_FACET_SCORES] *= FACET_EMPHASIS
    scaled = fitted.astype(float) * unit
    _, vectors = linalg.eigh(scaled.T @ scaled)
    vectors = vectors[:, ::-1]
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    vectors *= np.where(largest < 0, -1.0, 1.0)
    directions = (weights.astype(float) * unit) @ vectors
    size = np.maximum(np.abs(directions).max(axis=0), _LEAST_WEIGHT)
    step = np.maximum(GRAIN * np.sqrt((directions**2).mean()), size / _LARGEST_STEP)
    basis = np.rint(directions / step).astype(np.int8)
    return basis, step.astype(np.float32), (vectors.T / unit).astype(np.float32)


def _calibrated(
    facets: Floats, values: Floats, targets: Targets
) -> dict[str, npt.NDArray[np.float32]]:
    """Fit second-stage logistic models and thresholds to held-out scores."""
    z, z_centre, z_spread = _standardised(facets)
    own, own_centre, own_spread = _standardised(values)
    first = z[:, :1]
    subjective = _logistic_model(first, targets.subjective.astype(np.int64), 2, SUBJECTIVE_FREEDOM)
    p_subjective = _probability(first, subjective)
    value_models = np.empty((values.shape[1], N_FACET_SCORES + 2))
    thresholds = np.empty(values.shape[1])
    for j in range(values.shape[1]):
        x = np.column_stack([z, own[:, j] * _OWN_EMPHASIS])
        row = _logistic_model(x, targets.values[:, j].astype(np.int64), 2, VALUE_FREEDOM)
        row[0, -2] *= _OWN_EMPHASIS
        value_models[j] = row[0]
        p = np.minimum(_probability(np.column_stack([z, own[:, j]]), row), p_subjective)
        thresholds[j] = best_f1_threshold(targets.values[:, j], p)
    found = {
        "facet_centre": z_centre,
        "facet_spread": z_spread,
        "value_centre": own_centre,
        "value_spread": own_spread,
        "subjective": subjective,
        "task_type": _logistic_model(z, targets.task_type, len(TASK_TYPES), CLASS_FREEDOM),
        "response_type": _logistic_model(
            z, targets.response_type, len(RESPONSE_TYPES), CLASS_FREEDOM
        ),
        "values": value_models,
        "subjective_threshold": np.array([best_kappa_threshold(targets.subjective, p_subjective)]),
        "value_thresholds": thresholds,
    }
    return {name: np.asarray(a, dtype=np.float32) for name, a in found.items()}


def _spread(scores: Floats) -> Floats:
    """Return standard deviations, 1 for a head whose class does not occur."""
    found = scores.std(axis=0)
    return np.where(found > 0, found, 1.0)


def _standardised(scores: Floats) -> tuple[Floats, Floats, Floats]:
    centre, spread = scores.mean(axis=0), _spread(scores)
    return (scores - centre) / spread, centre, spread


def _logistic_model(x: Floats, y: Index, n_classes: int, freedom: float) -> Floats:
    """Return coefficients and constant, one row a class (one row in all for two classes)."""
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)
        model = LogisticRegression(C=freedom, max_iter=_ITERATIONS).fit(x, y)
    found = np.column_stack([model.coef_, model.intercept_])
    if n_classes == 2 or len(found) == n_classes:
        return found
    rows = np.full((n_classes, found.shape[1]), 0.0)
    rows[:, -1] = -20.0
    rows[model.classes_] = found
    return rows


def _probability(x: Floats, model: Floats) -> Floats:
    p: Floats = 1.0 / (1.0 + np.exp(-(x @ model[0, :-1] + model[0, -1])))
    return p


def best_kappa_threshold(truth: npt.NDArray[np.bool_], p: Floats) -> float:
    """Return the least probability at which calling "true" agrees best by Cohen's kappa.

    Examples
    --------
    >>> best_kappa_threshold(np.array([False, False, True]), np.array([0.1, 0.4, 0.6]))
    0.5
    """
    called, right, cut = _cumulated(truth, p)
    n, true = len(truth), truth.sum()
    agree = (right + (n - called - (true - right))) / n
    chance = (called * true + (n - called) * (n - true)) / n**2
    kappa = np.where(chance < 1, (agree - chance) / np.where(chance < 1, 1 - chance, 1), 0.0)
    return float(cut[int(np.argmax(kappa))])


def best_f1_threshold(truth: npt.NDArray[np.bool_], p: Floats) -> float:
    """Return the least probability at which calling "true" has the best F1.

    Examples
    --------
    >>> best_f1_threshold(np.array([False, True, True]), np.array([0.1, 0.3, 0.6]))
    0.2
    """
    called, right, cut = _cumulated(truth, p)
    return float(cut[int(np.argmax(2 * right / (called + truth.sum())))])


def _cumulated(truth: npt.NDArray[np.bool_], p: Floats) -> tuple[Floats, Floats, Floats]:
    """Return, for each cut below a probability: how many are called, how many rightly, the cut."""
    order = np.argsort(-p, kind="stable")
    falling = p[order]
    last = np.flatnonzero(np.append(falling[:-1] > falling[1:], True))
    lower = np.append(falling, 0.0)[last + 1]
    right = np.cumsum(truth[order])[last].astype(float)
    return (last + 1).astype(float), right, (falling[last] + lower) / 2
