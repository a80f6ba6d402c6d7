"""Moments of overdispersed shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray


def beta_binomial_moments(
    mean: ArrayLike, phi: ArrayLike, size: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    r"""Second to fourth central moment of a beta-binomial share.

    The share of m trials whose probability has a beta distribution of the given mean and variance
    :math:`\phi\mu(1-\mu)`; polynomials in 1/m, so m may be an effective number.

    Parameters
    ----------
    mean : array_like
        Mean, inside (0, 1).
    phi : array_like
        Intra-context correlation from 0 (binomial) to 1.
    size : array_like
        Trials m.

    Returns
    -------
    tuple of ndarray of float64
        Of the broadcast shape.

    References
    ----------
    Johnson, N. L., Kemp, A. W. & Kotz, S. (2005). *Univariate Discrete Distributions*, section
    6.9.2. https://doi.org/10.1002/0471715816

    Examples
    --------
    >>> [float(moment) for moment in beta_binomial_moments(0.5, 0.0, 1)]
    [0.25, 0.0, 0.0625]
    """
    mu, correlation, m = (np.asarray(a, dtype=np.float64) for a in (mean, phi, size))
    g, tilt = mu * (1 - mu), 1 - 2 * mu
    second = correlation * g
    third = 2 * g * tilt * correlation**2 / (1 + correlation)
    heavy = (tilt**2 - g * (1 + correlation)) / ((1 + correlation) * (1 + 2 * correlation))
    fourth = 3 * second**2 + 6 * correlation**3 * g * heavy
    bend = tilt**2 - 2 * g
    squared = g**2 + bend * second - 2 * tilt * third + fourth
    return (
        np.asarray((g - second) / m + second),
        (g * tilt - 3 * tilt * second + 2 * third) / m**2 + 3 * (tilt * second - third) / m + third,
        (3 * squared * (m - 2) + g - second) / m**3
        + 4 * (bend * second - 3 * tilt * third + 2 * fourth) / m**2
        + 6 * (g * second + tilt * third - fourth) / m
        + fourth,
    )
