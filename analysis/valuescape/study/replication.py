"""Whether an association found in one half of the prompt groups shows in the other half."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.cells import CELL_KEY, design_of
from valuescape.counts.families import RollUp
from valuescape.statistics.design import design_scores, design_tests, stratum_counts
from valuescape.statistics.multiplicity import adjust_p
from valuescape.study.family_data import each_family
from valuescape.study.plan import CellPlan

REPLICATIONS = ("both_ways", "one_way", "not_replicated", "undeclared")


@dataclass(frozen=True, slots=True)
class HalfTests:
    """Tests of one half of the prompt groups.

    Attributes
    ----------
    direction : ndarray, shape (n_contexts, n_values)
        Sign of the association: 1, 0 or -1.
    log10_p : ndarray, shape (n_contexts, n_values)
        log10 of the two-sided p-value; NaN where the half carries no information.
    """

    direction: NDArray[np.float64]
    log10_p: NDArray[np.float64]


def first_half(prompt_groups: pd.Series) -> NDArray[np.bool_]:
    """Tell which conversations are of the first half, by a digest of their prompt group.

    The split depends on nothing but the name, so it is the same in every corpus and every run.

    Examples
    --------
    >>> first_half(pd.Series(["a", "e", "a", "h"])).tolist()
    [True, False, True, True]
    """
    names = prompt_groups.astype(str)
    even = {g: hashlib.sha256(g.encode()).digest()[0] % 2 == 0 for g in names.unique()}
    return names.map(even).to_numpy(dtype=bool)


def replicate(
    frame: pd.DataFrame,
    values_at: RollUp,
    user_values: pd.DataFrame,
    associations: pd.DataFrame,
    plan: CellPlan,
) -> pd.DataFrame:
    """Test every cell in each half of the prompt groups and compare.

    A cell is declared in a half when its q-value within the family there is at most the
    threshold, and confirmed in the other half when the direction is the same and the one-sided
    p-value there is at most the same threshold.

    Parameters
    ----------
    frame : DataFrame
        The analysis frame that was counted.
    values_at, user_values
        As for :func:`valuescape.counts.families.count_families`.
    associations : DataFrame
        From :func:`valuescape.study.associations.associate`: names the cells.
    plan : CellPlan
        Levels.

    Returns
    -------
    DataFrame
        The key of the cell, ``log10_p_first`` and ``log10_p_second`` (NaN where a half says
        nothing) and ``replication``: ``both_ways``, ``one_way``, ``not_replicated`` (declared in a
        half, not confirmed) or ``undeclared``.
    """
    rows = []
    for data in each_family(frame, values_at, user_values, associations):
        x, y = data.contexts.matrix.toarray(), data.values.matrix.toarray()
        first = first_half(data.frame["prompt_group"])
        one, two = (_half_tests(data.frame, x, y, half, plan) for half in (first, ~first))
        rows.append(
            pd.DataFrame(
                {
                    "context": np.repeat(data.contexts.names, y.shape[1]),
                    "value": np.tile(data.values.names, x.shape[1]),
                    "log10_p_first": one.log10_p.ravel(),
                    "log10_p_second": two.log10_p.ravel(),
                    "replication": compare_halves(one, two, plan.q_threshold).ravel(),
                }
            ).assign(**data.family)
        )
    table = pd.concat(rows, ignore_index=True)
    return table[[*CELL_KEY, "log10_p_first", "log10_p_second", "replication"]]


def _half_tests(
    frame: pd.DataFrame,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    half: NDArray[np.bool_],
    plan: CellPlan,
) -> HalfTests:
    if not half.any():
        shape = (x.shape[1], y.shape[1])
        return HalfTests(np.zeros(shape), np.full(shape, np.nan))
    design = design_of(frame[half])
    scores = design_scores(x[half], y[half], design)
    tests = design_tests(
        scores,
        stratum_counts(x[half], y[half], design),
        minimum_expected=plan.minimum_expected,
        minimum_clusters=plan.minimum_clusters,
    )
    informative = scores.score_variance_independent > 0
    return HalfTests(np.sign(scores.score), np.where(informative, tests.log10_p, np.nan))


def compare_halves(first: HalfTests, second: HalfTests, threshold: float) -> NDArray[np.str_]:
    """Say of each cell whether what one half declares the other confirms.

    Parameters
    ----------
    first, second : HalfTests
        Of the same cells.
    threshold : float
        Largest q-value of a declared cell and largest one-sided p-value of a confirmed one.

    Returns
    -------
    ndarray of str, of the shape of the cells
        One of :data:`REPLICATIONS`.

    Examples
    --------
    >>> one = HalfTests(np.array([1.0, 1.0, 1.0]), np.array([-6.0, -6.0, -0.1]))
    >>> two = HalfTests(np.array([1.0, -1.0, 1.0]), np.array([-1.1, -6.0, -0.1]))
    >>> compare_halves(one, two, 0.05).tolist()
    ['one_way', 'not_replicated', 'undeclared']
    """
    declared = [_declared(half, threshold) for half in (first, second)]
    confirmed = [_confirmed(half, threshold) for half in (first, second)]
    same = first.direction == second.direction
    forth = declared[0] & confirmed[1] & same
    back = declared[1] & confirmed[0] & same
    choices = [forth & back, forth | back, declared[0] | declared[1]]
    return np.select(choices, list(REPLICATIONS[:3]), REPLICATIONS[3])


def _declared(half: HalfTests, threshold: float) -> NDArray[np.bool_]:
    flat = half.log10_p.ravel()
    if np.isnan(flat).all():
        return np.zeros(half.log10_p.shape, dtype=bool)
    q = adjust_p(flat, "bh").reshape(half.log10_p.shape)
    return np.asarray(np.nan_to_num(q, nan=0.0) <= np.log10(threshold))


def _confirmed(half: HalfTests, threshold: float) -> NDArray[np.bool_]:
    one_sided = half.log10_p - np.log10(2.0)
    return np.asarray(np.nan_to_num(one_sided, nan=0.0) <= np.log10(threshold))
