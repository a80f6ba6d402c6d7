"""Conversations out of files of any known format, one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter
from valuescape.corpora.adapters.registry import FORMATS, find_format
from valuescape.corpora.conversation import Conversation, check_names
from valuescape.corpora.fields import identity
from valuescape.corpora.jsonl import stop
from valuescape.corpora.records import EXPORTED, File, Files, Malformed, Record, located, records
from valuescape.corpora.turns import Skipped
from valuescape.errors import InputError

DETECT = "auto"
ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".eval", ".zip")
_LOOKED_AT = 20
Reason = Callable[[str], None]


@dataclass(slots=True)
class Tally:
    """What happened to the records of a corpus while it was read.

    Attributes
    ----------
    malformed : list of InputError
        The first malformed records, at most ``most``.
    n_malformed : int
        How many there were.
    skipped : Counter
        Reason to number of records that are in order but hold no conversation to label.
    most : int
        Errors kept.
    strict : bool
        Whether the first malformed record is raised.
    """

    malformed: list[InputError] = field(default_factory=list)
    n_malformed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    most: int = 20
    strict: bool = False

    def on_malformed(self, error: InputError) -> None:
        """Count a malformed record, or raise its error."""
        if self.strict:
            raise error
        self.n_malformed += 1
        if len(self.malformed) < self.most:
            self.malformed.append(error)

    def on_skipped(self, reason: str) -> None:
        """Count a record that is left out."""
        self.skipped[reason] += 1

    def lines(self) -> list[str]:
        """Return what was left out, for people; no line if nothing was.

        Examples
        --------
        >>> tally = Tally()
        >>> tally.on_skipped("no turn of the user")
        >>> tally.lines()
        ['1 record skipped: no turn of the user']
        """
        told = [f"malformed: {error}" for error in self.malformed]
        if self.n_malformed > len(self.malformed):
            told.append(f"malformed: {self.n_malformed - len(self.malformed):,} more")
        for reason, n in sorted(self.skipped.items()):
            told.append(f"{n:,} record{'s' if n > 1 else ''} skipped: {reason}")
        return told


def nothing_read(path: Path, tally: Tally) -> str:
    """Say that a file gave no conversation, and what came instead.

    Examples
    --------
    >>> nothing_read(Path("c.jsonl"), Tally())
    'c.jsonl: no conversation; at least one of a user and an assistant is needed'
    """
    told = "; ".join(tally.lines()[:3]) or "at least one of a user and an assistant is needed"
    return f"{path}: no conversation; {told}"


def read_corpus(
    paths: Sequence[Path],
    format: str = DETECT,  # noqa: A002
    *,
    source: str | None = None,
    malformed: Malformed = stop,
    skipped: Reason = lambda _: None,
) -> Iterator[Conversation]:
    """Read conversations one at a time.

    Parameters
    ----------
    paths : sequence of Path
        Files, all of one format.  A folder stands for the files in it that end as data do
        (:data:`ENDINGS`), by name; that of an unpacked export, for its ``conversations.json``.
    format : str
        A key of :data:`~valuescape.corpora.adapters.registry.FORMATS`, or ``auto``.
    source : str or None
        Name of the corpus, which stands before every identifier; by default that of the format.
    malformed : callable
        Called with the error of each malformed record, which names file and line, element or
        row.  If it returns, the record is left out and reading goes on; by default it raises.
    skipped : callable
        Called with the reason for each record that is in order but holds no conversation of a
        user and an assistant.

    Yields
    ------
    Conversation
        In the order of the files; identifiers are unique.

    Raises
    ------
    InputError
        If a file is absent or unreadable, the format is unknown or none fits, or as
        ``malformed`` decides.
    """
    files = {path.as_posix(): path for path in _expanded(paths)}
    if format == DETECT:
        adapter = detect_format(list(files.values()), malformed)
        if adapter is None:
            return
    else:
        adapter = find_format(format)
    yield from conversations(adapter, files, source, malformed=malformed, skipped=skipped)


def detect_format(paths: Sequence[Path], malformed: Malformed = stop) -> Adapter | None:
    """Return the format of which the first record known to any is.

    Of formats that share records (a request to an API may have the fields of ours), a later record
    among the first twenty decides, if it is of a wider one.

    Parameters
    ----------
    paths : sequence of Path
        Files.
    malformed : callable
        Called with the first error if no file has a single record.

    Returns
    -------
    Adapter or None
        None if no file has a record.

    Raises
    ------
    InputError
        If there are records, but none is of a known format.
    """
    errors: list[InputError] = []
    strange: Record | None = None
    for number, path in enumerate(paths):
        found = records(File(path.as_posix(), path, number, ""), errors.append)
        first = [record for record, _ in zip(found, range(_LOOKED_AT), strict=False)]
        for place, record in enumerate(first):
            for adapter in FORMATS.values():
                if adapter.recognises(record.content):
                    return _wider(adapter, record, first[place:]) or adapter
            strange = strange or record
    if strange is not None:
        names = ", ".join(repr(name) for name in list(strange.content)[:8])
        raise InputError(
            f"{strange.file.path}, {strange.place}: of no known format (fields {names}); "
            f"name it with --format: {', '.join(FORMATS)}"
        )
    for error in errors:
        malformed(error)
    return None


def _wider(adapter: Adapter, known: Record, others: Sequence[Record]) -> Adapter | None:
    """Return another format of a record, if one of the others is of that and not of the first."""
    also = [a for a in FORMATS.values() if a is not adapter and a.recognises(known.content)]
    for record in others:
        if not adapter.recognises(record.content):
            for other in also:
                if other.recognises(record.content) and _converts(other, record):
                    return other
    return None


def _converts(adapter: Adapter, record: Record) -> bool:
    try:
        return bool(list(adapter.convert(record)))
    except (InputError, RecursionError):
        return False


def conversations(
    adapter: Adapter,
    files: Files,
    source: str | None = None,
    *,
    malformed: Malformed = stop,
    skipped: Reason = lambda _: None,
) -> Iterator[Conversation]:
    """Read files of one format, given by their upstream names.

    Parameters
    ----------
    adapter : Adapter
        The format.
    files : mapping of str to Path
        Name upstream, which some formats read the assistant from, and local file.
    source, malformed, skipped
        As in :func:`read_corpus`.
    """
    seen: set[str] = set()
    about = _companion(adapter, files)
    for number, (name, path) in enumerate(files.items()):
        if adapter.companion and PurePosixPath(name).name.endswith(adapter.companion[0]):
            continue
        file = File(name, path, number, source or adapter.source)
        for record in records(file, malformed):
            try:
                outcomes = list(adapter.convert(_with(record, about)))
                _check_new(outcomes, seen)
            except InputError as error:
                malformed(located(file, record.place, error))
                continue
            except RecursionError:
                malformed(located(file, record.place, InputError("nested deeper than is read")))
                continue
            for outcome in outcomes:
                if isinstance(outcome, Skipped):
                    skipped(outcome.reason)
                else:
                    seen.add(outcome.id)
                    yield outcome


def _check_new(outcomes: list[Conversation | Skipped], seen: set[str]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Conversation):
            check_names(outcome)
            if outcome.id in seen:
                raise InputError(f"id {outcome.id!r} occurs a second time; ids are unique")


def _with(record: Record, about: Mapping[str, Any]) -> Record:
    if not about:
        return record
    return Record(record.content, record.file, record.index, record.place, about)


def _companion(adapter: Adapter, files: Files) -> dict[str, Any]:
    """Read the companion file, by its field; one beside or above them need not be named."""
    if adapter.companion is None:
        return {}
    wanted, key = adapter.companion
    named = [(n, p) for n, p in files.items() if PurePosixPath(n).name.endswith(wanted)]
    beside = [(wanted, f / wanted) for p in files.values() for f in p.parents[:2]]
    for name, path in [*named, *beside]:
        if path.is_file():
            found = records(File(name, path, 0, ""), stop)
            return {str(identity(r.content, key)): r.content for r in found}
    return {}


def _expanded(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith(".")]
        known = [p for p in inside if p.name.removesuffix(".gz").endswith(ENDINGS)]
        if not known:
            raise InputError(f"{path}: no file that ends in {', '.join(ENDINGS)} (or .gz)")
        yield from [p for p in known if EXPORTED.search(p.name)] or known
