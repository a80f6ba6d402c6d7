"""The sections that say how far the report can be trusted, and what it leaves out."""

from __future__ import annotations

from html import escape

import pandas as pd

from valuescape.report.own.contents import TABLES, Contents
from valuescape.report.own.html import items, paragraph, table

_HELD = {
    "overview": "how large the corpus is",
    "task_types": "kinds of task, with intervals",
    "response_types": "response types, with intervals",
    "response_types_by_task_type": "response types within each kind of task",
    "values": "values (level 0) and headings (level 3), with intervals",
    "associations": "every value and heading by task, stance and assistant: counts, ratios, tests",
    "top_values": "the most distinctive values of each kind of task",
    "resistance": "values under resistance against support",
    "mirroring": "whether assistants express the user's values",
    "undesired": "undesired values and faults, by assistant",
    "suppression": "how many counts are hidden, table by table",
}


def labels(contents: Contents) -> list[str]:
    """Say who labelled and how well."""
    quality = contents.quality
    if quality is None:
        return [
            paragraph(
                f"The labels were made by {contents.labeller} and given to this report, which "
                "knows nothing of their quality. Let people code a sample (valuescape audit) "
                "before you rely on them."
            )
        ]
    header = ["Agreement with readings", "Estimate (95 % interval)"]
    return [
        paragraph(
            f"The labels were made offline by {contents.labeller}, a machine labeller fitted to "
            "readings: labels that Claude language models wrote under a written codebook. No "
            "person labelled the training data. The figures below are its model card's, from "
            "conversations held out when it was fitted: English, mostly of one exchange, many "
            "adversarial."
        ),
        table(header, [list(row) for row in quality.headlines], "How well the labels agree."),
        items(
            [
                "κ (kappa) is agreement beyond chance: 0 is none, 1 is perfect.",
                "AP (average precision) says how well a value is found; a labeller that guesses "
                "reaches the base rate.",
                "Shares of labels are not corrected for these errors. A value with low precision "
                "is mostly a false find; one with low recall is mostly missed. Comparisons between "
                "contexts suffer less than shares, unless the labeller errs differently in them.",
                "On your conversations it may be better or worse. A sample coded by people "
                "(valuescape audit) measures it and corrects the shares.",
            ]
        ),
    ]


def hidden(contents: Contents) -> list[str]:
    """Say what is hidden and what was left out."""
    return [*_floors(contents), *_skipped(contents.skipped)]


def _floors(contents: Contents) -> list[str]:
    if contents.floors is None:
        return [
            paragraph(
                "The conversations were said to be public, so nothing is hidden: no floor would "
                "protect what anyone may read."
            )
        ]
    least, users = contents.floors
    who = contents.clusters if contents.clusters != "conversations" else "users"
    told = (
        f"A count is hidden if it rests on fewer than {least} conversations or {users} {who}. "
        "Others are hidden with it where it would follow from totals: from what is published here, "
        f"every hidden small count may be anything from 0 to {least}. Phrases that describe tasks "
        "and names of values that are not on the project's list are dropped."
    )
    parts = [paragraph(told)]
    if not contents.users_known:
        parts.append(f'<p class="note">{escape(_unknown(contents.clusters, users))}</p>')
    rows = [
        [row["table"], *(f"{row[name]:,}" for name in ("counts", "shown", "small", "protecting"))]
        for _, row in contents.tables["suppression"].iterrows()
    ]
    header = ["Table", "Counts", "Shown", "Hidden: small", "Hidden: to protect"]
    parts.append(table(header, rows, "Counts with their totals, and how many are hidden."))
    parts.append(
        paragraph(
            "Floors do not protect against someone who already knows most of the conversations, "
            "against comparison with a second report on nearly the same conversations, or against "
            "what a large count says of everyone in it: if all users of a kind are alike, the "
            "total tells of each. Who may see this page is still yours to decide."
        )
    )
    return parts


def _unknown(clusters: str, users: int) -> str:
    if clusters == "conversations":
        return (
            "Neither users nor prompts are known, so every conversation counts as a user of its "
            f"own and the floor of {users} users protects nobody: one person may stand behind a "
            "count."
        )
    return (
        f"Users are not known for every conversation: the floor of {users} counts {clusters} "
        "instead, and one person may stand behind several of them."
    )


def _skipped(skipped: pd.DataFrame) -> list[str]:
    if skipped.empty:
        return []
    rows = [
        [row["step"], row["what"], "" if pd.isna(row["n"]) else f"{row['n']:,}", row["why"]]
        for _, row in skipped.iterrows()
    ]
    header = ["Step", "What", "n", "Why"]
    return [table(header, rows, "Left out (also in skipped.csv).", words=4)]


def limits(contents: Contents) -> list[str]:
    """Say what the report does not show."""
    points = [
        "Labels say what a text shows, not what an assistant or a user holds dear.",
        "The numbers describe these conversations. How they were chosen decides what else they "
        "speak of; shares rarely carry over, contrasts sometimes.",
        "An association with a kind of task says nothing of causes: users, prompts and assistants "
        "differ between kinds of task.",
        "Intervals allow for chance and for clusters of conversations, not for errors of the "
        "labels, which can be larger.",
        "No label is good enough to judge one conversation, one user or one reply.",
    ]
    if contents.clusters == "conversations":
        points.append(
            "Conversations were taken as independent, since nothing says who had them: if some "
            "people had many, intervals are too narrow."
        )
    return [items(points)]


def files(contents: Contents) -> list[str]:
    """List the files beside the page and the citation."""
    rows = [
        f'<tr><th scope="row" class="words"><a href="tables/{name}.csv">tables/{name}.csv</a></th>'
        f'<td class="words">{escape(_HELD[name])}</td></tr>'
        for name in TABLES
        if not contents.tables[name].empty
    ]
    others = [
        ("skipped.csv", "skipped.csv", "what was left out and why"),
        ("", "figures/", "each figure as SVG and PNG with its data as CSV"),
    ]
    if not contents.tables["associations"].empty:
        others.insert(0, ("explorer.html", "explorer.html", "every association, to be looked up"))
    for target, name, held in others:
        link = f'<a href="{target}">{name}</a>' if target else name
        rows.append(
            f'<tr><th scope="row" class="words">{link}</th><td class="words">{held}</td></tr>'
        )
    return [
        f'<div class="scroll"><table><caption>Beside this page</caption><tbody>{"".join(rows)}'
        "</tbody></table></div>",
        paragraph("To cite the method:"),
        f"<pre>{escape(contents.citation)}</pre>",
    ]
