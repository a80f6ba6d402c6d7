"""How much of a label is the reader's habit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES

OPTIMISER_DECIMALS = 3


def reader_effects(frame: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Estimate the spread between readers of each response type, adjusted for what was read.

    A linear probability model with a random intercept per reader and fixed effects of stratum and
    task type, fitted by restricted maximum likelihood (statsmodels ``MixedLM``, Powell's method,
    which does not need the gradient that is singular at no spread), for each group and response
    type.  Readers were given conversations in random order, so what is left between
    them is habit.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations with ``group``, ``reader``, ``stratum``, ``task_type`` and
        ``response_type``.
    groups : sequence of str
        Groups to look at.

    Returns
    -------
    DataFrame
        ``group``, ``response_type``, ``sd`` (between readers, in shares), ``share_of_variance``
        (of the response type's variance left by stratum and task type), ``n``, ``n_readers``,
        ``method``.

    References
    ----------
    Lindstrom & Bates (1988), doi:10.1080/01621459.1988.10478693.
    """
    rows = []
    for group in groups:
        part = frame[frame["group"] == group]
        fixed = _fixed_effects(part)
        for response_type in RESPONSE_TYPES:
            outcome = (part["response_type"] == response_type).to_numpy(dtype=float)
            between, within = _variances(outcome, fixed, part["reader"].to_numpy(dtype=str))
            total = between + within
            rows.append(
                {
                    "group": group,
                    "response_type": response_type,
                    "sd": round(float(np.sqrt(between)), OPTIMISER_DECIMALS),
                    "share_of_variance": round(
                        between / total if total > 0 else 0.0, OPTIMISER_DECIMALS
                    ),
                    "n": len(part),
                    "n_readers": part["reader"].nunique(),
                    "method": "REML, random reader; stratum and task type fixed",
                }
            )
    return pd.DataFrame(rows)


def _fixed_effects(part: pd.DataFrame) -> np.ndarray:
    dummies = [
        pd.get_dummies(part[name].astype(str), drop_first=True, dtype=float)
        for name in ("stratum", "task_type")
    ]
    columns = [np.ones((len(part), 1)), *(d.to_numpy() for d in dummies)]
    return np.hstack(columns)


def _variances(outcome: np.ndarray, fixed: np.ndarray, reader: np.ndarray) -> tuple[float, float]:
    """Variance between readers and within them; no between where the fit is at its boundary."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    if outcome.min() == outcome.max():
        return 0.0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the boundary of no spread, which is an answer here
        fit = MixedLM(outcome, fixed, groups=reader).fit(reml=True, method="powell")
    return float(np.asarray(fit.cov_re)[0, 0]), float(fit.scale)
