"""Engines are named, bounded in memory, quiet about what they do not have, and clean up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.counts.ibis.data import running
from valuescape.counts.ibis import engines
from valuescape.counts.ibis.engines import in_megabytes, opened
from valuescape.errors import InputError, OptionError


@pytest.mark.parametrize("memory", ["2", "GB", "2TB", "-1GB", "99MB", "", "1,5GB"])
def test_sizes_that_are_none_are_refused(memory: str) -> None:
    with pytest.raises(OptionError, match=r"allowed is 100MB or more, such as 800MB or 2GB"):
        in_megabytes(memory)


def test_unknown_engines_are_refused() -> None:
    with (
        pytest.raises(OptionError, match="engine 'oracle': allowed are local, duckdb, spark"),
        opened("oracle"),
    ):
        pass


@pytest.mark.parametrize("name", engines.ENGINES)
def test_an_engine_that_is_absent_is_named_with_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    with (
        pytest.raises(OptionError, match=rf"not installed; .* pip install 'valuescape\[{name}\]'"),
        opened(name),
    ):
        pass


def test_what_is_spilled_goes_with_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("duckdb"):
        pass
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with opened("duckdb", memory="100MB") as engine:
        (folder,) = tmp_path.iterdir()
        settings = dict(
            engine.connection.raw_sql(
                "select name, value from duckdb_settings() "
                "where name in ('memory_limit', 'temp_directory')"
            ).fetchall()
        )
        assert settings["temp_directory"] == str(folder)
        assert settings["memory_limit"] == "95.3 MiB"
    assert not list(tmp_path.iterdir())


def test_too_little_memory_ends_in_one_message() -> None:
    with running("duckdb"), opened("duckdb", memory="100MB") as engine:
        engine.connection.raw_sql("set temp_directory = ''")
        engine.connection.raw_sql(
            "create view t as select i::text || ' and what fills the memory' as name "
            "from range(60_000_000) as r(i)"
        )
        names = engine.connection.table("t").distinct()
        with pytest.raises(InputError, match="counting stopped: Out of Memory"):
            engines.fetched(names.aggregate(n=names.count()), engine.failures)
