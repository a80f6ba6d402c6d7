"""Our JSONL: read as written, and refused with file, line and what is allowed."""

import gzip
import json
from pathlib import Path

import pytest

from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError

GOOD = {
    "id": "a",
    "model": "larkspur",
    "messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}],
}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "c.jsonl"
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return path


def test_plain_and_compressed_files_read_alike(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, "", {**GOOD, "id": "b", "user_id": "u1", "started_at": None})
    packed = tmp_path / "c.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    found = list(read_jsonl(path))
    assert found == list(read_jsonl(packed))
    assert [c.id for c in found] == ["a", "b"]
    assert found[1].user_id == "u1"
    assert found[0].prompt_id == found[1].prompt_id


MALFORMED = {
    "not JSON": ("{", "not JSON"),
    "a list": ([1], "a JSON list"),
    "no id": ({**GOOD, "id": None}, "'id' is missing"),
    "number as model": ({**GOOD, "model": 3}, "'model' is a int"),
    "no messages": ({"id": "b", "model": "m"}, "'messages' is missing"),
    "empty messages": ({**GOOD, "messages": []}, "at least one turn"),
    "unknown role": (
        {**GOOD, "messages": [{"role": "human", "content": "x"}]},
        "role of turn 1 is 'human'; allowed are system, user, assistant",
    ),
    "content as list": (
        {**GOOD, "messages": [{"role": "user", "content": []}]},
        "content of turn 1 is a list",
    ),
    "half a character as id": ({**GOOD, "id": "\ud800"}, "'id' holds half of a surrogate pair"),
    "half a character as time": ({**GOOD, "id": "b", "started_at": "\udfff"}, "'started_at' holds"),
    "number as user": ({**GOOD, "user_id": 7}, "'user_id' is a int; allowed is a text"),
    "same id": (GOOD, "occurs a second time"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_record_is_named_by_file_and_line(tmp_path: Path, kind: str) -> None:
    record, message = MALFORMED[kind]
    path = written(tmp_path, GOOD, record)
    with pytest.raises(InputError) as caught:
        list(read_jsonl(path))
    assert f"{path}, line 2: " in str(caught.value)
    assert message in str(caught.value)


def test_a_caller_may_count_malformed_records_and_go_on(tmp_path: Path) -> None:
    path = written(tmp_path, "{", GOOD, [1], {**GOOD, "id": "b"})
    errors: list[InputError] = []
    assert [c.id for c in read_jsonl(path, errors.append)] == ["a", "b"]
    assert len(errors) == 2


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00 cut"])
def test_absent_and_damaged_files_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.jsonl.gz"
    if content:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"c\.jsonl\.gz"):
        list(read_jsonl(path))


def test_no_text_of_a_conversation_is_printed(tmp_path: Path) -> None:
    secret = "canary " * 20
    path = written(tmp_path, {**GOOD, "messages": [{"role": secret, "content": secret}]})
    with pytest.raises(InputError) as caught:
        list(read_jsonl(path))
    assert "canary" not in str(caught.value)
