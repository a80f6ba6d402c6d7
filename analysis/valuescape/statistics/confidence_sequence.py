"""Intervals of a share that hold at every look at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_amounts,
    as_counts,
    check_level,
    divide,
    refuse,
    result_frame,
)
from valuescape.statistics.options import SequenceMethod, check_option
from valuescape.statistics.solve import bracketed_root

if TYPE_CHECKING:
    import pandas as pd

LARGEST_BET = 0.5
"""Most of the capital that a bet may lose at one look (Waudby-Smith & Ramdas 2024, eq. 26)."""

LOOKS_AT_ONCE = 256
"""Looks whose limits are solved together."""


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """Intervals of a share, one a look.

    Attributes
    ----------
    look : ndarray of int, shape (n_looks,)
        From 1.
    successes, trials : ndarray of int, shape (n_looks,)
        Up to and with the look.
    estimate : ndarray of float64, shape (n_looks,)
        Share so far; NaN while there are no trials.
    low, high : ndarray of float64, shape (n_looks,)
        All intervals hold the share together with probability at least `conf_level`.
    conf_level : float
        Time-uniform coverage.
    """

    look: IntArray
    successes: IntArray
    trials: IntArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a look."""
        return result_frame(self)


def confidence_sequence(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    method: SequenceMethod = "beta-binomial",
    prior: tuple[float, float] = (0.5, 0.5),
    running: bool = False,
    conf_level: float = 0.95,
) -> ConfidenceSequence:
    r"""Confidence sequence of a share: stop looking whenever you like.

    ``beta-binomial`` (Robbins' mixture): with S successes and F failures so far, the interval is
    the set of p at which

    .. math:: M_t(p) = \frac{B(a + S, b + F)}{B(a, b)\,p^S(1-p)^F} < \frac{1}{\alpha}.

    :math:`M_t(p)` is a martingale of mean 1 when p is the share of independent trials, so by
    Ville's inequality it ever reaches :math:`1/\alpha` with probability at most :math:`\alpha`.
    Every batch size and any number of looks are allowed, and the prior changes the width only:
    the interval is narrowest relative to a fixed-time one where the prior puts the share; with
    prior mean :math:`p` and strength :math:`a + b = s` that is at some multiple of s trials.

    ``betting`` (hedged capital): the share of each look, not each trial, is bet against, with
    predictable plug-in bets that lose at most half the capital.  It is valid for dependent
    trials inside a look (answers to one prompt, conversations of one user), as long as the
    expected share of a look, given those before, is p; looks of different sizes weigh the same.
    It needs many looks.

    Parameters
    ----------
    successes, trials : array_like of int, shape (n_looks,)
        Of each look (not running totals); a look may have no trials.
    method : {"beta-binomial", "betting"}, default "beta-binomial"
        As above.
    prior : tuple of float, default (0.5, 0.5)
        a and b of the mixture; for "betting" they set the first guess of the share's mean
        and variance, as :math:`a + b` imagined looks.
    running : bool, default False
        Intersect the interval with all before it: as valid, never wider with time, but empty
        (low above high) if the share drifts.
    conf_level : float, default 0.95
        Time-uniform coverage.

    Returns
    -------
    ConfidenceSequence

    Raises
    ------
    ValueError
        If a count is not whole or negative, ``successes > trials``, there is no look, shapes
        differ, or a prior parameter is not above zero.

    References
    ----------
    Robbins, H. (1970). *Annals of Mathematical Statistics* 41, 1397-1409.
    https://doi.org/10.1214/aoms/1177696786.
    Howard, S. R., Ramdas, A., McAuliffe, J. & Sekhon, J. (2021). *Annals of Statistics* 49,
    1055-1080. https://doi.org/10.1214/20-AOS1991.
    Waudby-Smith, I. & Ramdas, A. (2024). *JRSS B* 86, 1-27.
    https://doi.org/10.1093/jrsssb/qkad009.

    Examples
    --------
    >>> found = confidence_sequence([3, 5, 4], [100, 100, 100])
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.002, 0.009, 0.012], [0.123, 0.106, 0.092])
    """
    check_option("method", method, SequenceMethod)
    alpha = 1 - check_level(conf_level)
    s, n = checked_looks(successes, trials)
    a, b = checked_prior(prior)
    total, size = np.cumsum(s), np.cumsum(n)
    if method == "beta-binomial":
        low, high = _mixture_limits(total, size - total, a, b, alpha)
    else:
        low, high = _betting_limits(s, n, a, b, alpha)
    if running:
        low, high = np.maximum.accumulate(low), np.minimum.accumulate(high)
    look = np.arange(1, s.size + 1)
    return ConfidenceSequence(look, total, size, divide(total, size), low, high, conf_level)


def checked_looks(
    successes: ArrayLike, trials: ArrayLike, name: str = ""
) -> tuple[IntArray, IntArray]:
    """Check the counts of each look.

    Parameters
    ----------
    successes, trials : array_like of int, shape (n_looks,)
        Of each look.
    name : str, default ""
        What the names of the arguments begin with, for messages.

    Returns
    -------
    tuple of ndarray of int64

    Raises
    ------
    ValueError
        If they are not counts of one axis and length, or ``successes > trials``.

    Examples
    --------
    >>> checked_looks([2], [1])
    Traceback (most recent call last):
        ...
    ValueError: successes[0] = 2: must not exceed trials
    """
    s, n = as_counts(f"{name}successes", successes), as_counts(f"{name}trials", trials)
    if s.ndim != 1 or s.shape != n.shape or not s.size:
        raise ValueError(
            f"{name}trials: shape {n.shape} does not fit {name}successes of shape {s.shape}; "
            "one axis with a look or more is needed"
        )
    refuse(s > n, f"{name}successes", "must not exceed trials", s)
    return s, n


def checked_prior(prior: tuple[float, float]) -> tuple[float, float]:
    """Beta parameters above zero.

    Parameters
    ----------
    prior : tuple of float
        a and b.

    Returns
    -------
    tuple of float

    Raises
    ------
    ValueError
        If there are not two, or one is not above zero.

    Examples
    --------
    >>> checked_prior((1, 1))
    (1.0, 1.0)
    """
    pair = as_amounts("prior", prior)
    if pair.shape != (2,):
        raise ValueError(f"prior: {pair.size} numbers; two are needed")
    refuse(pair == 0, "prior", "must be above zero", pair)
    return float(pair[0]), float(pair[1])


def _mixture_limits(
    s: IntArray, f: IntArray, a: float, b: float, alpha: float
) -> tuple[FloatArray, FloatArray]:
    """Roots of the log mixture ratio on either side of the observed share."""
    bound = special.betaln(a + s, b + f) - special.betaln(a, b) + np.log(alpha)
    centre = np.where(s + f > 0, s / np.maximum(s + f, 1), 0.5)
    zero, one = np.zeros(s.shape), np.ones(s.shape)

    def ratio(x: FloatArray, active: BoolArray) -> FloatArray:
        hits, misses = s[active], f[active]
        with np.errstate(divide="ignore"):
            log_p = special.xlogy(hits, x) + special.xlog1py(misses, -x)
        return np.asarray(np.maximum(bound[active] - log_p, np.finfo(float).min))

    low = bracketed_root(ratio, zero, centre)
    high = bracketed_root(ratio, centre, one)
    return np.where(s == 0, 0.0, low), np.where(f == 0, 1.0, high)


def _betting_limits(
    s: IntArray, n: IntArray, a: float, b: float, alpha: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of the hedged capital after every look."""
    share = np.where(n > 0, s / np.maximum(n, 1), 0.0)
    bet = np.where(n > 0, _bets(share, n > 0, a, b, alpha), 0.0)
    low, high = np.zeros(s.shape), np.ones(s.shape)
    for start in range(0, s.size, LOOKS_AT_ONCE):
        looks = np.arange(start, min(start + LOOKS_AT_ONCE, s.size))
        low[looks] = _capital_root(share, bet, looks, alpha)
        high[looks] = 1 - _capital_root(1 - share, bet, looks, alpha)
    return low, high


def _bets(share: FloatArray, used: BoolArray, a: float, b: float, alpha: float) -> FloatArray:
    """Predictable plug-in bets, from the mean and variance of the looks before."""
    order = np.cumsum(used)
    guess = a / (a + b)
    mean = (a + np.cumsum(share * used)) / (a + b + order)
    squares = np.cumsum(used * (share - mean) ** 2)
    variance = ((a + b) * guess * (1 - guess) + squares) / (a + b + order)
    before = np.concatenate([[guess * (1 - guess)], variance[:-1]])
    pace = np.maximum(order, 1)
    return np.asarray(np.sqrt(2 * np.log(2 / alpha) / (before * pace * np.log1p(pace))))


def _capital_root(share: FloatArray, bet: FloatArray, looks: IntArray, alpha: float) -> FloatArray:
    """Smallest mean not refuted by half the capital, bet on larger shares, at each look."""
    upto = np.arange(share.size) <= looks[:, None]
    upto = upto[:, : int(looks[-1]) + 1]
    x, stake = share[: int(looks[-1]) + 1], bet[: int(looks[-1]) + 1]

    def capital(p: FloatArray, active: BoolArray) -> FloatArray:
        middle = p[:, None]
        wager = np.minimum(stake, LARGEST_BET / np.maximum(middle, np.finfo(float).tiny))
        growth = np.log1p(wager * (x - middle))
        return np.asarray(np.sum(np.where(upto[active], growth, 0.0), axis=1) + np.log(alpha / 2))

    zero = np.zeros(looks.size)
    everywhere = np.ones(looks.size, dtype=np.bool_)
    root = bracketed_root(capital, zero, np.ones(looks.size))
    return np.asarray(np.where(capital(zero, everywhere) <= 0, 0.0, root))
