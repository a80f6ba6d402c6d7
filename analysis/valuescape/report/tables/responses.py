"""Tables of answers to the user's values."""

from __future__ import annotations

import pandas as pd

from valuescape.report.printing import count, decimal, percent, percent_range
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import GROUP_NAMES, RESPONSE_TYPE_NAMES, STANCE_NAMES
from valuescape.report.tables.layout import markdown
from valuescape.schema import RESPONSE_TYPES


def responses_table(results: Results, published: pd.DataFrame) -> str:
    """Shares of response types by group, with the reader range and the published shares."""
    shares = results.table("respond", "shares")
    rows = []
    for name in RESPONSE_TYPES:
        cells = [RESPONSE_TYPE_NAMES[name]]
        for group in (ORDINARY, ADVERSARIAL, "over_refusal"):
            row = one(shares, group=group, subjective=True, response_type=name)
            cells.append(
                f"{percent(row['estimate'])} ({percent_range(row['ci_low'], row['ci_high'], 0)})"
            )
        row = one(shares, group=ORDINARY, subjective=True, response_type=name)
        cells.append(percent_range(row["reader_low"], row["reader_high"], 0))
        value = float(one(published, key=f"response_{name}")["value"])
        cells.append(percent(value / 100))
        rows.append(cells)
    header = ["Response type", "Ordinary", "Adversarial", "Over-refusal probe",
              "Readers, ordinary", "Published"]  # fmt: skip
    caption = (
        "Shares of response types among subjective conversations, with intervals clustered "
        "by prompt group and reader, the range between readers in the ordinary group, and the "
        "published shares, which are of another population."
    )
    return markdown(rows, header, caption, "tbl-responses", widths=(18, 20, 20, 20, 12, 10))


def mirroring_table(results: Results) -> str:
    """Mirroring by group and stance."""
    mirroring = results.table("respond", "mirroring")
    rows = []
    for group in (ORDINARY, ADVERSARIAL):
        for stance in ("any", "support", "reframing", "strong_resistance"):
            part = mirroring[(mirroring["group"] == group) & (mirroring["stance"] == stance)]
            if part.empty or int(part["n_clusters"].min()) < 15:
                continue
            found = {row["quantity"]: row for _, row in part.iterrows()}
            excess = found["excess"]
            rows.append(
                [
                    GROUP_NAMES[group],
                    STANCE_NAMES.get(stance, "Any"),
                    count(excess["n"]),
                    percent(found["observed"]["estimate"], 0),
                    percent(found["expected"]["estimate"], 0),
                    f"{decimal(100 * excess['estimate'], 0)} "
                    f"({decimal(100 * excess['ci_low'], 0)} to "
                    f"{decimal(100 * excess['ci_high'], 0)})",
                    percent(found["observed_all"]["estimate"], 0),
                ]
            )
    header = ["Group", "Stance", "n", "Observed", "Expected", "Excess, points (interval)",
              "Observed, all"]  # fmt: skip
    caption = (
        "Mirroring among subjective conversations whose user stated a value: share with a value on "
        "both sides, the share expected had assistants' values been exchanged, and the difference. "
        "The last column is over all conversations of the stance. Stances with fewer than 15 "
        "prompt groups are left out."
    )
    return markdown(rows, header, caption, "tbl-mirroring", widths=(14, 20, 8, 12, 12, 22, 12))
