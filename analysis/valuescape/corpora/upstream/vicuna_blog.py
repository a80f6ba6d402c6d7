"""The Vicuna blog's evaluation: ``question.jsonl`` and ``answer_<assistant>.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered, load_lines
from valuescape.errors import InputError

SOURCE = "vicuna-blog-eval"
_QUESTIONS = "question.jsonl"
_PREFIX = "answer_"


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield one conversation an answer.

    Raises
    ------
    InputError
        If the file of questions is not among the files.
    """
    names = {PurePosixPath(name).name: path for name, path in files.items()}
    if _QUESTIONS not in names:
        raise InputError(f"{SOURCE}: {_QUESTIONS} is missing")
    questions = {record["question_id"]: record for _, record in load_lines(names[_QUESTIONS])}
    for name, path in names.items():
        if name == _QUESTIONS:
            continue
        model = PurePosixPath(name).stem.removeprefix(_PREFIX)
        for _, record in load_lines(path):
            question = questions[record["question_id"]]
            turns = [Turn("user", question["text"]), Turn("assistant", record["text"])]
            identity = f"{SOURCE}/{record['question_id']}-{model}"
            meta = {"category": question["category"]}
            yield from answered(identity, SOURCE, model, turns, meta)
