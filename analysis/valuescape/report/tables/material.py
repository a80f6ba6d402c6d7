"""Tables of the material."""

from __future__ import annotations

import pandas as pd

from valuescape.report.printing import count, percent
from valuescape.report.results import Results, one
from valuescape.report.style import GROUP_NAMES
from valuescape.report.tables.layout import markdown


def sources_table(_: Results, conversations: pd.DataFrame, frame: pd.DataFrame) -> str:
    """List the strata with their runs, conversations, frame and readings: no result is needed."""
    rows = []
    inside = conversations[conversations["in_frame"]]
    for stratum in sorted(frame["stratum"]):
        part = conversations[conversations["stratum"] == stratum]
        groups = [GROUP_NAMES[g] for g in GROUP_NAMES if g in set(part["group"])]
        runs = part[["source", "model"]].drop_duplicates()
        rows.append(
            [
                stratum.replace("_", " "),
                " and ".join(groups),
                str(len(runs)),
                count(len(part)),
                count((inside["stratum"] == stratum).sum()),
                count(one(frame, stratum=stratum)["n_read"]),
            ]
        )
    header = ["Stratum", "Group", "Runs", "Conversations", "In the frame", "Read"]
    caption = "Sampling strata. A run is the answers published under one model's name."
    return markdown(rows, header, caption, "tbl-sources", widths=(24, 32, 8, 14, 12, 10))


def vocabulary_table(results: Results) -> str:
    """Names found by each codebook."""
    names = {
        "reading-closed-1": "Closed (list offered)",
        "reading-open-1": "Open (no list)",
        "reading-unprimed-1": "Unprimed (no list, no examples)",
    }
    table = results.table("count", "vocabulary")
    rows = []
    for labeller, printed in names.items():
        row = one(table, labeller=labeller)
        rows.append(
            [
                printed,
                count(row["n"]),
                count(row["names"]),
                percent(row["uniques"] / row["names"], 0),
                count(row["rarefied"]),
                f"{count(row['chao2'])} ({count(row['chao2_low'])} to {count(row['chao2_high'])})",
                percent(row["share_of_top_ten"], 0),
            ]
        )
    n = count(table["n_rarefied"].iloc[0])
    header = ["Codebook", "Subjective", "Names", "In one only", f"Names in {n}", "Chao2 (interval)",
              "Ten commonest"]  # fmt: skip
    caption = (
        "Names of assistants' values by codebook, after merging spellings and synonyms: observed, "
        "rarefied to the smallest number of conversations, and a lower bound of all names. The "
        "last column is the share of all expressions."
    )
    return markdown(rows, header, caption, "tbl-vocabulary", widths=(24, 11, 9, 11, 12, 20, 13))
