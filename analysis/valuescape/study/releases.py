"""Successive releases of one assistant on the same prompts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import ndtri

from valuescape.errors import InputError
from valuescape.statistics.intervals import critical_value
from valuescape.statistics.multiplicity import adjust_p
from valuescape.study.comparison import COARSE, CONTRAST_KEY, ComparisonPlan

_MIRRORED = {
    "ci_low": "ci_high",
    "share_arm": "share_versus",
    "n_read_arm": "n_read_versus",
    "k_arm": "k_versus",
    "arm": "versus",
}


def release_contrasts(
    contrasts: pd.DataFrame, source: str, models: Sequence[str], plan: ComparisonPlan
) -> pd.DataFrame:
    r"""Contrast each release with the one before it, with what could have been detected.

    The family is the headings and response types of all neighbouring releases, by Holm. The minimum
    detectable difference is :math:`(t_{1-\alpha/2} + z_{\text{power}})\,SE`, with the error of the
    corrected difference and :math:`\alpha` that of Holm's first step, or that of a single test.

    Parameters
    ----------
    contrasts : DataFrame
        From :func:`~valuescape.study.comparison.corrected_contrasts`.
    source : str
        Source in which all releases answered.
    models : sequence of str
        Names of the releases in the source, the oldest first.
    plan : ComparisonPlan
        Levels and power.

    Returns
    -------
    DataFrame
        The contrasts, later release against earlier one, with ``step`` from 1, ``holm``,
        ``detectable_single``, ``detectable`` and ``established``.

    Raises
    ------
    InputError
        If two neighbouring releases have no corrected contrast.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal
    of Statistics* 6, 65-70. https://www.jstor.org/stable/4615733
    """
    here = contrasts[(contrasts["source"] == source) & contrasts["quantity"].isin(COARSE)]
    parts = []
    for step, (before, after) in enumerate(pairwise(models), start=1):
        parts.append(_against(here, f"{source}: {after}", f"{source}: {before}").assign(step=step))
    table = pd.concat(parts, ignore_index=True).drop(columns=["q_value"])
    table["holm"] = 10.0 ** adjust_p(table["log10_p"].to_numpy(), "holm")
    alpha = 1.0 - plan.conf_level
    for name, level in (("detectable_single", alpha), ("detectable", alpha / len(table))):
        reach = critical_value(1.0 - level, table["n_clusters"].to_numpy() - 1) + ndtri(plan.power)
        table[name] = np.minimum(reach * table["standard_error"].to_numpy(), 1.0)
    return table.assign(established=table["holm"] <= alpha)


def _against(contrasts: pd.DataFrame, arm: str, versus: str) -> pd.DataFrame:
    """Contrasts of one run against another, whichever way round they were computed."""
    as_is = (contrasts["arm"] == arm) & (contrasts["versus"] == versus)
    if as_is.any():
        return contrasts[as_is]
    turned = contrasts[(contrasts["arm"] == versus) & (contrasts["versus"] == arm)]
    if turned.empty:
        raise InputError(
            f"compare.releases: {arm!r} and {versus!r} have no corrected contrast; "
            "allowed are runs of the source with enough readings of the same prompts"
        )
    swapped = turned.rename(columns=_MIRRORED | {v: k for k, v in _MIRRORED.items()})
    for name in ("estimate", "ci_low", "ci_high", "readings", "machine"):
        swapped[name] = 0.0 - swapped[name]
    return swapped[[*CONTRAST_KEY, *(c for c in turned.columns if c not in CONTRAST_KEY)]]
