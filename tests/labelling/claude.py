"""Runs of the Anthropic labeller against the loopback server."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tests.providers.server import KEY
from valuescape.labelling.anthropic_command import Order, label_with_anthropic
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


def run(folder: Path, url: str, *, confirm: bool = True, **changed: object) -> str:
    """Label ``folder/c.jsonl`` into ``folder/out``; options are those of Order and Manner."""
    os.environ["ANTHROPIC_API_KEY"] = KEY
    manner = {k: changed.pop(k) for k in list(changed) if k in Manner.__slots__}
    order = Order(
        folder / "c.jsonl",
        folder / "out",
        base_url=url,
        manner=Manner(**QUICK | manner),  # type: ignore[arg-type]
        **{"max_retries": 3} | changed,  # type: ignore[arg-type]
    )
    return label_with_anthropic(order, lambda _: confirm)


def labels(folder: Path) -> pd.DataFrame:
    """Read what a run wrote."""
    return read_table(folder / "out" / "labels.parquet", "labels").set_index("conversation_id")


def expressions(folder: Path) -> pd.DataFrame:
    return read_table(folder / "out" / "expressions.parquet", "expressions")
