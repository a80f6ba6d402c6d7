"""How much of an outcome's variation lies between the levels of crossed factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import (
    FloatArray,
    IntArray,
    as_floats,
    check_level,
    divide,
    refuse,
)
from valuescape.statistics.checks import whole_number
from valuescape.statistics.cluster_bootstrap import percentile_limits
from valuescape.statistics.crossed_moments import (
    Codes,
    Resampler,
    expected_forms,
    observed_forms,
)
from valuescape.statistics.groups import label_codes

if TYPE_CHECKING:
    import pandas as pd

RESIDUAL = "residual"


@dataclass(frozen=True, slots=True)
class CrossedComponents:
    """Variances of crossed random effects (columns) of outcomes or pools of them (rows).

    Attributes
    ----------
    pool : ndarray of str, shape (n_pools,)
        Outcomes, or pools over which variances are added up.
    component : ndarray of str, shape (n_factors + 1,)
        The factors and ``residual``.
    n_levels : ndarray of int64, shape (n_factors + 1,)
        Levels of each factor; rows for the residual.
    variance, variance_low, variance_high : ndarray, shape (n_pools, n_factors + 1)
        Unbiased estimates, which may be below zero; NaN where a component cannot be told from
        another. Limits are cut at zero.
    share, share_low, share_high : ndarray, shape (n_pools, n_factors + 1)
        Of the sum of the variances, those below zero taken as zero; NaN where nothing varies.
    n, n_clusters : int
        Rows, and clusters that were resampled.
    conf_level : float
        Two-sided coverage of all limits.
    """

    pool: NDArray[np.str_]
    component: NDArray[np.str_]
    n_levels: IntArray
    variance: FloatArray
    variance_low: FloatArray
    variance_high: FloatArray
    share: FloatArray
    share_low: FloatArray
    share_high: FloatArray
    n: int
    n_clusters: int
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a pool and component."""
        import pandas as pd

        shape = self.variance.shape
        table = pd.DataFrame(
            {
                "pool": np.repeat(self.pool, shape[1]),
                "component": np.tile(self.component, shape[0]),
                "n_levels": np.tile(self.n_levels, shape[0]),
            }
        )
        for name in ("variance", "share"):
            for part in (name, f"{name}_low", f"{name}_high"):
                table[part] = getattr(self, part).ravel()
        return table.assign(n=self.n, n_clusters=self.n_clusters)


def crossed_components(
    outcome: ArrayLike,
    factors: Mapping[str, ArrayLike],
    *,
    cluster: ArrayLike,
    pool: ArrayLike | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    conf_level: float = 0.95,
) -> CrossedComponents:
    r"""Variance components of crossed factors by Henderson's first method.

    The model is :math:`y_i = \mu + \sum_f u_{f(i)} + e_i` with uncorrelated effects of variances
    :math:`\sigma_f^2` and :math:`\sigma_e^2`; no distribution is assumed, so that y may be an
    indicator. Sums of squares of the means of each factor's levels are set equal to their
    expectations, which are linear in the components: the estimates are unbiased for any pattern of
    filled cells, and those of the analysis of variance where all cells are filled alike. A factor
    may be nested in another.

    Intervals come from drawing clusters with replacement. Levels that lie inside a cluster (a
    prompt's) are drawn with it; those that cross clusters (assistants, readers) stay, so for them
    the interval is that of the variance among the levels at hand. The means of such levels get the
    noise of clusters a second time in each replicate, which lifts their variance: the percentile
    interval is moved so that the replicates' mean is the estimate. In simulations 95 % intervals
    cover 93 to 99 % with 120 clusters and 90 to 99 % with 60.

    Parameters
    ----------
    outcome : array_like, shape (n,) or (n, n_outcomes)
        Finite numbers.
    factors : mapping of str to array_like, shape (n,)
        Level of each row by factor, of any kind.
    cluster : array_like, shape (n,)
        What is resampled (prompt group).
    pool : array_like of str, shape (n_outcomes,), optional
        Variances of outcomes of one pool are added up; each outcome by itself by default.
    n_boot : int, default 1000
        Replicates; with 0 the limits are NaN.
    seed : int, default 0
        Seed of the draws.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    CrossedComponents
        Components in the order of `factors`, the residual last; pools sorted.

    Raises
    ------
    ValueError
        If an outcome is missing or infinite, lengths differ, a label is missing, there is no
        factor or one has a single level or is called ``residual``, or there are fewer than two
        clusters.

    References
    ----------
    Henderson, C. R. (1953). Estimation of variance and covariance components. *Biometrics* 9,
    226-252. https://doi.org/10.2307/3001853; Searle, S. R., Casella, G. & McCulloch, C. E. (1992).
    *Variance Components*, chapter 5. Wiley.

    Examples
    --------
    Forty prompts that differ, answered by four assistants that hardly do:

    >>> rng = np.random.default_rng(1)
    >>> prompt, run = np.repeat(np.arange(40), 4), np.tile(np.arange(4), 40)
    >>> y = 2 * rng.normal(size=40)[prompt] + rng.normal(size=160)
    >>> found = crossed_components(y, {"prompt": prompt, "run": run}, cluster=prompt, n_boot=200)
    >>> found.share.round(2).tolist()
    [[0.78, 0.0, 0.22]]
    >>> bool(found.share_low[0, 0] > 0.6)
    True
    """
    check_level(conf_level)
    replicates = whole_number("n_boot", n_boot, least=0)
    y = _outcomes(outcome)
    codes = _factors(factors, len(y))
    clusters = label_codes("cluster", cluster, len(y), fewest=2)[1]
    names, pooling = _pools(pool, y.shape[1])
    variance = _estimate(y, codes, pooling)
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    resampler = Resampler.of(codes, clusters)
    draws = []
    for _ in range(replicates):
        rows, sample = resampler.draw(codes, rng)
        draws.append(_estimate(y[rows], sample, pooling))
    replicated = np.stack(draws) if draws else np.full((1, *variance.shape), np.nan)
    low, high = _moved(replicated, variance, conf_level)
    share = _shares(variance)
    share_low, share_high = _moved(_shares(replicated), share, conf_level)
    return CrossedComponents(
        pool=names,
        component=np.array([*factors, RESIDUAL]),
        n_levels=np.array([*(c.max() + 1 for c in codes), len(y)], dtype=np.int64),
        variance=variance,
        variance_low=np.maximum(low, 0.0),
        variance_high=np.maximum(high, 0.0),
        share=share,
        share_low=np.clip(share_low, 0.0, 1.0),
        share_high=np.clip(share_high, 0.0, 1.0),
        n=len(y),
        n_clusters=int(clusters.max()) + 1,
        conf_level=conf_level,
    )


def _outcomes(outcome: ArrayLike) -> FloatArray:
    given = as_floats("outcome", outcome)
    y = given[:, None] if given.ndim == 1 else given
    if y.ndim != 2 or y.size == 0:
        raise ValueError(f"outcome: shape {given.shape}; rows are needed, with at least one column")
    refuse(~np.isfinite(y), "outcome", "must be finite", y)
    return y


def _factors(factors: Mapping[str, ArrayLike], n: int) -> list[Codes]:
    if not factors or RESIDUAL in factors:
        raise ValueError(f"factors: {list(factors)}; at least one, none called {RESIDUAL!r}")
    return [label_codes(name, labels, n, fewest=2)[1] for name, labels in factors.items()]


def _pools(pool: ArrayLike | None, n_outcomes: int) -> tuple[NDArray[np.str_], FloatArray]:
    """Names of the pools and which outcome is in which."""
    labels = [f"{j}" for j in range(n_outcomes)] if pool is None else pool
    names, codes = label_codes("pool", labels, n_outcomes)
    if pool is None:
        names, codes = np.array(labels), np.arange(n_outcomes)
    return names.astype(str), (codes[:, None] == np.arange(names.size)).astype(np.float64)


def _estimate(y: FloatArray, codes: Sequence[Codes], pooling: FloatArray) -> FloatArray:
    """Components of each pool; NaN where two of them cannot be told apart."""
    system = expected_forms(codes)
    if np.linalg.matrix_rank(system) < len(system):
        return np.full((pooling.shape[1], len(codes) + 1), np.nan)
    solved = np.linalg.solve(system, observed_forms(y, codes) @ pooling)
    return np.asarray(solved[1:].T)


def _shares(variance: FloatArray) -> FloatArray:
    positive = np.maximum(variance, 0.0)
    total = positive.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(positive / np.where(total > 0, total, np.nan))


def _moved(
    replicates: FloatArray, estimate: FloatArray, conf_level: float
) -> tuple[FloatArray, FloatArray]:
    """Percentile limits, moved so that the replicates' mean is the estimate."""
    low, high = percentile_limits(replicates, conf_level)
    known = ~np.isnan(replicates)
    mean = divide(np.where(known, replicates, 0.0).sum(axis=0), known.sum(axis=0))
    return low + (estimate - mean), high + (estimate - mean)
