"""AlpacaEval: ``results/<folder>/model_outputs.json``, one list of records an assistant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered, load_json

SOURCE = "alpaca_eval"


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield one conversation a record; the assistant is the results folder."""
    for name, path in files.items():
        model = PurePosixPath(name).parent.name
        for i, record in enumerate(load_json(path)):
            turns = [Turn("user", record["instruction"]), Turn("assistant", record["output"])]
            meta = {"dataset": record["dataset"]}
            yield from answered(f"{SOURCE}/{i}-{model}", SOURCE, model, turns, meta)
