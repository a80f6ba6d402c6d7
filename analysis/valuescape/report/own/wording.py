"""Numbers in words: shares and ratios with their intervals."""

from __future__ import annotations

import math

import pandas as pd

from valuescape.report import style

SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float) -> str:
    """Print a share in per cent with two or three digits.

    Examples
    --------
    >>> [percent(x).replace(SPACE, " ") for x in (0.3067, 0.0432, 0.00123, 0.0997)]
    ['31 %', '4.3 %', '0.12 %', '10 %']
    """
    per_cent = 100 * share
    digits = 0 if per_cent >= 9.95 else 1 if per_cent >= 0.995 else 2
    return f"{per_cent:.{digits}f}{SPACE}%"


def share(row: pd.Series) -> str:
    """Print a share with its interval.

    Examples
    --------
    >>> share(pd.Series({"estimate": 0.307, "ci_low": 0.272, "ci_high": 0.344})).replace(SPACE, " ")
    '31 % (95 % interval 27 to 34)'
    """
    return f"{percent(row['estimate'])} (95{SPACE}% interval {span(row)})"


def span(row: pd.Series) -> str:
    """Print an interval of a share in per cent, without the sign.

    Examples
    --------
    >>> span(pd.Series({"ci_low": 0.272, "ci_high": 0.344}))
    '27 to 34'
    """
    return f"{percent(row['ci_low'])[:-2]} to {percent(row['ci_high'])[:-2]}"


def times(ratio: float) -> str:
    """Print a ratio with two digits.

    Examples
    --------
    >>> times(27.98), times(9.32), times(0.214), times(float("inf"))
    ('28', '9.3', '0.21', '∞')
    """
    if not math.isfinite(ratio):
        return "∞"
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def p_like(q: float) -> str:
    """Print a q-value.

    Examples
    --------
    >>> p_like(0.0342), p_like(1e-9)
    ('0.034', '< 0.001')
    """
    return "< 0.001" if q < 0.001 else f"{q:.2f}" if q >= 0.095 else f"{q:.3f}"


def context(kind: str, name: str) -> str:
    """Print the name of a context.

    Examples
    --------
    >>> context("task_type", "about_ai"), context("assistant", "my-model")
    ('About AI', 'my-model')
    """
    names = {
        "task_type": style.TASK_TYPE_NAMES,
        "response_type": style.RESPONSE_TYPE_NAMES,
        "stance": style.STANCE_NAMES,
    }
    return names.get(kind, {}).get(name, name)


def inside(kind: str, name: str) -> str:
    """Print the name of a context as it stands inside a sentence.

    Examples
    --------
    >>> inside("task_type", "about_ai"), inside("response_type", "mild_support")
    ('about AI', 'mild support')
    """
    printed = context(kind, name)
    return printed if kind == "assistant" else f"{printed[0].lower()}{printed[1:]}"


def listed(words: list[str]) -> str:
    """Join words with commas and an *and*.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
