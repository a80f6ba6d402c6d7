"""Downloads against a server on this machine: resumed, checked, repeated for nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora.serving import CONTENT, Server, serving, upstream
from valuescape.corpora.download import Upstream, download
from valuescape.errors import InputError


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def test_a_cut_connection_is_taken_up_where_it_ended(tmp_path: Path, server: Server) -> None:
    server.cuts = [10_000, 5_000]
    target = tmp_path / "deep" / "f.json"
    assert download(upstream(server), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=10000-", "bytes=15000-"]
    assert not download(upstream(server), target)
    assert len(server.ranges) == 3
    assert [p.name for p in target.parent.iterdir()] == ["f.json"]


def test_a_server_that_gives_nothing_more_ends_the_run_and_the_next_goes_on(
    tmp_path: Path, server: Server
) -> None:
    server.cuts = [10_000, 0]
    target = tmp_path / "f.json"
    with pytest.raises(InputError, match=r"connection was cut.*run again"):
        download(upstream(server), target)
    assert not target.exists()
    assert (tmp_path / "f.json.part").read_bytes() == CONTENT[:10_000]
    assert download(upstream(server), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=10000-", "bytes=10000-"]


def test_a_server_without_ranges_sends_the_file_anew(tmp_path: Path, server: Server) -> None:
    server.cuts, server.understands_ranges = [10_000], False
    assert download(upstream(server), tmp_path / "f.json")
    assert (tmp_path / "f.json").read_bytes() == CONTENT
    assert len(server.ranges) == 2


def test_a_range_other_than_asked_for_is_refused(tmp_path: Path, server: Server) -> None:
    server.cuts, server.shift = [10_000], 1
    with pytest.raises(InputError, match="another range"):
        download(upstream(server), tmp_path / "f.json")
    assert (tmp_path / "f.json.part").read_bytes() == CONTENT[:10_000]


def test_another_file_than_named_is_refused_and_removed(tmp_path: Path, server: Server) -> None:
    with pytest.raises(InputError, match=r"SHA-256 is [0-9a-f]{64}; needed is 0{64}"):
        download(upstream(server, sha256="0" * 64), tmp_path / "f.json")
    assert not any(tmp_path.iterdir())


def test_a_longer_file_than_named_is_refused(tmp_path: Path, server: Server) -> None:
    server.content = CONTENT * 3
    with pytest.raises(InputError, match="longer than the"):
        download(upstream(server), tmp_path / "f.json")
    assert not (tmp_path / "f.json").exists()


def test_a_changed_file_is_fetched_again(tmp_path: Path, server: Server) -> None:
    (tmp_path / "f.json").write_bytes(b"changed")
    assert download(upstream(server), tmp_path / "f.json")
    assert (tmp_path / "f.json").read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path: Path, server: Server) -> None:
    (tmp_path / "f.json.part").write_bytes(b"x" * (len(CONTENT) + 1))
    assert download(upstream(server), tmp_path / "f.json")
    assert server.ranges == [None]


def test_an_absent_file_and_an_odd_address_are_named(tmp_path: Path, server: Server) -> None:
    with pytest.raises(InputError, match=r"nowhere: not fetched .*404"):
        download(upstream(server, "nowhere"), tmp_path / "f")
    odd = Upstream("alpaca_eval", "r", "c", "p", "file:///etc/hosts", 1, "0")
    with pytest.raises(InputError, match="allowed are https and http"):
        download(odd, tmp_path / "f")
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match="not fetched"):
        download(upstream(server), tmp_path / "f")
