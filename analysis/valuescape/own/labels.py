"""Labels of someone's own conversations: made now, made by an earlier run, or given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import DETECT, Tally, read_corpus
from valuescape.errors import InputError, OptionError
from valuescape.labelling.command import (
    BY_INTERFACE,
    find_labeller,
    full_name,
    label_all,
)
from valuescape.labelling.merging import ENDINGS
from valuescape.labelling.tables import expression_frame, label_frame, pair_of_tables
from valuescape.own.skipped import Skipped, of_tally
from valuescape.progress import steps
from valuescape.store import as_json, read_columns, read_table
from valuescape.writing import alone_in, write_together

ORIGIN, KNOWN = "origin.json", "conversations.csv"
_FILES = "files"
_COLUMNS = ("conversation_id", "model", "user", "prompt")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Conversations with the labels of one labeller; no text.

    Attributes
    ----------
    labels, expressions : DataFrame
        Tables ``labels`` and ``expressions``.
    known : DataFrame
        ``conversation_id``, ``model``, ``user``, ``prompt``: numbers in place of names, empty where
        nothing is known.
    labeller : str
        Whose labels.
    skipped : tuple of Skipped
        What was left out on the way.
    reused : bool
        Whether an earlier run made the labels.
    """

    labels: pd.DataFrame
    expressions: pd.DataFrame
    known: pd.DataFrame
    labeller: str
    skipped: tuple[Skipped, ...]
    reused: bool = False


def is_labels(path: Path) -> bool:
    """Tell whether a path is a folder of labels already made."""
    return path.is_dir() and _table(path, "labels") is not None


def label_corpus(
    path: Path,
    folder: Path,
    labeller: str,
    *,
    format: str = DETECT,  # noqa: A002
    tally: Tally,
) -> Labelled:
    """Label conversations, or take the labels that an earlier run made of the same ones.

    Parameters
    ----------
    path : Path
        Conversations in any format that is read.
    folder : Path
        Where labels, expressions, numbers in place of users, and where they come from are kept.
    labeller : str
        A labeller that works on this machine.
    format : str
        Name of the format, or ``auto``.
    tally : Tally
        Receives what is malformed or left out.

    Raises
    ------
    InputError
        As :func:`~valuescape.labelling.command.label_file`; OptionError for a labeller that sends
        conversations away.
    """
    if labeller in BY_INTERFACE:
        raise OptionError(
            f"--labeller {labeller} sends conversations away, after a plan and a question; label "
            f"first (valuescape label ... --labeller {labeller} --output labels/), then give the "
            "folder: valuescape report labels/ --conversations FILE"
        )
    chosen = find_labeller(labeller)
    name = full_name(chosen)
    origin = {"labeller": name, "format": format, "sha256": _fingerprint(path)}
    if (earlier := _kept(folder, origin)) is not None:
        return earlier
    seen: list[Conversation] = []
    found = label_all(path, chosen, format, tally, lambda c: seen.append(_without_text(c)))
    tables = label_frame(found, name), expression_frame(found, name)
    written = {folder / KNOWN: numbered(seen).to_csv(index=False).encode()}
    written |= pair_of_tables(*tables, folder)
    told: dict[str, Any] = {"skipped": [row.as_dict() for row in of_tally(tally)]}
    told[_FILES] = {path.name: _sha256(content) for path, content in written.items()}
    write_together(written | {folder / ORIGIN: as_json(origin | told).encode()})
    made = _kept(folder, origin)
    if made is None:
        raise InputError(
            f"{folder}: another run wrote other labels there; give each a folder with --labels"
        )
    return replace(made, reused=False)


def _kept(folder: Path, origin: Mapping[str, str]) -> Labelled | None:
    """Read what a run kept, if it is whole and of the same conversations."""
    if not folder.is_dir():
        return None
    with alone_in(folder):
        before = _origin(folder / ORIGIN)
        if not before or {name: before.get(name) for name in origin} != origin:
            return None
        try:
            files = {name: _sha256((folder / name).read_bytes()) for name in before[_FILES]}
            if files != before[_FILES]:
                return None
            skipped = tuple(Skipped(**row) for row in before["skipped"])
            return _read(folder, folder / KNOWN, None, skipped, reused=True)
        except (InputError, OSError, KeyError, TypeError):
            return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def given_labels(
    folder: Path, labeller: str | None, conversations: Path | None, tally: Tally
) -> Labelled:
    """Read labels already made, and who said what from the conversations where they are given.

    Raises
    ------
    InputError
        If a table is missing or malformed, or several labellers are in it and none is chosen.
    """
    if conversations is None:
        beside = folder / KNOWN
        return _read(folder, beside if beside.is_file() else None, labeller, ())
    with steps(f"reading {conversations.name}", None) as done:
        found = []
        for conversation in read_corpus(
            [conversations], malformed=tally.on_malformed, skipped=tally.on_skipped
        ):
            found.append(_without_text(conversation))
            done()
    labelled = _read(folder, None, labeller, of_tally(tally))
    known = numbered(found)
    missing = ~labelled.labels["conversation_id"].isin(known["conversation_id"])
    if missing.any():
        raise InputError(
            f"{conversations}: {int(missing.sum()):,} labelled conversations are not in it; needed "
            "is the file that was labelled"
        )
    return replace(labelled, known=known)


def _without_text(conversation: Conversation) -> Conversation:
    c = conversation
    return Conversation(c.id, c.model, (), c.prompt_id, c.user_id)


def _origin(path: Path) -> dict[str, Any]:
    """Read where labels come from; nothing where that is not known."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def numbered(conversations: Iterable[Conversation]) -> pd.DataFrame:
    """List conversations with numbers in place of users and prompts.

    Examples
    --------
    >>> numbered([Conversation("a", "m", (), "p", "ann"), Conversation("b", "m", (), "p")])
      conversation_id model user prompt
    0               a     m   u0     p0
    1               b     m          p0
    """
    rows = [(c.id, c.model, c.user_id or "", c.prompt_id) for c in conversations]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    for column in ("user", "prompt"):
        named = table[column] != ""
        codes = pd.factorize(table.loc[named, column])[0]
        table.loc[named, column] = [f"{column[0]}{code}" for code in codes]
    return table


def _read(
    folder: Path,
    known: Path | None,
    labeller: str | None,
    skipped: tuple[Skipped, ...],
    *,
    reused: bool = False,
) -> Labelled:
    labels = read_table(_needed(folder, "labels"), "labels")
    said = read_table(_needed(folder, "expressions"), "expressions", may_be_empty=True)
    name = _chosen(labels, labeller, folder)
    labels = labels[labels["labeller"] == name].reset_index(drop=True)
    said = said[said["labeller"] == name].reset_index(drop=True)
    if known is None:
        blank = {"model": "", "user": "", "prompt": ""}
        people = labels[["conversation_id"]].assign(**blank)
    else:
        people = read_columns(known, _COLUMNS).fillna("").astype(str)
    return Labelled(labels, said, people, name, skipped, reused)


def _chosen(labels: pd.DataFrame, labeller: str | None, folder: Path) -> str:
    names = sorted(str(name) for name in labels["labeller"].unique())
    if labeller is None and len(names) == 1:
        return names[0]
    if labeller is None or labeller not in names:
        problem = "several labellers" if labeller is None else f"no labels of {labeller!r}"
        raise OptionError(f"{folder}: {problem}; choose with --labeller one of: {', '.join(names)}")
    return labeller


def _table(folder: Path, name: str) -> Path | None:
    found = [folder / f"{name}{ending}" for ending in ENDINGS]
    return next((path for path in found if path.is_file()), None)


def _needed(folder: Path, name: str) -> Path:
    found = _table(folder, name)
    if found is None:
        raise InputError(f"{folder}: {name}.parquet is missing; valuescape label writes it")
    return found


def _fingerprint(path: Path) -> str:
    """Hash the names and bytes of a file, or of all files in a folder."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
        try:
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    return digest.hexdigest()
