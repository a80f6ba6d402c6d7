"""Rotation, alignment and comparison of loadings."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from valuescape.statistics.arrays import FloatArray, as_numbers

_GAIN, _STEPS = 1e-13, 1000
_TOLERANCE, _SWEEPS = 1e-7, 200


def varimax(loadings: ArrayLike, *, normalise: bool = True) -> FloatArray:
    r"""Orthogonal rotation that makes squared loadings of each axis vary most.

    Maximises :math:`\sum_k [\,p^{-1}\sum_j b_{jk}^4 - (p^{-1}\sum_j b_{jk}^2)^2\,]`, b being the
    rotated loadings: by repeated polar decomposition, as long as it gains, and then by turning one
    pair of axes after another by the best angle until none moves.

    Parameters
    ----------
    loadings : array_like, shape (n_variables, n_axes)
        Loadings before rotation.
    normalise : bool, default True
        Whether rows are scaled to length one while the rotation is sought (Kaiser's weights), so
        that variables count alike however much of them the axes explain.

    Returns
    -------
    ndarray, shape (n_axes, n_axes)
        Orthogonal matrix T: the rotated loadings are ``loadings @ T``.

    Raises
    ------
    ValueError
        If an entry is not finite, or there are more axes than variables.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    *Psychometrika* 23, 187-200. https://doi.org/10.1007/BF02289233

    Examples
    --------
    Two clean axes, turned by a sixth of a circle, are turned back:

    >>> clean = np.array([[0.8, 0], [0.7, 0], [0, 0.6], [0, 0.9]])
    >>> c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    >>> turned = clean @ np.array([[c, -s], [s, c]])
    >>> np.abs(turned @ varimax(turned)).round(3).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.9]]
    """
    given = _matrix("loadings", loadings)
    n, k = given.shape
    if k > n:
        raise ValueError(f"loadings: {k} axes of {n} variables; at most as many are allowed")
    turn: FloatArray = np.eye(k)
    if k == 1:
        return turn
    length = np.sqrt(np.sum(given**2, axis=1, keepdims=True))
    b = given / np.where(length > 0, length, 1.0) if normalise else given
    turn = _polar(b)
    b = b @ turn
    for _ in range(_SWEEPS):
        moved = 0.0
        for first, second in combinations(range(k), 2):
            angle = _best_angle(b[:, first], b[:, second])
            moved = max(moved, abs(angle))
            plane = _plane(angle)
            b[:, [first, second]] = b[:, [first, second]] @ plane
            turn[:, [first, second]] = turn[:, [first, second]] @ plane
        if moved < _TOLERANCE:
            break
    return turn


def _polar(b: FloatArray) -> FloatArray:
    """Turn all axes at once; cheap, but it may stop or swing back and forth short of the best."""
    turn: FloatArray = np.eye(b.shape[1])
    reached = 0.0
    for _ in range(_STEPS):
        rotated = b @ turn
        pull = b.T @ (rotated**3 - rotated * np.mean(rotated**2, axis=0))
        left, strength, right = np.linalg.svd(pull)
        if strength.sum() <= reached * (1.0 + _GAIN):
            break
        turn, reached = left @ right, float(strength.sum())
    return turn


def _best_angle(x: FloatArray, y: FloatArray) -> float:
    """Angle of the rotation of two axes with the largest criterion (Kaiser 1958, eq. 17)."""
    u, v = x**2 - y**2, 2.0 * x * y
    top = 2.0 * np.sum(u * v) - 2.0 * u.sum() * v.sum() / x.size
    base = np.sum(u**2 - v**2) - (u.sum() ** 2 - v.sum() ** 2) / x.size
    flat = np.hypot(top, base) <= 1e-14 * np.sum((x**2 + y**2) ** 2)
    return 0.0 if flat else float(np.arctan2(top, base) / 4.0)


def _plane(angle: float) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


def oriented(loadings: FloatArray, turn: FloatArray) -> FloatArray:
    """Order rotated axes by what they explain and let the largest loading of each be positive.

    Parameters
    ----------
    loadings : ndarray, shape (n_variables, n_axes)
        Loadings before rotation.
    turn : ndarray, shape (n_axes, n_axes)
        Rotation.

    Returns
    -------
    ndarray, shape (n_axes, n_axes)
        The rotation with its columns ordered and signed; equal axes keep their order.

    Examples
    --------
    >>> oriented(np.array([[0.1, -0.9], [0.2, 0.0]]), np.eye(2)).tolist()
    [[0.0, 1.0], [-1.0, 0.0]]
    """
    rotated = loadings @ turn
    order = np.argsort(-np.sum(rotated**2, axis=0), kind="stable")
    rotated, turn = rotated[:, order], turn[:, order]
    largest = rotated[np.argmax(np.abs(rotated), axis=0), np.arange(turn.shape[1])]
    return np.asarray(turn * np.where(largest < 0, -1.0, 1.0) + 0.0)


def procrustes(loadings: ArrayLike, target: ArrayLike) -> FloatArray:
    """Orthogonal rotation that brings loadings closest to a target by least squares.

    Parameters
    ----------
    loadings, target : array_like, shape (n_variables, n_axes)
        Loadings of the same variables and as many axes.

    Returns
    -------
    ndarray, shape (n_axes, n_axes)
        Orthogonal T for which ``loadings @ T`` is nearest `target`.

    Raises
    ------
    ValueError
        If shapes differ or an entry is not finite.

    References
    ----------
    Schonemann, P. H. (1966). A generalized solution of the orthogonal Procrustes problem.
    *Psychometrika* 31, 1-10. https://doi.org/10.1007/BF02289451

    Examples
    --------
    >>> target = np.array([[1.0, 0], [0, 2], [1, 1]])
    >>> turned = target @ np.array([[0.0, 1], [-1, 0]])
    >>> bool(np.allclose(turned @ procrustes(turned, target), target))
    True
    """
    given, wanted = _pair(loadings, target)
    left, _, right = np.linalg.svd(given.T @ wanted)
    return np.asarray(left @ right)


def tucker_congruence(first: ArrayLike, second: ArrayLike) -> FloatArray:
    r"""Congruence of every axis of one solution with every axis of another.

    :math:`\phi_{jk} = \sum_i a_{ij} b_{ik} / \sqrt{\sum_i a_{ij}^2 \sum_i b_{ik}^2}`: .85 to .94 is
    usually called fair, above that the axes are taken for the same.

    Parameters
    ----------
    first, second : array_like, shape (n_variables, n_axes) each
        Loadings of the same variables; numbers of axes may differ.

    Returns
    -------
    ndarray, shape (n_axes_first, n_axes_second)
        Between -1 and 1; 0 where an axis has no loading at all.

    Raises
    ------
    ValueError
        If the variables differ in number or an entry is not finite.

    References
    ----------
    Lorenzo-Seva, U. & ten Berge, J. M. F. (2006). Tucker's congruence coefficient as a meaningful
    index of factor similarity. *Methodology* 2, 57-64. https://doi.org/10.1027/1614-2241.2.2.57

    Examples
    --------
    >>> tucker_congruence([[1.0, 0], [1, 1]], [[2.0], [2]]).round(3).tolist()
    [[1.0], [0.707]]
    """
    a, b = _matrix("first", first), _matrix("second", second)
    if len(a) != len(b):
        raise ValueError(f"second: {len(b)} variables; first has {len(a)}")
    lengths = [np.sqrt(np.sum(m**2, axis=0)) for m in (a, b)]
    scaled = [m / np.where(n > 0, n, 1.0) for m, n in zip((a, b), lengths, strict=True)]
    return np.clip(scaled[0].T @ scaled[1], -1.0, 1.0)


def matched(loadings: ArrayLike, target: ArrayLike) -> FloatArray:
    """Order and sign axes so that each stands where its partner in a target stands.

    Partners are chosen so that the sum of the congruences, signs ignored, is largest; no axis has
    two. Nothing is rotated.

    Parameters
    ----------
    loadings, target : array_like, shape (n_variables, n_axes)
        Loadings of the same variables and as many axes.

    Returns
    -------
    ndarray, shape (n_variables, n_axes)
        The columns of `loadings`.

    Raises
    ------
    ValueError
        If shapes differ or an entry is not finite.

    Examples
    --------
    >>> axes = np.array([[1.0, 0], [0, 1], [0, 1]])
    >>> matched(-axes[:, ::-1], axes).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    given, wanted = _pair(loadings, target)
    found = tucker_congruence(wanted, given)
    rows, columns = linear_sum_assignment(-np.abs(found))
    return np.asarray(given[:, columns] * np.where(found[rows, columns] < 0, -1.0, 1.0) + 0.0)


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    a, b = _matrix("first", first), _matrix("second", second)
    if a.shape != b.shape:
        raise ValueError(f"second: shape {b.shape}; first has {a.shape}")
    return a, b


def _matrix(name: str, values: ArrayLike) -> NDArray[np.float64]:
    found = as_numbers(name, values)
    if found.ndim != 2 or found.size == 0:
        raise ValueError(f"{name}: shape {found.shape}; a matrix with rows and columns is needed")
    return found
