"""From a frame of labelled conversations to everything that a report may say."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from valuescape import __version__
from valuescape.errors import InputError
from valuescape.own.associations import association_tables, resistance_table
from valuescape.own.floors import Floors, Shown, shown_counts
from valuescape.own.frame import Frame
from valuescape.own.mirroring import own_mirroring
from valuescape.own.quality import labeller_quality
from valuescape.own.shares import (
    context_shares,
    node_shares,
    overview_table,
    response_shares,
    undesired_table,
)
from valuescape.own.skipped import Skipped, skipped_table
from valuescape.release.citation import cite
from valuescape.report.own.contents import TABLES, Contents
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

STEPS = 6


def own_contents(
    frame: Frame, floors: Floors | None, source: str, done: Callable[[], None] = lambda: None
) -> Contents:
    """Analyse labelled conversations and keep what may be shown.

    Parameters
    ----------
    frame : Frame
        From :func:`~valuescape.own.frame.own_frame`.
    floors : Floors or None
        None for public conversations.
    source : str
        What was read, for the title.
    done : callable
        Called after each of :data:`STEPS` steps.

    Raises
    ------
    InputError
        If all conversations together are too few.
    """
    if frame.subjective["prompt_group"].nunique() < 2:
        raise InputError(
            f"too few conversations: the subjective ones are of fewer than two {frame.clusters}; "
            "two are needed"
        )
    shown = shown_counts(frame, floors)
    done()
    tables = {
        "overview": overview_table(frame, shown),
        "task_types": context_shares(frame, shown, "task_type", tuple(TASK_TYPES)),
        "response_types": context_shares(frame, shown, "response_type", tuple(RESPONSE_TYPES)),
        "response_types_by_task_type": response_shares(frame, shown),
        "values": node_shares(frame, shown),
    }
    done()
    tables["associations"], tables["top_values"], first = association_tables(frame, shown, floors)
    done()
    tables["resistance"], second = resistance_table(frame, shown, floors)
    done()
    tables["mirroring"], third = own_mirroring(frame, floors)
    done()
    tables["undesired"] = undesired_table(frame, shown)
    tables["suppression"] = _suppression(shown)
    done()
    skipped = [*frame.skipped, *first, *second, *third, *_under_floors(frame, shown, floors)]
    return Contents(
        {name: tables[name] for name in TABLES},
        skipped_table([*skipped, *_unsupported(frame)]),
        frame.labeller,
        frame.clusters,
        None if floors is None else (floors.conversations, floors.users),
        frame.users_known,
        labeller_quality(frame.labeller),
        source,
        __version__,
        cite("apa"),
    )


def _suppression(shown: Shown) -> pd.DataFrame:
    table = pd.DataFrame(shown.report, columns=["table", "counts", "small", "protecting"])
    left = table["counts"] - table["small"] - table["protecting"]
    return table.assign(shown=left)[["table", "counts", "shown", "small", "protecting"]]


def _under_floors(frame: Frame, shown: Shown, floors: Floors | None) -> list[Skipped]:
    """Name what is left out whole because it is under a floor."""
    if floors is None:
        return []
    why = (
        f"under {floors.conversations} conversations or {floors.users} {frame.clusters}, or hidden"
    )
    found = []
    for name, dark in (
        ("kinds of task, of those in the codebook", _dark(shown, "task_type")),
        ("values", sum(not seen for (level, _), seen in shown.nodes.items() if level == 0)),
        ("headings", sum(not seen for (level, _), seen in shown.nodes.items() if level > 0)),
        ("assistants", _dark(shown, "assistant")),
        ("response types, of those in the codebook", _dark(shown, "response_type")),
    ):
        if dark:
            found.append(Skipped("floors", name, dark, f"{why} to protect one"))
    if not shown.not_subjective:
        found.append(Skipped("floors", "conversations that are not subjective", None, why))
    return found


def _dark(shown: Shown, kind: str) -> int:
    return sum(not seen for (of, _), seen in shown.contexts.items() if of == kind)


def _unsupported(frame: Frame) -> list[Skipped]:
    """Name the parts of the study that such labels do not carry."""
    found = [
        Skipped("report", "purposes in free words", None, "phrases may tell of people"),
        Skipped("report", "correction for errors of the labels", None,
                "needs a sample coded by people: valuescape audit"),
    ]  # fmt: skip
    if frame.labeller.startswith("embedded-"):
        why = "the embedded labeller cannot tell values that are stated from those that are shown"
        found.append(Skipped("report", "values stated outright", None, why))
    return found
