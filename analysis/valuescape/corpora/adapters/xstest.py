"""XSTest v2: ``xstest_v2_completions_<assistant>.csv``, with the refusal label people gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import named, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, Skipped, answered

_PREFIX = "xstest_v2_completions_"
_META = ("type", "final_label", "annotation_1", "annotation_2")


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "id", "prompt", "completion", "final_label")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a completion; the file of bare prompts is passed over."""
    content, source = record.content, record.file.source
    prompt = Turn("user", text(content, "prompt"))
    if "completion" not in content:
        yield Skipped("a prompt without a reply")
        return
    stem = PurePosixPath(record.file.name.removesuffix(".gz")).stem
    model = stem.partition(_PREFIX)[2] or stem
    turns = [prompt, Turn("assistant", text(content, "completion"))]
    meta = {key: text(content, key) for key in _META}
    yield answered(f"{source}/{named(content, 'id')}-{model}", source, model, turns, meta=meta)


XSTEST = Adapter(
    "xstest",
    "XSTest completions, xstest_v2_completions_<assistant>.csv",
    "xstest-v2",
    _recognises,
    _convert,
    checked=True,
)
