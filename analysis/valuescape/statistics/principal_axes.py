"""Axes along which many indicators vary together, beyond what covariates explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, as_numbers, check_level
from valuescape.statistics.axes_resampling import (
    BlockContrast,
    replicated_axes,
    split_half_congruence,
)
from valuescape.statistics.checks import whole_number
from valuescape.statistics.cluster_bootstrap import percentile_limits
from valuescape.statistics.component_fit import (
    Components,
    fit_components,
    residuals,
    sign_flip_eigenvalues,
)
from valuescape.statistics.groups import label_codes
from valuescape.statistics.rotation import oriented, varimax

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PrincipalAxes:
    """Rotated principal components that exceed chance.

    Attributes
    ----------
    eigenvalue, null_quantile : ndarray, shape (n_variables,)
        Of the correlations of residuals, falling; and what chance exceeds with probability
        ``1 - conf_level`` at the same rank.
    n_axes : int
        Leading eigenvalues above their null quantile.
    loading, loading_low, loading_high : ndarray, shape (n_variables, n_axes)
        Correlations of variables with axes after varimax rotation, the largest of each positive.
    explained : ndarray, shape (n_axes,)
        Share of the variables' residual variance on each rotated axis.
    congruence, congruence_low : ndarray, shape (n_axes,)
        Median and lower 1 - conf_level quantile, over splits, of the congruence of the axis between
        two halves of the clusters, each rotated by itself; partners are chosen.
    score : ndarray, shape (n, n_axes)
        Of each row, with mean 0 and variance 1.
    profile, profile_low, profile_high : ndarray, shape (n_levels, n_axes)
        Mean score of the rows of each level of `by`, less that of its block.
    level : ndarray, shape (n_levels,)
        Levels of `by`, sorted.
    n : int
        Rows.
    n_clusters : int
        Clusters resampled.
    conf_level : float
        Coverage of limits and level of the null quantile.
    """

    eigenvalue: FloatArray
    null_quantile: FloatArray
    n_axes: int
    loading: FloatArray
    loading_low: FloatArray
    loading_high: FloatArray
    explained: FloatArray
    congruence: FloatArray
    congruence_low: FloatArray
    score: FloatArray
    profile: FloatArray
    profile_low: FloatArray
    profile_high: FloatArray
    level: NDArray[np.str_]
    n: int
    n_clusters: int
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a variable and axis, both numbered: loadings with limits."""
        import pandas as pd

        n_variables, n_axes = self.loading.shape
        return pd.DataFrame(
            {
                "variable": np.repeat(np.arange(n_variables), n_axes),
                "axis": np.tile(np.arange(1, n_axes + 1), n_variables),
                "loading": self.loading.ravel(),
                "loading_low": self.loading_low.ravel(),
                "loading_high": self.loading_high.ravel(),
            }
        )


def principal_axes(
    outcome: ArrayLike,
    covariates: ArrayLike,
    *,
    cluster: ArrayLike,
    by: ArrayLike,
    block: ArrayLike,
    n_boot: int = 1000,
    n_null: int = 200,
    n_splits: int = 100,
    seed: int = 0,
    conf_level: float = 0.95,
) -> PrincipalAxes:
    r"""Principal components of residual indicators, as many as exceed chance, rotated.

    Indicators are freed of covariates by least squares; the correlations of the residuals are
    decomposed. How many components there are is judged by parallel analysis with random signs: in
    each draw every variable's residuals are multiplied by a sign of their own for each cluster,
    which breaks the ties between variables and keeps how strongly each depends on the cluster (a
    prompt's). Components are counted up to the first that does not exceed the quantile of its
    rank, and rotated by varimax.

    Limits come from drawing clusters with replacement, the whole fit repeated and turned towards
    the solution by Procrustes rotation. Stability is told by splits of the clusters into halves.

    Parameters
    ----------
    outcome : array_like, shape (n, n_variables)
        Indicators or other finite numbers.
    covariates : array_like, shape (n, n_covariates)
        What they are freed of; a constant is added. May have no column.
    cluster : array_like, shape (n,)
        What is resampled (prompt group).
    by : array_like, shape (n,)
        Whose profiles are wanted (assistants).
    block : array_like, shape (n,)
        Within which profiles are compared (source); a level of `by` lies in one block.
    n_boot : int, default 1000
        Replicates for limits; with 0 they are NaN.
    n_null : int, default 200
        Draws of signs.
    n_splits : int, default 100
        Splits into halves.
    seed : int, default 0
        Seed of all draws.
    conf_level : float, default 0.95
        Two-sided coverage of limits, and the quantile of the null.

    Returns
    -------
    PrincipalAxes
        With no axis, where none exceeds chance.

    Raises
    ------
    ValueError
        If an entry is not finite, lengths differ, a label is missing, there are fewer than two
        variables or four clusters, a variable does not vary beyond the covariates, or a level of
        `by` is in two blocks.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    *Psychometrika* 30, 179-185. https://doi.org/10.1007/BF02289447; Hong, D., Sheng, Y. &
    Dobriban, E. (2020). Selecting the number of components in PCA via random signflips.
    https://arxiv.org/abs/2012.02985

    Examples
    --------
    Six indicators of which three and three go together:

    >>> rng = np.random.default_rng(0)
    >>> cause = rng.normal(size=(600, 2)) @ np.kron(np.eye(2), np.ones(3))
    >>> y = cause + rng.normal(size=(600, 6)) > 0
    >>> found = principal_axes(y, np.zeros((600, 0)), cluster=np.arange(600),
    ...     by=np.arange(600) % 2, block=np.zeros(600), n_boot=40, n_null=40, n_splits=5)
    >>> found.n_axes, (found.loading > 0.5).astype(int).T.tolist()
    (2, [[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
    """
    check_level(conf_level)
    y, x = as_numbers("outcome", outcome), as_numbers("covariates", covariates)
    _check_matrices(y, x)
    clusters = label_codes("cluster", cluster, len(y), fewest=4)[1]
    levels, of_level = label_codes("by", by, len(y))
    blocks = label_codes("block", block, len(y))[1]
    contrast = BlockContrast.of_labels(of_level, blocks, levels)
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    free = residuals(y, x, np.ones(len(y)))
    fit = fit_components(free, np.ones(len(y)))
    null = sign_flip_eigenvalues(free, clusters, whole_number("n_null", n_null, least=1), rng)
    limit = np.quantile(null, conf_level, axis=0)
    n_axes = _leading(fit.eigenvalue > limit)
    turn = _turn(fit, n_axes)
    loading = fit.loading[:, :n_axes] @ turn
    score = fit.score[:, :n_axes] @ turn
    draws = replicated_axes(y, x, clusters, loading, contrast, n_boot, rng)
    split = split_half_congruence(
        y, x, clusters, n_axes, whole_number("n_splits", n_splits, least=1), rng
    )
    low, high = percentile_limits(draws.loading, conf_level)
    profile_low, profile_high = percentile_limits(draws.profile, conf_level)
    return PrincipalAxes(
        eigenvalue=fit.eigenvalue,
        null_quantile=limit,
        n_axes=n_axes,
        loading=loading,
        loading_low=low,
        loading_high=high,
        explained=np.sum(loading**2, axis=0) / y.shape[1],
        congruence=np.median(split, axis=0),
        congruence_low=np.quantile(split, 1.0 - conf_level, axis=0),
        score=score,
        profile=contrast.of(score, np.ones(len(y))),
        profile_low=profile_low,
        profile_high=profile_high,
        level=levels.astype(str),
        n=len(y),
        n_clusters=int(clusters.max()) + 1,
        conf_level=conf_level,
    )


def _check_matrices(y: FloatArray, x: FloatArray) -> None:
    if y.ndim != 2 or y.shape[1] < 2 or x.ndim != 2 or len(x) != len(y):
        raise ValueError(
            f"outcome: shape {y.shape} with covariates of {x.shape}; matrices of as many rows are "
            "needed, the first with at least two variables"
        )


def _leading(above: NDArray[np.bool_]) -> int:
    return int(above.size if above.all() else np.argmin(above))


def _turn(fit: Components, n_axes: int) -> FloatArray:
    chosen = fit.loading[:, :n_axes]
    return oriented(chosen, varimax(chosen)) if n_axes else np.zeros((0, 0))
