"""The stage ``fetch`` against a server on this machine, and the list it works from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora.serving import Server, serving, upstream
from tests.paths import ROOT
from valuescape.corpora.jsonl import read_jsonl
from valuescape.corpora.upstream import fetch, packaged_upstream, read_upstream
from valuescape.errors import InputError
from valuescape.stages.acquire.fetch import write_corpora


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def test_fetched_files_become_jsonl_of_the_wanted_conversations(
    tmp_path: Path, server: Server
) -> None:
    done: list[int] = []
    local = fetch([upstream(server)], tmp_path / "upstream", lambda: done.append(1))
    wanted = {"alpaca_eval": {"alpaca_eval/0-larkspur", "alpaca_eval/7-larkspur"}}
    write_corpora(local, wanted, tmp_path)
    found = list(read_jsonl(tmp_path / "alpaca_eval.jsonl.gz"))
    assert [c.id for c in found] == sorted(wanted["alpaca_eval"])
    assert found[1].messages[1].content == "Answer 7"
    assert len(done) == 1
    with pytest.raises(InputError, match="1 conversations missing"):
        write_corpora(local, {"alpaca_eval": {"alpaca_eval/9999-larkspur"}}, tmp_path)


def test_the_committed_list_names_a_known_source_and_a_full_digest_in_every_row() -> None:
    files = read_upstream(ROOT / "data" / "acquire" / "upstream.csv")
    assert len(files) == 58
    assert all(len(f.sha256) == 64 and f.commit in f.url and f.n_bytes > 0 for f in files)


def test_the_packaged_list_is_the_committed_one() -> None:
    assert packaged_upstream() == read_upstream(ROOT / "data" / "acquire" / "upstream.csv")
