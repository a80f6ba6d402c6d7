"""The ledger: everything sent and received, on disk before it is relied on.

A submission (a batch, a single message or a warming of the cache) is written before it is sent and
its answers before they are used, so that a process killed at any moment neither forgets what was
paid nor pays for it again.  Questions are held by their hash, never by their text; answers are held
as they came, and one that is no label may quote its conversation.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast
from uuid import uuid4

from valuescape.errors import InputError
from valuescape.providers.exchange import Outcome, Reply, Usage

Kind = Literal["batch", "message", "warming"]
State = Literal["sending", "waiting", "settled", "absent", "uncertain"]

_FORMAT = 1
_PRIMARY = 0xFF  # of a result code; the rest tells more of the same
_MENDED = "put a copy of it back; moved away, what it holds is asked and paid again"
_UNWRITTEN = "the ledger cannot be written; what is in it stays"
_TOLD = {
    sqlite3.SQLITE_BUSY: "another run has this ledger open; wait until that has ended",
    sqlite3.SQLITE_LOCKED: "another run has this ledger open; wait until that has ended",
    sqlite3.SQLITE_FULL: f"{_UNWRITTEN}: no room on the disk; make room and run again",
    sqlite3.SQLITE_IOERR: f"{_UNWRITTEN}: the disk fails, is full or may only be read; mend that",
    sqlite3.SQLITE_READONLY: f"{_UNWRITTEN}: it may only be read; change its permissions",
    sqlite3.SQLITE_CANTOPEN: f"{_UNWRITTEN}: its folder cannot be written to",
}
_TABLES = """
CREATE TABLE prompts (
  prompt_hash TEXT PRIMARY KEY, model TEXT NOT NULL, fixed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE submissions (
  nonce TEXT PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL,
  state TEXT NOT NULL,
  marker TEXT, batch_id TEXT UNIQUE, at_most REAL NOT NULL, begun REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sent (
  nonce TEXT NOT NULL REFERENCES submissions, key TEXT NOT NULL, PRIMARY KEY (nonce, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_key ON sent (key);
CREATE TABLE replies (
  nonce TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL,
  stop_reason TEXT NOT NULL, text TEXT NOT NULL, error TEXT NOT NULL, input INTEGER NOT NULL,
  cache_write INTEGER NOT NULL, cache_read INTEGER NOT NULL, output INTEGER NOT NULL,
  dollars REAL NOT NULL,
  PRIMARY KEY (nonce, key)
) STRICT;
CREATE INDEX replies_by_key ON replies (key);
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """Something sent whose answers are not yet all in the ledger.

    Attributes
    ----------
    nonce : str
        Its name: 16 hexadecimal digits, the beginning of each ``custom_id``.
    kind : {"batch", "message", "warming"}
        How it was sent.
    state : {"sending", "waiting"}
        ``sending`` while it is not known whether it arrived.
    marker : str or None
        Newest batch of the account when it was sent; a batch that arrived is newer.
    batch_id : str or None
        Name of the batch, once known.
    n : int
        Number of questions.
    begun : float
        When it was sent, in seconds since 1970.
    """

    nonce: str
    kind: Kind
    state: State
    marker: str | None
    batch_id: str | None
    n: int
    begun: float


def _free(_: Reply) -> float:
    return 0.0


class Ledger:
    """An open ledger; see :func:`open_ledger`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add_prompt(self, prompt_hash: str, model: str, fixed: str) -> None:
        """Keep the fixed part of the questions (codebook, schema, parameters) under its hash."""
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO prompts VALUES (?, ?, ?)", (prompt_hash, model, fixed)
            )

    def begin(
        self,
        provider: str,
        kind: Kind,
        model: str,
        keys: Sequence[str],
        *,
        marker: str | None = None,
        at_most: float = 0.0,
    ) -> str:
        """Write down what is about to be sent and what it may cost at most; return its nonce."""
        nonce = uuid4().hex[:16]
        with self._db:
            self._db.execute(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, 'sending', ?, NULL, ?, ?)",
                (nonce, provider, kind, model, marker, at_most, time.time()),
            )
            self._db.executemany("INSERT INTO sent VALUES (?, ?)", [(nonce, key) for key in keys])
        return nonce

    def accepted(self, nonce: str, batch_id: str) -> None:
        """Write down the batch that a submission became."""
        with self._db:
            self._db.execute(
                "UPDATE submissions SET state = 'waiting', batch_id = ? WHERE nonce = ?",
                (batch_id, nonce),
            )

    def record(
        self, nonce: str, replies: Iterable[Reply], dollars: Callable[[Reply], float] = _free
    ) -> None:
        """Keep answers and what each cost; one that is already there stays as it is."""
        with self._db:
            self._db.executemany(
                "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*_row(nonce, reply), dollars(reply)) for reply in replies],
            )

    def close_submission(self, nonce: str, state: State) -> None:
        """Write down how a submission ended.

        ``settled``: all answers are here.  ``absent``: it never arrived, nothing was paid.
        ``uncertain``: a single message may have been paid, its answer is gone.
        """
        with self._db:
            self._db.execute(
                "UPDATE submissions SET state = ? WHERE nonce = ? AND state IN "
                "('sending', 'waiting')",
                (state, nonce),
            )

    def open_submissions(self, provider: str) -> list[Submission]:
        """Return what is sent to a provider and not settled, oldest first."""
        rows = self._db.execute(
            "SELECT nonce, kind, state, marker, batch_id, "
            "(SELECT count(*) FROM sent WHERE sent.nonce = submissions.nonce), begun "
            "FROM submissions WHERE state IN ('sending', 'waiting') AND provider = ? "
            "ORDER BY begun, nonce",
            (provider,),
        )
        return [Submission(*row) for row in rows]

    def keys_without_reply(self, nonce: str) -> list[str]:
        """Return the keys of a submission that have no answer in it."""
        rows = self._db.execute(
            "SELECT key FROM sent WHERE nonce = :nonce "
            "EXCEPT SELECT key FROM replies WHERE nonce = :nonce ORDER BY key",
            {"nonce": nonce},
        )
        return [key for (key,) in rows]

    def replies(self, key: str) -> list[Reply]:
        """Return the answers to a question, in the order in which they came."""
        rows = self._db.execute(
            "SELECT key, outcome, stop_reason, text, error, input, cache_write, cache_read, output "
            "FROM replies WHERE key = ? ORDER BY rowid",
            (key,),
        )
        return [
            Reply(k, cast(Outcome, outcome), stop, text, error, Usage(*tokens))
            for k, outcome, stop, text, error, *tokens in rows
        ]

    def batch_ids(self) -> set[str]:
        """Return every batch that the ledger knows."""
        rows = self._db.execute("SELECT batch_id FROM submissions WHERE batch_id IS NOT NULL")
        return {batch_id for (batch_id,) in rows}

    def last_warming(self, key: str) -> float | None:
        """Return when a prompt was last written to the cache, in seconds since 1970."""
        (when,) = self._db.execute(
            "SELECT max(begun) FROM submissions JOIN sent USING (nonce) "
            "WHERE kind = 'warming' AND state = 'settled' AND key = ?",
            (key,),
        ).fetchone()
        return cast("float | None", when)

    def tokens(self) -> int:
        """Return the tokens received so far, read and generated."""
        (total,) = self._db.execute(
            "SELECT total(input + cache_write + cache_read + output) FROM replies"
        ).fetchone()
        return int(total)

    def dollars(self) -> float:
        """Return what all answers cost, each at the price of the day on which it came."""
        (total,) = self._db.execute("SELECT total(dollars) FROM replies").fetchone()
        return float(total)

    def at_most_outstanding(self) -> float:
        """Return the most that may still be charged, or was and is not known, in dollars."""
        (total,) = self._db.execute(
            "SELECT total(at_most) FROM submissions "
            "WHERE state IN ('sending', 'waiting', 'uncertain')"
        ).fetchone()
        return float(total)

    def n_uncertain(self) -> int:
        """Return how many single messages may have been paid without an answer."""
        (n,) = self._db.execute(
            "SELECT count(*) FROM submissions WHERE state = 'uncertain' AND kind = 'message'"
        ).fetchone()
        return int(n)


def _row(nonce: str, reply: Reply) -> tuple[str | int, ...]:
    u = reply.usage
    told = (reply.outcome, reply.stop_reason, reply.text, reply.error)
    return (nonce, reply.key, *told, u.input, u.cache_write, u.cache_read, u.output)


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Open a ledger, or make it, for one process at a time.

    Parameters
    ----------
    path : Path
        SQLite file; readable by its owner alone when it is made here.

    Raises
    ------
    InputError
        If another process has it open, the file is no ledger of this format, or it is found
        damaged or cannot be written while it is open.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        connection = sqlite3.connect(path, timeout=0.0)
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"{path}: cannot be opened as a ledger ({error})") from None
    try:
        _prepare(connection, path)
        yield Ledger(connection)
    except sqlite3.ProgrammingError:
        raise
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {_refused(error, 'cannot be used as a ledger')}") from error
    finally:
        connection.close()


def _refused(error: sqlite3.DatabaseError | UnicodeDecodeError, otherwise: str) -> str:
    """Say why SQLite does not go on, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    return _TOLD.get(code, f"{otherwise} ({error}); {_MENDED}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the file for this process alone and make the tables where there are none."""
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if found == 0 and n_tables == 0:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.commit()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {_refused(error, 'no ledger')}") from None
    if found not in (0, _FORMAT) or (found == 0 and n_tables):
        raise InputError(f"{path}: no ledger of format {_FORMAT}")
