"""The numbers of the paper's results, question by question, each from one result."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from valuescape.report.numbers import Numbers
from valuescape.report.printing import (
    count,
    decimal,
    listing,
    percent,
    percent_range,
    ratio,
)
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import TASK_TYPE_NAMES
from valuescape.report.task_findings import claim_numbers

_WITHOUT_XSTEST = "embedded-2-without-xstest"


def q1_numbers(results: Results) -> Numbers:
    """Which values, how concentrated."""
    corrected = results.table("correct", "corrected")
    nodes = results.table("taxonomy", "taxonomy")
    names = results.table("count", "vocabulary")
    found: Numbers = {"n_nodes": {}}
    for level in range(4):
        found["n_nodes"][f"level{level}"] = count((nodes["level"] == level).sum())
    for group in (ORDINARY, ADVERSARIAL):
        values = _ranked(corrected, group, "value")
        headings = _ranked(corrected, group, "heading")
        found[group] = {
            "n_subjective": count(_n_subjective(results, group)),
            "values": {f"top{i}": _share(values.iloc[i - 1]) for i in (1, 2, 3)},
            "headings": {f"top{i}": _share(headings.iloc[i - 1]) for i in (1, 2)},
        }
        found[group]["hhh"] = _components(results, group)
    for key, labeller in (("closed", "reading-closed-1"), ("open", "reading-open-1")):
        row = one(names, labeller=labeller)
        found[key] = {
            "names": count(row["names"]),
            "once": percent(row["uniques"] / row["names"], 0),
            "rarefied": count(row["rarefied"]),
            "top_ten": percent(row["share_of_top_ten"], 0),
        }
    found["unprimed"] = {"rarefied": count(one(names, labeller="reading-unprimed-1")["rarefied"])}
    found["n_rarefied"] = count(names["n_rarefied"].iloc[0])
    return found


def _components(results: Results, group: str) -> Numbers:
    """Shares of the helpful, the honest and the harmless, of all three and of none."""
    table = results.table("respond", "hhh")
    found: Numbers = {}
    for quantity in ("helpful", "honest", "harmless", "all_three", "only_none"):
        row = one(table, group=group, quantity=quantity)
        found[quantity] = {
            "share": percent(row["estimate"], 0),
            "ci": percent_range(row["ci_low"], row["ci_high"], 0),
        }
    return found


def _ranked(corrected: pd.DataFrame, group: str, quantity: str) -> pd.DataFrame:
    part = corrected[(corrected["group"] == group) & (corrected["quantity"] == quantity)]
    return part.sort_values(["estimate", "name"], ascending=[False, True])


def _share(row: pd.Series) -> Numbers:
    return {
        "name": str(row["name"] if "name" in row.index else row.name),
        "share": percent(row["estimate"]),
        "ci": percent_range(row["ci_low"], row["ci_high"]),
    }


def _n_subjective(results: Results, group: str) -> int:
    shares = results.table("respond", "shares")
    row = one(shares, group=group, subjective=True, response_type="no_values")
    return int(row["n"])


def q3_numbers(results: Results) -> Numbers:
    """How assistants answer the user's values."""
    shares = results.table("respond", "shares")
    readers = results.table("respond", "readers")
    found: Numbers = {}
    for group in (ORDINARY, ADVERSARIAL):
        found[group] = {}
        for name in ("strong_support", "mild_support", "reframing", "strong_resistance"):
            row = one(shares, group=group, subjective=True, response_type=name)
            found[group][name] = {
                "share": percent(row["estimate"]),
                "ci": percent_range(row["ci_low"], row["ci_high"]),
            }
        row = one(shares, group=group, subjective=True, response_type="no_values")
        found[group]["no_values"] = {
            "share": percent(row["estimate"]),
            "readers": percent_range(row["reader_low"], row["reader_high"], 0),
        }
    for name in ("no_values", "strong_resistance"):
        row = one(readers, group=ORDINARY, response_type=name)
        found[f"reader_sd_{name}"] = percent(row["sd"], 0)
    found["reframing_personal"] = claim_numbers(results, "reframing_personal")
    stances = results.table("respond", "stance_by_task_type")
    reframed = stances[
        (stances["value"] == "reframing")
        & (stances["q_value"] <= 0.05)
        & (stances["risk_ratio"] > 1)
        & (stances["group"] == ADVERSARIAL)
    ].sort_values("log10_p")
    found["reframed_tasks"] = listing(TASK_TYPE_NAMES[t].lower() for t in reframed["context"])
    return found


def q4_numbers(results: Results) -> Numbers:
    """Collect what is defended under resistance, and what is stated outright."""
    claims = results.table("respond", "claims")
    explicit = results.table("respond", "explicit")
    resisted = results.table("respond", "resistance")
    found: Numbers = {}
    for name in ("harm_prevention", "honesty"):
        found[name] = claim_numbers(results, f"resistance_{name}")
    boundaries = one(claims, key="resistance_ethical_boundaries")
    found["ethical_boundaries"] = {
        "low": ratio(boundaries["ci_low"]),
        "n": count(boundaries["n_value"]),
    }
    part = resisted[(resisted["group"] == ADVERSARIAL) & (resisted["q_value"] <= 0.05)]
    found["n_more"] = count((part["risk_ratio"] > 1).sum())
    found["n_less"] = count((part["risk_ratio"] < 1).sum())
    supported = part[part["risk_ratio"] < 1].sort_values("log10_p")["value"].head(4)
    found["under_support"] = listing(supported)
    found["n_ordinary"] = count(resisted.loc[resisted["group"] == ORDINARY, "n_context"].iloc[0])
    for group in (ORDINARY, ADVERSARIAL):
        found[f"explicit_{group}"] = {
            stance: _share(one(explicit, group=group, stance=stance, value="any value"))
            for stance in ("support", "resistance")
        }
        for rows in found[f"explicit_{group}"].values():
            del rows["name"]
        found[f"explicit_{group}"]["again"] = _repeated(results, group)
    stated = explicit[(explicit["group"] == ADVERSARIAL) & (explicit["stance"] == "all")]
    stated = stated[(stated["n"] >= 30) & (stated["value"] != "any value")]
    most = stated.sort_values(["estimate", "value"], ascending=[False, True])["value"].head(4)
    found["most_explicit"] = listing(most)
    return found


def q5_numbers(results: Results) -> Numbers:
    """Whether the user's values are mirrored."""
    mirroring = results.table("respond", "mirroring")
    omnibus = results.table("associate", "omnibus")
    found: Numbers = {}
    wanted: Sequence[tuple[str, str]] = (
        (ORDINARY, "support"),
        (ADVERSARIAL, "support"),
        (ADVERSARIAL, "reframing"),
        (ADVERSARIAL, "strong_resistance"),
    )
    for group, stance in wanted:
        rows = {
            quantity: one(mirroring, group=group, stance=stance, quantity=quantity)
            for quantity in ("observed", "expected", "excess")
        }
        found.setdefault(group, {})[stance] = {
            "observed": percent(rows["observed"]["estimate"], 0),
            "expected": percent(rows["expected"]["estimate"], 0),
            "excess": decimal(100 * rows["excess"]["estimate"], 0),
            "ci": f"{decimal(100 * rows['excess']['ci_low'], 0)} to "
            f"{decimal(100 * rows['excess']['ci_high'], 0)}",
        }
    found[ORDINARY]["n"] = count(one(mirroring, **_support(ORDINARY))["n"])
    row = one(omnibus, group=ADVERSARIAL, context_kind="user_value", level=0)
    found["user_values"] = {"n_bh": count(row["declared_bh"]), "n_cells": count(row["n_cells"])}
    found["deception_honesty"] = claim_numbers(results, "deception_honesty")
    return found


def _support(group: str) -> dict[str, object]:
    return {"group": group, "stance": "support", "quantity": "excess"}


def _repeated(results: Results, group: str) -> Numbers:
    """How far two readings agree on what is stated outright, and the share by either."""
    explicit = results.table("correct", "explicit")
    rows = {
        quantity: one(explicit, group=group, stance="all", quantity=quantity)
        for quantity in (
            "cohen_kappa", "specific_explicit", "share_first", "share_second", "difference",
        )
    }  # fmt: skip
    gap = rows["difference"]
    return {
        "kappa": decimal(rows["cohen_kappa"]["estimate"]),
        "specific": percent(rows["specific_explicit"]["estimate"], 0),
        "specific_ci": percent_range(
            rows["specific_explicit"]["ci_low"], rows["specific_explicit"]["ci_high"], 0
        ),
        "first": percent(rows["share_first"]["estimate"], 0),
        "second": percent(rows["share_second"]["estimate"], 0),
        "difference_ci": f"{decimal(100 * gap['ci_low'], 0)} to {decimal(100 * gap['ci_high'], 0)}",
        "n": count(rows["cohen_kappa"]["n"]),
    }


def _mirroring_corrected(results: Results) -> Numbers:
    """Mirroring as the readings and the machine labels together have it."""
    mirroring = results.table("correct", "mirroring")
    kept = mirroring[mirroring["group"].isin((ORDINARY, ADVERSARIAL))]
    mirrors = kept[kept["quantity"] != "stated"]
    found: Numbers = {
        "n": count(len(mirrors)),
        "corrected": count((mirrors["method"] == "corrected").sum()),
    }
    for group in (ORDINARY, ADVERSARIAL):
        found[group] = {}
        for quantity in ("stated", "observed"):
            row = one(mirroring, group=group, stance="any", quantity=quantity)
            found[group][quantity] = {
                "readings": percent(row["readings"], 0),
                "corrected": percent(row["corrected"], 0),
                "ci": percent_range(row["corrected_low"], row["corrected_high"], 0),
                "gain": decimal(row["gain"], 1),
                "phi": decimal(row["phi_squared"]),
            }
        row = one(mirroring, group=group, stance="any", quantity="excess")
        found[group]["excess"] = {
            "corrected": decimal(100 * row["corrected"], 0),
            "ci": f"{decimal(100 * row['corrected_low'], 0)} to "
            f"{decimal(100 * row['corrected_high'], 0)}",
        }
    return found


def _outside(shares: pd.DataFrame) -> int:
    """Count shares by machine alone that lie outside the interval of the headline estimate."""
    low = shares["machine"] < shares["ci_low"]
    return int((low | (shares["machine"] > shares["ci_high"])).sum())


def q10_numbers(results: Results, xstest: pd.DataFrame) -> Numbers:
    """How far label errors move the answers."""
    agreement = results.table("correct", "agreement")
    corrected = results.table("correct", "corrected")
    second = agreement[agreement["pair"] == "reading-closed-1 and reading-closed-2"]
    machine = agreement[agreement["pair"] == "reading-closed-1 and embedded-2"]
    found: Numbers = {"readers": {}, "machine": {}}
    for key, table in (("readers", second), ("machine", machine)):
        for facet in ("subjective", "task_type", "response_type", "response_type_subjective"):
            row = one(table, group="all", facet=facet, statistic="cohen_kappa")
            found[key][facet] = decimal(row["estimate"])
        found[key]["jaccard"] = decimal(one(table, group="all", facet="values")["estimate"])
    values = corrected[corrected["quantity"] == "value"]
    found["values"] = {
        "n": count(len(values)),
        "corrected": count((values["method"] == "corrected").sum()),
        "readings": count((values["method"] == "readings").sum()),
        "missed": count(_outside(values)),
    }
    stances = results.table("correct", "stances")
    found["stances"] = {
        "n": count(len(stances)),
        "n_contexts": count(len(stances[["group", "context_kind", "context"]].drop_duplicates())),
        "missed": count(_outside(stances)),
    }
    for group in (ORDINARY, ADVERSARIAL):
        row = one(corrected, group=group, quantity="response_type", name="strong_resistance")
        found[f"strong_resistance_{group}"] = {
            "corrected": percent(row["corrected"]),
            "machine": percent(row["machine"]),
            "readings": percent(row["readings"]),
            "gain": decimal(row["gain"], 1),
        }
    refusal = xstest[
        (xstest["quantity"] == "agreement")
        & (xstest["model"] == "all")
        & (xstest["human"] == "full_refusal")
    ]
    found["mirroring"] = _mirroring_corrected(results)
    for name, labeller in (("reading", "reading-closed-1"), ("machine", _WITHOUT_XSTEST)):
        row = one(refusal, labeller=labeller)
        found[f"xstest_{name}"] = {
            "agreement": percent(row["estimate"]),
            "ci": percent_range(row["ci_low"], row["ci_high"]),
        }
    return found
