"""Maximum-likelihood shares of two groups whose difference or odds ratio is given."""

from __future__ import annotations

import numpy as np

from valuescape.statistics.arrays import FloatArray, divide

NEWTON_STEPS = 6

Cells = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Successes and trials of the first share, then of the second; one-dimensional."""


def odds_share(
    log_ratio: FloatArray, m1: FloatArray, m2: FloatArray, total: FloatArray
) -> FloatArray:
    """Maximum-likelihood second share at a given odds ratio, from the root without cancellation.

    Parameters
    ----------
    log_ratio : ndarray
        Log odds ratio of the first share to the second.
    m1, m2 : ndarray
        Trials.
    total : ndarray
        Successes of both.

    Returns
    -------
    ndarray of float64
        Within [0, 1].

    Examples
    --------
    >>> ones = np.ones(1)
    >>> odds_share(np.log(4 * ones), 10 * ones, 10 * ones, 10 * ones).round(4).tolist()
    [0.3333]
    """
    excess = np.expm1(log_ratio)
    linear = m1 * np.exp(log_ratio) + m2 - total * excess
    root = np.sqrt(np.maximum(linear**2 + 4 * m2 * excess * total, 0.0))
    stable = linear >= 0
    direct = 2 * total / np.where(stable, linear + root, 1.0)
    mirrored = (root - linear) / np.where(stable, 1.0, 2 * m2 * excess)
    return np.clip(np.where(stable, direct, mirrored), 0.0, 1.0)


def restricted_share(difference: FloatArray, cells: Cells) -> FloatArray:
    """Maximum-likelihood second share when the first is `difference` larger.

    The trigonometric root of the cubic of Miettinen and Nurminen loses digits for small shares;
    safeguarded Newton steps on the log-likelihood's derivative restore them.

    Parameters
    ----------
    difference : ndarray, shape (n,)
        First share less the second.
    cells : tuple of ndarray, each shape (n,)
        Successes and trials of both.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> cells = tuple(np.array([count]) for count in (6.0, 10.0, 2.0, 10.0))
    >>> restricted_share(np.zeros(1), cells).round(4).tolist()
    [0.4]
    """
    low = np.maximum(0.0, -difference)
    high = np.minimum(1.0, 1.0 - difference)
    p = np.clip(_cubic_root(difference, cells), low, high)
    for _ in range(NEWTON_STEPS):
        slope, curvature = _likelihood_slope(p, difference, cells)
        usable = np.isfinite(slope) & (curvature > 0)
        step = np.where(usable, slope / np.where(usable, curvature, 1.0), 0.0)
        moved = p + step
        moved = np.where(moved <= low, (p + low) / 2, moved)
        p = np.where(moved >= high, (p + high) / 2, moved)
    return p


def _likelihood_slope(
    p: FloatArray, difference: FloatArray, cells: Cells
) -> tuple[FloatArray, FloatArray]:
    """First derivative of the log-likelihood in `p`, and minus the second."""
    x1, m1, x2, m2 = cells
    slope = np.zeros_like(p)
    curvature = np.zeros_like(p)
    terms = (
        (x1, p + difference, 1.0),
        (m1 - x1, 1 - p - difference, -1.0),
        (x2, p, 1.0),
        (m2 - x2, 1 - p, -1.0),
    )
    for count, share, sign in terms:
        quotient = np.where(count > 0, divide(count, share), 0.0)
        with np.errstate(invalid="ignore"):
            slope += sign * quotient
        curvature += np.where(count > 0, divide(quotient, share), 0.0)
    return slope, curvature


def _cubic_root(difference: FloatArray, cells: Cells) -> FloatArray:
    """Closed-form root of the restricted likelihood equation (Miettinen & Nurminen 1985)."""
    x1, m1, x2, m2 = cells
    total = m1 + m2
    successes = x1 + x2
    l2 = ((m1 + 2 * m2) * difference - total - successes) / total
    l1 = ((m2 * difference - total - 2 * x2) * difference + successes) / total
    l0 = x2 * difference * (1 - difference) / total
    q = l2**3 / 27 - l1 * l2 / 6 + l0 / 2
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum(l2**2 / 9 - l1 / 3, 0.0))
    cosine = np.clip(q / np.where(p == 0, 1.0, p**3), -1.0, 1.0)
    angle = (np.pi + np.arccos(np.where(p == 0, 0.0, cosine))) / 3
    return np.asarray(2 * p * np.cos(angle) - l2 / 3)
