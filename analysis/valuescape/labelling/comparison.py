"""Other labellers that were tried, compared with the one that ships on the same held-out groups.

Each candidate is a kernel and what its ridge heads are fitted to.  Heads are compared before
calibration, on scores by fits without the conversation's prompt group (a closed form, see
:mod:`valuescape.labelling.solvers`), so that a whole candidate costs one system of equations.  The
readings are those of the released figures: a choice made here is not independent of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.labelling import evaluation as ev
from valuescape.labelling.fitting import HEADING, Floats, Targets, best_kappa_threshold
from valuescape.labelling.heldout import COMMON
from valuescape.labelling.solvers import ridge_heads
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

Array = npt.NDArray[np.float32]
KEY = ["candidate", "facet", "quantity"]
_TASKS = 1 + len(TASK_TYPES)
_FACETS = _TASKS + len(RESPONSE_TYPES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What heads are fitted with and to.

    Attributes
    ----------
    kernel : ndarray of float32, shape (n, n)
        Likeness of the conversations.
    taught : ndarray of float64, shape (n, n_heads)
        As :attr:`valuescape.labelling.fitting.Targets.taught`.
    penalty : float
        Ridge penalty.
    """

    kernel: Array
    taught: Floats
    penalty: float


def bent(points: Array) -> Array:
    """Return exp(-distance²) of centred points of unit length.

    Examples
    --------
    >>> bent(np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)).round(3).tolist()
    [[1.0, 0.017999999225139618], [0.017999999225139618, 1.0]]
    """
    centred = points - points.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    centred = centred / np.where(length > 0, length, 1.0)
    near: Array = np.exp(2.0 * (centred @ centred.T - 1.0), dtype=np.float32)
    return near


def compare(
    candidates: Mapping[str, Candidate], default: str, targets: Targets, n_boot: int, seed: int
) -> pd.DataFrame:
    """Compare candidates with each other on first readings.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        By name.
    default : str
        The one that the others are compared with.
    targets : Targets
        First readings of the n conversations.
    n_boot : int
        Draws of prompt groups behind each interval, the same for all candidates.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row a candidate and figure: estimate, its 95 % interval, and how much more it is than
        the default's, with the interval of that difference.
    """
    weights = ev.bootstrap_weights(targets.groups, n_boot, seed)
    rows_of_group = _rows_of_groups(targets.groups)
    found = {
        name: dict(_metrics(targets, _held_out(candidate, rows_of_group)))
        for name, candidate in candidates.items()
    }
    rows = []
    for name, metrics in found.items():
        for key, metric in metrics.items():
            own, more = (
                ev.figure(metric, weights),
                ev.figure(_gap(metric, found[default][key]), weights),
            )
            rows.append(
                (
                    name,
                    *key,
                    own.estimate,
                    own.ci_low,
                    own.ci_high,
                    more.estimate,
                    more.ci_low,
                    more.ci_high,
                )
            )
    columns = ["estimate", "ci_low", "ci_high", "difference", "difference_low", "difference_high"]
    table = pd.DataFrame(rows, columns=[*KEY, *columns])
    return table.assign(n=len(targets.groups), n_clusters=len(rows_of_group))


def _rows_of_groups(groups: npt.NDArray[np.str_]) -> list[npt.NDArray[np.int64]]:
    _, code = np.unique(groups, return_inverse=True)
    return np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])


def _held_out(candidate: Candidate, groups: list[npt.NDArray[np.int64]]) -> Floats:
    return ridge_heads(candidate.kernel, candidate.taught, groups, candidate.penalty).held_out


def _gap(metric: ev.Metric, other: ev.Metric) -> ev.Metric:
    return lambda weights: metric(weights) - other(weights)


def _metrics(targets: Targets, scores: Floats) -> Iterator[tuple[tuple[str, str], ev.Metric]]:
    called = scores[:, 0] >= best_kappa_threshold(targets.subjective, scores[:, 0])
    truth = targets.subjective.astype(np.int64)
    yield ("subjective", "kappa"), ev.kappa(truth, called.astype(np.int64), 2)
    tasks, responses = scores[:, 1:_TASKS].argmax(axis=1), scores[:, _TASKS:_FACETS].argmax(axis=1)
    yield ("task_type", "kappa"), ev.kappa(targets.task_type, tasks, len(TASK_TYPES))
    yield (
        ("response_type", "kappa"),
        ev.kappa(targets.response_type, responses, len(RESPONSE_TYPES)),
    )
    for facet, party, most in (
        ("assistant_value", "assistant", COMMON),
        ("heading_value", HEADING, None),
    ):
        own = [j for j, (whose, _) in enumerate(targets.value_names) if whose == party][:most]
        if own:
            ap = [ev.average_precision(targets.values[:, j], scores[:, _FACETS + j]) for j in own]
            yield (facet, "mean_average_precision"), _mean(ap)


def _mean(metrics: list[ev.Metric]) -> ev.Metric:
    return lambda weights: np.nanmean([metric(weights) for metric in metrics], axis=0)
