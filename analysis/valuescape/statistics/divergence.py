"""Jensen-Shannon divergence of two value distributions, corrected for its bias."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    as_counts,
    check_level,
    result_frame,
)
from valuescape.statistics.divergence_moments import left_out, null_test, plugin_divergence
from valuescape.statistics.groups import label_codes
from valuescape.statistics.occurrences import (
    occurrence_units,
    unit_totals,
)
from valuescape.statistics.shares import critical_value
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class JensenShannon:
    """Divergence of two distributions, in bits: 0 if they are equal, 1 if they share no value.

    Attributes
    ----------
    estimate, low, high : float
        Divergence corrected by the jackknife, cut off at 0 and 1, and its interval.
    distance, distance_low, distance_high : float
        Square roots of these: the Jensen-Shannon distance, a metric.
    plugin : float
        Divergence of the observed shares, which sampling noise makes too large.
    log10_p : float
        log10 p of the test that the distributions are equal.
    statistic, df : float
        Scaled chi-square of that test and its moment-matched degrees of freedom.
    n_a, n_b : int
        Occurrences.
    unseen : float
        Chance that a further occurrence is of a value not seen before, in the arm where it is
        larger (Good-Turing: values seen once over occurrences).
    n_clusters : int
        Independent units: occurrences, conversations or clusters of them.
    conf_level : float
        Nominal two-sided coverage.
    """

    estimate: float
    low: float
    high: float
    distance: float
    distance_low: float
    distance_high: float
    plugin: float
    log10_p: float
    statistic: float
    df: float
    n_a: int
    n_b: int
    unseen: float
    n_clusters: int
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, one column a field."""
        return result_frame(self)


@dataclass(frozen=True, slots=True)
class JensenShannonPairs:
    """Divergences of every pair of distributions.

    Attributes
    ----------
    first, second : tuple
        Names of the pair, `first` before `second`.
    results : tuple of JensenShannon
        One a pair.
    """

    first: tuple[object, ...]
    second: tuple[object, ...]
    results: tuple[JensenShannon, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: its names and the columns of `JensenShannon`."""
        import pandas as pd

        table = pd.concat([result.to_frame() for result in self.results], ignore_index=True)
        pairs = pd.DataFrame({"first": self.first, "second": self.second})
        return pd.concat([pairs, table], axis=1)


def jensen_shannon(
    counts_a: ArrayLike,
    counts_b: ArrayLike,
    *,
    cluster: tuple[ArrayLike, ArrayLike] | None = None,
    conf_level: float = 0.95,
) -> JensenShannon:
    r"""Jensen-Shannon divergence of two value distributions, with interval and test.

    .. math:: J = H\{(a+b)/2\} - \{H(a) + H(b)\}/2

    with H the entropy in bits and a, b the shares of occurrences.  The divergence of observed
    shares exceeds the true one by about :math:`(V-1)(1/n_a+1/n_b)/(16\ln 2)` bits where the
    distributions are alike.  The delete-one jackknife over independent units takes the bias off,
    whatever the clustering; its variance gives a normal interval, cut off at 0 and 1.

    Values not seen in an arm are beyond any such correction: in simulations of Zipf shares the
    interval covers 93 to 98 % while `unseen` is below 0.06, 85 to 92 % at 0.09, and fails at 0.3.

    Near zero the divergence is no longer linear in the shares and has no normal distribution.
    There the jackknife variance is about twice the true one, so that the interval is wider than
    need be; and the lower limit is 0 wherever the test does not reject.  The test is by
    :math:`\sum_v (a_v-b_v)^2/m_v`, to which J is proportional at zero; its null mean and
    variance are those of the squared length of a sum of independent vectors of random signs, one
    a unit, matched by a scaled chi-square (a second-order Rao-Scott test).

    Parameters
    ----------
    counts_a, counts_b : array_like of int, shape (n_values,) or (n_rows, n_values)
        Occurrences of each value. One-dimensional: every occurrence is independent.
        Two-dimensional: one row a conversation.
    cluster : tuple of array_like, optional
        Cluster of each row of `counts_a` and of `counts_b` (prompt group, user); a label found in
        both is one cluster, as with assistants that answer the same prompts. Rows are
        independent when absent.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    JensenShannon
        In bits.

    Raises
    ------
    ValueError
        If counts are not whole or negative, shapes differ, an arm holds fewer than two
        occurrences, only one value occurs, a cluster is missing, clusters are given for
        one-dimensional counts, or an arm lies in a single unit.

    References
    ----------
    Lin, J. (1991). *IEEE Transactions on Information Theory* 37, 145-151.
    https://doi.org/10.1109/18.61115.
    Efron, B. & Stein, C. (1981). The jackknife estimate of variance. *Annals of Statistics* 9,
    586-596. https://doi.org/10.1214/aos/1176345462.
    Rao, J. N. K. & Scott, A. J. (1981). *JASA* 76, 221-230.
    https://doi.org/10.1080/01621459.1981.10477633.

    Examples
    --------
    >>> found = jensen_shannon([60, 30, 10], [20, 30, 50])
    >>> round(found.plugin, 4), round(found.estimate, 4)
    (0.1805, 0.1722)
    >>> round(found.low, 4), round(found.high, 4), round(found.log10_p, 2)
    (0.079, 0.2653, -10.22)
    """
    check_level(conf_level)
    a, b = as_counts("counts_a", counts_a), as_counts("counts_b", counts_b)
    units = occurrence_units(a, b, cluster)
    total_a, total_b = unit_totals(units, a.shape[-1])
    plugin = plugin_divergence(total_a / total_a.sum(), total_b / total_b.sum())
    without = left_out(units, total_a, total_b)
    n_units = float(units.copies.sum())
    shrink = (n_units - 1) / n_units
    estimate = plugin - shrink * float(np.sum(units.copies * (without - plugin)))
    centre = np.average(without, weights=units.copies)
    variance = shrink * float(np.sum(units.copies * (without - centre) ** 2))
    statistic, df = null_test(units, total_a, total_b)
    log10_p = float(chi2_log10_p(statistic, df))
    reach = float(critical_value(conf_level)) * variance**0.5
    apart = log10_p < np.log10(1 - conf_level)
    bottom = estimate - reach if apart else 0.0
    mid, low, high = (float(np.clip(x, 0.0, 1.0)) for x in (estimate, bottom, estimate + reach))
    return JensenShannon(
        mid,
        low,
        high,
        mid**0.5,
        low**0.5,
        high**0.5,
        plugin,
        log10_p,
        statistic,
        df,
        int(total_a.sum()),
        int(total_b.sum()),
        max(float(np.mean(total == 1) * total.size / total.sum()) for total in (total_a, total_b)),
        int(n_units),
        conf_level,
    )


def jensen_shannon_pairs(
    counts: ArrayLike,
    *,
    group: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> JensenShannonPairs:
    """Jensen-Shannon divergence of every pair of distributions of a table.

    Parameters
    ----------
    counts : array_like of int, shape (n_rows, n_values)
        Without `group` one row a distribution of independent occurrences; with it one row a
        conversation.
    group : array_like, shape (n_rows,), optional
        Distribution (context, assistant) that each row belongs to.
    cluster : array_like, shape (n_rows,), optional
        Cluster of each row; needs `group`.
    conf_level : float, default 0.95
        Two-sided coverage of each interval.

    Returns
    -------
    JensenShannonPairs
        Pairs in sorted order of their names (row numbers without `group`).

    Raises
    ------
    ValueError
        If there are fewer than two distributions, clusters are given without groups, a length
        does not fit, or as for `jensen_shannon`.

    Examples
    --------
    >>> frame = jensen_shannon_pairs([[60, 30, 10], [20, 30, 50], [55, 35, 10]]).to_frame()
    >>> frame[["first", "second", "estimate"]].round(3).values.tolist()
    [[0.0, 1.0, 0.172], [0.0, 2.0, 0.0], [1.0, 2.0, 0.159]]
    """
    table = as_counts("counts", counts)
    if table.ndim != 2:
        raise ValueError(f"counts: shape {table.shape}; a table of two axes is needed")
    if cluster is not None and group is None:
        raise ValueError("cluster: given without group")
    n_rows = table.shape[0]
    labels = np.arange(n_rows) if group is None else group
    found, codes = label_codes("group" if group is not None else "counts", labels, n_rows, fewest=2)
    names, size = found.tolist(), found.size
    inside = [codes == i for i in range(size)]
    for name, mask in zip(names, inside, strict=True):
        if table[mask].sum() < 2:
            raise ValueError(f"counts: distribution {name!r} holds fewer than two occurrences")
    rows = [table[mask] if group is not None else table[mask][0] for mask in inside]
    units = None if cluster is None else label_codes("cluster", cluster, n_rows, fewest=2)[1]
    pairs = list(combinations(range(size), 2))
    return JensenShannonPairs(
        tuple(names[i] for i, _ in pairs),
        tuple(names[j] for _, j in pairs),
        tuple(
            jensen_shannon(
                rows[i],
                rows[j],
                cluster=None if units is None else (units[inside[i]], units[inside[j]]),
                conf_level=conf_level,
            )
            for i, j in pairs
        ),
    )
