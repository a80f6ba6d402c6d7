"""``valuescape audit draw`` and ``audit read``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.audit.answers import Answers, read_answers
from valuescape.audit.design import DESIGN, drawn_frame, machine_answers, one_labeller
from valuescape.audit.page import coding_page, coding_sheet
from valuescape.audit.questions import VALUE_PREFIX, Question, questions
from valuescape.audit.results import agreement_table, corrected_table, gold_table
from valuescape.corpora.conversation import Turn
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError, OptionError
from valuescape.parsing import read_json
from valuescape.store import (
    RESAMPLED_DIGITS,
    read_columns,
    read_table,
    replaced_folder,
    write_json,
    write_table,
    write_text,
)

STRATA: tuple[str, ...] = ("response_type", "task_type", "subjective")


@dataclass(frozen=True, slots=True)
class Draw:
    """What to draw.

    Attributes
    ----------
    n : int
        Conversations to code.
    values : tuple of str
        Values of the assistant to ask about; empty for the commonest.
    n_values : int
        How many of the commonest, if none are named.
    stratum : str
        One of `STRATA`: the machine answer to stratify by.
    labeller : str or None
        Whose labels to audit, if the table has several.
    seed : int
        Of the draw.
    """

    n: int = 200
    values: tuple[str, ...] = ()
    n_values: int = 10
    stratum: str = "response_type"
    labeller: str | None = None
    seed: int = 1


def draw_audit(
    conversations: Path, labels: Path, expressions: Path, output: Path, wanted: Draw
) -> pd.DataFrame:
    """Draw conversations and write the coders' page and sheet, and the design.

    ``output/coders`` holds ``coding.html`` and ``sheet.csv``: texts and questions, nothing that
    the machine said.  ``output/design`` holds ``frame.csv`` and ``audit.json``: no text; coders
    must not see it.

    Parameters
    ----------
    conversations : Path
        The texts, in our JSONL.
    labels, expressions : Path
        Tables that ``valuescape label`` wrote for them.
    output : Path
        Folder to write.
    wanted : Draw
        Size and manner of the draw.

    Returns
    -------
    DataFrame
        The frame, from `drawn_frame`.

    Raises
    ------
    InputError
        If a file cannot be used, a labelled conversation has no text, a value was never labelled,
        or the draw asked for is impossible.  Nothing is written then.
    """
    if wanted.stratum not in STRATA:
        raise OptionError(f"--stratum {wanted.stratum!r}: allowed are {', '.join(STRATA)}")
    theirs = one_labeller(read_table(labels, "labels"), wanted.labeller, labels)
    theirs = theirs[theirs["status"] == "ok"]
    given = read_table(expressions, "expressions")
    given = given[given["labeller"].isin(theirs["labeller"])]
    asked = questions(_values(given, wanted, expressions))
    machine = machine_answers(theirs, given, asked)
    clusters = _clusters(conversations, set(machine["conversation_id"]))
    frame = drawn_frame(machine, clusters, n=wanted.n, stratum=wanted.stratum, seed=wanted.seed)
    with replaced_folder(output) as folder:
        draw = _write_design(frame, asked, wanted, folder / "design")
        texts = _texts(conversations, frame)
        write_text(coding_page(draw, asked, texts), folder / "coders" / "coding.html")
        write_text(coding_sheet(draw, asked, texts), folder / "coders" / "sheet.csv")
    return frame


def read_audit(folder: Path, answers: list[Path], output: Path) -> dict[str, pd.DataFrame]:
    """Read the answers of one or two coders and write what they say of the machine.

    Parameters
    ----------
    folder : Path
        What `draw_audit` wrote.
    answers : list of Path
        The first coder's answers are the gold; a second coder's serve agreement.
    output : Path
        Folder for ``gold.csv``, ``agreement.csv`` and ``corrected.csv``; none holds text.

    Returns
    -------
    dict of DataFrame
        The three tables, by name.

    Raises
    ------
    InputError
        If the folder holds no draw, answers are missing, not allowed, or to another draw, or both
        files are one person's.
    """
    if not 1 <= len(answers) <= 2:
        raise InputError(f"{len(answers)} files of answers; allowed are one or two")
    frame, asked, draw = _read_design(folder / "design")
    items = sorted(frame.loc[frame["item"] != "", "item"])
    coded = [read_answers(path, draw, items, asked) for path in answers]
    _check_persons(answers, coded)
    first, second = coded[0].table, coded[1].table if len(coded) == 2 else None
    gold = gold_table(frame, first, second, asked)
    tables = {
        "gold": gold,
        "agreement": agreement_table(gold, asked),
        "corrected": corrected_table(frame, first, asked),
    }
    keys = {
        "gold": ["item", "question"],
        "agreement": ["question", "between", "coefficient"],
        "corrected": ["question", "answer"],
    }
    for name, table in tables.items():
        write_table(table, output / f"{name}.csv", key=keys[name], digits=RESAMPLED_DIGITS)
    return tables


def _check_persons(paths: list[Path], coded: list[Answers]) -> None:
    """Refuse one person's answers as those of two."""
    if len(coded) == 2 and (
        paths[0].resolve() == paths[1].resolve() or coded[0].coder == coded[1].coder != ""
    ):
        raise InputError(
            f"{paths[1]}: by the coder of {paths[0]}, {coded[0].coder!r}; needed are two persons"
        )


def _values(expressions: pd.DataFrame, wanted: Draw, path: Path) -> tuple[str, ...]:
    theirs = expressions.loc[expressions["party"] == "assistant", "value"].value_counts()
    unknown = [value for value in wanted.values if value not in theirs.index]
    if unknown:
        raise InputError(f"{path}: --value {unknown[0]!r} was never labelled")
    order = sorted(theirs.index, key=lambda value: (-theirs[value], value))
    return tuple(dict.fromkeys(wanted.values)) or tuple(order[: wanted.n_values])


def _clusters(path: Path, labelled: set[str]) -> dict[str, str]:
    """User of each conversation labelled where all have one, else prompt."""
    users: dict[str, str | None] = {}
    prompts: dict[str, str] = {}
    for conversation in read_jsonl(path):
        if conversation.id in labelled:
            users[conversation.id] = conversation.user_id
            prompts[conversation.id] = conversation.prompt_id
    absent = sorted(labelled - set(prompts))
    if absent:
        raise InputError(f"{path}: conversation {absent[0]!r} is labelled but not in this file")
    known = {name: user for name, user in users.items() if user is not None}
    return known if len(known) == len(users) else prompts


def _texts(path: Path, frame: pd.DataFrame) -> dict[str, tuple[Turn, ...]]:
    """Return the turns of the conversations drawn, by item, in the order of items."""
    drawn = frame[frame["item"] != ""]
    item_of = dict(zip(drawn["conversation_id"], drawn["item"], strict=True))
    found = {item_of[c.id]: c.messages for c in read_jsonl(path) if c.id in item_of}
    return dict(sorted(found.items()))


def _write_design(
    frame: pd.DataFrame, asked: tuple[Question, ...], wanted: Draw, folder: Path
) -> str:
    write_table(frame, folder / "frame.csv", key=["conversation_id"], digits=17)
    draw = _digest(folder / "frame.csv")
    values = [q.key.removeprefix(VALUE_PREFIX) for q in asked if q.key.startswith(VALUE_PREFIX)]
    content = {"draw": draw, "values": values, "stratum": wanted.stratum, "seed": wanted.seed}
    write_json(content, folder / "audit.json")
    return draw


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _read_design(folder: Path) -> tuple[pd.DataFrame, tuple[Question, ...], str]:
    try:
        content = read_json(folder / "audit.json")
        values, draw = content["values"], content["draw"]
        if not isinstance(draw, str) or len(set(values)) < len(values):
            raise TypeError
        asked = questions(tuple(values))
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{folder / 'audit.json'}: not written by 'audit draw'") from None
    path = folder / "frame.csv"
    frame = read_columns(path, [*DESIGN, *(q.key for q in asked)])
    if _digest(path) != draw:
        raise InputError(f"{path}: changed since it was drawn")
    return frame.assign(item=frame["item"].fillna("")), asked, draw
