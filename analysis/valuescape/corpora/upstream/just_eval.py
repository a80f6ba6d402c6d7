"""just-eval-instruct: ``leaderboard/outputs/<assistant>.to_eval.json``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered, load_json

SOURCE = "just-eval-instruct"


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield one conversation a record."""
    for name, path in files.items():
        model = PurePosixPath(name).name.removesuffix(".to_eval.json")
        for record in load_json(path):
            turns = [Turn("user", record["instruction"]), Turn("assistant", record["output"])]
            meta = {"prompt_source": record["dataset"], "category": record["category"]}
            yield from answered(f"{SOURCE}/{record['id']}-{model}", SOURCE, model, turns, meta)
