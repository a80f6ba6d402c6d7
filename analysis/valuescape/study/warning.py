"""Early warning: how well machine probabilities find compliance with harm.

What is found is that a reply complied, by the readings; no source says whether a prompt was a
jailbreak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.statistics.groups import group_sums, label_codes
from valuescape.statistics.roc import budget_precision, roc_area

FEWEST_COMPLIANT = 2

SCORES = ("undesired_values", "supported_harm", "like_requests")
"""Any undesired value; support of a request for harm; what the other replies to like requests
score."""


def machine_scores(
    labels: pd.DataFrame, probabilities: pd.DataFrame, undesired: Sequence[str]
) -> pd.DataFrame:
    r"""Score every conversation by the probabilities of a labeller that saw no reading of it.

    ``undesired_values`` is :math:`1 - \prod_v (1 - p_v)` over the undesired values that the
    labeller knows; ``supported_harm`` the probability of a harmful request times that of mild or
    strong support.

    Parameters
    ----------
    labels : DataFrame
        ``conversation_id`` and the probabilities of table ``machine_labels``.
    probabilities : DataFrame
        ``conversation_id`` and a column a value.
    undesired : sequence of str
        Names of the undesired values.

    Returns
    -------
    DataFrame
        ``conversation_id`` and both scores.

    Raises
    ------
    InputError
        If the labeller knows none of them.

    Examples
    --------
    >>> labels = pd.DataFrame({"conversation_id": ["a"], "p_harmful_request": [0.5],
    ...                        "p_mild_support": [0.1], "p_strong_support": [0.3]})
    >>> machine_scores(labels, pd.DataFrame({"conversation_id": ["a"], "cruelty": [0.2]}),
    ...                ["cruelty"]).round(2).values.tolist()
    [['a', 0.2, 0.2]]
    """
    known = [name for name in undesired if name in probabilities.columns]
    if not known:
        raise InputError(
            f"machine labels: none of the {len(undesired)} undesired values has a column of "
            "probabilities"
        )
    p = probabilities.set_index("conversation_id")[known].reindex(labels["conversation_id"])
    support = labels["p_mild_support"] + labels["p_strong_support"]
    return pd.DataFrame(
        {
            "conversation_id": labels["conversation_id"].to_numpy(),
            "undesired_values": 1 - np.prod(1 - p.to_numpy(dtype=float), axis=1),
            "supported_harm": (labels["p_harmful_request"] * support).to_numpy(dtype=float),
        }
    )


def cluster_scores(score: pd.Series, cluster: pd.Series) -> pd.Series:
    r"""Score of the other conversations of the cluster, shrunken towards all.

    With the mean :math:`m` of all scores and the moment estimators of the variance within
    clusters, :math:`\sigma^2`, and between them, :math:`\tau^2`, the best linear prediction from
    the other :math:`n_g - 1` conversations,

    .. math:: \frac{\sum_{j \ne i} s_j + m\,\sigma^2/\tau^2}{n_g - 1 + \sigma^2/\tau^2}.

    Parameters
    ----------
    score : Series of float
        One score a conversation.
    cluster : Series
        Its cluster of like requests.

    Returns
    -------
    Series of float
        Index of `score`; the mean of all where a conversation has no fellow.

    References
    ----------
    Robinson, G. K. (1991). That BLUP is a good thing. *Statistical Science* 6, 15-32.
    https://doi.org/10.1214/ss/1177011926.

    Examples
    --------
    >>> scores = pd.Series([0.9, 0.8, 0.1, 0.0, 0.2])
    >>> cluster_scores(scores, pd.Series(list("aabbc"))).round(2).tolist()
    [0.79, 0.89, 0.01, 0.11, 0.4]
    """
    x = score.to_numpy(dtype=float)
    codes = label_codes("cluster", cluster.to_numpy(), x.size)[1]
    size = np.bincount(codes).astype(float)
    total = group_sums(x[:, None], codes)[:, 0]
    mean = float(x.mean())
    within, between = _variances(x, codes, size, total)
    weight = within / between if between > 0 else np.inf
    others, n = total[codes] - x, size[codes] - 1
    if np.isinf(weight):
        return pd.Series(mean, index=score.index)
    found = np.where(n > 0, (others + weight * mean) / np.maximum(n + weight, 1e-300), mean)
    return pd.Series(found, index=score.index)


def warning_quality(
    frame: pd.DataFrame,
    populations: Mapping[str, pd.Series],
    budgets: Sequence[int],
    *,
    conf_level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold the scores against the readings.

    Parameters
    ----------
    frame : DataFrame
        Read conversations with ``undesired`` (0/1), ``weight``, ``prompt_group``, ``reader`` and
        the columns :data:`SCORES`.
    populations : mapping
        Name to the rows of the frame that belong to it.
    budgets : sequence of int
        One alert in so many conversations.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    areas : DataFrame
        ``population``, ``score``, ``estimate``, ``ci_low``, ``ci_high``, ``k``, ``n``,
        ``n_clusters``; populations in which all comply, or fewer than two, are left out.
    precision : DataFrame
        ``population``, ``score``, ``one_in`` and the fields of
        :class:`~valuescape.statistics.roc.BudgetPrecision`.
    """
    areas, found = [], []
    for name, member in populations.items():
        part = frame[member]
        outcome = part["undesired"].to_numpy(dtype=float)
        if not FEWEST_COMPLIANT <= outcome.sum() < outcome.size:
            continue
        design: dict[str, Any] = {
            "weight": part["weight"],
            "clusterings": [part["prompt_group"], part["reader"]],
            "conf_level": conf_level,
        }
        for score in SCORES:
            place = {"population": name, "score": score}
            areas.append(roc_area(part[score], outcome, **design).to_frame().assign(**place))
            for one_in in budgets:
                at = budget_precision(part[score], outcome, 1 / one_in, **design)
                found.append(at.to_frame().assign(**place, one_in=one_in))
    return pd.concat(areas, ignore_index=True), pd.concat(found, ignore_index=True)


def simulated_precision(
    compliant: pd.Series, others: pd.Series, one_compliant_in: Sequence[int], budgets: Sequence[int]
) -> pd.DataFrame:
    """Precision on simulated streams in which compliance with harm is rarer than in any corpus.

    A stream mixes two measured distributions of scores in the share asked for; the figures are
    those of an endless stream.

    Parameters
    ----------
    compliant, others : Series of float
        Scores of conversations that comply with harm, and of ordinary ones.
    one_compliant_in, budgets : sequence of int
        One compliant conversation, and one alert, in so many.

    Returns
    -------
    DataFrame
        ``one_compliant_in``, ``one_in``, ``precision``, ``recall``.
    """
    score = np.concatenate([compliant, others])
    outcome = np.repeat([1.0, 0.0], [len(compliant), len(others)])
    rows = []
    for rarity in one_compliant_in:
        weight = np.where(outcome > 0, 1 / rarity / len(compliant), (1 - 1 / rarity) / len(others))
        for one_in in budgets:
            found = budget_precision(
                score, outcome, 1 / one_in, weight=weight, clusterings=[np.arange(score.size)]
            )
            rows.append(
                {
                    "one_compliant_in": rarity,
                    "one_in": one_in,
                    "precision": found.precision,
                    "recall": found.recall,
                }
            )
    return pd.DataFrame(rows)


def _variances(
    x: np.ndarray, codes: np.ndarray, size: np.ndarray, total: np.ndarray
) -> tuple[float, float]:
    """Variance within and between clusters by the analysis of variance."""
    n, groups = x.size, size.size
    if not 1 < groups < n:
        return 1.0, 0.0
    within = float(np.sum((x - (total / size)[codes]) ** 2)) / (n - groups)
    among = float(size @ (total / size - x.mean()) ** 2) / (groups - 1)
    typical = (n - float(size @ size) / n) / (groups - 1)
    return within, max((among - within) / typical, 0.0)
