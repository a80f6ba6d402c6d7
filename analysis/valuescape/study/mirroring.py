"""Whether assistants express the user's own values, beyond what their base rate would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from valuescape.counts.frame import Presence
from valuescape.statistics.clusters import clustered_mean, clustered_share
from valuescape.study.resistance import RESISTANCE, SUPPORT

STANCES: Mapping[str, Sequence[str]] = {
    "any": (*SUPPORT, "neutral_acknowledgment", "reframing", *RESISTANCE, "no_values"),
    "support": SUPPORT,
    "reframing": ("reframing",),
    "strong_resistance": ("strong_resistance",),
}
"""Stances among which mirroring is looked at, and the response types that each joins."""

METHOD = (
    "share with a value on both sides less the mean over all permutations of assistants' values "
    "within group, task type and number of values, other prompt groups only"
)


def mirrored(assistant: Presence, user: Presence) -> NDArray[np.bool_]:
    """Tell which conversations have a value on both sides.

    Parameters
    ----------
    assistant, user : Presence
        Over the same conversations and the same names.

    Raises
    ------
    ValueError
        If the names differ.
    """
    if not np.array_equal(assistant.names, user.names):
        raise ValueError("assistant and user values are laid out under different names")
    return np.asarray((assistant.matrix * user.matrix).sum(axis=1)).ravel() > 0


def expected_mirroring(
    assistant: Presence, user: Presence, cell: NDArray[np.intp], cluster: NDArray[np.intp]
) -> NDArray[np.float64]:
    r"""Chance that each conversation would mirror, had its assistant's values been another's.

    For conversation i with user values U the mean of :math:`1[A_j \cap U \neq \emptyset]` over all
    conversations j of the same cell and of another cluster: the exact expectation of a random
    exchange of assistants' value sets within cells, never between answers to one prompt group.

    Parameters
    ----------
    assistant, user : Presence
        Over the same n conversations and the same names.
    cell, cluster : ndarray of int, shape (n,)
        Cells within which values are exchanged, and clusters between whose members they are not.

    Returns
    -------
    ndarray, shape (n,)
        NaN where the user expressed nothing or no partner exists.

    Examples
    --------
    >>> from scipy import sparse
    >>> names = np.array(["care", "truth"])
    >>> said = Presence(sparse.csr_array(np.array([[1.0, 0], [1, 0], [0, 1]])), names)
    >>> wanted = Presence(sparse.csr_array(np.array([[1.0, 0], [0, 0], [0, 0]])), names)
    >>> expected_mirroring(said, wanted, np.zeros(3, int), np.arange(3)).tolist()
    [0.5, nan, nan]
    """
    n = cell.size
    expected = np.full(n, np.nan)
    asking = np.flatnonzero(np.asarray(user.matrix.sum(axis=1)).ravel() > 0)
    by_value = assistant.matrix.tocsc()
    for i in asking:
        partners = (cell == cell[i]) & (cluster != cluster[i])
        if not partners.any():
            continue
        wanted = user.matrix.indices[user.matrix.indptr[i] : user.matrix.indptr[i + 1]]
        hit = np.zeros(n, dtype=bool)
        for v in wanted:
            hit[by_value.indices[by_value.indptr[v] : by_value.indptr[v + 1]]] = True
        expected[i] = hit[partners].mean()
    return expected


def exchanged(frame: pd.DataFrame, assistant: Presence, user: Presence) -> NDArray[np.float64]:
    """Chance of mirroring after an exchange within group, task type and number of values.

    Parameters
    ----------
    frame : DataFrame
        Rows of both matrices, with ``group``, ``task_type`` and ``prompt_group``.
    assistant, user : Presence
        Values of either side under the same names.

    Returns
    -------
    ndarray, shape (n,)
        As :func:`expected_mirroring`, clusters being prompt groups.
    """
    size = np.asarray(assistant.matrix.sum(axis=1)).ravel().astype(int).astype(str)
    cell = pd.factorize(frame["group"] + "|" + frame["task_type"] + "|" + size)[0]
    return expected_mirroring(assistant, user, cell, pd.factorize(frame["prompt_group"])[0])


def mirroring_table(
    frame: pd.DataFrame,
    assistant: Presence,
    user: Presence,
    stances: Mapping[str, Sequence[str]],
    *,
    conf_level: float,
) -> pd.DataFrame:
    """Mirroring by group and stance among conversations whose user expressed a value.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations (rows of both matrices) with ``group``, ``task_type``,
        ``response_type``, ``prompt_group``, ``reader``, ``weight``.
    assistant, user : Presence
        Values of either side under the same names.
    stances : mapping
        Printed name of a stance to the response types it joins.
    conf_level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``group``, ``stance``, ``quantity`` (``observed``, ``expected``, ``excess``), ``estimate``,
        ``ci_low``, ``ci_high``, ``n``, ``n_clusters``, ``n_without_partner``, ``method``,
        ``unit``.  ``observed`` over all of the stance is ``observed_all``.
    """
    expected = exchanged(frame, assistant, user)
    asked = np.asarray(user.matrix.sum(axis=1)).ravel() > 0
    table = frame.assign(
        mirrors=mirrored(assistant, user).astype(float), expected=expected, asked=asked
    )
    rows: list[dict[str, object]] = []
    for group, part in table.groupby("group", sort=True):
        for stance, types in stances.items():
            chosen = part[part["response_type"].isin(types)]
            rows.extend({"group": group, "stance": stance, **r} for r in _rows(chosen, conf_level))
    return pd.DataFrame(rows)


def _rows(chosen: pd.DataFrame, conf_level: float) -> list[dict[str, object]]:
    asked = chosen[chosen["asked"]]
    paired = asked[asked["expected"].notna()]
    if paired["prompt_group"].nunique() < 2 or paired["reader"].nunique() < 2:
        return []
    lost = len(asked) - len(paired)
    found = []
    for quantity, part in (("observed_all", chosen), ("observed", paired)):
        clusters: list[ArrayLike] = [part["prompt_group"], part["reader"]]
        share = clustered_share(
            part["mirrors"], weight=part["weight"], clusterings=clusters, conf_level=conf_level
        )
        limits = (share.estimate[0], share.ci_low[0], share.ci_high[0])
        found.append(_row(quantity, limits, part, 0 if quantity == "observed_all" else lost))
    for quantity, y in (
        ("expected", paired["expected"]),
        ("excess", paired["mirrors"] - paired["expected"]),
    ):
        clusters = [paired["prompt_group"], paired["reader"]]
        mean = clustered_mean(
            y, weight=paired["weight"], clusterings=clusters, conf_level=conf_level
        )
        found.append(_row(quantity, (mean.estimate, mean.ci_low, mean.ci_high), paired, lost))
    return found


def _row(
    quantity: str, limits: tuple[float, float, float], part: pd.DataFrame, lost: int
) -> dict[str, object]:
    return {
        "quantity": quantity,
        "estimate": limits[0],
        "ci_low": limits[1],
        "ci_high": limits[2],
        "n": len(part),
        "n_clusters": part["prompt_group"].nunique(),
        "n_without_partner": lost,
        "method": METHOD,
        "unit": "share",
    }
