"""The numbers of the paper's results on assistants, releases and axes."""

from __future__ import annotations

import pandas as pd

from valuescape.report.numbers import Numbers
from valuescape.report.printing import count, decimal, listing, percent, percent_range, probability
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import RESPONSE_TYPE_NAMES, SOURCE_NAMES, run_names

PROMPTS_SHARED = "alpaca_eval"
COMPONENTS = ("prompt", "assistant", "answer", "reader", "residual")


def points(estimate: float) -> str:
    """Print a difference of shares in points.

    Examples
    --------
    >>> points(0.1557), points(-0.02)
    ('16', '−2')
    """
    return decimal(100 * estimate, 0)


def points_range(low: float, high: float) -> str:
    """Print the limits of a difference in points.

    Examples
    --------
    >>> points_range(-0.014, 0.21)
    '−1 to 21'
    """
    return f"{points(low)} to {points(high)}"


def q7_numbers(results: Results) -> Numbers:
    """How assistants differ on the same prompts."""
    contrasts = results.table("compare", "contrasts")
    paired = results.table("compare", "paired")
    found: Numbers = {
        "n": count(len(contrasts)),
        "n_established": count(contrasts["established"].sum()),
        "n_comparisons": count(len(contrasts[["source", "group"]].drop_duplicates())),
        "n_score": count((contrasts["test"] == "corrected score").sum()),
        "max_shared": count(paired["n_prompts"].max()),
    }
    for source, part in contrasts.groupby("source"):
        sure = part[part["established"]]
        found[_key(str(source))] = {
            "n": count(len(part)),
            "n_pairs": count(len(part[["arm", "versus"]].drop_duplicates())),
            "n_established": count(len(sure)),
        }
    named = contrasts[contrasts["quantity"].isin(["value", "response_type"])]
    for source, part in named.groupby("source"):
        first = part.sort_values(["log10_p", "name", "arm", "versus"]).iloc[0]
        found[_key(str(source))]["first"] = _contrast(first)
    found["runs"] = _runs(results)
    found["none"] = _without_distinction(results)
    found["variation"] = _variation(results)
    return found


def _key(source: str) -> str:
    return source.partition("-")[0]


def _contrast(row: pd.Series) -> Numbers:
    """Print a contrast so that the difference is positive."""
    arm, versus, low, high = row["arm"], row["versus"], row["ci_low"], row["ci_high"]
    shares = (row["share_arm"], row["share_versus"])
    if row["estimate"] < 0:
        arm, versus, low, high, shares = versus, arm, -high, -low, shares[::-1]
    name = str(row["name"])
    return {
        "name": RESPONSE_TYPE_NAMES.get(name, name).lower(),
        "arm": run_names(arm)[1],
        "versus": run_names(versus)[1],
        "share": percent(shares[0], 0),
        "other": percent(shares[1], 0),
        "ci": points_range(low, high),
        "p": probability(row["log10_p"]),
    }


def _runs(results: Results) -> Numbers:
    shares = results.table("compare", "run_shares")
    human = shares[shares["group"] == "human_reference"]
    machine = shares[shares["method"].str.startswith("machine")]
    return {
        "n_machine": count(machine["run"].nunique()),
        "n_corrected": count(shares["run"].nunique() - machine["run"].nunique() - 1),
        "n_human": count(human["n_read"].max()),
    }


def _without_distinction(results: Results) -> Numbers:
    top = results.table("compare", "distinctive")
    first = top[(top["level"] == 0) & (top["rank"] <= 1)]
    none = first[first["rank"] == 0]
    some = first[first["rank"] == 1].sort_values(["source", "group", "context"])
    pairs = [f"{run_names(r)[1]} ({v})" for r, v in some[["context", "value"]].to_numpy()]
    return {
        "n_runs": count(len(first)),
        "n_none": count(len(none)),
        "with": listing(pairs) if pairs else "none",
    }


def _variation(results: Results) -> Numbers:
    table = results.table("compare", "variation")
    places = {"ordinary": (PROMPTS_SHARED, ORDINARY), "unsafe": ("xstest-v2", ADVERSARIAL)}
    found: Numbers = {}
    for key, (source, group) in places.items():
        part = table[(table["source"] == source) & (table["group"] == group)]
        part = part[part["name"] == "all together"]
        found[key] = {}
        for quantity in ("value", "heading", "response_type"):
            rows = {c: one(part, quantity=quantity, component=c) for c in COMPONENTS}
            found[key][quantity] = {
                c: {
                    "share": percent(row["share"], 0),
                    "ci": percent_range(row["share_low"], row["share_high"], 0),
                }
                for c, row in rows.items()
            }
    return found


def q8_numbers(results: Results) -> Numbers:
    """Successive releases."""
    releases = results.table("compare", "releases")
    shared = releases["n_prompts"].iloc[0]
    sure = releases[releases["established"]]
    smallest = releases.sort_values(["log10_p", "name", "step"]).iloc[0]
    thorough = results.table("compare", "contrasts")
    thorough = thorough[
        (thorough["name"] == "thoroughness")
        & (thorough["arm"] == f"{PROMPTS_SHARED}: claude")
        & thorough["versus"].str.contains("claude-3-5")
    ]
    return {
        "n": count(len(releases)),
        "n_prompts": count(shared),
        "n_read": count(releases["n_read_arm"].max()),
        "n_established": count(len(sure)),
        "detectable": points_range(releases["detectable"].min(), releases["detectable"].max()),
        "median_detectable": points(releases["detectable"].median()),
        "single": points_range(
            releases["detectable_single"].min(), releases["detectable_single"].max()
        ),
        "median_single": points(releases["detectable_single"].median()),
        "largest": points(releases["estimate"].abs().max()),
        "reach": points(releases[["ci_low", "ci_high"]].abs().to_numpy().max()),
        "first": _contrast(smallest) | {"holm": decimal(smallest["holm"])},
        "thoroughness": _contrast(thorough.iloc[0])
        | {"q": decimal(thorough["q_value"].iloc[0], 3)},
    }


def q9_numbers(results: Results, published: pd.DataFrame, conf_level: float) -> Numbers:
    """Axes of values."""
    axes = results.table("compare", "axes")
    loadings = results.table("compare", "loadings")
    values = results.table("compare", "axes_values")
    profiles = results.table("compare", "profiles")
    found: Numbers = {
        "published_explained": percent(
            float(one(published, key="followup_variation_explained")["value"]) / 100, 0
        )
    }
    for group, part in axes.groupby("group"):
        kept = part[part["retained"]].sort_values("axis")
        dropped = values[values["group"] == group]["kept"]
        found[str(group)] = {
            "n_axes": count(len(kept)),
            "n": count(part["n"].iloc[0]),
            "n_clusters": count(part["n_clusters"].iloc[0]),
            "n_values": count((dropped == "kept").sum()),
            "n_rare": count((dropped == "rare").sum()),
            "n_common": count((dropped == "near-universal").sum()),
            "explained": percent(kept["explained"].sum(), 0),
            "n_stable": count((kept["congruence"] >= STABLE).sum()),
            "congruence": f"{decimal(kept['congruence'].min())} to "
            f"{decimal(kept['congruence'].max())}",
            "stable": decimal(STABLE),
        }
        for axis, rows in loadings[loadings["group"] == group].groupby("axis"):
            about = one(kept, axis=axis)
            found[str(group)][f"axis{axis}"] = {
                "high": _ends(rows, 1),
                "low": _ends(rows, -1),
                "congruence": decimal(about["congruence"]),
                "explained": percent(about["explained"]),
            }
    sure = profiles[(profiles["ci_low"] > 0) | (profiles["ci_high"] < 0)]
    found["profiles"] = {
        "n": count(len(profiles)),
        "n_apart": count(len(sure)),
        "expected": count(len(profiles) * (1.0 - conf_level)),
    }
    return found


STABLE = 0.85


def _ends(rows: pd.DataFrame, sign: int) -> str:
    """List the values of the largest loadings on one side whose interval leaves out zero."""
    sure = (rows["loading_low"] > 0) if sign > 0 else (rows["loading_high"] < 0)
    ordered = rows[sure].sort_values("loading", ascending=sign < 0)["value"].head(4)
    return listing(f"*{v.lower()}*" for v in ordered) if len(ordered) else "nothing"


def source_name(source: str) -> str:
    """Return the printed name of a source.

    Examples
    --------
    >>> source_name("alpaca_eval")
    'AlpacaEval'
    """
    return SOURCE_NAMES.get(source, source)
