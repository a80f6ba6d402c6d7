"""Runs of the Anthropic labeller against the loopback server."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tests.providers.server import KEY
from valuescape.labelling.anthropic_command import label_with_anthropic
from valuescape.labelling.order import Order
from valuescape.providers.anthropic_api import DEFAULT_MODEL
from valuescape.providers.batching import BatchManner
from valuescape.providers.dispatch import Manner
from valuescape.store import read_table

QUICK = {"poll_seconds": 0.005, "settle_seconds": 0.05}


def write_corpus(path: Path, texts: Sequence[str]) -> Path:
    """Write one conversation a text, numbered from 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as stream:
        for i, text in enumerate(texts):
            turns = [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
            stream.write(json.dumps({"id": f"c{i}", "model": "m", "messages": turns}) + "\n")
    return path


def texts(n: int) -> list[str]:
    """Return ``n`` different texts of different lengths."""
    return [f"Question {i} about boats{'!' * i}" for i in range(n)]


def order(folder: Path, **changed: object) -> Order:
    """Order ``folder/c.jsonl`` into ``folder/out``; options of Order, Manner and BatchManner."""
    taken = [_taken(changed, kind) for kind in (BatchManner, Manner, Order)]
    batches = BatchManner(**QUICK | taken[0])  # type: ignore[arg-type]
    manner = Manner(**{"batches": batches} | taken[1])  # type: ignore[arg-type]
    assert not changed, changed
    return Order(
        folder / "c.jsonl",
        folder / "out",
        **{"model": DEFAULT_MODEL, "manner": manner} | taken[2],  # type: ignore[arg-type]
    )


def _taken(options: dict[str, object], kind: type) -> dict[str, object]:
    return {k: options.pop(k) for k in list(options) if k in kind.__slots__}  # type: ignore[attr-defined]


def run(folder: Path, url: str, *, confirm: bool = True, **changed: object) -> str:
    """Label ``folder/c.jsonl`` into ``folder/out`` by Claude."""
    os.environ["ANTHROPIC_API_KEY"] = KEY
    api = {k: changed.pop(k) for k in ("max_retries", "timeout", "agreed") if k in changed}
    return label_with_anthropic(
        order(folder, **changed),
        lambda _: confirm,
        base_url=url,
        **{"max_retries": 3} | api,  # type: ignore[arg-type]
    )


def labels(folder: Path) -> pd.DataFrame:
    """Read what a run wrote."""
    return read_table(folder / "out" / "labels.parquet", "labels").set_index("conversation_id")


def expressions(folder: Path) -> pd.DataFrame:
    return read_table(folder / "out" / "expressions.parquet", "expressions")
