"""Open-Assistant sampling reports: many prompts, several sampling settings, one assistant each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered, load_json

SOURCE = "oasst-model-eval"
_FOLDER = "sampling_reports/"
_STOP = re.compile(r"(?:</s>|<\|endoftext\|>|<\|im_end\|>)\s*$")


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield the first output of each prompt; the identifier counts reports and prompts."""
    for number, (name, path) in enumerate(files.items()):
        report = load_json(path)
        meta = {"report": name.removeprefix(_FOLDER)}
        for i, prompt in enumerate(report["prompts"]):
            turns = [Turn("user", prompt["prompt"]), Turn("assistant", first_output(prompt))]
            identity = f"{SOURCE}/{number}-{i}"
            yield from answered(identity, SOURCE, report["model_name"], turns, meta)


def first_output(prompt: dict[str, Any]) -> str:
    """Return the first output of the first sampling setting that has one, stop tokens cut."""
    for result in prompt["results"]:
        for output in result["outputs"]:
            text = _STOP.sub("", output).strip()
            if text:
                return text
    return ""
