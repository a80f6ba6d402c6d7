"""Array types, input checks and frames shared by the statistics."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

LARGEST_TOTAL = 3_000_000_000
"""Largest total for which a product of two counts fits a signed 64-bit integer."""


def refuse(bad: BoolArray, name: str, problem: str, values: ArrayLike | None = None) -> None:
    """Raise if any element is marked bad, naming the argument and the first index.

    Parameters
    ----------
    bad : ndarray of bool
        Marks the elements that are not allowed.
    name : str
        Argument name.
    problem : str
        What is wrong and what is allowed.
    values : array_like, optional
        The offending values, same shape as `bad`; the first is printed.

    Raises
    ------
    ValueError
        If any element of `bad` is true.

    Examples
    --------
    >>> refuse(np.array([False, True]), "k", "must not be negative", [1, -2])
    Traceback (most recent call last):
        ...
    ValueError: k[1] = -2: must not be negative
    """
    if not np.any(bad):
        return
    position = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    where = f"[{', '.join(str(int(i)) for i in position)}]" if position else ""
    shown = "" if values is None else f" = {np.asarray(values)[position]}"
    raise ValueError(f"{name}{where}{shown}: {problem}")


def as_counts(name: str, values: ArrayLike) -> IntArray:
    """Whole, non-negative counts as int64.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like
        Counts; floats are accepted when they are whole.

    Returns
    -------
    ndarray of int64
        Same shape as `values`.

    Raises
    ------
    ValueError
        If a value is missing, negative, not whole or above 3e9.

    Examples
    --------
    >>> as_counts("k", [1.0, 2.0])
    array([1, 2])
    """
    array = _rectangular(name, values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: counts must be numbers, not {array.dtype}")
    if array.dtype.kind == "f":
        refuse(~np.isfinite(array), name, "a count must be a finite number", array)
        refuse(array != np.floor(array), name, "a count must be a whole number", array)
    if array.size and not 0 <= array.min() <= array.max() <= LARGEST_TOTAL:
        refuse(array < 0, name, "a count must not be negative", array)
        refuse(array > LARGEST_TOTAL, name, f"a count must be at most {LARGEST_TOTAL:,}", array)
    return array.astype(np.int64)


def as_amounts(name: str, values: ArrayLike) -> FloatArray:
    """Finite, non-negative real numbers (weighted or effective counts) as float64.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like
        Amounts, whole or not.

    Returns
    -------
    ndarray of float64
        Same shape as `values`.

    Raises
    ------
    ValueError
        If a value is missing, infinite or negative.

    Examples
    --------
    >>> as_amounts("n", [0.5, 2])
    array([0.5, 2. ])
    """
    array = as_numbers(name, values)
    refuse(array < 0, name, "must not be negative", array)
    return array


def as_numbers(name: str, values: ArrayLike) -> FloatArray:
    """Finite real numbers as float64.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like
        Numbers of either sign.

    Returns
    -------
    ndarray of float64
        Same shape as `values`.

    Raises
    ------
    ValueError
        If a value is missing or infinite, or is not a number.

    Examples
    --------
    >>> as_numbers("effect", [-1, 2])
    array([-1.,  2.])
    """
    array = _rectangular(name, values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: must be numbers, not {array.dtype}")
    refuse(~np.isfinite(array), name, "must be a finite number", array)
    return array.astype(np.float64)


def as_floats(name: str, values: ArrayLike) -> FloatArray:
    """Real numbers as float64, of which some may be missing or infinite.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    values : array_like
        Numbers; None is read as NaN.

    Returns
    -------
    ndarray of float64
        Same shape as `values`.

    Raises
    ------
    ValueError
        If an entry is not a number, or rows differ in length.

    Examples
    --------
    >>> as_floats("log10_p", [-1, None])
    array([-1., nan])
    """
    array = _rectangular(name, values)
    if array.dtype.kind not in "biufO":
        raise ValueError(f"{name}: must be numbers, not {array.dtype}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: must be numbers ({error})") from None


def _rectangular(name: str, values: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}: rows differ in length") from None


def check_level(conf_level: float) -> float:
    """Return a confidence level that lies strictly between 0 and 1.

    Parameters
    ----------
    conf_level : float
        Coverage asked for, such as 0.95.

    Returns
    -------
    float
        `conf_level`, unchanged.

    Raises
    ------
    ValueError
        If it is not strictly between 0 and 1.

    Examples
    --------
    >>> check_level(0.95)
    0.95
    """
    return inside_unit("conf_level", conf_level)


def inside_unit(name: str, value: object) -> float:
    """Return a number that lies strictly between 0 and 1.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    value : float
        A level, power or share.

    Returns
    -------
    float
        `value`, unchanged.

    Raises
    ------
    ValueError
        If it is not strictly between 0 and 1.

    Examples
    --------
    >>> inside_unit("p0", 0.25)
    0.25
    """
    if not isinstance(value, (int, float, np.number)) or not 0.0 < value < 1.0:
        raise ValueError(f"{name} = {value}: must lie strictly between 0 and 1")
    return float(value)


def divide(numerator: ArrayLike, denominator: ArrayLike) -> FloatArray:
    """Elementwise quotient: a/0 is infinite for a > 0, and 0/0 is NaN, without warnings.

    Parameters
    ----------
    numerator, denominator : array_like
        Broadcast against each other.

    Returns
    -------
    ndarray of float64
        The quotient.

    Examples
    --------
    >>> divide([1.0, 1.0, 0.0], [2.0, 0.0, 0.0])
    array([0.5, inf, nan])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.asarray(numerator, dtype=np.float64) / np.asarray(denominator, dtype=np.float64)
        )


_LIMITS = {"low": "ci_low", "high": "ci_high"}


def result_frame(result: Any) -> pd.DataFrame:
    """One row an element from a result dataclass; scalars repeat.

    Parameters
    ----------
    result : dataclass instance
        Its fields are scalars or arrays of one common shape (raveled in C order). The interval of
        an `estimate` is called ``ci_low`` and ``ci_high`` in every table.

    Returns
    -------
    pandas.DataFrame
        One column a field.

    Examples
    --------
    >>> from valuescape.statistics.shares import wilson
    >>> result_frame(wilson([1, 2], 10)).round(3).to_dict("list")["ci_low"]
    [0.018, 0.057]
    """
    import pandas as pd

    columns = {field.name: getattr(result, field.name) for field in fields(result)}
    if "estimate" in columns:
        columns = {_LIMITS.get(name, name): value for name, value in columns.items()}
    sizes = [np.size(value) for value in columns.values() if isinstance(value, np.ndarray)]
    rows = max(sizes, default=1)
    return pd.DataFrame(
        {
            name: (np.ravel(value) if value.ndim else np.repeat(value, rows))
            if isinstance(value, np.ndarray)
            else [value] * rows
            for name, value in columns.items()
        }
    )
