"""The coders' sheet and page: conversations, questions and nothing that the machine said."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files

from valuescape.audit.questions import Question, rules
from valuescape.corpora.conversation import Turn
from valuescape.pages import script_json


def coding_page(draw: str, asked: Sequence[Question], texts: Mapping[str, Sequence[Turn]]) -> str:
    """Return one HTML page that holds all it needs and sends nothing anywhere.

    Parameters
    ----------
    draw : str
        Identifies the draw in the answers.
    asked : sequence of Question
        The questions.
    texts : mapping
        Turns of each item, in the order in which they are coded.

    Returns
    -------
    str
        A page whose content security policy allows no connection; texts are data, never markup.
    """
    data = {
        "draw": draw,
        "rules": rules(),
        "questions": [asdict(question) for question in asked],
        "items": [
            {"item": item, "turns": [[turn.role, turn.content] for turn in turns]}
            for item, turns in texts.items()
        ],
    }
    template = (files("valuescape.resources") / "audit" / "coding.html").read_text("utf-8")
    return template.replace("{{DATA}}", script_json(data))


def coding_sheet(draw: str, asked: Sequence[Question], texts: Mapping[str, Sequence[Turn]]) -> str:
    """Return the same as CSV: one row an item, an empty column a question, the text at the end.

    The text begins with the role of the first turn, so that no spreadsheet takes it for a formula.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["draw", "item", *(q.key for q in asked), "conversation"])
    for item, turns in texts.items():
        text = "\n\n".join(f"{turn.role.upper()}: {turn.content}" for turn in turns)
        writer.writerow([draw, item, *("" for _ in asked), _writable(text)])
    return stream.getvalue()


def _writable(text: str) -> str:
    """Replace what UTF-8 and CSV readers refuse: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
