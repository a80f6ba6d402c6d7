"""Latent directions: which hashed n-grams go together, learnt from texts without any label.

The leading right singular vectors of the texts' features (latent semantic analysis, Deerwester et
al. 1990, doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9) place a conversation
near others that speak of the same things in other words.  A Gaussian kernel on those places lets
heads bend where heads on n-grams alone are flat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from valuescape.labelling.products import by_row

Array = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

DIRECTIONS = 60
TEXTS = 8000
FORM_SHARE = 0.7
POINT_STEPS = 127
_AXIS_STEPS = 2.0
_OVERSAMPLING = 20
_POWER_ITERATIONS = 2
_SEED = 0


@dataclass(frozen=True, slots=True)
class Latent:
    """Directions in the space of hashed n-grams.

    Attributes
    ----------
    axes : ndarray of int8, shape (n_buckets, q)
        Weight of each bucket in each direction, in steps of ``step``.
    step : ndarray of float32, shape (q,)
        Size of one step.
    centre : ndarray of float32, shape (q,)
        Mean of the texts along each direction.
    size : ndarray of float32, shape (1,)
        Root mean square distance of the texts from their mean.
    """

    axes: npt.NDArray[np.int8]
    step: Array
    centre: Array
    size: Array


def thinned(rows: Index) -> Index:
    """Return evenly spaced rows, as many as directions are learnt from.

    Examples
    --------
    >>> len(thinned(np.arange(20_000))), thinned(np.arange(3)).tolist()
    (8000, [0, 1, 2])
    """
    n = min(len(rows), TEXTS)
    return rows[np.arange(n) * len(rows) // max(n, 1)]


def fit_latent(features: sparse.csr_matrix) -> Latent:
    """Find the leading directions of texts.

    Parameters
    ----------
    features : csr_matrix of float32, shape (n, n_buckets)
        Scaled families of n texts; n is at least 1.

    Returns
    -------
    Latent
        At most :data:`DIRECTIONS` directions by randomised range finding with a fixed seed (Halko,
        Martinsson & Tropp 2011, doi:10.1137/090771806), in steps of half of each one's root mean
        square.
    """
    from sklearn.utils.extmath import randomized_svd

    _, _, axes = randomized_svd(
        features,
        min(DIRECTIONS, features.shape[0]),
        n_oversamples=_OVERSAMPLING,
        n_iter=_POWER_ITERATIONS,
        random_state=_SEED,
    )
    step = (np.sqrt((axes.astype(float) ** 2).mean(axis=1)) / _AXIS_STEPS).astype(np.float32)
    stepped = np.clip(np.rint(axes.T / step), -127, 127).astype(np.int8)
    places = features @ stepped.astype(np.float32) * step
    centre = places.mean(axis=0, dtype=float).astype(np.float32)
    spread = np.sqrt(((places - centre).astype(float) ** 2).sum(axis=1).mean())
    size = np.array([spread if spread > 0 else 1.0], dtype=np.float32)
    return Latent(stepped, step, centre, size)


def latent_points(features: sparse.csr_matrix, form: Array, latent: Latent) -> Array:
    """Place conversations on the unit sphere of latent directions and measures of form.

    Parameters
    ----------
    features : csr_matrix of float32, shape (n, n_buckets)
        Scaled families.
    form : ndarray of float32, shape (n, len(FORM))
        Scaled measures of form.
    latent : Latent
        The directions.

    Returns
    -------
    ndarray of float32, shape (n, q + len(FORM))
        Rows of unit length.
    """
    places = features @ latent.axes.astype(np.float32) * latent.step
    joined = np.hstack([(places - latent.centre) / latent.size, FORM_SHARE * form])
    length = np.sqrt((joined.astype(float) ** 2).sum(axis=1))
    points: Array = (joined / np.where(length > 0, length, 1.0)[:, None]).astype(np.float32)
    return points


def stepped_points(points: Array) -> npt.NDArray[np.int8]:
    """Return points in steps of 1 / :data:`POINT_STEPS`."""
    return np.rint(points * POINT_STEPS).astype(np.int8)


def closeness(points: Array, known: npt.NDArray[np.int8]) -> Array:
    """Return exp(-distance²) of points from known ones, a row whatever the other rows are.

    Parameters
    ----------
    points : ndarray of float32, shape (n, d)
        On the unit sphere.
    known : ndarray of int8, shape (m, d)
        As :func:`stepped_points` gives them.

    Returns
    -------
    ndarray of float32, shape (n, m)
        exp(2 (a · b - 1)): 1 where they coincide.

    Examples
    --------
    >>> points = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    >>> closeness(points, stepped_points(points)).round(3).tolist()
    [[1.0, 0.13500000536441803], [0.13500000536441803, 1.0]]
    """
    cosine = by_row(points, known.T.astype(np.float32)) / np.float32(POINT_STEPS)
    found: Array = np.exp(2.0 * (cosine - 1.0), dtype=np.float32)
    return found
