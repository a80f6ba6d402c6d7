"""Whether headline results stand when the readings, the material or the readers are others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.counts.cells import count_family, family_members
from valuescape.counts.frame import presence
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.prevalence import Prevalences, risk_ratio
from valuescape.study.mirroring import STANCES, mirroring_table
from valuescape.study.resistance import RESISTANCE, SUPPORT
from valuescape.study.responses import response_shares, share_columns
from valuescape.study.variants import RATIOS, Headline, Material, Variant

NOTHING_READ = "the value was read in no such conversation"
MINIMUM_READERS = 2
NO_STRATUM = "no stratum holds both sides"


@dataclass(frozen=True, slots=True)
class RobustnessPlan:
    """How variants are estimated.

    Attributes
    ----------
    conf_level : float
        Level of intervals.
    minimum_clusters : int
        Prompt groups from which on an estimate is given (for a ratio, on either side).
    minimum_value_conversations : int
        Values in fewer conversations do not enter the intra-cluster correlation of a ratio.
    """

    conf_level: float
    minimum_clusters: int
    minimum_value_conversations: int


def robustness_table(
    headlines: list[Headline],
    variants: list[Variant],
    plan: RobustnessPlan,
) -> pd.DataFrame:
    """Estimate every headline in every variant.

    Parameters
    ----------
    headlines : list of Headline
        Rows within a variant.
    variants : list of Variant
        The first is the primary analysis.
    plan : RobustnessPlan
        Levels and minima.

    Returns
    -------
    DataFrame
        ``headline``, ``kind``, ``variant``, ``place`` (of the variant), ``estimate``, ``ci_low``,
        ``ci_high``, ``n`` (conversations of the denominator; of the context for a ratio),
        ``n_clusters`` (their prompt groups) and ``note``: why an estimate cannot be had, else
        empty.
    """
    rows: list[dict[str, object]] = []
    for place, variant in enumerate(variants):
        for headline in headlines:
            reason = variant.silent.get(headline.measure)
            found = missing(reason) if reason else estimate(headline, variant.material, plan)
            key = {"headline": headline.key, "kind": variant.kind, "variant": variant.name}
            rows.append({**key, "place": place, **found})
    return pd.DataFrame(rows)


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Set every variant beside the primary estimate of its headline.

    Parameters
    ----------
    table : DataFrame
        From :func:`robustness_table`; ``place`` 0 is the primary analysis.

    Returns
    -------
    DataFrame
        The same with ``outside`` (the estimate lies outside the primary interval) and ``disagrees``
        (besides, its own interval leaves out the primary estimate); false where there is none.

    Examples
    --------
    >>> row = {"headline": "h", "place": 0, "estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    >>> other = row | {"place": 1, "estimate": 4.0, "ci_low": 3.5, "ci_high": 4.5}
    >>> compared(pd.DataFrame([row, other]))["disagrees"].tolist()
    [False, True]
    """
    primary = table[table["place"] == 0].set_index("headline")
    centre, low, high = (
        table["headline"].map(primary[name]) for name in ("estimate", "ci_low", "ci_high")
    )
    outside = (table["estimate"] < low) | (table["estimate"] > high)
    leaves_out = (table["ci_low"] > centre) | (table["ci_high"] < centre)
    return table.assign(outside=outside, disagrees=outside & leaves_out)


def missing(note: str, n: int = 0, n_clusters: int = 0) -> dict[str, object]:
    """Return a row without an estimate, saying why.

    Examples
    --------
    >>> missing("no such label")["note"]
    'no such label'
    """
    limits: dict[str, object] = dict.fromkeys(("estimate", "ci_low", "ci_high"), np.nan)
    return {**limits, "n": n, "n_clusters": n_clusters, "note": note}


def estimate(headline: Headline, material: Material, plan: RobustnessPlan) -> dict[str, object]:
    """Estimate one headline from some material, or say why it cannot be had.

    Returns
    -------
    dict
        ``estimate``, ``ci_low``, ``ci_high``, ``n``, ``n_clusters``, ``note``.
    """
    frame = material.frame
    inside = frame["subjective"].astype(bool) & (frame["group"] == headline.group)
    part = frame[inside].reset_index(drop=True)
    if headline.measure in RATIOS:
        return _ratio(headline, material, part, plan)
    if headline.measure == "mirroring":
        return _mirroring(headline, material, part, plan)
    return _share(headline, material, part, plan)


def _too_few(part: pd.DataFrame, plan: RobustnessPlan) -> str:
    """Say why a part is too small to be estimated from; empty where it is not."""
    if part["prompt_group"].nunique() < plan.minimum_clusters:
        return f"fewer than {plan.minimum_clusters} prompt groups"
    return "one reader alone" if len(part["reader"].unique()) < MINIMUM_READERS else ""


def _share(
    headline: Headline, material: Material, part: pd.DataFrame, plan: RobustnessPlan
) -> dict[str, object]:
    size = len(part), part["prompt_group"].nunique()
    if reason := _too_few(part, plan):
        return missing(reason, *size)
    if headline.measure == "response_type":
        table = response_shares(part, ["group"], conf_level=plan.conf_level)
        row = table[table["response_type"] == headline.name].iloc[0]
    else:
        names = np.array([headline.name])
        held = presence(part["conversation_id"], material.headings, "value", names)
        found = clustered_share(
            held.matrix.toarray(),
            weight=part["weight"],
            clusterings=[part["prompt_group"], part["reader"]],
            conf_level=plan.conf_level,
        )
        row = share_columns(found).iloc[0]
    return _row(row, *size)


def _mirroring(
    headline: Headline, material: Material, part: pd.DataFrame, plan: RobustnessPlan
) -> dict[str, object]:
    both = np.concatenate([material.said["value"], material.wanted["value"]])
    names = np.unique(both.astype(str))
    ids = part["conversation_id"]
    asked = part[ids.isin(material.wanted["conversation_id"])]
    asked = asked[asked["response_type"].isin(STANCES[headline.context])]
    if reason := _too_few(asked, plan):
        return missing(reason, len(asked), asked["prompt_group"].nunique())
    table = mirroring_table(
        part,
        presence(ids, material.said, "value", names),
        presence(ids, material.wanted, "value", names),
        {headline.context: STANCES[headline.context]},
        conf_level=plan.conf_level,
    )
    row = table[table["quantity"] == "excess"].iloc[0]
    return _row(row, int(row["n"]), int(row["n_clusters"]))


def _ratio(
    headline: Headline, material: Material, part: pd.DataFrame, plan: RobustnessPlan
) -> dict[str, object]:
    if headline.measure == "stance":
        part = part[part["response_type"].isin((*RESISTANCE, *SUPPORT))].reset_index(drop=True)
    ids = part["conversation_id"]
    holders = _holders(headline, material, part)
    inside, outside = part[holders], part[~holders]
    size = len(inside), inside["prompt_group"].nunique()
    for side, name in ((inside, "in the context"), (outside, "outside it")):
        if side["prompt_group"].nunique() < plan.minimum_clusters:
            return missing(f"fewer than {plan.minimum_clusters} prompt groups {name}", *size)
    names = np.array(["inside"])
    context = presence(ids, inside.assign(context="inside"), "context", names)
    found = presence(ids, material.said, "value")
    if headline.name not in found.names:
        return missing(NOTHING_READ, *size)
    kept = family_members(part, found, minimum=plan.minimum_value_conversations)
    kept |= found.names == headline.name
    values = presence(ids, material.said, "value", found.names[kept])
    family: dict[str, str | int] = {"group": headline.group, "context_kind": headline.measure}
    cells = count_family(part, context, values, family | {"level": 0}).cells
    cell = cells[cells["value"] == headline.name]
    columns = ("prevalence_inside", "prevalence_outside", "effective_inside", "effective_outside")
    shares = Prevalences(*(cell[name].to_numpy(dtype=float) for name in columns))
    ratio = risk_ratio(shares, conf_level=plan.conf_level)
    limits = (float(np.ravel(side)[0]) for side in (ratio.estimate, ratio.low, ratio.high))
    row = pd.Series(dict(zip(("estimate", "ci_low", "ci_high"), limits, strict=True)))
    return missing(NO_STRATUM, *size) if np.isnan(row["estimate"]) else _row(row, *size)


def _holders(headline: Headline, material: Material, part: pd.DataFrame) -> np.ndarray:
    """Tell which conversations are in the context of a ratio."""
    if headline.measure == "task_type":
        return (part["task_type"] == headline.context).to_numpy()
    if headline.measure == "stance":
        return part["response_type"].isin(RESISTANCE).to_numpy()
    wanted = material.wanted
    holding = wanted.loc[wanted["value"] == headline.context, "conversation_id"]
    return part["conversation_id"].isin(holding).to_numpy()


def _row(limits: pd.Series, n: int, n_clusters: int) -> dict[str, object]:
    kept = {name: float(limits[name]) for name in ("estimate", "ci_low", "ci_high")}
    return {**kept, "n": n, "n_clusters": n_clusters, "note": ""}
