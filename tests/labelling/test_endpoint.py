"""The endpoint labeller end to end over HTTP, against a server of our own."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.labelling import claude
from tests.labelling.claude import expressions, labels, texts, write_corpus
from tests.labelling.local import run
from tests.labelling.test_anthropic import UNUSABLE, answer_with
from tests.labelling.test_prompt import HOSTILE, parsed
from tests.providers.endpoint_server import MODEL, Fault, State, serving
from tests.providers.server import Behaviour, good_answer, running
from valuescape.cli import app
from valuescape.errors import InputError, OptionError, ServiceError
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.addresses import checked_address
from valuescape.providers.endpoint_api import EndpointApi
from valuescape.providers.ledger import open_ledger

N = 6
LONGEST = texts(N)[-1]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VALUESCAPE_ENDPOINT_KEY", raising=False)
    write_corpus(tmp_path / "c.jsonl", texts(N))
    return tmp_path


def answered_once(state: State) -> bool:
    return len(state.answered) == N and set(state.answered.values()) == {1}


@pytest.mark.parametrize("vocabulary", ["closed", "open"])
def test_a_corpus_is_labelled_once_and_read_back_from_the_ledger(
    corpus: Path, vocabulary: str
) -> None:
    with serving() as (url, state):
        told = run(corpus, url, vocabulary=vocabulary)
        first = [p.read_bytes() for p in sorted((corpus / "out").glob("*.parquet"))]
        sent = sum(state.calls.values())
        run(corpus, url, vocabulary=vocabulary)
        assert sum(state.calls.values()) == sent
        assert answered_once(state)
        assert set(state.temperatures) == {0.0}
    assert told.startswith(f"{N} ok\nledger: ")
    assert "about 0.00 dollars" in told
    assert [p.read_bytes() for p in sorted((corpus / "out").glob("*.parquet"))] == first
    assert labels(corpus)["labeller"].iloc[0].startswith(f"endpoint-{MODEL}-{vocabulary}-")
    assert set(expressions(corpus).query("party == 'user'")["value"]) == {"honesty"}


def test_codebook_and_schema_are_those_of_the_other_labeller_and_the_form_is_told(
    corpus: Path,
) -> None:
    with serving() as (url, state), running() as (other, claudes):
        run(corpus, url)
        claude.run(corpus, other, batch=False)
        ours = json.loads(state.bodies[-1])
        theirs = json.loads(claudes.bodies[-1])
    held = ours["response_format"]["json_schema"]["schema"]
    assert held == theirs["output_config"]["format"]["schema"]
    said, before = ours["messages"][0]["content"], theirs["system"][0]["text"]
    codebook, values = before.split("\n# The list of values\n")
    assert said.startswith(codebook)
    assert said.endswith(values)
    assert "# The form of the answer" in said


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize(
    ("forms", "ignores", "form", "notice"),
    [
        (("json_schema", "json_object", "text"), (), "json_schema", ""),
        (("json_object", "text"), (), "json_object", "refuses a JSON schema with HTTP {}; it is "),
        (("text",), (), "text", "refuses a JSON schema with HTTP {}; it is asked in words"),
        (("json_schema", "text"), ("json_schema",), "text", "takes a JSON schema and does not ke"),
        (("json_schema", "json_object", "text"), ("json_schema",), "json_object", "asked for JSON"),
    ],
)
def test_the_strictest_form_that_the_server_keeps_to_is_used_and_the_user_told(
    corpus: Path,
    status: int,
    forms: tuple[str, ...],
    ignores: tuple[str, ...],
    form: str,
    notice: str,
) -> None:
    told: list[str] = []
    with serving(forms=forms, ignores=ignores, refusal=status) as (url, state):
        run(corpus, url, tell=told.append, max_retries=0)
        assert answered_once(state)
        used = json.loads(state.bodies[-1]).get("response_format", {"type": "text"})["type"]
    assert used == form
    assert len(told) == bool(notice)
    assert notice.format(status) in "".join(told)
    assert set(labels(corpus)["status"]) == {"ok"}


REPEATED = {
    "429 with retry-after": Fault(429, {"retry-after": "0.05"}, about=LONGEST),
    "429 until a date": Fault(429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, about=LONGEST),
    "429": Fault(429, about=LONGEST),
    "500": Fault(500, about=LONGEST),
    "503 while the model loads": Fault(503, about=LONGEST),
    "cut before": Fault(cut="before", about=LONGEST),
    "cut after": Fault(cut="after", about=LONGEST),
    "cut in the answer": Fault(cut="half", about=LONGEST),
    "timeout": Fault(hang=0.8, about=LONGEST),
    "a page instead of an answer": Fault(page="<html>Welcome</html>", about=LONGEST),
    "no choices": Fault(page='{"choices": []}', about=LONGEST),
}


@pytest.mark.parametrize("fault", REPEATED.values(), ids=REPEATED)
def test_what_may_pass_is_asked_again(corpus: Path, fault: Fault) -> None:
    with serving() as (url, state):
        state.faults.append(fault)
        run(corpus, url, timeout=0.4)
        assert not state.faults
        assert set(state.answered.values()) <= {1, 2}
    assert set(labels(corpus)["status"]) == {"ok"}


def test_a_question_that_never_gets_an_answer_fails_and_the_next_run_tries_again(
    corpus: Path,
) -> None:
    with serving() as (url, state):
        state.faults.extend([Fault(500, about=LONGEST)] * 6)
        run(corpus, url, max_retries=1)
        assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + ["failed"]
        run(corpus, url, max_retries=1)
        assert answered_once(state)
    assert set(labels(corpus)["status"]) == {"ok"}


def test_an_outage_is_no_result_and_the_next_run_goes_on(corpus: Path) -> None:
    with serving() as (url, state):
        state.faults.extend([Fault(502, about="boats")] * 3 * N)
        with pytest.raises(ServiceError, match=r"unanswered .http_502.|answered none of 6"):
            run(corpus, url, max_retries=0)
        assert not (corpus / "out" / "labels.parquet").exists()
        state.faults.clear()
        run(corpus, url)
        assert answered_once(state)


@pytest.mark.parametrize("name", ["prose", "half", "value not listed", "task type", "empty"])
def test_an_unusable_answer_is_asked_again_once_and_less_rigidly(corpus: Path, name: str) -> None:
    with serving(behave=answer_with(UNUSABLE[name])) as (url, state):
        run(corpus, url)
        assert sorted(state.answered.values()) == [1] * (N - 1) + [2]
        assert sorted(set(state.temperatures)) == [0.0, 0.7]
    assert set(labels(corpus)["status"]) == {"ok"}


def test_two_unusable_answers_are_recorded_as_invalid_for_good(corpus: Path) -> None:
    with serving(behave=answer_with(*[UNUSABLE["task type"]] * 5)) as (url, state):
        run(corpus, url)
        run(corpus, url)
        assert sorted(state.answered.values()) == [1] * (N - 1) + [2]
    assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + ["invalid"]


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour(good_answer("xx", 0).text, "max_tokens"), "truncated"),
        (Behaviour("", "refusal"), "refused"),
        (Behaviour(result="too long"), "failed"),
    ],
    ids=["length", "content filter", "longer than the context"],
)
def test_a_stop_is_recorded(corpus: Path, behaviour: Behaviour, status: str) -> None:
    with serving(behave=answer_with(*[behaviour] * 9)) as (url, _):
        run(corpus, url)
    assert labels(corpus)["status"].tolist() == ["ok"] * (N - 1) + [status]


def test_usage_may_be_missing_and_is_counted_where_it_is_not(corpus: Path) -> None:
    with serving(usage=False) as (url, _):
        run(corpus, url, ledger=corpus / "a.sqlite")
    with serving() as (url, _):
        run(corpus, url, ledger=corpus / "b.sqlite")
    for name, some in (("a", False), ("b", True)):
        with open_ledger(corpus / f"{name}.sqlite") as ledger:
            assert (ledger.tokens() > 0) == some


def test_a_model_that_is_not_there_is_named_with_those_that_are(corpus: Path) -> None:
    with serving(models=("foxglove-3b", MODEL)) as (url, state):
        with pytest.raises(
            ServiceError, match=f"no model 'x'; --model can be: foxglove-3b, {MODEL}"
        ):
            run(corpus, url, model="x")
        with pytest.raises(ServiceError, match=r"no chat/completions .HTTP 404.; --base-url is"):
            run(corpus, url.removesuffix("/v1") + "/other")
        assert not state.asked


def test_without_a_server_nothing_is_labelled(corpus: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServiceError, match=f"nothing answers at {url}"):
        run(corpus, url, max_retries=1)
    assert not (corpus / "out" / "labels.parquet").exists()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(page="<html>router</html>"), "not as an OpenAI-compatible endpoint does"),
        (Fault(307, {"location": "http://127.0.0.1:9/v1"}), "redirects to another address"),
        (Fault(cut="after"), "gave no answer to a first question"),
    ],
)
def test_what_is_no_endpoint_gets_no_conversation(corpus: Path, fault: Fault, message: str) -> None:
    with serving() as (url, state):
        state.faults.append(fault)
        with pytest.raises(ServiceError, match=message):
            run(corpus, url)
        assert not state.asked


def test_a_codebook_that_is_refused_in_every_form_gets_no_conversation(corpus: Path) -> None:
    with serving() as (url, state):
        state.faults.extend([Fault(400)] * 3)
        with pytest.raises(ServiceError, match=r"in any form .HTTP 400.; nothing of yours has"):
            run(corpus, url)
        assert not state.asked


def test_a_key_is_sent_if_the_environment_has_one(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(key="k-77") as (url, state):
        with pytest.raises(ServiceError, match="variable VALUESCAPE_ENDPOINT_KEY"):
            run(corpus, url)
        monkeypatch.setenv("OPENAI_API_KEY", "k-77")
        with pytest.raises(ServiceError, match=r"refuses the key .HTTP 401."):
            run(corpus, url)
        monkeypatch.setenv("VALUESCAPE_ENDPOINT_KEY", "k-77")
        run(corpus, url)
        assert answered_once(state)
    monkeypatch.setenv("VALUESCAPE_ENDPOINT_KEY", "two words")
    with serving() as (url, state), pytest.raises(InputError, match="_KEY holds no key") as error:
        run(corpus, url)
    assert "two words" not in str(error.value)


def test_no_proxy_stands_between_this_machine_and_itself(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as (url, state):
        run(corpus, url)
        assert answered_once(state)
    api = EndpointApi("http://valuescape.invalid/v1", max_retries=0)
    with pytest.raises(ServiceError, match=r"nothing answers at http://valuescape\.invalid/v1"):
        api.hold(make_prompt(MODEL, "open").warming())


def test_so_many_questions_are_under_way_at_a_time(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.jsonl", texts(24))
    together = threading.Barrier(8)
    with serving() as (url, state):

        def hook(_: str, moment: str) -> None:
            if moment == "worked" and state.asked:
                together.wait(timeout=20.0)

        state.hook = hook
        run(tmp_path, url, workers=8, timeout=30.0)
        assert state.most_at_once == 8


def test_hostile_texts_reach_the_server_and_come_back_labelled(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.jsonl", list(HOSTILE.values()))
    with serving() as (url, state):
        run(tmp_path, url, redact=False)
        assert set(state.answered.values()) == {1}
        assert {parsed(t)[0][1] for t in state.answered} == {t for t in HOSTILE.values() if t}
    assert set(labels(tmp_path)["status"]) == {"ok"}


def test_one_ledger_serves_both_labellers(corpus: Path) -> None:
    ledger = corpus / "both.sqlite"
    with serving() as (url, state), running(batch_seconds=0.0) as (other, claudes):
        with open_ledger(ledger) as opened:
            opened.begin("anthropic", "batch", "m", ["k"])
            opened.begin("endpoint", "message", "m", ["k"])
        run(corpus, url, ledger=ledger)
        with open_ledger(ledger) as opened:
            assert len(opened.open_submissions("anthropic")) == 1
            assert not opened.open_submissions("endpoint")
        claude.run(corpus, other, ledger=ledger)
        assert answered_once(state)
        assert set(claudes.billed.values()) == {1}


@pytest.mark.parametrize(
    "address",
    ["localhost:8000", "ftp://a/v1", "http://", "http://[::1/v1", "http://a:99999", "", "x"],
)
def test_other_addresses_are_refused_by_option(address: str) -> None:
    with pytest.raises(OptionError, match="--base-url is no address such as http://localhost:8000"):
        checked_address(address)


@pytest.mark.parametrize(
    "address", ["http://me:pw-9@a/v1", "http://a/v1?key=pw-9", "http://a#pw-9"]
)
def test_an_address_carries_no_secret(address: str) -> None:
    with pytest.raises(OptionError, match="takes no credentials") as error:
        checked_address(address)
    assert "pw-9" not in str(error.value)


ENDPOINT = ["--labeller", "endpoint"]
THERE = [*ENDPOINT, "--base-url", "http://127.0.0.1:9", "--model", "m"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ENDPOINT, "--labeller endpoint needs --base-url"),
        ([*ENDPOINT, "--base-url", "http://a"], "--labeller endpoint needs --model"),
        ([*THERE, "--budget", "1"], "--budget goes with --labeller anthropic, not with endpoint"),
        ([*THERE, "--no-batch"], "--batch goes with --labeller anthropic, not with endpoint"),
        ([*THERE, "--workers", "0"], "--workers 0 is not allowed; at least 1 is"),
        ([*ENDPOINT, "--base-url", "a", "--model", "m"], "--base-url is no address"),
        (["--base-url", "http://a"], "--base-url goes with --labeller endpoint, not with embedded"),
    ],
)
def test_options_that_cannot_be_are_refused(corpus: Path, options: list[str], message: str) -> None:
    command = ["label", str(corpus / "c.jsonl"), "--output", str(corpus / "out"), *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert message in done.output
    assert not (corpus / "out").exists()


def test_a_budget_is_refused_without_a_price(corpus: Path) -> None:
    with serving() as (url, state):
        with pytest.raises(OptionError, match="an endpoint's prices are not known"):
            run(corpus, url, budget=1.0)
        assert not state.calls


def test_the_command_shows_a_plan_asks_and_labels(corpus: Path) -> None:
    with serving(forms=("text",)) as (url, state):
        command = ["label", str(corpus / "c.jsonl"), "--output", str(corpus / "out"), *ENDPOINT]
        command += ["--base-url", url, "--model", MODEL, "--workers", "2"]
        refused = CliRunner().invoke(app, command, input="n\n")
        assert refused.exit_code == 3
        assert "not confirmed; no conversation has been sent" in refused.output
        assert f"{N} to send to {MODEL} at {url}" in refused.output
        assert f"no price is known for {MODEL}" in refused.output
        assert CliRunner().invoke(app, command, input="").exit_code == 3
        assert not state.calls
        done = CliRunner().invoke(app, [*command, "--yes"])
        assert done.exit_code == 0, done.output
        assert "cannot be held to the schema" in done.output
        assert answered_once(state)
    absent = CliRunner().invoke(app, [*command, "--yes", "--vocabulary", "open"])
    assert absent.exit_code == 4
