"""Downloads against a server on this machine: resumed, checked, repeated for nothing."""

import hashlib
import multiprocessing
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.corpora.serving import CONTENT, Server, serving, upstream
from tests.faulty import small_disk
from valuescape.corpora import download as module
from valuescape.corpora.download import Upstream, download
from valuescape.errors import InputError, WriteError
from valuescape.writing import lock


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


def test_two_runs_at_once_do_not_write_into_one_file(tmp_path: Path, server: Server) -> None:
    target = tmp_path / "f.json"
    part = tmp_path / "f.json.part"
    part.write_bytes(CONTENT[:7])
    with part.open("ab") as other:
        assert lock(other.fileno(), wait=False)
        with pytest.raises(InputError, match=r"f\.json\.part: another run is fetching it"):
            download(upstream(server), target)
        assert part.read_bytes() == CONTENT[:7]
        assert not server.ranges
    assert download(upstream(server), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=7-"]


def test_what_another_run_fetched_meanwhile_is_taken(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "f.json"
    seen = iter([False, True])
    monkeypatch.setattr(module, "_is_there", lambda *_: next(seen))
    assert not download(upstream(server), target)
    assert not server.ranges


def test_a_full_disk_is_no_cut_connection_and_the_next_run_goes_on(
    tmp_path: Path, server: Server
) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        with pytest.raises(WriteError, match=r"disk/.*f\.json.*: No space left.*make room"):
            download(upstream(server), disk / "f.json")
        assert len(server.ranges) == 1, "not asked again for what finds no room"
        assert CONTENT.startswith((disk / "f.json.part").read_bytes())
        subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
        assert download(upstream(server), disk / "f.json")
        assert (disk / "f.json").read_bytes() == CONTENT
    assert str(server.ranges[-1]).startswith("bytes=")


def test_a_disk_that_refuses_is_told_where_none_can_be_mounted(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "lock", refuse)
        with pytest.raises(WriteError, match=r"f\.json: cannot be written: No space left"):
            download(upstream(server), tmp_path / "f.json")
    assert not (tmp_path / "f.json").exists()
    assert download(upstream(server), tmp_path / "f.json")


def refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.slow
def test_killed_at_random_a_download_ends_right_when_run_again(
    tmp_path: Path, server: Server
) -> None:
    server.content = CONTENT * 40
    wanted = replace(
        upstream(server),
        n_bytes=len(server.content),
        sha256=hashlib.sha256(server.content).hexdigest(),
    )
    target, rng = tmp_path / "f.json", random.Random(2)  # noqa: S311
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["valuescape.corpora.download"])
    kills = 0
    for _ in range(200):
        server.cuts = [rng.randrange(len(server.content) // 8) for _ in range(50)]
        run = context.Process(target=download, args=(wanted, target))
        run.start()
        run.join(rng.uniform(0.0, 0.02))
        kills += run.is_alive()
        run.kill()
        run.join()
        if target.exists():
            assert target.read_bytes() == server.content
            target.unlink()
    server.cuts = []
    assert download(wanted, target) or target.exists()
    assert target.read_bytes() == server.content
    assert [p.name for p in tmp_path.iterdir()] == ["f.json"]
    assert kills
