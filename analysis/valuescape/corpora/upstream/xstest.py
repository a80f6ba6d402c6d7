"""XSTest v2: ``xstest_v2_completions_<assistant>.csv``, with the refusal label people gave."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import PurePosixPath

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered

SOURCE = "xstest-v2"
_PREFIX = "xstest_v2_completions_"
_META = ("type", "final_label", "annotation_1", "annotation_2")


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield one conversation a completion; the file of bare prompts is passed over."""
    for name, path in files.items():
        stem = PurePosixPath(name).stem
        if not stem.startswith(_PREFIX):
            continue
        model = stem.removeprefix(_PREFIX)
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                turns = [Turn("user", row["prompt"]), Turn("assistant", row["completion"])]
                meta = {key: row[key] for key in _META}
                yield from answered(f"{SOURCE}/{row['id']}-{model}", SOURCE, model, turns, meta)
