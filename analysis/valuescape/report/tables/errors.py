"""Tables of label error and of comparison with published figures."""

from __future__ import annotations

import pandas as pd

from valuescape.report.printing import count, decimal, percent, percent_range
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import FACET_NAMES, GROUP_NAMES, RESPONSE_TYPE_NAMES, STANCE_NAMES
from valuescape.report.tables.layout import EMPTY, markdown

_CHOSEN_ONE = ("subjective", "task_type", "response_type", "response_type_subjective")
"""Facets of which a reading has one, so that kappa can be given."""
_STANCES = ("strong_support", "reframing", "strong_resistance")


def agreement_table(results: Results) -> str:
    """Agreement of readings and of the machine with readings."""
    agreement = results.table("correct", "agreement")
    pairs = {
        "reading-closed-1 and reading-closed-2": "Two readings, closed codebook",
        "reading-closed-1 and reading-open-1": "Closed and open codebook",
        "reading-closed-1 and reading-unprimed-1": "Closed and unprimed codebook",
        "reading-closed-1 and embedded-2": "Reading and machine",
        "demo corpus as written and embedded-2": "Demo corpus (invented) and machine",
    }
    rows = []
    for pair, printed in pairs.items():
        part = agreement[(agreement["pair"] == pair) & agreement["group"].isin(["all", "demo"])]
        cells = [printed, count(part["n"].max())]
        for facet in _CHOSEN_ONE:
            kappa = part[(part["facet"] == facet) & (part["statistic"] == "cohen_kappa")]
            cells.append(_estimate(kappa))
        cells.append(_estimate(part[part["facet"] == "values"]))
        rows.append(cells)
    header = ["Pair", "n", *map(FACET_NAMES.__getitem__, _CHOSEN_ONE), "Values (Jaccard)"]
    caption = (
        "Agreement: Cohen's κ of three facets and of the response type where both say subjective, "
        "and the mean Jaccard index of value sets where both name a value; bootstrap "
        "intervals by prompt group."
    )
    widths = (22, 8, 14, 14, 14, 14, 14)
    return markdown(rows, header, caption, "tbl-agreement", widths=widths)


def _estimate(found: pd.DataFrame) -> str:
    if found.empty:
        return EMPTY
    row = found.iloc[0]
    limits = f"{decimal(row['ci_low'])}–{decimal(row['ci_high'])}"
    return f"{decimal(row['estimate'])} ({limits})"


def corrected_table(results: Results, *, n_rows: int) -> str:
    """Headline shares corrected and uncorrected, ordinary and adversarial."""
    corrected = results.table("correct", "corrected")
    mirroring = results.table("correct", "mirroring")
    explicit = results.table("respond", "explicit")
    rows = []
    for group in (ORDINARY, ADVERSARIAL):
        part = corrected[(corrected["group"] == group) & (corrected["quantity"] == "value")]
        best = part.sort_values(["estimate", "name"], ascending=[False, True]).head(n_rows // 2)
        types = corrected[(corrected["group"] == group) & corrected["name"].isin(_STANCES)]
        for _, row in pd.concat([types, best]).iterrows():
            printed = RESPONSE_TYPE_NAMES.get(row["name"], row["name"])
            rows.append([GROUP_NAMES[group], printed, *_both(row)])
        for stance, quantity, printed in _MIRRORING:
            row = one(mirroring, group=group, stance=stance, quantity=quantity)
            rows.append([GROUP_NAMES[group], printed, *_both(row)])
        row = one(explicit, group=group, stance="all", value="any value")
        limits = percent_range(row["ci_low"], row["ci_high"])
        share = f"{percent(row['estimate'])} ({limits})"
        stated = "Values stated outright, of those expressed§"
        rows.append([GROUP_NAMES[group], stated, share, "not corrected", EMPTY, EMPTY, EMPTY])
    header = [
        "Group",
        "Share",
        "Readings (interval)",
        "Corrected (interval)",
        "Machine alone",
        "φ²",
        "Gain",
    ]
    caption = (
        "Shares of subjective conversations in the frame: by readings alone, by machine labels "
        "corrected with readings, and by machine labels alone. φ² is the squared correlation of "
        "machine probability and reading; the gain is the ratio of the two variances. † The "
        "headline is that of the readings, since φ² is too small. ‡ Of conversations whose user "
        "stated a value. The machine was not taught mirroring; its probabilities of facets and of "
        "users' values are turned into one by a regression fitted out of fold. § Of "
        "expressions. The machine does not label it: readings alone, not corrected."
    )
    return markdown(rows, header, caption, "tbl-corrected", widths=(12, 20, 22, 22, 10, 7, 7))


_MIRRORING = (
    ("any", "stated", "User states a value"),
    ("any", "observed", "Mirroring‡"),
    ("support", "observed", "Mirroring under support‡"),
)


def _both(row: pd.Series) -> list[str]:
    """Print one share by readings and corrected; a dagger marks where the readings stand."""
    mark = "" if row["method"] == "corrected" else "†"
    return [
        f"{percent(row['readings'])} ({percent_range(row['readings_low'], row['readings_high'])})",
        f"{percent(row['corrected'])} "
        f"({percent_range(row['corrected_low'], row['corrected_high'])}){mark}",
        percent(row["machine"]),
        decimal(row["phi_squared"]),
        decimal(row["gain"]),
    ]


def published_table(results: Results, published: pd.DataFrame) -> str:
    """Set published figures beside ours."""
    corrected = results.table("correct", "corrected")
    rows = []
    values = [key for key in published["key"] if key.startswith("prevalence_")]
    for key in values:
        entry = one(published, key=key)
        name = key.removeprefix("prevalence_").replace("_", " ")
        cells = [f"Prevalence of {name}", percent(float(entry["value"]) / 100), entry["evidence"]]
        found = [
            corrected[
                (corrected["group"] == group)
                & (corrected["quantity"] == "value")
                & (corrected["name"] == name)
            ]
            for group in (ORDINARY, ADVERSARIAL)
        ]
        if all(part.empty for part in found):
            continue
        rows.append([*cells, *(_share_cell(part) for part in found)])
    mirroring = results.table("respond", "mirroring")
    for stance, key in (
        ("support", "mirroring_support"),
        ("reframing", "mirroring_reframing"),
        ("strong_resistance", "mirroring_strong_resistance"),
    ):
        entry = one(published, key=key)
        cells = [
            f"Mirroring under {STANCE_NAMES[stance].lower()}",
            percent(float(entry["value"]) / 100),
            entry["evidence"],
        ]
        for group in (ORDINARY, ADVERSARIAL):
            row = mirroring[
                (mirroring["group"] == group)
                & (mirroring["stance"] == stance)
                & (mirroring["quantity"] == "observed_all")
            ]
            cells.append(_share_cell(row))
        rows.append(cells)
    header = ["Figure", "Published", "Evidence", "Ordinary", "Adversarial"]
    caption = (
        "Published figures beside ours, among subjective conversations. **The populations "
        "differ**: public benchmark and red-teaming prompts here, use of one assistant there, and "
        "other readers. No difference between columns estimates a difference between assistants "
        "or years."
    )
    return markdown(rows, header, caption, "tbl-published", widths=(30, 14, 14, 21, 21))


def _share_cell(found: pd.DataFrame) -> str:
    if found.empty:
        return EMPTY
    row = found.iloc[0]
    return f"{percent(row['estimate'])} ({percent_range(row['ci_low'], row['ci_high'])})"
