"""Damaged ledgers: opened and used, or refused by name; none is taken for a sound one."""

from __future__ import annotations

import random
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fuzz.campaign import CASES, campaign, refused_in_place_of
from tests.fuzz.mutations import damaged_bytes
from valuescape.providers.exchange import Reply, Usage
from valuescape.providers.ledger import open_ledger

NONCE = "0123456789abcdef"
STATEMENTS = (
    "DROP TABLE replies",
    "DROP TABLE prompts",
    "DROP INDEX replies_by_key",
    "ALTER TABLE submissions DROP COLUMN at_most",
    "ALTER TABLE replies RENAME COLUMN text TO told",
    "ALTER TABLE replies ADD COLUMN more TEXT",
    "PRAGMA user_version = 2",
    "PRAGMA user_version = -1",
    "UPDATE submissions SET state = 'lost'",
    "UPDATE submissions SET begun = 1e999, at_most = -1e308",
    "UPDATE submissions SET kind = ''",
    "UPDATE replies SET outcome = 'none', input = 9223372036854775807",
    "UPDATE replies SET text = CAST(x'ff00ff' AS TEXT)",
    "UPDATE replies SET dollars = 1e999",
    "UPDATE replies SET output = -1",
    "DELETE FROM submissions",
    "DELETE FROM sent",
)


def written(path: Path) -> bytes:
    with open_ledger(path) as ledger:
        ledger.add_prompt("p", "m", "fixed " * 500)
        for kind in ("batch", "message", "warming"):
            keys = [f"k{i}" for i in range(40)]
            nonce = ledger.begin("anthropic", kind, "m", keys, marker="b0", at_most=1.0)
            replies = [
                Reply(k, "message", "end_turn", "{}" * 50, "", Usage(1, 2, 3, 4)) for k in keys
            ]
            ledger.record(nonce, replies[:30], lambda _: 0.1)
    return path.read_bytes()


def use(path: Path) -> None:
    """Ask and write all that the labelling commands do."""
    for left in path.parent.glob(f"{path.name}-*"):
        left.unlink()
    with open_ledger(path) as ledger:
        for open_one in ledger.open_submissions("anthropic"):
            ledger.keys_without_reply(open_one.nonce)
        for i in range(40):
            ledger.replies(f"k{i}")
        ledger.batch_ids()
        ledger.last_warming("k1")
        ledger.tokens(), ledger.dollars(), ledger.at_most_outstanding(), ledger.n_uncertain()
        nonce = ledger.begin("anthropic", "message", "m", ["new"])
        ledger.record(nonce, [Reply("new", "message")])
        ledger.close_submission(nonce, "settled")


def altered(rng: random.Random, content: bytes) -> bytes:
    db = sqlite3.connect(":memory:")
    db.deserialize(content)
    with suppress(sqlite3.Error), db:
        for statement in rng.sample(STATEMENTS, rng.randint(1, 3)):
            db.execute(statement)
    found = db.serialize()
    db.close()
    return found


@pytest.mark.parametrize("n", CASES)
def test_damaged_ledgers(n: int, tmp_path: Path) -> None:
    good = written(tmp_path / "good")

    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.3:
            return altered(rng, good)
        content = bytearray(good)
        for _ in range(rng.choice((0, 4, 40, 400))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        return bytes(content) if rng.random() < 0.6 else damaged_bytes(rng, bytes(content))

    found = campaign(tmp_path / "l.sqlite", make, use, n)
    assert found.refused > n / 4


def test_what_is_no_file(tmp_path: Path) -> None:
    def read(path: Path) -> None:
        with open_ledger(path):
            pass

    (tmp_path / "kept").mkdir()
    refused_in_place_of(tmp_path / "kept", "l", read, makes=True)
