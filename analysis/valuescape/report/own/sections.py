"""The sections of a report, each a list of pieces of HTML; an empty one is left out."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

from valuescape.report.own.contents import HEADING_LEVEL, Contents, Picture
from valuescape.report.own.findings import findings
from valuescape.report.own.html import figure, items, paragraph, table
from valuescape.report.own.wording import context, listed, p_like, percent, span, times
from valuescape.report.style import POLARITY_NAMES, count, marked

_ROWS, _POOR = 15, 0.2


Pictures = Mapping[str, Picture]


def _figures(pictures: Pictures, *names: str) -> list[str]:
    return [
        figure(name, p.svg, p.title, p.caption, p.alt)
        for name in names
        if (p := pictures.get(name)) is not None
    ]


def summary(contents: Contents) -> list[str]:
    """Say the headline findings."""
    told = findings(contents)
    if not told:
        return [paragraph("Too little may be shown, or is there, to say anything.")]
    rows = "".join(f"<li><strong>{escape(name)}</strong>{escape(text)}</li>" for name, text in told)
    by = f"They describe what {contents.labeller} read in these conversations, not use elsewhere."
    return [f'<ul class="findings">{rows}</ul>', paragraph(by)]


def reading(contents: Contents) -> list[str]:
    """Say what the words and numbers mean."""
    points = [
        "A value is what a reply shows to be worth striving for, in its words or in what it does: "
        "clarity, honesty, harm prevention. A conversation counts once for a value, however often "
        "the value occurs in it.",
        "Subjective conversations are those in which a good answer depends on judgement. All "
        "shares are shares of these.",
        "A 95 % interval is the range of shares that agree with what was seen. "
        f"{_clustering(contents.clusters)}",
        "A ratio (risk ratio) says how many times as frequent a value is in a context as in all "
        "others. 1 is no difference.",
        "q is the false discovery rate at which a cell would be declared: among cells with q up to "
        "0.05 about one in twenty is expected to be a chance find. A larger q is no evidence that "
        "there is no difference.",
    ]
    if contents.floors:
        points.append(
            "Hidden is not zero. What is hidden is below a floor that protects people, or protects "
            "another number that is."
        )
    return [items(points)]


def _clustering(clusters: str) -> str:
    if clusters == "conversations":
        return "It takes conversations as independent, and does not allow for errors of the labels."
    return (
        f"It allows for {clusters} with several conversations each, and not for errors of the "
        "labels."
    )


def conversations(contents: Contents, pictures: Pictures) -> list[str]:
    """Say how large the corpus is and what users come for."""
    sizes = contents.sizes
    named = [
        ("conversations", "conversations labelled"),
        ("subjective", "subjective, analysed here"),
        ("clusters", contents.clusters),
        ("assistants", "assistants"),
        ("task_types", "kinds of task shown" if contents.floors else "kinds of task"),
    ]
    tiles = [
        f"<li><b>{'hidden' if sizes[name] is None else f'{sizes[name]:,}'}</b>{escape(text)}</li>"
        for name, text in named
        if not (name == "clusters" and contents.clusters == "conversations")
    ]
    return [f'<ul class="tiles">{"".join(tiles)}</ul>', *_figures(pictures, "task_types")]


def values(contents: Contents, pictures: Pictures) -> list[str]:
    """Say how common values and headings are."""
    found = contents.of_level(0)
    if found.empty and contents.of_level(HEADING_LEVEL).empty:
        return []
    parts = _figures(pictures, "common_values", "headings")
    if not found.empty:
        parts.append(_value_table(contents, found))
        parts += _doubtful(contents, found)
    return parts


def _doubtful(contents: Contents, found: pd.DataFrame) -> list[str]:
    """Name the common values whose labels are mostly wrong elsewhere."""
    if contents.quality is None:
        return []
    known = contents.quality.values
    poor = set(known.loc[known["precision"] < _POOR, "name"])
    names = [str(name) for name in found.head(_ROWS)["name"] if name in poor]
    if not names:
        return []
    text = (
        f"Of five labels {listed(names)}, at least four had no counterpart in a reading of other "
        "conversations: do not rely on these counts without a check by people."
    )
    return [f'<p class="note">{escape(text)}</p>']


def _value_table(contents: Contents, found: pd.DataFrame) -> str:
    header = ["Value", "Heading", "Conversations", "Share", "95 % interval"]
    known = contents.quality.values.set_index("name") if contents.quality else None
    if known is not None:
        header += ["Precision", "Recall"]
    rows = []
    for _, row in found.head(_ROWS).iterrows():
        cells = [
            marked(row["name"], row["polarity"]),
            row["heading"],
            count(row["n"]),
            percent(row["estimate"]),
            span(row),
        ]
        if known is not None:
            inside = row["name"] in known.index
            cells += [
                f"{known.loc[row['name'], c]:.2f}" if inside else "–"
                for c in ("precision", "recall")
            ]
        rows.append(cells)
    more = f" The first {_ROWS} of {len(found)}; the others are in tables/values.csv."
    caption = f"Values by frequency.{more if len(found) > _ROWS else ''}"
    if known is not None:
        caption += (
            " Precision and recall of the label are the model card's, on other conversations."
        )
    return table(header, rows, caption, words=2)


def tasks(contents: Contents, pictures: Pictures) -> list[str]:
    """Say which values go with which kind of task."""
    parts = _figures(pictures, "task_values", "top_values")
    found = contents.established("task_type")
    if not found.empty:
        strongest = found.sort_values(["fcr_low", "value"], ascending=[False, True]).head(_ROWS)
        rows = [
            [
                row["value"],
                context("task_type", row["context"]),
                f"{count(row['n_both'])} of {count(row['n_context'])}",
                percent(row["prevalence_inside"]),
                percent(row["prevalence_outside"]),
                f"{times(row['risk_ratio'])} ({times(row['fcr_low'])} to {times(row['fcr_high'])})",
                p_like(row["q_value"]),
            ]
            for _, row in strongest.iterrows()
        ]
        header = ["Value", "Kind of task", "n", "There", "Elsewhere", "Ratio (interval)", "q"]
        caption = (
            f"The strongest of {len(found)} established associations, by the lower end of an "
            "interval that allows for the selection."
        )
        parts.append(table(header, rows, caption, words=2))
    elif not contents.tables["associations"].empty:
        which = "that may be shown " if contents.floors else ""
        text = f"No association of a value with a kind of task {which}is established."
        parts.append(paragraph(text))
    if parts:
        parts.append(
            "<p>Every cell, by task, stance and assistant, for values and for headings, can be "
            'looked up in the <a href="explorer.html">explorer</a>.</p>'
        )
    return parts


def answers(pictures: Pictures) -> list[str]:
    """Say how users are answered."""
    return _figures(pictures, "response_types", "mirroring", "resistance")


def undesired(contents: Contents, pictures: Pictures) -> list[str]:
    """Say what should not be there."""
    parts = _figures(pictures, "undesired_values")
    found = contents.of_level(0)
    bad = found[found["polarity"] != "desirable"]
    if not bad.empty:
        rows = [
            [
                row["name"],
                POLARITY_NAMES[row["polarity"]],
                count(row["n"]),
                percent(row["estimate"]),
                span(row),
            ]
            for _, row in bad.iterrows()
        ]
        header = ["Value", "Judged", "Conversations", "Share", "95 % interval"]
        parts.append(table(header, rows, "Values that are not judged desirable.", words=2))
    if parts:
        note = (
            "Labels of undesired values are among the weakest of a machine labeller. Take them for "
            "a reason to read conversations, not for a finding about an assistant."
        )
        parts.insert(0, f'<p class="note">{note}</p>')
    return parts
