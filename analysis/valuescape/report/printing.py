"""Numbers as the paper prints them."""

from __future__ import annotations

import math
from collections.abc import Iterable

NARROW = "\u202f"
MINUS = "\u2212"
DASH = "\u2013"
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def count(n: float) -> str:
    """Print a whole number with commas.

    Examples
    --------
    >>> count(33705)
    '33,705'
    """
    return f"{round(n):,}"


def percent(share: float, decimals: int = 1) -> str:
    r"""Print a share as a percentage.

    Examples
    --------
    >>> percent(0.28249)
    '28.2\u202f%'
    """
    return f"{_signed(100 * share, decimals)}{NARROW}%"


def percent_range(low: float, high: float, decimals: int = 1) -> str:
    r"""Print two shares as a range of percentages, or as one where they print alike.

    Examples
    --------
    >>> percent_range(0.215, 0.336, 0)
    '22 to 34\u202f%'
    >>> percent_range(0.0, 0.004, 0)
    '0\u202f%'
    """
    ends = [_signed(100 * share, decimals) for share in (low, high)]
    return f"{' to '.join(dict.fromkeys(ends))}{NARROW}%"


def ratio(value: float) -> str:
    """Print a ratio to two significant digits, one decimal from 10 on being dropped.

    Examples
    --------
    >>> ratio(16.72), ratio(3.39), ratio(0.0461), ratio(math.inf)
    ('17', '3.4', '0.05', '∞')
    """
    if math.isinf(value):
        return "∞"
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def ratio_range(low: float, high: float) -> str:
    """Print the limits of a ratio.

    Examples
    --------
    >>> ratio_range(3.84, math.inf)
    '3.8 to ∞'
    """
    return f"{ratio(low)} to {ratio(high)}"


def decimal(value: float, decimals: int = 2) -> str:
    """Print a coefficient with a fixed number of decimals.

    Examples
    --------
    >>> decimal(-0.714)
    '−0.71'
    """
    return _signed(value, decimals)


def probability(log10_p: float) -> str:
    """Print a p- or q-value given on the log10 scale.

    Examples
    --------
    >>> probability(-15.007), probability(-2.24), probability(-0.1)
    ('10⁻¹⁵', '0.006', '0.79')
    """
    if log10_p < -4:
        return "10" + str(round(log10_p)).translate(_SUPERSCRIPT)
    value = 10.0**log10_p
    return f"{value:.2f}" if value >= 0.01 else f"{value:.1g}"


def listing(items: Iterable[str]) -> str:
    """Join names as a list in a sentence.

    Examples
    --------
    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    names = list(items)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _signed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    zero = float(text) == 0
    return text.lstrip("-") if zero else text.replace("-", MINUS)
