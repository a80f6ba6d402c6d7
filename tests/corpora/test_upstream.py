"""Adapters on unedited upstream records give the identifiers and texts of the study."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.paths import SHARED, needs_shared
from valuescape.corpora.adapters.registry import SOURCES
from valuescape.corpora.conversation import Conversation
from valuescape.corpora.jsonl import read_jsonl
from valuescape.corpora.reading import conversations, detect_format

SAMPLES = SHARED / "upstream_samples"
CASES = [
    (
        "alpaca_eval",
        {"results/Qwen1.5-72B-Chat/model_outputs.json": "alpaca_eval__model_outputs.json"},
    ),
    (
        "arena-hard-v0.1",
        {"model_answer/gpt-4-0314.jsonl": "arena-hard-v0.1__gpt-4-0314.jsonl"},
    ),
    (
        "arena-hard-v2.0",
        {
            "question.jsonl": "arena-hard-v2.0__question.jsonl",
            "model_answer/o3-mini-2025-01-31.jsonl": "arena-hard-v2.0__o3-mini-2025-01-31.jsonl",
        },
    ),
    ("hh-rlhf-harmless-test", {"test.jsonl": "hh-rlhf-harmless-test__test.jsonl"}),
    (
        "just-eval-instruct",
        {
            "outputs/Llama-2-70B-chat-GPTQ.to_eval.json": (
                "just-eval-instruct__Llama-2-70B-chat-GPTQ.to_eval.json"
            )
        },
    ),
    ("oasst-en-100-tree", {"en_100_tree.jsonl": "oasst-en-100-tree__en_100_tree.jsonl"}),
    (
        "oasst-model-eval",
        {
            "sampling_reports/alpaca/2023-04-11_alpaca_sample.json": (
                "oasst-model-eval__2023-04-11_alpaca_sample.json"
            )
        },
    ),
    (
        "vicuna-blog-eval",
        {
            "table/question.jsonl": "vicuna-blog-eval__question.jsonl",
            "table/answer/answer_alpaca-13b.jsonl": "vicuna-blog-eval__answer_alpaca-13b.jsonl",
        },
    ),
    (
        "xstest-v2",
        {
            f"model_completions/xstest_v2_completions_{name}.csv": (
                f"xstest-v2__xstest_v2_completions_{name}.csv"
            )
            for name in ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")
        },
    ),
]


@cache
def known(source: str) -> dict[str, Conversation]:
    """Return the study's conversations of one source."""
    names = {"oasst-en-100-tree": "oasst_en100_human", "just-eval-instruct": "just_eval"}
    stem = names.get(source, source.replace("-", "_").replace(".", ""))
    found = sorted((SHARED / "conversations").glob(f"{stem}*.jsonl.gz"))
    return {c.id: c for path in found for c in read_jsonl(path)}


@needs_shared
@pytest.mark.parametrize(("source", "files"), CASES, ids=[case[0] for case in CASES])
def test_adapter_gives_the_ids_and_texts_of_the_study(source: str, files: dict[str, str]) -> None:
    local = {name: Path(SAMPLES / sample) for name, sample in files.items()}
    found = list(conversations(SOURCES[source], local, source))
    assert found
    if source == "alpaca_eval" and found[0].id not in known(source):
        pytest.skip("the sample is of an assistant that the study does not use")
    for conversation in found:
        same = known(source)[conversation.id]
        if not conversation.meta:  # the sample of arena-hard-v2.0 questions is cut
            same = replace(same, meta={})
        assert conversation == same


@needs_shared
@pytest.mark.parametrize(("source", "files"), CASES, ids=[case[0] for case in CASES])
def test_the_format_is_told_from_the_records(source: str, files: dict[str, str]) -> None:
    assert detect_format([SAMPLES / sample for sample in files.values()]) is SOURCES[source]
