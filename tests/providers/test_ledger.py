"""The ledger: what is written stays, whoever is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from valuescape.errors import InputError
from valuescape.providers.exchange import Reply, Usage
from valuescape.providers.ledger import open_ledger


def test_a_submission_is_open_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "l.sqlite"
    with open_ledger(path) as ledger:
        nonce = ledger.begin("anthropic", "batch", "m", ["a", "b"], marker="marker", at_most=1.5)
        (found,) = ledger.open_submissions("anthropic")
        assert not ledger.open_submissions("endpoint")
        assert (found.nonce, found.state, found.marker, found.n) == (nonce, "sending", "marker", 2)
        assert ledger.at_most_outstanding() == 1.5
    with open_ledger(path) as ledger:
        ledger.accepted(nonce, "msgbatch_1")
        assert ledger.open_submissions("anthropic")[0].batch_id == "msgbatch_1"
        assert ledger.batch_ids() == {"msgbatch_1"}
        answer = Reply("a", "message", "end_turn", "{}", usage=Usage(1, 2, 3, 4))
        ledger.record(nonce, [answer], lambda reply: reply.usage.output / 2)
        assert ledger.keys_without_reply(nonce) == ["b"]
        ledger.record(nonce, [Reply("a", "expired"), Reply("b", "errored", error="api_error")])
        assert [r.outcome for r in ledger.replies("a")] == ["message"]
        assert ledger.replies("b") == [Reply("b", "errored", error="api_error")]
        ledger.close_submission(nonce, "settled")
        ledger.close_submission(nonce, "absent")
        assert not ledger.open_submissions("anthropic")
        assert ledger.at_most_outstanding() == 0
        assert (ledger.tokens(), ledger.dollars()) == (10, 2.0)


def test_answers_come_in_the_order_in_which_they_were_kept(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "l") as ledger:
        for text in ("z", "a", "m"):
            nonce = ledger.begin("anthropic", "message", "m", ["k"])
            ledger.record(nonce, [Reply("k", "message", "end_turn", text)])
        assert [r.text for r in ledger.replies("k")] == ["z", "a", "m"]
        assert ledger.replies("unknown") == []


def test_only_single_messages_can_be_uncertain_and_a_warming_is_remembered(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "l") as ledger:
        warming = ledger.begin("anthropic", "warming", "m", ["prompt"], at_most=0.1)
        assert ledger.last_warming("prompt") is None
        ledger.close_submission(warming, "settled")
        assert ledger.last_warming("prompt") is not None
        assert ledger.last_warming("other") is None
        single = ledger.begin("anthropic", "message", "m", ["k"], at_most=0.2)
        ledger.close_submission(single, "uncertain")
        assert ledger.n_uncertain() == 1
        assert ledger.at_most_outstanding() == pytest.approx(0.2)


def test_what_is_committed_survives_a_kill_and_the_lock_does_not(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from valuescape.providers.ledger import open_ledger\n"
        "with open_ledger(Path(sys.argv[1])) as ledger:\n"
        "    ledger.begin('anthropic', 'batch', 'm', ['k'])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    source = str(Path(sys.modules["valuescape"].__file__ or "").parents[1])
    environment = os.environ | {"PYTHONPATH": source}
    done = subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    with open_ledger(path) as ledger:
        assert [s.n for s in ledger.open_submissions("anthropic")] == [1]


def test_one_process_at_a_time_and_no_other_format(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with (
        open_ledger(path),
        pytest.raises(InputError, match="another run has this ledger open"),
        open_ledger(path),
    ):
        pass
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 7")
    other.close()
    with pytest.raises(InputError, match="no ledger of format 1"), open_ledger(path):
        pass
    with pytest.raises(InputError, match="cannot be opened"), open_ledger(tmp_path):
        pass


def test_damage_found_in_use_and_what_is_no_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with open_ledger(path) as ledger:
        nonce = ledger.begin("anthropic", "message", "m", ["k"])
        ledger.record(nonce, [Reply("k", "message", "end_turn", "{}")])
    db = sqlite3.connect(path)
    db.execute("UPDATE replies SET text = CAST(x'ff00ff' AS TEXT)")
    db.commit()
    db.close()
    with pytest.raises(InputError, match=rf"{path}: cannot be used"), open_ledger(path) as ledger:
        ledger.replies("k")
    below = path / "l.sqlite"
    with pytest.raises(InputError, match=rf"{below}: cannot be opened"), open_ledger(below):
        pass
