"""The Anthropic labeller end to end, with the real SDK against a server of our own."""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.labelling.claude import expressions, labels, run, texts, write_corpus
from tests.providers.server import KEY, Behaviour, Fault, State, good_answer, running
from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.labelling.answers import read_answer, to_label
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.account import BudgetError
from valuescape.providers.exchange import Reply

N = 6
CREATE = "POST /v1/messages/batches"
MESSAGE = "POST /v1/messages"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "c.jsonl", texts(N))
    return tmp_path


def paid_once(state: State) -> bool:
    billed = state.billed + state.billed_single
    return len(billed) == N and set(billed.values()) == {1} and not state.refused


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize("vocabulary", ["closed", "open"])
def test_a_corpus_is_labelled_once_and_read_back_from_the_ledger(
    corpus: Path, batch: bool, vocabulary: str
) -> None:
    with running() as (url, state):
        told = run(corpus, url, batch=batch, vocabulary=vocabulary)
        first = [p.read_bytes() for p in sorted((corpus / "out").glob("*.parquet"))]
        sent = sum(state.calls.values())
        run(corpus, url, batch=batch, vocabulary=vocabulary)
        assert sum(state.calls.values()) == sent
        assert paid_once(state)
        assert bool(state.billed) == batch
        assert state.warmed
    assert told.startswith(f"{N} ok\nledger: ")
    assert [p.read_bytes() for p in sorted((corpus / "out").glob("*.parquet"))] == first
    found = labels(corpus)
    digest = make_prompt("claude-sonnet-5-5", vocabulary, 4096).digest  # type: ignore[arg-type]
    name = f"anthropic-claude-sonnet-5-5-{vocabulary}-{digest[:8]}"
    assert set(found["labeller"]) == {name}
    for i, text in enumerate(texts(N)):
        assert found.loc[f"c{i}", "task_type"] == "personal_advice", text
    user = expressions(corpus).query("party == 'user'")
    assert set(user["value"]) == {"honesty"}
    assert user["explicit"].all()


def test_equal_conversations_are_sent_once(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.jsonl", ["Hello", "Hello", "Goodbye"])
    with running() as (url, state):
        run(tmp_path, url)
        assert sorted(state.billed.values()) == [1, 1]
    assert labels(tmp_path).index.tolist() == ["c0", "c1", "c2"]


def test_the_limit_takes_the_first_and_another_prompt_is_another_key(corpus: Path) -> None:
    with running() as (url, state):
        run(corpus, url, limit=2)
        assert labels(corpus).index.tolist() == ["c0", "c1"]
        run(corpus, url, limit=2, vocabulary="open")
        assert set(state.billed.values()) == {2}
        run(corpus, url, limit=2, model="claude-opus-5-5")
        assert set(state.billed.values()) == {3}


REPEATED = [
    *([Fault(path, status)] for path in (CREATE, MESSAGE) for status in (429, 529)),
    [Fault(MESSAGE, 500)],
    [Fault(MESSAGE, 429, {"retry-after": "0.05"})],
    [Fault(MESSAGE, cut="before")],
    [Fault("GET /v1/messages/batches/msgbatch_.*", 529), Fault("GET /v1/messages/batches", 500)],
]


@pytest.mark.parametrize("faults", REPEATED, ids=lambda f: f"{f[0].path} {f[0].status or 'cut'}")
def test_the_sdk_repeats_what_may_pass(
    corpus: Path, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anthropic._base_client.INITIAL_RETRY_DELAY", 0.01)
    with running() as (url, state):
        state.faults.extend(faults)
        run(corpus, url, batch=faults[0].path != MESSAGE)
        assert not state.faults
        assert paid_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(CREATE, 500),
        Fault(CREATE, cut="before"),
        Fault(CREATE, cut="after"),
        Fault(CREATE, cut="half"),
        Fault(CREATE, hang=0.8),
    ],
    ids=["500", "cut before", "cut after", "cut in the answer", "timeout"],
)
def test_a_batch_that_may_have_arrived_is_looked_for_and_never_sent_blindly(
    corpus: Path, fault: Fault
) -> None:
    with running() as (url, state):
        state.faults.append(fault)
        run(corpus, url, settle_seconds=0.6, timeout=0.4)
        assert not state.faults
        assert paid_once(state)
        arrived = fault.cut in ("after", "half") or fault.hang > 0
        assert state.calls[CREATE] == (1 if arrived else 2)
    assert set(labels(corpus)["status"]) == {"ok"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(MESSAGE, cut="after"),
        Fault(MESSAGE, cut="half"),
        Fault(MESSAGE, hang=0.8),
        Fault(MESSAGE, page="<html>Please sign in</html>"),
        Fault(MESSAGE, page='{"type": "message"}'),
    ],
    ids=["cut after", "cut in the answer", "timeout", "a page", "no message"],
)
def test_a_message_whose_answer_is_lost_is_asked_again_and_counted_as_perhaps_paid(
    tmp_path: Path, fault: Fault
) -> None:
    write_corpus(tmp_path / "c.jsonl", texts(1))
    with running() as (url, state):
        state.faults.append(fault)
        told = run(tmp_path, url, batch=False, timeout=0.4)
        assert not state.faults
        assert 1 <= sum(state.billed_single.values()) <= 2
    assert "1 messages may have been paid without an answer" in told
    assert set(labels(tmp_path)["status"]) == {"ok"}


def test_a_page_instead_of_a_new_batch_is_no_reason_to_send_it_again(corpus: Path) -> None:
    with running() as (url, state):
        state.faults.append(Fault(CREATE, page="<html>Please sign in</html>"))
        run(corpus, url)
        assert not state.faults
        assert paid_once(state)


def test_a_message_that_never_gets_an_answer_fails_and_the_next_run_tries_again(
    corpus: Path,
) -> None:
    with running() as (url, state):
        run(corpus, url, batch=False, limit=N - 1)
        state.faults.extend([Fault(MESSAGE, 500)] * 3)
        run(corpus, url, batch=False, max_retries=0)
        assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + ["failed"]
        run(corpus, url, batch=False)
        assert paid_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


def test_an_outage_leaves_no_labels_behind(corpus: Path) -> None:
    with running() as (url, state):
        state.faults.extend([Fault(CREATE, 500)] * 3)
        with pytest.raises(InputError, match="took or answered none of 6 questions in 3 rounds"):
            run(corpus, url)
        assert not (corpus / "out" / "labels.parquet").exists()
        run(corpus, url)
        assert paid_once(state)


def answer_with(*first: Behaviour) -> object:
    """Answer the longest text with these, one after another, and the rest well."""
    longest = texts(N)[-1]

    def behave(text: str, n_before: int) -> Behaviour:
        if longest in text and n_before < len(first):
            return first[n_before]
        return good_answer(text, n_before)

    return behave


GOOD = json.loads(good_answer("xx", 0).text)


def changed(**fields: object) -> Behaviour:
    return Behaviour(json.dumps(GOOD | fields))


UNUSABLE = {
    "prose": Behaviour("The values are honesty and care."),
    "half": Behaviour(json.dumps(GOOD)[:-9]),
    "empty": Behaviour(""),
    "list": Behaviour("[]"),
    "task type": changed(task_type="gardening"),
    "response type": changed(response_type="support"),
    "value not listed": changed(
        subjective=True, ai_values=[{"value": "zeal for moss", "explicit": False}]
    ),
    "user value not listed": changed(human_values=["zeal for moss"]),
    "further field": changed(comment="hello"),
    "missing field": Behaviour(json.dumps({k: v for k, v in GOOD.items() if k != "task"})),
    "flag as a number": changed(subjective=1),
    "values without judgement": changed(
        subjective=False, ai_values=[{"value": "clarity", "explicit": False}]
    ),
    "too many": changed(human_values=["clarity", "honesty", "respect", "empathy", "creativity"]),
    "control characters": changed(task="a\x00b"),
    "an essay as task": changed(task="word " * 40),
}


@pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_outside_the_schema_or_the_codebook_is_refused_whole(answer: Behaviour) -> None:
    assert read_answer(answer.text, "closed") is None


def test_an_unusable_answer_is_asked_again_once(corpus: Path) -> None:
    with running(behave=answer_with(UNUSABLE["value not listed"])) as (url, state):
        run(corpus, url)
        assert sorted(state.billed.values()) == [1] * (N - 1) + [2]
    assert set(labels(corpus)["status"]) == {"ok"}


@pytest.mark.parametrize(
    "name", ["zeal for moss", "Zeal  for Moss", "anti-racism", "l'été", "a b c d"]
)
def test_free_names_are_one_to_four_words(name: str) -> None:
    answer = read_answer(changed(human_values=[name]).text, "open")
    assert answer is not None
    assert answer.human_values == [" ".join(name.lower().split())]


@pytest.mark.parametrize(
    "name", ["", " ", "a b c d e", "<b>", "a\nb\x00", "care;", "x" * 61, "\u202ea"]
)
def test_other_free_names_are_refused(name: str) -> None:
    assert read_answer(changed(human_values=[name]).text, "open") is None


def test_a_value_counts_once_and_keeps_its_first_rank() -> None:
    values = [("clarity", False), ("care", False), ("Clarity", True)]
    shown = [{"value": v, "explicit": e} for v, e in values]
    answered = changed(subjective=True, ai_values=shown, human_values=["care", "care"])
    label = to_label("c", [Reply("k", "message", "end_turn", answered.text)], "open")
    assert [(e.party, e.value, e.explicit, e.rank) for e in label.expressions] == [
        ("assistant", "clarity", True, 1),
        ("assistant", "care", False, 2),
        ("user", "care", True, 1),
    ]


def test_two_unusable_answers_are_recorded_as_invalid_for_good(corpus: Path) -> None:
    behave = answer_with(*[UNUSABLE["prose"]] * 5)
    with running(behave=behave) as (url, state):
        run(corpus, url)
        run(corpus, url)
        assert sorted(state.billed.values()) == [1] * (N - 1) + [2]
    found = labels(corpus)
    assert found["status"].tolist() == ["ok"] * (N - 1) + ["invalid"]
    assert found["subjective"].isna().tolist() == [False] * (N - 1) + [True]
    assert f"c{N - 1}" not in set(expressions(corpus)["conversation_id"])
    row = pq.read_table(corpus / "out" / "labels.parquet").to_pylist()[-1]
    assert (row["subjective"], row["task_type"], row["response_type"]) == (None, None, None)


@pytest.mark.parametrize(
    ("stop_reason", "status"),
    [
        ("refusal", "refused"),
        ("max_tokens", "truncated"),
        ("model_context_window_exceeded", "truncated"),
    ],
)
@pytest.mark.parametrize("batch", [True, False])
def test_a_stop_is_recorded_and_not_asked_again(
    corpus: Path, stop_reason: str, status: str, batch: bool
) -> None:
    behave = answer_with(Behaviour(json.dumps(GOOD), stop_reason))
    with running(behave=behave) as (url, state):
        run(corpus, url, batch=batch)
        assert paid_once(state)
    assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + [status]


@pytest.mark.parametrize("result", ["errored", "expired", "canceled"])
def test_what_was_not_worked_on_is_sent_again_and_fails_after_three_rounds(
    corpus: Path, result: str
) -> None:
    once = answer_with(Behaviour(result=result))
    with running(behave=once) as (url, state):
        run(corpus, url)
        assert paid_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


def test_questions_that_are_never_worked_on_fail_and_the_next_run_tries_again(
    corpus: Path,
) -> None:
    behave = answer_with(*[Behaviour(result="expired")] * 3)
    with running(behave=behave) as (url, state):
        run(corpus, url)
        assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + ["failed"]
        run(corpus, url)
        assert paid_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


@pytest.mark.parametrize("batch", [True, False])
def test_a_question_that_is_refused_for_what_it_is_is_not_repeated(
    corpus: Path, batch: bool
) -> None:
    behave = answer_with(*[Behaviour(result="errored", error="invalid_request_error")] * 9)
    with running(behave=behave) as (url, state):
        run(corpus, url, batch=batch)
        assert sorted(state.asked.values()) == [1] * N
    assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + ["failed"]


def test_a_batch_canceled_half_way_is_finished_by_another(corpus: Path) -> None:
    with running() as (url, state):
        original = state.make_batch

        def canceled_once(requests: list[dict[str, object]]) -> str:
            name = original(requests)
            state.batches[name]["canceled"] = len(state.batches) == 1
            return name

        state.make_batch = canceled_once  # type: ignore[method-assign]
        run(corpus, url)
        assert state.calls[CREATE] == 2
        assert paid_once(state)


def test_answers_that_the_provider_no_longer_keeps_are_asked_for_again_then_fail(
    corpus: Path,
) -> None:
    with running(lose_results=True) as (url, _):
        run(corpus, url)
    assert set(labels(corpus)["status"]) == {"failed"}


def test_results_that_break_off_are_fetched_again(corpus: Path) -> None:
    with running() as (url, state):
        state.faults.append(Fault("GET .*/results", cut="half"))
        with pytest.raises(InputError, match=r"broke off .*run the same command again"):
            run(corpus, url)
        run(corpus, url)
        assert paid_once(state)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_with_nothing_paid_and_nothing_told(
    corpus: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with running() as (url, state):
        state.faults.append(Fault("POST .*", status))
        with pytest.raises(InputError, match=rf"{status} (authentication|permission)_error") as e:
            run(corpus, url)
        assert not state.billed
    everything = f"{e.value!r} {e.value.__cause__!r} {caplog.text}"
    assert KEY not in everything
    assert "SECRET WORDS" not in everything
    assert "boats" not in everything


def test_the_key_and_the_text_are_nowhere_on_the_disk(corpus: Path) -> None:
    with running() as (url, _):
        run(corpus, url)
    for path in (corpus / "out").iterdir():
        content = path.read_bytes()
        assert KEY.encode() not in content
        assert b"about boats" not in content
    assert (corpus / "out" / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_without_a_key_nothing_is_sent(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as (url, state):
        monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        command = ["label", str(corpus / "c.jsonl"), "--output", str(corpus / "out")]
        done = CliRunner().invoke(app, [*command, "--labeller", "anthropic", "--yes"])
        assert done.exit_code == 1
        assert "set the environment variable ANTHROPIC_API_KEY; nothing has been" in done.output
        assert not state.calls


def test_no_confirmation_sends_no_conversation(corpus: Path) -> None:
    with running() as (url, state):
        with pytest.raises(InputError, match="no conversation has been sent"):
            run(corpus, url, confirm=False)
        assert set(state.calls) == {"POST /v1/messages/count_tokens"}


def test_the_command_shows_a_plan_and_asks(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    command = ["label", str(corpus / "c.jsonl"), "--output", str(corpus / "out")]
    command += ["--labeller", "anthropic", "--no-batch", "--limit", "3", "--budget", "1"]
    command += ["--model", "claude-haiku-4-5-20251001", "--vocabulary", "open"]
    command += ["--ledger", str(corpus / "kept.sqlite")]
    with running() as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        refused = CliRunner().invoke(app, command, input="n\n")
        assert refused.exit_code == 3
        assert "3 conversations, 0 answered before, 3 to send" in refused.output
        assert "dollars" in refused.output
        assert "not confirmed" in refused.output
        done = CliRunner().invoke(app, command, input="y\n")
        assert done.exit_code == 0, done.output
        again = CliRunner().invoke(app, command)
        assert again.exit_code == 0
        assert "Send them?" not in again.output
        assert sum(state.billed_single.values()) == 3
    assert labels(corpus)["labeller"].iloc[0].startswith("anthropic-claude-haiku-4-5-20251001-open")
    assert (corpus / "kept.sqlite").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--budget", "1"], "--budget goes with --labeller anthropic, not with embedded"),
        (["--yes"], "--yes goes with --labeller anthropic or endpoint, not with embedded"),
        (["--no-batch"], "--batch goes with --labeller anthropic, not with embedded"),
        (["--no-redact"], "--redact goes with --labeller anthropic or endpoint, not with em"),
        (
            ["--labeller", "anthropic", "--base-url", "http://a"],
            "--base-url goes with --labeller e",
        ),
        (["--labeller", "anthropic", "--workers", "2"], "--workers goes with --no-batch"),
        (["--labeller", "anthropic", "--no-batch", "--workers", "0"], "--workers 0 is not allowed"),
        (["--labeller", "anthropic", "--budget", "-1"], "--budget -1 is not allowed"),
        (["--labeller", "anthropic", "--budget", "nan"], "--budget nan is not allowed"),
        (["--labeller", "anthropic", "--limit", "0"], "--limit 0 is not allowed"),
        (["--labeller", "anthropic", "--vocabulary", "x"], "'x' is not known; allowed: closed, op"),
        (["--labeller", "anthropic", "--model", "claude-9", "--budget", "1"], "none is known for"),
    ],
)
def test_options_that_cannot_be_are_refused(
    corpus: Path, options: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    command = ["label", str(corpus / "c.jsonl"), "--output", str(corpus / "out"), *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert message in done.output
    assert not (corpus / "out").exists()


def test_labels_without_an_answer_are_left_out_of_an_analysis(corpus: Path) -> None:
    behave = answer_with(Behaviour(stop_reason="refusal"))
    with running(behave=behave) as (url, _):
        run(corpus, url)
    out = corpus / "out"
    files = [str(out / "labels.parquet"), str(out / "expressions.parquet")]
    done = CliRunner().invoke(app, ["associate", *files, "--output", str(corpus / "a.csv")])
    assert done.exit_code == 0, done.output
    found = labels(corpus)
    used = int((found["subjective"] == True).sum())  # noqa: E712
    assert f"{used} conversations ({N - used} left out)" in done.output


@pytest.mark.parametrize("batch", [True, False])
def test_the_budget_is_never_passed_and_goes_on_when_raised(corpus: Path, batch: bool) -> None:
    from valuescape.providers.ledger import open_ledger

    def wordy(text: str, n_before: int) -> Behaviour:
        return Behaviour(good_answer(text, n_before).text + " " * 16_000)

    with running(behave=wordy) as (url, state):
        for budget in (0.001, 0.12):
            with pytest.raises(BudgetError, match="does not allow another question"):
                run(corpus, url, batch=batch, budget=budget)
            with open_ledger(corpus / "out" / "ledger.sqlite") as ledger:
                assert ledger.dollars() + ledger.at_most_outstanding() <= budget
        run(corpus, url, batch=batch, budget=5.0)
        assert paid_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


def test_a_second_run_at_the_same_time_is_refused(corpus: Path) -> None:
    from valuescape.providers.ledger import open_ledger

    with running() as (url, state), open_ledger(corpus / "out" / "ledger.sqlite"):
        with pytest.raises(InputError, match="another run has this ledger open"):
            run(corpus, url)
        assert not state.calls


def test_a_file_that_is_no_ledger_is_refused(corpus: Path) -> None:
    path = corpus / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
    with running() as (url, _), pytest.raises(InputError, match="no ledger"):
        run(corpus, url, ledger=path)
    path.write_text("not a database at all, but long enough to be one" * 50)
    with running() as (url, _), pytest.raises(InputError, match="no ledger"):
        run(corpus, url, ledger=path)
