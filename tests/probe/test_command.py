"""``valuescape probe``: recorded answers, the interface, interruptions, baselines, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.monitoring.simulated import labelled, write
from tests.probe.loopback import KEY, answering
from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.monitoring.comparison import ComparisonRules
from valuescape.probe.command import Order, run_probe
from valuescape.probe.prompts import Prompt, read_prompts, shipped_prompts

WARM = "I am glad you asked. Take it one step at a time, and be kind to yourself; you can do this."
COLD = "I'm sorry, but I can't help with that. It would be wrong, and it may harm someone."


def recorded(path: Path, share_cold: float, prompts: list[Prompt] | None = None) -> Path:
    """Write a reply to each prompt, cold ones for the first of every ten."""
    lines = []
    for i, prompt in enumerate(prompts or read_prompts(shipped_prompts())):
        reply = COLD if (i % 10) / 10 < share_cold else WARM
        lines.append(json.dumps({"id": prompt.id, "reply": f"{reply} ({i})", "model": "m"}))
    path.write_text("\n".join(lines))
    return path


def probed(folder: Path, share_cold: float, **options: object) -> str:
    answers = recorded(folder.parent / f"{folder.name}.jsonl", share_cold)
    order = Order(folder, answers=answers, **options)  # type: ignore[arg-type]
    return run_probe(order, lambda _: False).text


def never(_: str) -> bool:
    raise AssertionError("asked")


def test_recorded_answers_give_labels_and_a_profile(tmp_path: Path) -> None:
    text = probed(tmp_path / "a", 0.0)
    assert text.startswith("m: 208 ok, 0 without an answer")
    profile = pd.read_csv(tmp_path / "a" / "profile.csv")
    assert (profile["n"] == 208).all()
    assert profile["estimate"].between(profile["ci_low"], profile["ci_high"]).all()
    types = profile[profile["quantity"] == "response_type"]
    assert types["estimate"].sum() == pytest.approx(1.0)
    labels = pd.read_parquet(tmp_path / "a" / "labels.parquet")
    assert set(labels["labeller"]) == {"embedded-2"}
    line = json.loads((tmp_path / "a" / "answers.jsonl").read_text().splitlines()[0])
    assert line["meta"]["task_type"] == "personal_advice"


def test_against_another_probe_the_same_prompts_are_compared(tmp_path: Path) -> None:
    probed(tmp_path / "a", 0.0)
    text = probed(tmp_path / "b", 0.6, baseline=tmp_path / "a")
    assert text.startswith("208 prompts that both answered")
    found = pd.read_csv(tmp_path / "b" / "comparison.csv").set_index(["quantity", "name"])
    refused = found.loc[("response_type", "strong_resistance")]
    assert refused["verdict"] == "behaviour up"
    assert refused["ci_low"] > 0.2
    assert (found["coverage"] == 1).all()
    assert not (found["verdict"] == "composition").any()
    same = probed(tmp_path / "c", 0.0, baseline=tmp_path / "a")
    assert "behaviour" not in same.replace("behaviour can", "")


def test_other_labels_are_a_rough_yardstick(tmp_path: Path) -> None:
    labels, said = labelled(1, 600)
    tables = [t.assign(labeller="embedded-2") for t in (labels, said)]
    baseline = write(tmp_path / "use", (tables[0], tables[1]))
    text = probed(tmp_path / "a", 0.3, baseline=baseline)
    assert "a rough yardstick" in text
    assert (tmp_path / "a" / "comparison.csv").is_file()
    other = write(tmp_path / "other", (labels, said))
    with pytest.raises(InputError, match="labelled by simulated-1, the replies would be by "):
        probed(tmp_path / "b", 0.0, baseline=other)


def test_answers_come_through_the_interface_and_are_not_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    said: list[str] = []

    def confirmed(plan: str) -> bool:
        said.append(plan)
        return True

    with answering(refuses_after=5) as (url, asked):
        order = Order(tmp_path / "a", model="claude-sonnet-5-5", limit=1, anthropic_url=url)
        with pytest.raises(InputError, match="403 permission_error"):
            run_probe(order, confirmed)
        path = tmp_path / "a" / "answers.jsonl"
        assert len(path.read_text().splitlines()) == 5
        with path.open("a") as stream:
            stream.write('{"id": "cut off')
        asked.refuses_after = 10**9
        text = run_probe(order, confirmed).text
        assert len(asked.bodies) == 16
        assert "16 ok, 0 without an answer" in text
        assert run_probe(order, never).text == text
    assert said[1].startswith("5 prompts answered before, 11 to send to claude-sonnet-5-5")
    assert "at most about" in said[0]
    body = asked.bodies[0]
    assert set(body) == {"model", "max_tokens", "messages"}
    assert body["max_tokens"] == 1024
    assert KEY not in path.read_text()


def test_refused_replies_are_kept_and_not_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with answering(stop_reason="refusal", text="") as (url, _):
        order = Order(tmp_path / "a", model="m", limit=1, anthropic_url=url)
        with pytest.raises(InputError, match="no prompt was answered"):
            run_probe(order, lambda _: True)
    with answering(stop_reason="max_tokens") as (url, _):
        order = Order(tmp_path / "b", model="m", limit=2, anthropic_url=url, max_tokens=7)
        assert "m: 32 truncated" in run_probe(order, lambda _: True).text


def test_nothing_is_sent_without_a_key_or_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(InputError, match="no key: set the environment variable ANTHROPIC_API_KEY"):
        run_probe(Order(tmp_path, model="m"), never)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with answering() as (url, asked):
        with pytest.raises(InputError, match="not confirmed; no prompt has been sent"):
            run_probe(Order(tmp_path, model="m", anthropic_url=url), lambda _: False)
        assert not asked.bodies


def test_a_folder_belongs_to_one_model_and_its_prompts(tmp_path: Path) -> None:
    probed(tmp_path / "a", 0.0)
    with pytest.raises(InputError, match="an answer of 'm'; 'other' needs a folder of its own"):
        probed(tmp_path / "a", 0.0, model="other")
    prompts = tmp_path / "p.jsonl"
    first = read_prompts(shipped_prompts())[0]
    prompts.write_text(json.dumps({"id": first.id, "task_type": first.task_type, "prompt": "Hi"}))
    with pytest.raises(InputError, match="answers other words under the id 'personal_advice-01'"):
        probed(tmp_path / "a", 0.0, prompts=prompts)


def test_a_model_behind_an_endpoint_is_asked_the_plain_prompts(tmp_path: Path) -> None:
    with answering() as (url, asked):
        run_probe(Order(tmp_path, model="m", limit=1, endpoint=f"{url}/v1"), lambda _: True)
    assert len(asked.bodies) == 16
    for body in asked.bodies:
        assert [message["role"] for message in body["messages"]] == ["user"]
        assert "response_format" not in body
    answers = (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()
    assert len(answers) == 16


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no answer; at least one is needed"),
        ("{", "line 1: not JSON"),
        ('{"id": 3, "reply": "x"}', "line 1: 'id' is 3; the id of a prompt is needed"),
        ('{"id": "a"}', "line 1: 'reply' is None; a text is needed"),
        ('{"id": "a", "reply": "x"}\n{"id": "a", "reply": "y"}', "occurs a second time"),
        ('{"id": "nobody", "reply": "x"}', "no prompt was answered"),
    ],
)
def test_malformed_answers_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        run_probe(Order(tmp_path / "out", answers=path), never)


def test_an_unknown_labeller_is_an_option_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recorded(tmp_path / "a.jsonl", 0.0)
    words = ["probe", "--output", "out", "--answers", "a.jsonl", "--labeller", "x"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--labeller 'x' is not known" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "needed is --model"),
        (["--answers", "a.jsonl", "--limit", "0"], "--limit 0 is not allowed"),
        (["--answers", "a.jsonl", "--minimum", "0"], "--minimum 0 is not allowed"),
        (["--answers", "a.jsonl", "--q-threshold", "1"], "--q-threshold 1 is not allowed"),
        (["--answers", "a.jsonl", "--max-tokens", "0"], "--max-tokens 0 is not allowed"),
        (["--answers", "a.jsonl", "--baseline", "no"], "no: no such file or folder"),
    ],
)
def test_bad_options_end_with_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    recorded(tmp_path / "a.jsonl", 0.0)
    done = CliRunner().invoke(app, ["probe", "--output", "out", *options])
    assert done.exit_code == 1
    assert message in done.output


@pytest.mark.slow
def test_the_command_ends_with_its_verdict(tmp_path: Path) -> None:
    probed(tmp_path / "a", 0.0)
    answers = str(recorded(tmp_path / "b.jsonl", 0.6))
    given = ["probe", "--answers", answers, "--output", str(tmp_path / "b"), "--exit-code"]
    done = CliRunner().invoke(app, [*given, "--baseline", str(tmp_path / "a")])
    assert done.exit_code == 5, done.output
    assert "behaviour up" in done.output
    assert CliRunner().invoke(app, given).exit_code == 0


@pytest.mark.slow
def test_the_rules_change_what_is_compared(tmp_path: Path) -> None:
    probed(tmp_path / "a", 0.0)
    sizes = []
    for minimum in (5, 60):
        folder = tmp_path / f"b{minimum}"
        probed(folder, 0.6, baseline=tmp_path / "a", rules=ComparisonRules(minimum=minimum))
        sizes.append(len(pd.read_csv(folder / "comparison.csv")))
    assert sizes[0] > sizes[1]
