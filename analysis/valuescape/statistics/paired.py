"""Contrasts of assistants that answered the same prompts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, check_level, inside_unit
from valuescape.statistics.cmh import (
    Strata,
    cmh_tests,
    log_odds_ratio,
    risk_difference,
    score_variances,
)
from valuescape.statistics.conditional_logit import (
    ConditionalLikelihood,
    conditional_estimate,
    conditional_interval,
)
from valuescape.statistics.options import PairedMethod, check_option
from valuescape.statistics.paired_blocks import paired_blocks
from valuescape.statistics.shares import critical_value, wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PairedContrast:
    """Contrasts of pairs of arms (rows) in outcomes (columns).

    Attributes
    ----------
    arm, versus : ndarray, shape (n_pairs,)
        Labels of the two arms; every contrast is of `arm` against `versus`.
    n_blocks, n_clusters : ndarray of int64, shape (n_pairs,)
        Blocks that both arms answered, and their groups.
    n_informative : ndarray of int64, shape (n_pairs, n_outcomes)
        Blocks with both successes and failures; only they bear on tests and odds ratios.
    share_arm, share_versus : ndarray, shape (n_pairs, n_outcomes)
        Shares of successes over the same blocks with Mantel-Haenszel weights.
    risk_difference, risk_difference_low, risk_difference_high : ndarray
        Difference of these shares. Without an informative block it is 0, and the limits are those
        of the share of clusters that might differ, by Wilson's interval of none among them all.
    minimum_detectable : ndarray
        Difference that a two-sided test detects with the power asked for, at the discordance seen;
        without an informative block, at the most that Wilson's interval allows.
    odds_ratio, odds_ratio_low, odds_ratio_high : ndarray
        Common odds ratio by `method`. 0 or infinite, with the other limit finite, where all
        informative blocks point one way; NaN with limits 0 and infinity without any.
    log_odds_error : ndarray
        Standard error of its logarithm; infinite where the ratio is 0, infinite or NaN.
    statistic, statistic_corrected : ndarray
        Cochran-Mantel-Haenszel chi-square over the design effect, without and with continuity
        correction; 0 without an informative block. Corrected it is NaN for weighted blocks, whose
        counts are not whole.
    design_effect : ndarray
        Clustered over independent null variance of the first arm's successes, at least 1.
    log10_p, log10_p_corrected : ndarray
        Two-sided; `log10_p` exact where `exact`.
    exact : ndarray of bool
        Whether `log10_p` is the exact conditional mid-p (counts divided by the design effect,
        unweighted) since the chi-square test cannot be trusted.
    method : {"cmh", "conditional_logit"}
        Which odds ratio.
    conf_level : float
        Two-sided coverage of all limits.
    """

    arm: NDArray[Any]
    versus: NDArray[Any]
    n_blocks: IntArray
    n_clusters: IntArray
    n_informative: IntArray
    share_arm: FloatArray
    share_versus: FloatArray
    risk_difference: FloatArray
    risk_difference_low: FloatArray
    risk_difference_high: FloatArray
    minimum_detectable: FloatArray
    odds_ratio: FloatArray
    odds_ratio_low: FloatArray
    odds_ratio_high: FloatArray
    log_odds_error: FloatArray
    statistic: FloatArray
    statistic_corrected: FloatArray
    design_effect: FloatArray
    log10_p: FloatArray
    log10_p_corrected: FloatArray
    exact: BoolArray
    method: PairedMethod
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a pair and outcome, outcomes numbered by ``outcome``."""
        import pandas as pd

        shape = self.odds_ratio.shape
        columns: dict[str, Any] = {"outcome": np.tile(np.arange(shape[1]), shape[0])}
        for name in self.__slots__:
            field = getattr(self, name)
            if not isinstance(field, np.ndarray):
                columns[name] = field
            else:
                columns[name] = field.ravel() if field.ndim == 2 else np.repeat(field, shape[1])
        return pd.DataFrame(columns)


def paired_contrast(
    outcome: ArrayLike,
    arm: ArrayLike,
    block: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    reference: str | int | None = None,
    method: PairedMethod = "cmh",
    power: float = 0.8,
    conf_level: float = 0.95,
) -> PairedContrast:
    r"""Compare arms (assistants) within blocks (prompts) that they all answered.

    Each pair of arms is compared over the blocks that hold both; blocks are strata, so whatever
    belongs to the prompt cancels. Pairs that share no block are left out. A block may hold several
    observations of an arm.

    The test is Cochran-Mantel-Haenszel,
    :math:`X^2 = U^2 / (d \operatorname{Var}_0 U)`, U being the first arm's successes beyond
    expectation given each block's. d is 1, unless blocks are clustered or weighted: then it is
    the clustered over the independent variance of U, at least 1. With one observation an arm and
    block it is McNemar's test. Where the expected count lies within 5 d of the least or the most
    that the margins allow (Mantel & Fleiss 1980) the exact conditional mid-p is given instead.

    The odds ratio of method ``cmh`` has an interval by its (robust) standard error; where all
    informative blocks point one way it has the score interval of the conditional likelihood.
    Method ``conditional_logit`` always has that, which excludes 1 exactly where the test rejects.
    The interval of the risk difference is by its (robust) standard error, cut at -1 and 1. Robust
    standard errors go with t quantiles, one degree of freedom fewer than clusters.

    Parameters
    ----------
    outcome : array_like of 0/1, shape (n,) or (n, n_outcomes)
        Successes.
    arm, block : array_like, shape (n,)
        Labels, numbers or strings.
    weight : array_like, shape (n,), optional
        Weights of the blocks, above zero: all rows of a block have the same.
    cluster : array_like, shape (n,), optional
        Group of each row's block (prompt group); a block lies in one group. Blocks by default.
    reference : label, optional
        Arm that all others are contrasted with; all pairs of arms, in sorted order, by default.
    method : {"cmh", "conditional_logit"}, default "cmh"
        Estimator of the odds ratio.
    power : float, default 0.8
        Power of `PairedContrast.minimum_detectable`.
    conf_level : float, default 0.95
        Coverage of the intervals; 1 - conf_level is the level of the minimum detectable difference.

    Returns
    -------
    PairedContrast
        Arrays of shape (n_pairs, n_outcomes).

    Raises
    ------
    ValueError
        If an outcome is not 0 or 1, lengths differ, a label is missing, there are fewer than two
        arms, no two arms share a block, the reference is unknown, a weight is not positive or
        varies within a block, or a block lies in two groups.

    References
    ----------
    Mantel, N. & Haenszel, W. (1959). https://doi.org/10.1093/jnci/22.4.719; Mantel, N. & Fleiss,
    J. L. (1980). *American Journal of Epidemiology* 112, 129-134.
    https://doi.org/10.1093/oxfordjournals.aje.a112962; Agresti, A. (2013). *Categorical Data
    Analysis*, 3rd ed., sections 6.4 and 11.2. Wiley.

    Examples
    --------
    Two assistants answer 40 prompts; 12 values are expressed by the first only, 3 by the other:

    >>> first = np.repeat([1, 1, 0, 0], [5, 12, 3, 20])
    >>> other = np.repeat([1, 0, 1, 0], [5, 12, 3, 20])
    >>> found = paired_contrast(
    ...     np.concatenate([first, other]), np.repeat(["a", "b"], 40), np.tile(np.arange(40), 2))
    >>> float(found.odds_ratio[0, 0]), round(float(found.statistic[0, 0]), 3)
    (4.0, 5.4)
    """
    check_option("method", method, PairedMethod)
    inside_unit("power", power)
    check_level(conf_level)
    blocks = paired_blocks(outcome, arm, block, weight, cluster)
    rows = [
        (first, other, strata)
        for first, other in _pairs(blocks.arms, reference)
        if (strata := blocks.strata(first, other)) is not None
    ]
    if not rows:
        raise ValueError("block: no two arms to be contrasted share a block")
    found = [_contrast(strata, method, power, conf_level) for _, _, strata in rows]
    return PairedContrast(
        arm=blocks.arms[[first for first, _, _ in rows]],
        versus=blocks.arms[[other for _, other, _ in rows]],
        n_blocks=np.array([len(s.weight) for _, _, s in rows], dtype=np.int64),
        n_clusters=np.array([s.cluster.max() + 1 for _, _, s in rows], dtype=np.int64),
        method=method,
        conf_level=conf_level,
        **{name: np.stack([part[name] for part in found]) for name in found[0]},
    )


def _contrast(
    strata: Strata, method: PairedMethod, power: float, conf_level: float
) -> dict[str, NDArray[Any]]:
    """All measures of one pair of arms."""
    variance, effect = score_variances(strata)
    informative = strata.informative.sum(axis=0)
    return (
        {
            "n_informative": informative,
            "design_effect": effect,
            "share_arm": _standardised(strata, strata.hits / strata.size),
            "share_versus": _standardised(strata, strata.others / strata.size_other),
        }
        | _differences(strata, informative, effect * variance, power, conf_level)
        | _odds(strata, method, effect, conf_level)
        | cmh_tests(strata, variance, effect)
    )


def _standardised(strata: Strata, share: FloatArray) -> FloatArray:
    return np.asarray(np.sum(strata.leverage * share, axis=0) / strata.leverage.sum())


def _differences(
    strata: Strata,
    informative: IntArray,
    variance: FloatArray,
    power: float,
    conf_level: float,
) -> dict[str, NDArray[Any]]:
    """Risk difference with limits, and what could have been detected."""
    z = critical_value(conf_level)
    found = risk_difference(strata)
    n_clusters = int(strata.cluster.max()) + 1
    unseen = float(wilson(0, n_clusters, conf_level=conf_level).high)
    reach = np.where(informative > 0, _quantile(strata, conf_level) * found.standard_error, unseen)
    error = np.sqrt(variance) / strata.leverage.sum()
    error = np.where(informative > 0, error, np.sqrt(unseen / n_clusters))
    return {
        "risk_difference": found.estimate,
        "risk_difference_low": np.maximum(found.estimate - reach, -1.0),
        "risk_difference_high": np.minimum(found.estimate + reach, 1.0),
        "minimum_detectable": np.minimum((z + ndtri(power)) * error, 1.0),
    }


def _quantile(strata: Strata, conf_level: float) -> float:
    """Take the normal quantile, or that of t with the clusters' degrees of freedom."""
    df = max(int(strata.cluster.max()), 1) if strata.robust else np.inf
    return float(critical_value(conf_level, df))


def _odds(
    strata: Strata, method: PairedMethod, effect: FloatArray, conf_level: float
) -> dict[str, NDArray[Any]]:
    """Odds ratio with limits."""
    z = float(critical_value(conf_level))
    if method == "conditional_logit":
        likelihood = ConditionalLikelihood.of(strata)
        found = conditional_estimate(strata, likelihood)
        low, high = conditional_interval(strata, z, effect, likelihood)
    else:
        found = log_odds_ratio(strata)
        one_way = ~np.isfinite(found.standard_error)
        reach = _quantile(strata, conf_level) * np.where(one_way, 0.0, found.standard_error)
        low, high = found.estimate - reach, found.estimate + reach
        if one_way.any():
            low[one_way], high[one_way] = conditional_interval(
                strata.outcomes(one_way), z, effect[one_way]
            )
    return {
        "odds_ratio": np.exp(found.estimate),
        "odds_ratio_low": np.exp(low),
        "odds_ratio_high": np.exp(high),
        "log_odds_error": found.standard_error,
    }


def _pairs(arms: NDArray[Any], reference: str | int | None) -> list[tuple[int, int]]:
    if reference is None:
        return list(combinations(range(arms.size), 2))
    labels = arms.tolist()
    if reference not in labels:
        raise ValueError(f"reference: {reference!r} is not an arm")
    place = labels.index(reference)
    return [(i, place) for i in range(arms.size) if i != place]
