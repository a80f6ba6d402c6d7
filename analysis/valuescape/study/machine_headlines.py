"""Headline results with the machine labels: corrected by readings, and taken alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.study.robustness import missing
from valuescape.study.variants import RATIOS, Headline

KIND = "machine labels"
CORRECTED, ALONE = "corrected for label error", "machine labels alone"
NOT_SAMPLED = "labels every conversation of the frame: no sampling error, so no interval"
NOT_LABELLED = "the machine has no label for it"
NOT_CORRECTED = "read in too few conversations to be corrected"


@dataclass(frozen=True, slots=True)
class Corrected:
    """Results of the stage ``correct``.

    Attributes
    ----------
    claims, shares, mirroring : DataFrame
        Its tables ``claims``, ``corrected`` and ``mirroring``.
    """

    claims: pd.DataFrame
    shares: pd.DataFrame
    mirroring: pd.DataFrame


def machine_rows(
    headlines: list[Headline], results: Corrected, *, first_place: int
) -> pd.DataFrame:
    """Take every headline as corrected for label error, and as the machine alone has it.

    Parameters
    ----------
    headlines : list of Headline
        Ratios are found by their key, which is that of a claim.
    results : Corrected
        Where they are found.
    first_place : int
        Place of the first of the two variants in the order of variants.

    Returns
    -------
    DataFrame
        Rows as of :func:`~valuescape.study.robustness.robustness_table`; the machine alone has no
        interval and no ``n``, since it labels all of the frame.
    """
    rows = []
    for headline in headlines:
        found = _found(headline, results)
        both = ((CORRECTED, _with_interval(found)), (ALONE, _alone(found)))
        for place, (name, row) in enumerate(both, start=first_place):
            key = {"headline": headline.key, "kind": KIND, "variant": name, "place": place}
            rows.append({**key, **row})
    return pd.DataFrame(rows)


def _found(headline: Headline, results: Corrected) -> pd.Series | None:
    """Return the row of a headline under common names of columns."""
    if headline.measure in RATIOS:
        table, names = results.claims, {"n_read_first": "n", "n_clusters_first": "n_clusters"}
        part = table[table["key"] == headline.key]
    elif headline.measure == "mirroring":
        table, names = results.mirroring, {"n_domain": "n"}
        part = table[
            (table["group"] == headline.group)
            & (table["stance"] == headline.context)
            & (table["quantity"] == "excess")
        ]
    else:
        table, names = results.shares, {"n_read": "n"}
        part = table[
            (table["group"] == headline.group)
            & (table["quantity"] == headline.measure)
            & (table["name"] == headline.name)
        ]
    if headline.measure not in RATIOS:
        limits = ["estimate", "ci_low", "ci_high"]
        part = part.drop(columns=limits)
        corrected = dict(zip(("corrected", "corrected_low", "corrected_high"), limits, strict=True))
        names = names | corrected
    return None if part.empty else part.rename(columns=names).iloc[0]


def _with_interval(found: pd.Series | None) -> dict[str, object]:
    if found is None:
        return missing(NOT_CORRECTED)
    limits = {name: float(found[name]) for name in ("estimate", "ci_low", "ci_high")}
    return {**limits, "n": int(found["n"]), "n_clusters": int(found["n_clusters"]), "note": ""}


def _alone(found: pd.Series | None) -> dict[str, object]:
    if found is None or pd.isna(found["machine"]):
        return missing(NOT_LABELLED)
    whole = {"estimate": float(found["machine"]), "n": np.nan, "n_clusters": np.nan}
    return missing(NOT_SAMPLED) | whole
