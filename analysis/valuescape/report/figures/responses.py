"""How assistants answer the user's values: shares of response types in small multiples."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import (
    as_percent,
    axis_name,
    canvas,
    inches,
    row_counts,
    row_text,
    rows,
)

SHARE_COLUMNS = ("response_type", "estimate", "ci_low", "ci_high", "n", "n_clusters")
READER_COLUMNS = ("reader_low", "reader_high", "n_readers")
HIDDEN, _CROWDED = "–", 5.0
_STEP, _LABELS, _GAP, _HEAD, _FOOT = 0.178, 1.93, 0.17, 0.86, 0.4


def overall_data(shares: pd.DataFrame) -> pd.DataFrame:
    """Take the shares of each group, its subjective conversations alone.

    Parameters
    ----------
    shares : DataFrame
        ``group``, ``subjective``, :data:`SHARE_COLUMNS` and :data:`READER_COLUMNS`.

    Returns
    -------
    DataFrame
        The same with ``label`` and ``row`` from 1 in the order of the style.
    """
    chosen = shares[shares["subjective"]].drop(columns="subjective")
    labels = chosen["group"].map(style.GROUP_NAMES)
    return _rowed(chosen.assign(label=labels), "group", list(style.GROUP_NAMES))


def by_task_type_data(
    shares: pd.DataFrame, contexts: pd.DataFrame, overall: pd.DataFrame, group: str
) -> pd.DataFrame:
    """Take the shares of each task type of a group, under those of the whole group.

    Parameters
    ----------
    shares : DataFrame
        ``group``, ``task_type`` and :data:`SHARE_COLUMNS`.
    contexts : DataFrame
        ``group``, ``context_kind``, ``context``, ``in_family``: which task types are large enough.
    overall : DataFrame
        From :func:`overall_data`.
    group : str
        Group of conversations.

    Returns
    -------
    DataFrame
        A row a share: ``task_type`` ("all" for the group), its columns in the results, ``label``
        and ``row``.
    """
    kept = _in_family(contexts, group, "task_type")
    chosen = shares[(shares["group"] == group) & shares["task_type"].isin(kept)]
    chosen = chosen.assign(label=chosen["task_type"].map(style.TASK_TYPE_NAMES))
    whole = overall[overall["group"] == group].drop(columns="row")
    whole = whole.assign(task_type="all", label="All task types")
    order = ["all", *style.TASK_TYPE_NAMES]
    return _rowed(pd.concat([whole, chosen], ignore_index=True), "task_type", order)


def own_data(overall: pd.DataFrame, by_task_type: pd.DataFrame, n: int) -> pd.DataFrame:
    """Take the shares of a corpus and, below them, those of its kinds of task.

    Parameters
    ----------
    overall : DataFrame
        ``name`` (the response type) with ``estimate``, ``ci_low``, ``ci_high``.
    by_task_type : DataFrame
        ``task_type`` and :data:`SHARE_COLUMNS`; an estimate that may not be shown is missing.
    n : int
        Conversations of the corpus.

    Returns
    -------
    DataFrame
        What :func:`draw_shares` draws: every response type in every row.
    """
    types = pd.DataFrame({"response_type": list(style.RESPONSE_TYPE_NAMES)})
    numbers = ["estimate", "ci_low", "ci_high"]
    whole = types.merge(
        overall.rename(columns={"name": "response_type"})[["response_type", *numbers]],
        how="left",
    )
    whole = whole.assign(task_type="all", label="All kinds of task", n=n)
    chosen = by_task_type[["task_type", "response_type", "n", *numbers]]
    chosen = chosen.assign(label=chosen["task_type"].map(style.TASK_TYPE_NAMES))
    order = ["all", *style.TASK_TYPE_NAMES]
    parts = [part for part in (whole, chosen) if len(part)]
    return _rowed(pd.concat(parts, ignore_index=True), "task_type", order)


def by_run_data(shares: pd.DataFrame, contexts: pd.DataFrame, group: str) -> pd.DataFrame:
    """Take the shares of each run of a group, source by source.

    Parameters
    ----------
    shares : DataFrame
        ``group``, ``run`` and :data:`SHARE_COLUMNS`.
    contexts : DataFrame
        As for :func:`by_task_type_data`.
    group : str
        Group of conversations.

    Returns
    -------
    DataFrame
        A row a share: ``run``, its columns in the results, ``label`` (the model), ``block`` (the
        source) and ``row``, with one row left for the name of each source.
    """
    kept = _in_family(contexts, group, "run")
    chosen = shares[(shares["group"] == group) & shares["run"].isin(kept)]
    names = [style.run_names(run) for run in chosen["run"]]
    chosen = chosen.assign(block=[b for b, _ in names], label=[m for _, m in names])
    sources = {name: place for place, name in enumerate(style.SOURCE_NAMES.values())}
    runs = chosen.drop_duplicates("run")
    runs = runs.assign(
        place=runs["block"].map(sources).fillna(len(sources)), folded=runs["label"].str.casefold()
    ).sort_values(["place", "block", "folded", "run"])
    before = (runs["block"] != runs["block"].shift()).cumsum()
    places = dict(zip(runs["run"], np.arange(1, len(runs) + 1) + before, strict=True))
    return chosen.assign(row=chosen["run"].map(places))


def _in_family(contexts: pd.DataFrame, group: str, kind: str) -> set[str]:
    family = contexts[(contexts["group"] == group) & (contexts["context_kind"] == kind)]
    return set(family.loc[family["in_family"], "context"])


def _rowed(table: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    present = [name for name in order if name in set(table[column])]
    places = {name: place for place, name in enumerate(present, start=1)}
    return table.assign(row=table[column].map(places))


def draw_shares(data: pd.DataFrame) -> Figure:
    """Draw a column of bars and intervals a response type, all to one scale.

    A pale band behind a bar, where the data hold it, spans the readers.
    """
    n_rows = int(data["row"].max())
    figure = canvas(_HEAD + n_rows * _STEP + _FOOT)
    spans = _spans(data)
    names = list(style.RESPONSE_TYPE_NAMES)
    free = style.PAPER_WIDTH - _LABELS - 0.14 - _GAP * (len(names) - 1)
    left = _LABELS
    for name in names:
        width = free * spans[name] / sum(spans.values())
        axes = inches(figure, left, _HEAD, width, n_rows * _STEP)
        axes.set_xlim(0, spans[name])
        rows(axes, n_rows)
        _draw_type(axes, data[data["response_type"] == name], name, sum(spans.values()))
        if name == names[0]:
            _label_rows(axes, data.drop_duplicates("row").sort_values("row"), width)
        left += width + _GAP
    axis_name(figure, "Share of the row's subjective conversations (%)")
    return figure


def _spans(data: pd.DataFrame) -> dict[str, float]:
    """Return the length of each column's axis, wide enough for its name."""
    ends = data[[c for c in ("ci_high", "reader_high") if c in data]].max(axis=1)
    longest = ends.groupby(data["response_type"]).max().fillna(0.0)
    return {name: max(float(longest[name]) + 0.01, 0.3) for name in style.RESPONSE_TYPE_NAMES}


def _draw_type(axes: Axes, part: pd.DataFrame, name: str, together: float) -> None:
    if "reader_low" in part:
        axes.barh(
            part["row"],
            part["reader_high"] - part["reader_low"],
            left=part["reader_low"],
            height=0.84,
            color="#ECECEC",
        )
    axes.barh(part["row"], part["estimate"], height=0.56, color=style.RESPONSE_TYPE_COLOURS[name])
    axes.hlines(part["row"], part["ci_low"], part["ci_high"], color=style.INK, linewidth=0.9)
    for row in part.loc[part["estimate"].isna(), "row"]:
        row_text(axes, 0.0, row, HIDDEN, color=style.FAINT)
    axes.text(
        0.0,
        1.02,
        style.RESPONSE_TYPE_NAMES[name],
        transform=axes.transAxes,
        rotation=33,
        rotation_mode="anchor",
        fontsize=style.SMALL + 0.3,
    )
    marks = (0.0, 0.25, 0.5, 0.75, 1.0) if together < _CROWDED else (0.0, 0.5, 1.0)
    as_percent(axes, [m for m in marks if m <= axes.get_xlim()[1]])


def _label_rows(axes: Axes, labels: pd.DataFrame, width: float) -> None:
    """Write names and counts left of the first column, which is ``width`` inches wide."""
    names = (-_LABELS + 0.05) / width
    row_counts(axes, -0.08 / width, labels["row"], labels["n"])
    blocks = labels.groupby("block") if "block" in labels else ()
    for block, part in blocks:
        row_text(axes, names, part["row"].min() - 1, str(block), fontweight="bold")
    indent = 0.1 / width if "block" in labels else 0.0
    for row, label in zip(labels["row"], labels["label"], strict=True):
        row_text(axes, names + indent, row, label)
