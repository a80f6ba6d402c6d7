"""Tables of assistants, releases and variance components."""

from __future__ import annotations

import pandas as pd

from valuescape.report.comparison_findings import COMPONENTS, points, source_name
from valuescape.report.printing import count, decimal, percent, percent_range
from valuescape.report.results import Results, one
from valuescape.report.style import GROUP_NAMES, RESPONSE_TYPE_NAMES, run_names
from valuescape.report.tables.layout import EMPTY, markdown

_QUANTITIES = {
    "value": "Values",
    "kind": "Kinds",
    "family": "Families",
    "heading": "Headings",
    "response_type": "Response types",
}


def releases_table(results: Results) -> str:
    """Shares of successive releases with what could have been detected between neighbours."""
    releases = results.table("compare", "releases")
    steps = [part for _, part in releases.groupby("step", sort=True)]
    models = [steps[0]["versus"].iloc[0], *(part["arm"].iloc[0] for part in steps)]
    shares = results.table("compare", "run_shares")
    rows = []
    order = steps[0].sort_values(["quantity", "name"])[["quantity", "name"]]
    for quantity, name in order.to_numpy():
        cells = [RESPONSE_TYPE_NAMES.get(name, name)]
        for run in models:
            row = one(shares, run=run, quantity=quantity, name=name)
            limits = percent_range(row["ci_low"], row["ci_high"], 0).rstrip("%").rstrip("\u202f")
            cells.append(f"{percent(row['estimate'], 0)} ({limits})")
        here = releases[(releases["quantity"] == quantity) & (releases["name"] == name)]
        cells.append(", ".join(points(d) for d in here.sort_values("step")["estimate"]))
        cells.append(
            f"{points(here['detectable_single'].max())}, {points(here['detectable'].max())}"
        )
        cells.append(decimal(here["holm"].min()))
        rows.append(cells)
    header = ["Of all answers", *(run_names(run)[1] for run in models), "Steps, points",
              "Detectable", "Least p (Holm)"]  # fmt: skip
    caption = (
        "Successive releases of Claude on the same AlpacaEval prompts: shares of all answers with "
        "intervals, corrected for label error or, where machine and reading are too weakly "
        "related, of the readings; the three differences from one release to the next, paired by "
        "prompt; the largest difference that a test would detect with the planned power, alone "
        "and at the first step of Holm's procedure over the whole table; and the least adjusted "
        "p-value of the three. Releases differ in size and tier as well as in date."
    )
    return markdown(rows, header, caption, "tbl-releases", widths=(16, 13, 13, 13, 13, 12, 10, 10))


def variation_table(results: Results) -> str:
    """Shares of variance of prompts, assistants, answers, readers and the rest."""
    table = results.table("compare", "variation")
    whole = table[table["name"] == "all together"]
    rows = []
    for (source, group), part in whole.groupby(["source", "group"]):
        for quantity in ("value", "heading", "response_type"):
            here = part[part["quantity"] == quantity]
            if here.empty:
                continue
            cells = [f"{source_name(str(source))}, {GROUP_NAMES[str(group)].lower()}"]
            cells += [_QUANTITIES[quantity], count(here["n"].iloc[0])]
            cells += [_share(here, component) for component in COMPONENTS]
            rows.append(cells)
    header = ["Comparison", "Of", "Readings", "Prompt", "Assistant", "Answer", "Reader", "Rest"]
    caption = (
        "Where the variation lies: shares (%) of the variance of indicators, added up over names, "
        "with intervals from drawing prompt groups; for assistants and readers they are of the "
        "variance among those at hand. *Answer* is what two readings of one answer share beyond "
        "prompt, assistant and reader; *rest* is what they do not share."
    )
    return markdown(rows, header, caption, "tbl-variation", widths=(20, 13, 9, 12, 12, 12, 11, 11))


def _share(part: pd.DataFrame, component: str) -> str:
    row = one(part, component=component)
    if pd.isna(row["share"]):
        return EMPTY
    low, high = (decimal(100 * row[f"share_{end}"], 0) for end in ("low", "high"))
    return f"{decimal(100 * row['share'], 0)} ({low}–{high})"


def contrasts_table(results: Results) -> str:
    """Count contrasts and those established, by comparison and quantity."""
    contrasts = results.table("compare", "contrasts")
    rows = []
    for (source, group), part in contrasts.groupby(["source", "group"]):
        runs = set(part["arm"]) | set(part["versus"])
        cells = [f"{source_name(str(source))}, {GROUP_NAMES[str(group)].lower()}"]
        cells += [count(len(runs)), count(part["n_prompts"].max())]
        for quantity in _QUANTITIES:
            here = part[part["quantity"] == quantity]
            cells.append(f"{count(here['established'].sum())} of {count(len(here))}")
        rows.append(cells)
    header = ["Comparison", "Runs", "Prompts", *_QUANTITIES.values()]
    caption = (
        "Contrasts of pairs of assistants on the same prompts: how many are established, of how "
        "many in the family. Only runs with enough readings are contrasted."
    )
    return markdown(rows, header, caption, "tbl-contrasts", widths=(24, 8, 9, 12, 12, 12, 12, 11))
