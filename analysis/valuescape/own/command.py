"""``valuescape report``: someone's own conversations in, a folder with a report out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from valuescape.corpora.reading import DETECT, Tally
from valuescape.errors import InputError, OptionError
from valuescape.own.contents import STEPS, own_contents
from valuescape.own.explorer import own_explorer
from valuescape.own.figures import Captioned, own_figures
from valuescape.own.floors import Floors
from valuescape.own.frame import own_frame
from valuescape.own.labels import Labelled, given_labels, is_labels, label_corpus
from valuescape.progress import steps
from valuescape.report.figures.base import write_drawing
from valuescape.report.own.contents import TABLES, Contents, Picture
from valuescape.report.own.findings import findings
from valuescape.report.own.page import report_page
from valuescape.store import replaced_folder, write_table, write_text

PAGE, EXPLORER, SKIPPED = "report.html", "explorer.html", "skipped.csv"
EMBEDDED = "embedded"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Order:
    """What a report is wanted of.

    Attributes
    ----------
    source : Path
        Conversations, or a folder of labels already made.
    output : Path
        Folder to write.
    labeller : str or None
        Who labels, or whose labels are taken; embedded, or the only one there.
    labels : Path or None
        Where labels made now are kept; beside the output when None.
    conversations : Path or None
        The conversations that given labels are of, to know users and assistants.
    format : str
        Format of the conversations.
    floors : Floors or None
        None for public conversations.
    tally : Tally
        Receives what is malformed or left out.
    """

    source: Path
    output: Path
    labeller: str | None = None
    labels: Path | None = None
    conversations: Path | None = None
    format: str = DETECT
    floors: Floors | None = field(default_factory=Floors)
    tally: Tally = field(default_factory=Tally)

    @property
    def given(self) -> bool:
        """Whether the source is a folder of labels."""
        return is_labels(self.source)

    @property
    def kept(self) -> Path:
        """Folder of the labels that are made."""
        return self.labels or self.output.with_name(f"{self.output.name}-labels")


def plan_text(order: Order) -> str:
    """Say what will be done, before anything is.

    Raises
    ------
    InputError
        If the source is absent; OptionError if options do not go together, or the output is a
        folder of something else.
    """
    _check(order)
    if order.given:
        who = order.labeller or "the labeller in it"
        labels = f"labels by {who}, as they are in {order.source}"
    else:
        who = order.labeller or EMBEDDED
        labels = f"labels by {who}, made on this machine and kept in {order.kept} (not for sharing)"
    floors = "none: the conversations are public"
    if order.floors:
        floors = (
            f"counts under {order.floors.conversations} conversations or {order.floors.users} "
            "users are hidden, with others that would give them away"
        )
    return "\n".join(
        (
            f"reads   {order.source}",
            f"takes   {labels}",
            f"floors  {floors}",
            "tests   values and headings by kind of task, stance and assistant; response types, "
            "mirroring, resistance, undesired values",
            f"writes  {order.output}: {PAGE}, {EXPLORER}, tables, figures, {SKIPPED}",
        )
    )


def write_report(order: Order) -> str:
    """Label, analyse, hide, draw and write; nothing is written unless all of it is whole.

    Returns
    -------
    str
        What was found, in a few lines.

    Raises
    ------
    InputError
        As :func:`plan_text`, or if the conversations cannot be read or are too few.
    """
    _check(order)
    labelled = _labelled(order)
    with steps("analysing", STEPS) as done:
        frame = own_frame(labelled, private=order.floors is not None)
        contents = own_contents(frame, order.floors, _called(order.source), done)
    figures = own_figures(contents)
    with (
        replaced_folder(order.output) as out,
        steps("drawing", len(figures) + 1) as drawn,
    ):
        _write_tables(contents, out)
        pictures = {}
        for figure in figures:
            pictures[figure.drawing.name] = _picture(figure, out / "figures")
            drawn()
        explorer = own_explorer(contents, frame.nodes)
        if explorer is not None:
            write_text(explorer, out / EXPLORER)
        write_text(report_page(contents, pictures), out / PAGE)
        drawn()
    return _told(contents, labelled, order)


def _check(order: Order) -> None:
    if not order.source.exists():
        raise InputError(f"{order.source}: no such file or folder")
    if order.conversations is not None and not order.given:
        raise OptionError("--conversations goes with a folder of labels; name one file or folder")
    if order.labels is not None and order.given:
        raise OptionError("--labels goes with conversations; the source is a folder of labels")
    if order.output.exists() and not order.output.is_dir():
        raise OptionError(f"--output {order.output}: a file is there; needed is a folder")
    if (
        order.output.is_dir()
        and any(order.output.iterdir())
        and not (order.output / PAGE).is_file()
    ):
        raise OptionError(
            f"--output {order.output}: the folder holds something else than a report, and would be "
            "replaced; name a new or an empty one"
        )
    inside = [order.source, order.kept, *([order.conversations] if order.conversations else [])]
    for path in inside:
        if path.resolve().is_relative_to(order.output.resolve()):
            raise OptionError(f"--output {order.output} holds {path}, and would be replaced")


def _labelled(order: Order) -> Labelled:
    if order.given:
        return given_labels(order.source, order.labeller, order.conversations, order.tally)
    name = order.labeller or EMBEDDED
    return label_corpus(order.source, order.kept, name, format=order.format, tally=order.tally)


def _called(source: Path) -> str:
    return source.resolve().name


def _write_tables(contents: Contents, out: Path) -> None:
    for name, key in TABLES.items():
        table = contents.tables[name]
        if not table.empty:
            write_table(table, out / "tables" / f"{name}.csv", key=list(key), digits=_DIGITS)
    columns = list(contents.skipped.columns)
    rows = contents.skipped if len(contents.skipped) else pd.DataFrame(columns=columns)
    write_table(rows.drop_duplicates(), out / SKIPPED, key=columns)


def _picture(figure: Captioned, folder: Path) -> Picture:
    write_drawing(figure.drawing, folder)
    svg = (folder / f"{figure.drawing.name}.svg").read_bytes()
    return Picture(svg, figure.title, figure.caption, figure.alt)


def _told(contents: Contents, labelled: Labelled, order: Order) -> str:
    sizes = contents.sizes
    again = ", as an earlier run made them" if labelled.reused else ""
    lines = [
        f"{sizes['subjective']:,} subjective conversations, labels by {contents.labeller}{again}"
    ]
    lines += [f"{name}: {text}" for name, text in findings(contents)]
    if contents.floors:
        table = contents.tables["suppression"]
        lines.append(
            f"{int(table['small'].sum() + table['protecting'].sum()):,} of "
            f"{int(table['counts'].sum()):,} counts are hidden by the floors"
        )
    return "\n".join([*lines, str(order.output / PAGE)])
