"""The ledger is asked before anything is sent, and says what is left."""

import json
from collections.abc import Callable, Sequence

import pytest

from valuescape.providers.exchange import Reply, Request
from valuescape.taxonomy.asking import Replay, ask_through, is_open

SCHEMA = {"properties": {"name": {"type": "string"}}}
WHOLE = json.dumps({"name": "Care"})
ANSWERED = Reply("a", "message", "end_turn", WHOLE)
CUT = Reply("a", "message", "max_tokens", WHOLE[:5])
PROSE = Reply("a", "message", "end_turn", "Certainly!")


def question(key: str) -> Request:
    return Request(key, "m", "", "?", SCHEMA, 9)


class Dispatcher:
    """Sends in three rounds what is open, and answers by a rule of its own."""

    def __init__(self, answer: Callable[[str, int], Reply]) -> None:
        self.answer, self.ledger = answer, self
        self.held: dict[str, list[Reply]] = {}
        self.sent: list[str] = []

    def replies(self, key: str) -> list[Reply]:
        return self.held.get(key, [])

    def settle(self, requests: Sequence[Request], ask: Callable, *, done: Callable) -> None:
        for _ in range(3):
            for request in [r for r in requests if ask(self.replies(r.key))]:
                self.sent.append(request.key)
                reply = self.answer(request.key, len(self.replies(request.key)))
                self.held.setdefault(request.key, []).append(reply)
                if not ask(self.replies(request.key)):
                    done()


def test_the_ledger_is_asked_before_anything_is_sent() -> None:
    def answer(key: str, n: int) -> Reply:
        if key == "never":
            return Reply(key, "errored", error="invalid_request_error")
        return Reply(key, "message", "max_tokens" if n == 0 else "end_turn", WHOLE)

    dispatcher, settled = Dispatcher(answer), []
    ask = ask_through(dispatcher, lambda: settled.append(1))
    requests = [question(key) for key in ("a", "never", "a")]
    assert ask(requests) == {"a": WHOLE}
    assert dispatcher.sent == ["a", "never", "a"]
    assert ask(requests) == {"a": WHOLE}
    assert len(dispatcher.sent) == 3
    assert len(settled) == 2


@pytest.mark.parametrize(
    ("replies", "wanted"),
    [
        ([], True),
        ([ANSWERED], False),
        ([CUT], True),
        ([CUT, ANSWERED], False),
        ([PROSE], True),
        ([PROSE, CUT], False),
        ([Reply("a", "expired")] * 5, True),
        ([Reply("a", "unanswered", error="api_error")] * 2, True),
        ([Reply("a", "errored", error="request_too_large")], False),
    ],
)
def test_what_is_asked_again(replies: list[Reply], wanted: bool) -> None:
    assert is_open(question("a"), replies) is wanted


def test_an_answer_to_what_an_earlier_run_asked_is_received() -> None:
    class Earlier(Dispatcher):
        def settle(self, requests: Sequence[Request], ask: Callable, *, done: Callable) -> None:
            assert not ask([Reply("earlier", "message", "end_turn", WHOLE)])
            super().settle(requests, ask, done=done)

    assert ask_through(Earlier(lambda *_: ANSWERED))([question("a")]) == {"a": WHOLE}


def test_a_replay_answers_from_the_ledger_and_keeps_what_is_left() -> None:
    ledger = Dispatcher(lambda *_: ANSWERED)
    ledger.held = {"a": [ANSWERED], "bad": [PROSE, PROSE], "b": [CUT], "later": [ANSWERED]}
    replay = Replay(ledger)
    assert replay([question("a"), question("bad"), question("b")]) == {"a": WHOLE}
    assert replay.answered == {"a", "bad"}
    assert replay([question("later"), question("new")]) == {"later": WHOLE}
    assert set(replay.left) == {"b", "new"}
    assert replay.answered == {"a", "bad"}, "what hangs on open questions may never be asked"
    assert not ledger.sent
