"""Files of every kind: told apart, read one record at a time, damage reported and counted."""

import gzip
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.corpora import invented
from valuescape.corpora import archives, records, scanning
from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import Tally, detect_format, read_corpus
from valuescape.errors import InputError

OWN: dict[str, Any] = invented.RECORDS["valuescape"]


def own(n: int) -> list[dict[str, Any]]:
    return [{**OWN, "id": f"v-{i}"} for i in range(n)]


def lines(path: Path, *given: Any) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in given))
    return path


def read(*paths: Path, tally: Tally | None = None, **options: Any) -> list[Conversation]:
    tally = tally or Tally(strict=True)
    return list(
        read_corpus(paths, malformed=tally.on_malformed, skipped=tally.on_skipped, **options)
    )


def as_pretty(path: Path) -> None:
    path.write_text(json.dumps(own(3), indent=2))


def as_line(path: Path) -> None:
    path.write_text(json.dumps(own(3)))


def as_lines(path: Path) -> None:
    lines(path, *own(3))


def as_marked(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf\n" + "\r\n".join(map(json.dumps, own(3))).encode())


def as_packed(path: Path) -> None:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, own(3))).encode()))


def as_parquet(path: Path) -> None:
    pd.DataFrame(own(3)).to_parquet(path)


@pytest.mark.parametrize("write", [as_pretty, as_line, as_lines, as_marked, as_packed, as_parquet])
@pytest.mark.parametrize("ending", ["json", "jsonl", "txt", ""])
def test_what_a_file_holds_is_told_from_its_content(
    tmp_path: Path, write: Any, ending: str
) -> None:
    path = tmp_path / f"c.{ending}"
    write(path)
    assert [c.id for c in read(path)] == ["v-0", "v-1", "v-2"]


def test_one_pretty_object_is_one_record(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(invented.CHATGPT, indent=1))
    assert [c.id for c in read(path)] == ["chatgpt/c-1"]
    path.write_text(json.dumps(invented.CHATGPT))
    assert [c.id for c in read(path)] == ["chatgpt/c-1"]


def test_damaged_records_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", OWN, "{", [1], {**OWN, "id": "b"}, {**OWN, "id": 3}, OWN)
    tally = Tally()
    assert [c.id for c in read(path, tally=tally)] == ["v-1", "b"]
    told = [str(error) for error in tally.malformed]
    assert [t.partition(": ")[0] for t in told] == [f"{path}, line {n}" for n in (2, 3, 5, 6)]
    assert "not JSON" in told[0]
    assert "JSON list" in told[1]
    assert "'id' is a int" in told[2]
    assert "occurs a second time" in told[3]
    with pytest.raises(InputError, match=r"line 2: not JSON"):
        read(path)


def test_damaged_elements_of_an_array_are_named(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(f'[{json.dumps(OWN)}, {{"a": nope}}, 7, {json.dumps({**OWN, "id": "b"})}')
    tally = Tally()
    assert [c.id for c in read(path, tally=tally)] == ["v-1", "b"]
    assert [str(e).removeprefix(f"{path}, ").partition(":")[0] for e in tally.malformed] == [
        "element 2",
        "element 3",
        "JSON",
    ]
    assert "ends inside" in str(tally.malformed[2])


def test_a_record_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 200)
    long = {**OWN, "id": "long", "meta": {"x": "y" * 1000}}
    path = lines(tmp_path / "c.jsonl", OWN, long, {**OWN, "id": "b"})
    tally = Tally()
    assert [c.id for c in read(path, tally=tally)] == ["v-1", "b"]
    assert "line 2: longer than" in str(tally.malformed[0])


def test_reasons_are_counted_and_told(tmp_path: Path) -> None:
    mute = {**OWN, "messages": OWN["messages"][:1]}
    path = lines(tmp_path / "c.jsonl", OWN, *[{**mute, "id": f"m{i}"} for i in range(3)], "{")
    tally = Tally(most=0)
    assert len(read(path, tally=tally)) == 1
    assert tally.lines() == ["malformed: 1 more", "3 records skipped: no reply of the assistant"]


def test_a_folder_stands_for_its_files_and_the_source_for_the_ids(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    lines(tmp_path / "b.jsonl", {**invented.SHAREGPT, "id": "b"})
    lines(tmp_path / "deep" / "a.jsonl", {**invented.SHAREGPT, "id": "a"})
    lines(tmp_path / ".hidden", "{")
    assert [c.id for c in read(tmp_path)] == ["sharegpt/b", "sharegpt/a"]
    found = read(tmp_path, source="mine")
    assert [(c.id, c.source) for c in found] == [("mine/b", "mine"), ("mine/a", "mine")]


def test_a_named_format_is_not_looked_for(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"messages": OWN["messages"]})
    assert read(path)[0].id == "openai/c-0"
    assert read(path, format="anthropic")[0].id == "anthropic/c-0"
    with pytest.raises(InputError, match="line 1: 'id' is missing"):
        read(path, format="valuescape")
    with pytest.raises(InputError, match="--format 'chat' is not known; allowed: chatgpt, claude"):
        read(path, format="chat")


def test_a_strange_file_is_refused_with_the_formats(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"a": 1})
    with pytest.raises(InputError, match=r"line 1: of no known format \(fields 'a'\).*chatgpt"):
        read(path)
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "absent.jsonl")
    (tmp_path / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00 cut")
    with pytest.raises(InputError, match=r"cut\.gz: cannot be read"):
        read(tmp_path / "cut.gz")
    (tmp_path / "cut").write_bytes(b"PAR1 cut")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read(tmp_path / "cut")
    assert detect_format([lines(tmp_path / "empty.jsonl")]) is None


def test_parquet_as_on_hugging_face(tmp_path: Path) -> None:
    frame = pd.DataFrame([{**invented.WILDCHAT, "conversation_hash": f"h{i}"} for i in range(200)])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    frame.to_parquet(tmp_path / "w.parquet")
    found = read(tmp_path / "w.parquet")
    assert len(found) == 200
    assert found[150].id == "wildchat-1m/h150"
    assert found[0].started_at == "2023-04-09T00:02:53Z"
    pd.DataFrame([invented.LMSYS]).to_parquet(tmp_path / "l.parquet")
    assert read(tmp_path / "l.parquet")[0].id == "lmsys-chat-1m/l-1"


def test_the_companion_is_found_beside_or_above(tmp_path: Path) -> None:
    (tmp_path / "answer").mkdir()
    lines(tmp_path / "question.jsonl", invented.AROUND["vicuna-blog"]["1"])
    path = lines(tmp_path / "answer" / "answer_m.jsonl", invented.RECORDS["vicuna-blog"])
    assert [c.id for c in read(path)] == ["vicuna-blog-eval/1-m"]
    (tmp_path / "question.jsonl").unlink()
    with pytest.raises(InputError, match=r"question\.jsonl, which is needed"):
        read(path)


def archive(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def test_inspect_logs_are_read_alike_as_json_and_as_archive(tmp_path: Path) -> None:
    samples = [{**invented.INSPECT, "epoch": n} for n in (1, 2)]
    plain = tmp_path / "log.json"
    plain.write_text(json.dumps({**invented.INSPECT_HEADER, "samples": samples}, indent=2))
    packed = archive(
        tmp_path / "log.eval",
        {
            "_journal/start.json": json.dumps(invented.INSPECT_HEADER),
            **{f"samples/s_1_epoch_{s['epoch']}.json": json.dumps(s) for s in samples},
            "samples/../../evil.json": json.dumps(samples[0]),
            "summaries.json": "[]",
            "header.json": json.dumps(invented.INSPECT_HEADER),
        },
    )
    found = read(plain)
    assert found == read(packed)
    assert [c.id for c in found] == ["inspect/e-1-s/1-1", "inspect/e-1-s/1-2"]
    assert found[0].meta["task"] == "kindness"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.eval", "log.json"]


def test_a_log_that_inspect_wrote_is_read() -> None:
    found = {c.meta["sample"]: c for c in read(Path(__file__).parent / "inspect" / "kindness.eval")}
    assert set(found) == {"s1", "2"}
    first, second = found["s1"], found["2"]
    assert [t.role for t in first.messages] == ["system", "user", "assistant"]
    assert first.messages[1].content == "What is 1+2?"
    assert first.meta["left_out"].keys() == {"tool"}
    assert second.messages[0].content == "Be brief.\n\nBe kind."
    assert second.messages[1].content == "Please tell me about tea. " * 40
    assert second.messages[2].content.startswith("It is three. Tea is good.")
    assert second.meta["left_out"] == {"image": 1}
    assert {c.model for c in found.values()} == {"mockllm/model"}
    assert all(str(c.started_at).startswith("2026-") for c in found.values())


def test_a_long_member_is_passed_over_and_events_are_never_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = {"header.json": json.dumps(invented.INSPECT_HEADER)}
    long = {**invented.INSPECT, "events": "x" * 100_000}
    path = archive(tmp_path / "a.eval", {**header, "samples/a.json": json.dumps(long)})
    monkeypatch.setattr(Scanner := scanning.Scanner, "__init__", limited(Scanner.__init__, 2_000))
    assert len(read(path)) == 1
    longer = {**invented.INSPECT, "messages": [{"role": "user", "content": "x" * 3_000}]}
    path = archive(tmp_path / "b.eval", {**header, "samples/a.json": json.dumps(longer)})
    with pytest.raises(InputError, match=r"b\.eval, samples/a\.json: longer than"):
        read(path, format="inspect")


def limited(init: Any, longest: int) -> Any:
    return lambda self, stream: init(self, stream, longest)


def test_archives_that_claim_too_much_or_hold_nothing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"neither conversations\.json nor header\.json"):
        read(archive(tmp_path / "a.zip", {"user.json": "{}"}))
    export = archive(tmp_path / "b.zip", {"conversations.json": json.dumps([invented.CHATGPT])})
    monkeypatch.setattr(archives, "MOST_BYTES", 10)
    with pytest.raises(InputError, match=r"conversations\.json: \d+ bytes; allowed are 10"):
        read(export)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 0)
    with pytest.raises(InputError, match="1 members; allowed are 0"):
        read(export)
    for at in (4, 6):
        newer = bytearray(export.read_bytes())
        newer[newer.index(b"PK\x01\x02") + at + 2] = 99
        (tmp_path / "d.zip").write_bytes(newer)
        with pytest.raises(InputError, match=r"d\.zip"):
            read(tmp_path / "d.zip")
    (tmp_path / "c.zip").write_bytes(export.read_bytes()[:60])
    with pytest.raises(InputError, match="not a whole zip archive"):
        read(tmp_path / "c.zip")


def test_a_damaged_or_undecodable_member_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    members = {f"samples/{n}.json": json.dumps({**invented.INSPECT, "epoch": n}) for n in (1, 2, 3)}
    members["samples/2.json"] = members["samples/2.json"][:-40]
    path = archive(tmp_path / "a.eval", {"header.json": "{}", **members})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"samples/3.json")
    content[at - 36 : at - 34] = (99).to_bytes(2, "little")
    path.write_bytes(bytes(content))
    tally = Tally()
    assert len(read(path, tally=tally)) == 1
    told = [str(e).removeprefix(f"{path}, ") for e in tally.malformed]
    assert told[0].startswith("samples/2.json: byte")
    assert "samples/3.json: compressed by method 99" in told[1]


def zstandard(path: Path, members: dict[str, str], wrong: int = 0) -> Path:
    """Write an archive by method 93, which this Python's zipfile cannot: stored, then renamed."""
    packed = {n: pa.compress(c.encode(), codec="zstd", asbytes=True) for n, c in members.items()}
    with zipfile.ZipFile(path, "w") as out:
        for name, content in packed.items():
            out.writestr(name, content)
    whole = bytearray(path.read_bytes())
    for name, content in members.items():
        told = struct.pack(
            "<LLL", zlib.crc32(content.encode()) + wrong, len(packed[name]), len(content)
        )
        local, central = whole.find(name.encode()) - 30, whole.rfind(name.encode()) - 46
        for at, method, sizes in ((local, 8, 14), (central, 10, 16)):
            whole[at + method : at + method + 2] = (93).to_bytes(2, "little")
            whole[at + sizes : at + sizes + 12] = told
    path.write_bytes(bytes(whole))
    return path


def test_archives_packed_by_zstandard_are_read_and_checked(tmp_path: Path) -> None:
    samples = {f"samples/{n}.json": json.dumps({**invented.INSPECT, "epoch": n}) for n in (1, 2)}
    members = {"header.json": json.dumps(invented.INSPECT_HEADER), **samples}
    found = read(zstandard(tmp_path / "a.eval", members))
    assert found == read(archive(tmp_path / "b.eval", members))
    assert len(found) == 2
    with pytest.raises(InputError, match=r"header\.json: damaged \(size or check sum"):
        read(zstandard(tmp_path / "c.eval", members, wrong=1))


@pytest.mark.parametrize("name", ["conversations.json", "export/conversations-001.json"])
def test_exports_are_read_inside_their_archive(tmp_path: Path, name: str) -> None:
    path = archive(
        tmp_path / "e.zip", {name: json.dumps([invented.CLAUDE, 3]), "chat.html": "<html>"}
    )
    tally = Tally()
    assert [c.id for c in read(path, tally=tally)] == ["claude/u-1"]
    assert f"{path}, {name}, element 2: a JSON int" in str(tally.malformed[0])


def test_text_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,prompt\n1,\xff\n")
    with pytest.raises(InputError, match="not readable as CSV in UTF-8"):
        read(path)


def test_an_unpacked_export_is_read_by_its_conversations_alone(tmp_path: Path) -> None:
    (tmp_path / "conversations.json").write_text(json.dumps([invented.CHATGPT]))
    (tmp_path / "user.json").write_text('{"email": "x@example.org"}')
    (tmp_path / "chat.html").write_text("<p>one\ntwo</p>")
    assert [c.id for c in read_corpus([tmp_path])] == ["chatgpt/c-1"]


def test_a_folder_stands_for_its_data_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about\n{")
    with pytest.raises(InputError, match=r"no file that ends in \.json, \.jsonl"):
        list(read_corpus([tmp_path]))
    inner = tmp_path / "more"
    inner.mkdir()
    (inner / "c.ndjson.gz").write_bytes(gzip.compress(json.dumps(invented.LMSYS).encode()))
    assert [c.id for c in read_corpus([tmp_path])] == ["lmsys-chat-1m/l-1"]


REQUEST = {
    "id": "r",
    "model": "m",
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
LISTED = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, IMAGE]}]


def test_requests_that_look_like_ours_at_first_are_told_by_a_later_record(tmp_path: Path) -> None:
    wider = {**REQUEST, "id": "s", "messages": [*LISTED, REQUEST["messages"][1]]}
    assert detect_format([lines(tmp_path / "a.jsonl", REQUEST)]).name == "valuescape"
    assert detect_format([lines(tmp_path / "b.jsonl", REQUEST, wider)]).name == "openai"
    assert len(list(read_corpus([tmp_path / "b.jsonl"]))) == 2
    broken = {**REQUEST, "id": "t", "messages": [{"role": "bot", "content": "Hi"}]}
    assert detect_format([lines(tmp_path / "c.jsonl", REQUEST, broken)]).name == "valuescape"


@pytest.mark.parametrize("name", ["id", "model", "user_id"])
def test_an_identifier_that_no_table_can_hold_is_malformed(name: str, tmp_path: Path) -> None:
    path, tally = lines(tmp_path / "c.jsonl", {**OWN, name: "x\ud800"}, *own(1)), Tally()
    assert [c.id for c in read(path, tally=tally)] == ["v-0"]
    assert f"line 1: {name!r} holds half of a surrogate pair" in tally.lines()[0]
