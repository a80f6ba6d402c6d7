"""The engines that count: DuckDB in this process, or Spark."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from valuescape.errors import InputError, OptionError

if TYPE_CHECKING:
    import pyarrow as pa

EngineName: TypeAlias = Literal["duckdb", "spark"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
_PACKAGES = {"duckdb": ("ibis", "duckdb"), "spark": ("ibis", "pyspark")}
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?(MB|GB)", re.IGNORECASE)
_BYTES_A_ROW = 48
_HADOOP_GLOB = re.compile(r"([\\*?\[\]{}])")


@dataclass(frozen=True, slots=True)
class Engine:
    """A connection that reads Parquet files and runs expressions.

    Attributes
    ----------
    name : {"duckdb", "spark"}
        Which engine.
    connection : ibis.BaseBackend
        Its Ibis backend.
    failures : tuple of exception types
        What it raises when it cannot go on.
    megabytes : int, optional
        Memory that it was given; None where it looks after large tables by itself.
    """

    name: EngineName
    connection: Any
    failures: tuple[type[Exception], ...]
    megabytes: int | None

    def passes(self, n_rows: int) -> int:
        """Return in how many passes so many expressions are counted, each within memory.

        Examples
        --------
        >>> Engine("duckdb", None, (), 1_200).passes(100_000_000)
        4
        """
        if self.megabytes is None:
            return 1
        return 1 + n_rows * _BYTES_A_ROW // (self.megabytes * 1_000_000 + 1)

    def table(self, files: Sequence[Path]) -> Any:
        """Return Parquet files of one schema as one Ibis table, without reading their rows."""
        paths = [str(file.resolve()) for file in files]
        if self.name == "duckdb":
            return self.connection.read_parquet(
                [glob.escape(path) for path in paths], hive_partitioning=False
            )
        session = self.connection._session
        frame = session.read.parquet(*[_HADOOP_GLOB.sub(r"\\\1", path) for path in paths])
        name = f"valuescape_{len(self.connection.list_tables())}_{id(frame)}"
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)


def fetched(expression: Any, failures: tuple[type[Exception], ...] = ()) -> pa.Table:
    """Run an expression and return its rows.

    Raises
    ------
    InputError
        If the engine gives up, as when memory or disk do not suffice.
    """
    try:
        found: pa.Table = _rows(expression)
    except failures as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(f"counting stopped: {said}") from None
    return found


def _rows(expression: Any) -> pa.Table:
    """Run an expression; Spark gives arrow tables itself, which Ibis takes by way of pandas."""
    backend = expression.get_backend()
    if backend.name != "pyspark":
        return expression.to_pyarrow()
    rows = backend._session.sql(backend.compile(expression)).toArrow()
    return rows.cast(expression.schema().to_pyarrow())


@contextmanager
def opened(name: str, *, memory: str | None = None) -> Iterator[Engine]:
    """Open an engine; what it spills to disk, in the folder for temporary files, goes afterwards.

    Parameters
    ----------
    name : {"duckdb", "spark"}
        Which engine. Spark takes master and everything else from its own settings, and runs in
        this machine where they say nothing.
    memory : str, optional
        Most memory for its tables, such as ``"2GB"`` or ``"800MB"``: DuckDB's ``memory_limit``,
        Spark's ``spark.driver.memory``. Default: what the engine takes by itself.

    Raises
    ------
    OptionError
        If there is no such engine, it is not installed, or the memory is not one.
    """
    if name not in _PACKAGES:
        raise OptionError(f"engine {name!r}: allowed are local, {', '.join(ENGINES)}")
    absent = [package for package in _PACKAGES[name] if find_spec(package) is None]
    if absent:
        raise OptionError(
            f"engine {name!r}: {' and '.join(absent)} not installed; "
            f"install with: pip install 'valuescape[{name}]'"
        )
    megabytes = None if memory is None else in_megabytes(memory)
    with _duckdb(megabytes) if name == "duckdb" else _spark(megabytes) as engine:
        yield engine


def in_megabytes(memory: str) -> int:
    """Return whole megabytes.

    Raises
    ------
    OptionError
        If the text is not a number with MB or GB, or below 100 MB.

    Examples
    --------
    >>> in_megabytes("1.5GB"), in_megabytes("800 mb")
    (1500, 800)
    """
    found = _MEMORY.fullmatch(memory)
    size = 0
    if found:
        size = int(float(found.group(1)) * (1000 if found.group(2).upper() == "GB" else 1))
    if size < 100:
        raise OptionError(f"memory {memory!r}: allowed is 100MB or more, such as 800MB or 2GB")
    return size


@contextmanager
def _duckdb(megabytes: int | None) -> Iterator[Engine]:
    import duckdb
    import ibis

    with TemporaryDirectory(prefix="valuescape-") as folder:
        settings: dict[str, Any] = {
            "temp_directory": folder,
            "preserve_insertion_order": False,
        }
        if megabytes is not None:
            settings["memory_limit"] = f"{megabytes}MB"
        connection = ibis.duckdb.connect(**settings)
        try:
            yield Engine("duckdb", connection, (duckdb.Error,), megabytes)
        finally:
            connection.disconnect()


@contextmanager
def _spark(megabytes: int | None) -> Iterator[Engine]:
    import ibis
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    settings = SparkSession.builder.appName("valuescape").config("spark.log.level", "ERROR")
    settings = settings.config("spark.ui.showConsoleProgress", "false")
    if megabytes is not None:
        settings = settings.config("spark.driver.memory", f"{megabytes}m")
    try:
        session = running or settings.getOrCreate()
    except (PySparkException, Py4JError) as error:
        said = " ".join(str(error).split())[:300]
        raise OptionError(f"engine 'spark': cannot start, which needs Java 17: {said}") from None
    try:
        connection = ibis.pyspark.connect(session)
        yield Engine("spark", connection, (PySparkException, Py4JError), None)
    finally:
        if running is None:
            session.stop()
