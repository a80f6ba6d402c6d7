"""Axes along which the values of answers vary together, and where assistants lie on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.counts.frame import Presence, presence
from valuescape.errors import InputError
from valuescape.statistics.principal_axes import PrincipalAxes, principal_axes

DROPPED_RARE, DROPPED_COMMON, KEPT = "rare", "near-universal", "kept"


@dataclass(frozen=True, slots=True)
class AxesPlan:
    """How axes are found, fixed before looking.

    Attributes
    ----------
    minimum_share, maximum_share : float
        Share of answers that a kind of value must lie within.
    minimum_readings : int
        Readings in the group that a run needs for a profile.
    n_boot, n_null, n_splits, seed : int
        Resampling.
    conf_level : float
        Level of intervals and of the null quantile.
    """

    minimum_share: float
    maximum_share: float
    minimum_readings: int
    n_boot: int
    n_null: int
    n_splits: int
    seed: int
    conf_level: float


@dataclass(frozen=True, slots=True)
class AxesTables:
    """Tables of one group.

    Attributes
    ----------
    axes : DataFrame
        A row a rank of eigenvalue: ``axis``, ``eigenvalue``, ``null_quantile``, ``retained``,
        ``explained``, ``congruence``, ``congruence_low``.
    loadings : DataFrame
        A row an axis and value kept: ``loading`` with limits, ``share`` of answers.
    profiles : DataFrame
        A row an axis and run: ``estimate`` with limits, against the other runs of its source.
    values : DataFrame
        A row a kind of value: ``share`` and whether it was ``kept``, or why not.
    """

    axes: pd.DataFrame
    loadings: pd.DataFrame
    profiles: pd.DataFrame
    values: pd.DataFrame


def value_axes(
    frame: pd.DataFrame, said: pd.DataFrame, of_user: pd.DataFrame, plan: AxesPlan
) -> AxesTables:
    """Find the axes of one group.

    Rows are all answers to prompts of which most readings are subjective, so that no assistant is
    judged by its own choice of what is subjective. Presence of each kind of value is freed of the
    prompt's commonest kind of task, the source, the user's values and the reader.

    Parameters
    ----------
    frame : DataFrame
        One group of the analysis frame.
    said, of_user : DataFrame
        ``conversation_id`` and ``value`` of assistants and of users, at the levels wanted.
    plan : AxesPlan
        Levels and minima.

    Returns
    -------
    AxesTables

    Raises
    ------
    InputError
        If fewer than two kinds of values are left, or fewer than four prompt groups.
    """
    rows = frame[_majority(frame)].reset_index(drop=True)
    held = presence(rows["conversation_id"], said, "value")
    judged = rows["subjective"].to_numpy(dtype=float)
    dense = held.matrix.toarray() * judged[:, None]
    share = dense.mean(axis=0) if len(dense) else np.zeros(len(held.names))
    kept = (share >= plan.minimum_share) & (share <= plan.maximum_share)
    if kept.sum() < 2 or rows["prompt_group"].nunique() < 4:
        raise InputError(
            f"compare.axes_minimum_share and axes_maximum_share leave {int(kept.sum())} kinds of "
            f"values in {rows['prompt_group'].nunique()} prompt groups; at least two kinds and "
            "four prompt groups are needed"
        )
    found = principal_axes(
        dense[:, kept],
        covariates(rows, presence(rows["conversation_id"], of_user, "value")),
        cluster=rows["prompt_group"],
        by=rows["run"],
        block=rows["source"],
        n_boot=plan.n_boot,
        n_null=plan.n_null,
        n_splits=plan.n_splits,
        seed=plan.seed,
        conf_level=plan.conf_level,
    )
    why = np.select([kept, share < plan.minimum_share], [KEPT, DROPPED_RARE], DROPPED_COMMON)
    values = pd.DataFrame({"value": held.names, "share": share, "kept": why})
    loadings = found.to_frame().assign(value=lambda t: held.names[kept][t["variable"]])
    loadings = loadings.drop(columns="variable").merge(values[["value", "share"]], on="value")
    return AxesTables(_axes(found), loadings, _profiles(found, frame, rows, plan), values)


def _majority(frame: pd.DataFrame) -> pd.Series:
    share = frame["subjective"].astype(float).groupby(frame["prompt_id"]).transform("mean")
    return share > 0.5


def modal_task(frame: pd.DataFrame) -> pd.Series:
    """Return the commonest kind of task among the readings of each row's prompt.

    Of equally common ones the first by name is taken.

    Examples
    --------
    >>> frame = pd.DataFrame({"prompt_id": ["p"] * 3, "task_type": ["b", "a", "b"]})
    >>> modal_task(frame).tolist()
    ['b', 'b', 'b']
    """
    counts = pd.crosstab(frame["prompt_id"], frame["task_type"])
    return frame["prompt_id"].map(counts.idxmax(axis=1))


def covariates(rows: pd.DataFrame, of_user: Presence) -> np.ndarray:
    """Lay out task, source and reader as indicators, beside the user's values.

    Returns
    -------
    ndarray, shape (n_rows, n_covariates)
    """
    known = pd.DataFrame(
        {"task": modal_task(rows), "source": rows["source"], "reader": rows["reader"]}
    )
    dummies = pd.get_dummies(known, drop_first=True, dtype=float)
    return np.hstack([dummies.to_numpy(dtype=float), of_user.matrix.toarray()])


def _axes(found: PrincipalAxes) -> pd.DataFrame:
    n, k = found.eigenvalue.size, found.n_axes
    table = pd.DataFrame(
        {
            "axis": np.arange(1, n + 1),
            "eigenvalue": found.eigenvalue,
            "null_quantile": found.null_quantile,
            "retained": np.arange(n) < k,
        }
    )
    for name in ("explained", "congruence", "congruence_low"):
        table[name] = np.concatenate([getattr(found, name), np.full(n - k, np.nan)])
    return table.assign(n=found.n, n_clusters=found.n_clusters)


def _profiles(
    found: PrincipalAxes, frame: pd.DataFrame, rows: pd.DataFrame, plan: AxesPlan
) -> pd.DataFrame:
    """Lay out the profiles of runs that were read enough and have others to be compared with."""
    shape = found.profile.shape
    table = pd.DataFrame(
        {
            "run": np.repeat(found.level, shape[1]),
            "axis": np.tile(np.arange(1, shape[1] + 1), shape[0]),
            "estimate": found.profile.ravel(),
            "ci_low": found.profile_low.ravel(),
            "ci_high": found.profile_high.ravel(),
        }
    )
    others = rows.groupby("source")["run"].transform("nunique") > 1
    compared = set(rows.loc[others, "run"])
    enough = frame["run"].value_counts() >= plan.minimum_readings
    chosen = table["run"].isin(enough.index[enough]) & table["run"].isin(compared)
    table = table.assign(
        n=table["run"].map(rows["run"].value_counts()), unit="standard deviations of an answer"
    )
    return table[chosen].reset_index(drop=True)
