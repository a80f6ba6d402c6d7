"""Checks of arguments that several statistics share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_floats, as_numbers, refuse


def whole_number(name: str, value: object, *, least: int) -> int:
    """Return a whole number that is large enough.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    value : int
        A size, a number of replicates, a seed.
    least : int
        Smallest value allowed.

    Returns
    -------
    int
        `value`, unchanged.

    Raises
    ------
    ValueError
        If it is not a whole number, or too small.

    Examples
    --------
    >>> whole_number("n_boot", 1000, least=1)
    1000
    """
    if not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} = {value}: must be a whole number, at least {least}")
    return int(value)


def share(name: str, value: object) -> float:
    """Return a number from 0 to 1.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    value : float
        A share or a mixing weight.

    Returns
    -------
    float
        `value`, unchanged.

    Raises
    ------
    ValueError
        If it is outside [0, 1] or missing.

    Examples
    --------
    >>> share("rare", 0.02)
    0.02
    """
    if not isinstance(value, (int, float, np.number)) or not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} = {value}: must lie in [0, 1]")
    return float(value)


def as_weights(name: str, values: ArrayLike, n: int) -> FloatArray:
    """Weights above zero, one an observation, as float64.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like, shape (n,)
        Weights.
    n : int
        Observations there are.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ValueError
        If the length differs, or a weight is missing, infinite or not above zero.

    Examples
    --------
    >>> as_weights("weight", [1, 2.5], 2)
    array([1. , 2.5])
    """
    array = as_numbers(name, values)
    if array.shape != (n,):
        raise ValueError(f"{name}: shape {array.shape} is not one weight for each of {n} rows")
    refuse(array <= 0, name, "must be above zero", array)
    return array


def as_indicators(name: str, values: ArrayLike) -> FloatArray:
    """Zeros and ones as float64, one row an observation and one column a quantity.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like of 0/1, shape (n,) or (n, m)
        Numbers or booleans.

    Returns
    -------
    ndarray of float64, shape (n, 1) or (n, m)

    Raises
    ------
    ValueError
        If an axis is empty, there are more than two, or an entry is neither 0 nor 1.

    Examples
    --------
    >>> as_indicators("outcome", [True, False]).tolist()
    [[1.0], [0.0]]
    """
    array = as_floats(name, values)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape} is not observations, or observations by m")
    refuse((array != 0) & (array != 1), name, "must be 0 or 1", array)
    return array[:, None] if array.ndim == 1 else array


def common_shape(**arrays: FloatArray) -> tuple[FloatArray, ...]:
    """Broadcast named arrays against each other.

    Parameters
    ----------
    **arrays : ndarray
        The arrays, by argument name.

    Returns
    -------
    tuple of ndarray
        In the order given, all of one shape.

    Raises
    ------
    ValueError
        If the shapes do not fit; every argument is named with its shape.

    Examples
    --------
    >>> common_shape(k=np.ones(2), n=np.ones(3))
    Traceback (most recent call last):
        ...
    ValueError: k (2,), n (3,): shapes do not fit each other
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"{shapes}: shapes do not fit each other") from None
