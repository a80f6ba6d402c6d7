"""Vocabularies of the options that the statistics accept, written once."""

from typing import Literal, TypeAlias, cast, get_args

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]
"""Direction of a one-cell test: ``greater`` asks whether the cell is enriched."""

AdjustMethod: TypeAlias = Literal["bonferroni", "holm", "hochberg", "bh", "by"]
"""Multiplicity adjustment of a family of p-values."""

CellStatistic: TypeAlias = Literal["count", "prevalence", "risk_difference"]
"""What is bootstrapped in each cell."""

ContrastScale: TypeAlias = Literal["difference", "odds_ratio"]
"""Scale of a Miettinen-Nurminen interval."""

CorrectedScale: TypeAlias = Literal["difference", "ratio", "log_odds"]
"""Difference or ratio of two corrected shares, or difference of their log odds."""

Inference: TypeAlias = Literal["frame", "superpopulation"]
"""Whether coefficients describe the frame at hand or the process that its clusters came from."""

LogOddsVariance: TypeAlias = Literal["full", "approximate"]
"""Four-term variance (Monroe et al. 2008, eq. 19) or its two-term shortening (eq. 20)."""

MissingCells: TypeAlias = Literal["refuse", "drop"]
"""What to do where an arm has no observation in a stratum of the target."""

PairedMethod: TypeAlias = Literal["cmh", "conditional_logit"]
"""Odds ratio of Mantel and Haenszel, or of the conditional likelihood."""

PriorModel: TypeAlias = Literal["dirichlet-multinomial", "beta-binomial"]
"""Marginal likelihood that sets the prior strength: values compete, or are ticked freely."""

PublishedTotals: TypeAlias = Literal["both", "columns", "rows"]
"""Sums published with a table: of rows and columns, of each column, or of each row."""

RankCoverage: TypeAlias = Literal["simultaneous", "marginal"]
"""Whether the level holds for all values of a context at once, or for each by itself."""

SequenceMethod: TypeAlias = Literal["beta-binomial", "betting"]
"""Mixture likelihood of independent trials, or hedged capital against the share of each look."""

TraceSquares: TypeAlias = Literal["plug-in", "cross"]
"""Trace of the squared covariance: that of the estimate, or its part between different clusters."""


def check_option(name: str, value: object, allowed: object) -> str:
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
    if not isinstance(value, str) or value not in members:
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(members)}")
    return value
