"""Evidence that can be looked at at any time: e-processes of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, IntArray, inside_unit, refuse, result_frame
from valuescape.statistics.confidence_sequence import checked_looks, checked_prior
from valuescape.statistics.options import Alternative, check_option
from valuescape.statistics.tails import LN10

if TYPE_CHECKING:
    import pandas as pd

UNDERFLOW = 1e-280
SERIES_TERMS = 100_000
"""Terms of the beta tail's series, more than any tail below `UNDERFLOW` needs."""


@dataclass(frozen=True, slots=True)
class EProcess:
    """Evidence against a null hypothesis, look by look.

    Attributes
    ----------
    look : ndarray of int, shape (n_looks,)
        From 1.
    successes, trials : ndarray of int, shape (n_looks,)
        Up to and with the look.
    log10_e : ndarray of float64, shape (n_looks,)
        log10 of the e-value: under the null its mean at any stopping time is at most 1.
    log10_p : ndarray of float64, shape (n_looks,)
        log10 of the anytime-valid p-value, one over the largest e-value so far, at most 0.
    """

    look: IntArray
    successes: IntArray
    trials: IntArray
    log10_e: FloatArray
    log10_p: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a look."""
        return result_frame(self)


def e_process(
    successes: ArrayLike,
    trials: ArrayLike,
    p0: float,
    *,
    alternative: Alternative = "two-sided",
    prior: tuple[float, float] = (0.5, 0.5),
) -> EProcess:
    r"""Evidence against a share of p0 (at most, at least p0 for the one-sided alternatives).

    The mixture of likelihood ratios over a beta distribution of the share, whole or cut off at
    p0 and scaled up again:

    .. math:: E_t = \frac{\int_A p^{S+a-1}(1-p)^{F+b-1}\,dp}
        {\int_A p^{a-1}(1-p)^{b-1}\,dp \; p_0^S(1-p_0)^F},
        \quad A = (0,1),\ (p_0,1)\text{ or }(0,p_0).

    Two-sided it is a martingale at p0, the one that `confidence_sequence` inverts; one-sided a
    supermartingale at every share on the null's side.  By Ville's inequality it ever reaches
    :math:`1/\alpha` with probability at most :math:`\alpha`.

    Parameters
    ----------
    successes, trials : array_like of int, shape (n_looks,)
        Of each look (not running totals), independent trials.
    p0 : float
        Share under the null, inside (0, 1).
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Whether the share differs from, is above or is below `p0`.
    prior : tuple of float, default (0.5, 0.5)
        Beta parameters of the mixture; they change the power, never the validity.

    Returns
    -------
    EProcess

    Raises
    ------
    ValueError
        If a count is not whole or negative, ``successes > trials``, there is no look, or `p0` or a
        prior parameter is out of range.

    References
    ----------
    Robbins, H. (1970). *Annals of Mathematical Statistics* 41, 1397-1409.
    https://doi.org/10.1214/aoms/1177696786.
    Ramdas, A., Grünwald, P., Vovk, V. & Shafer, G. (2023). Game-theoretic statistics and safe
    anytime-valid inference. *Statistical Science* 38, 576-601. https://doi.org/10.1214/23-STS894.

    Examples
    --------
    >>> e_process([9, 12], [100, 100], 0.05).log10_e.round(3).tolist()
    [-0.503, 0.881]
    >>> e_process([9, 12], [100, 100], 0.05, alternative="greater").log10_p.round(3).tolist()
    [0.0, -0.948]
    """
    check_option("alternative", alternative, Alternative)
    null = inside_unit("p0", p0)
    s, n = checked_looks(successes, trials)
    a, b = checked_prior(prior)
    total, size = np.cumsum(s), np.cumsum(n)
    x, y = a + total, b + size - total
    null_log = special.xlogy(total, null) + special.xlog1py(size - total, -null)
    log_e = np.asarray(special.betaln(x, y) - special.betaln(a, b) - null_log, dtype=np.float64)
    if alternative == "greater":
        log_e = log_e + log_beta_tail(x, y, null) - log_beta_tail(a, b, null)
    elif alternative == "less":
        log_e = log_e + log_beta_tail(y, x, 1 - null) - log_beta_tail(b, a, 1 - null)
    return _process(total, size, log_e)


def change_e_process(
    reference: tuple[int, int],
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    prior: tuple[float, float] = (0.5, 0.5),
) -> EProcess:
    r"""Evidence that the share of a stream is not that of a reference sample.

    The marginal likelihood of reference and stream with a share each, over the largest likelihood
    with one share for both:

    .. math:: E_t = \frac{B(a+S_0, b+F_0)}{B(a,b)}\frac{B(a+S, b+F)}{B(a,b)}
        \Big/ \max_p p^{S_0+S}(1-p)^{F_0+F}.

    At the common share it is at most a martingale of mean 1, whatever that share is (universal
    inference).  The price of not knowing it is a factor of about the square root of the
    reference's size.

    Parameters
    ----------
    reference : tuple of int
        Successes and trials of the reference, complete before the stream begins.
    successes, trials : array_like of int, shape (n_looks,)
        Of each look at the stream (not running totals), independent trials.
    prior : tuple of float, default (0.5, 0.5)
        Beta parameters of either share.

    Returns
    -------
    EProcess
        Its counts are those of the stream.

    Raises
    ------
    ValueError
        If a count is not whole or negative, successes exceed trials, there is no look, the
        reference has no trial, or a prior parameter is not above zero.

    References
    ----------
    Wasserman, L., Ramdas, A. & Balakrishnan, S. (2020). Universal inference. *PNAS* 117,
    16880-16890. https://doi.org/10.1073/pnas.1922664117.

    Examples
    --------
    >>> change_e_process((50, 1000), [9, 25], [100, 100]).log10_e.round(2).tolist()
    [-2.17, 3.53]
    """
    if np.shape(reference) != (2,):
        raise ValueError(f"reference: shape {np.shape(reference)}; successes and trials are needed")
    s0, n0 = checked_looks([reference[0]], [reference[1]], "reference ")
    refuse(n0 == 0, "reference trials", "at least one trial is needed", n0)
    s, n = checked_looks(successes, trials)
    a, b = checked_prior(prior)
    total, size = np.cumsum(s), np.cumsum(n)
    hits, everything = total + s0, size + n0
    share = hits / everything
    best = special.xlogy(hits, share) + special.xlog1py(everything - hits, -share)
    log_e = special.betaln(a + s0, b + n0 - s0) + special.betaln(a + total, b + size - total)
    log_e = np.asarray(log_e - 2 * special.betaln(a, b) - best, dtype=np.float64)
    return _process(total, size, log_e)


def log_beta_tail(a: ArrayLike, b: ArrayLike, x: float) -> FloatArray:
    r"""Log of the upper tail of a beta distribution, however small.

    From the incomplete beta function where it is a normal number; below that from
    :math:`I_y(b, a) = \frac{y^b(1-y)^a}{b\,B(a,b)}\,\sum_k \prod_{j\le k}
    \frac{a+b+j-1}{b+j}\,y`, with y = 1 - x.

    Parameters
    ----------
    a, b : array_like
        Parameters of the distribution, above zero.
    x : float
        Point inside (0, 1).

    Returns
    -------
    ndarray of float64
        Of the broadcast shape.

    References
    ----------
    NIST Digital Library of Mathematical Functions, equation 8.17.8. https://dlmf.nist.gov/8.17

    Examples
    --------
    >>> log_beta_tail([1, 1], [2, 4000], 0.5).round(4).tolist()
    [-1.3863, -2772.5887]
    """
    first, second = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    tail = special.betaincc(first, second, x)
    far = tail < UNDERFLOW
    natural = np.log(np.where(far, 1.0, tail))
    if np.any(far):
        natural = np.array(natural)
        natural[far] = _far_log_beta_tail(first[far], second[far], x)
    return np.asarray(natural)


def _far_log_beta_tail(a: FloatArray, b: FloatArray, x: float) -> FloatArray:
    y = 1 - x
    term = np.ones(a.shape)
    total = np.ones(a.shape)
    for j in range(1, SERIES_TERMS):
        term = term * (y * (a + b + j - 1) / (b + j))
        total = total + term
        if np.all(term < 1e-17 * total):
            break
    front = b * np.log(y) + a * np.log(x) - np.log(b) - special.betaln(a, b)
    return np.asarray(front + np.log(total))


def _process(total: IntArray, size: IntArray, log_e: FloatArray) -> EProcess:
    log10_e = log_e / LN10
    log10_p = -np.maximum.accumulate(np.maximum(log10_e, 0.0))
    return EProcess(np.arange(1, total.size + 1), total, size, log10_e, log10_p + 0.0)
