"""Vocabularies of the options that the statistics accept, written once."""

from typing import Literal, TypeAlias, cast, get_args

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]
"""Direction of a one-cell test: ``greater`` asks whether the cell is enriched."""

AdjustMethod: TypeAlias = Literal["bonferroni", "holm", "hochberg", "bh", "by"]
"""Multiplicity adjustment of a family of p-values."""

ContrastScale: TypeAlias = Literal["difference", "odds_ratio"]
"""Scale of a Miettinen-Nurminen interval."""

LogOddsVariance: TypeAlias = Literal["full", "approximate"]
"""Four-term variance (Monroe et al. 2008, eq. 19) or its two-term shortening (eq. 20)."""

PriorModel: TypeAlias = Literal["dirichlet-multinomial", "beta-binomial"]
"""Marginal likelihood that sets the prior strength: values compete, or are ticked freely."""

PublishedTotals: TypeAlias = Literal["both", "columns", "rows"]
"""Sums published with a table: of rows and columns, of each column, or of each row."""


def check_option(name: str, value: str, allowed: object) -> str:
    """Return `value` if the Literal `allowed` lists it.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    value : str
        What the caller passed.
    allowed : Literal alias
        One of the aliases of this module.

    Returns
    -------
    str
        `value`, unchanged.

    Raises
    ------
    ValueError
        If `value` is not among the members of `allowed`.

    Examples
    --------
    >>> check_option("method", "bh", AdjustMethod)
    'bh'
    """
    members = cast("tuple[str, ...]", get_args(allowed))
    if value not in members:
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(members)}")
    return value
