"""Open-Assistant sampling reports: many prompts, several sampling settings, one assistant each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import listed, mapping, named, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered

_FOLDER = "sampling_reports/"
_STOP = re.compile(r"(?:</s>|<\|endoftext\|>|<\|im_end\|>)\s*$")


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "prompt", "results")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the first output of a prompt; the identifier counts reports and prompts."""
    content, file = record.content, record.file
    turns = [Turn("user", text(content, "prompt")), Turn("assistant", first_output(content))]
    meta = {"report": file.name.removeprefix(_FOLDER)}
    identity = f"{file.source}/{file.number}-{record.index}"
    yield answered(identity, file.source, named(record.around, "model_name"), turns, meta=meta)


def first_output(prompt: Mapping[str, Any]) -> str:
    """Return the first output of the first sampling setting that has one, stop tokens cut.

    Examples
    --------
    >>> first_output({"results": [{"outputs": [" "]}, {"outputs": ["Well. </s>"]}]})
    'Well.'
    """
    for result in listed(prompt, "results"):
        for output in listed(mapping(result, "a result"), "outputs"):
            said = _STOP.sub("", str(output)).strip()
            if said:
                return said
    return ""


OASST_REPORTS = Adapter(
    "oasst-reports",
    "Open-Assistant sampling reports (model_name, prompts)",
    "oasst-model-eval",
    _recognises,
    _convert,
    checked=True,
)
