"""Label tables in an engine: checked columns, one labeller's rows, the first bad row named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from valuescape.counts.ibis.engines import Engine, fetched
from valuescape.errors import InputError
from valuescape.parquet import unreadable


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the name by which its errors call it.

    Attributes
    ----------
    name : str
        File, folder, or what the table is.
    table : ibis.Table
        Its rows; of one labeller, where several labelled.
    failures : tuple of exception types
        What its engine raises when it cannot go on.
    """

    name: str
    table: Any
    failures: tuple[type[Exception], ...]

    @classmethod
    def read(
        cls,
        source: Any,
        name: str,
        needed: Sequence[str],
        labeller: str | None,
        engine: Engine | None,
    ) -> Sheet:
        """Take a table, or Parquet files, and check what can be checked without counting.

        Raises
        ------
        InputError
            If a file cannot be read, a column is missing, there is no row, or the labeller is not
            one of those who labelled.
        """
        failures = engine.failures if engine else ()
        if isinstance(source, Path):
            if engine is None:
                raise InputError(f"{source}: a path needs an engine to read it")
            name, source = str(source), engine.table(_parquet_files(source))
        for column in needed:
            if column not in source.columns:
                raise InputError(
                    f"{name}: no column {column!r}; there are: {', '.join(source.columns)}"
                )
        sheet = cls(name, source, failures)
        if sheet.rows(source.limit(1)).num_rows == 0:
            raise InputError(f"{name}: no rows; at least one is needed")
        return sheet._of_labeller(labeller)

    def _of_labeller(self, labeller: str | None) -> Sheet:
        if "labeller" not in self.table.columns:
            if labeller is not None:
                raise InputError(f"{self.name}: no column 'labeller' to look for {labeller!r}")
            return self
        self.check_text("labeller")
        names = self.rows(self.table.select("labeller").distinct())["labeller"].to_pylist()
        found = sorted(name for name in names if name is not None)
        if labeller is None and len(found) < 2:
            return self
        if labeller not in found:
            given = "several labellers" if labeller is None else f"no labeller {labeller!r}"
            raise InputError(f"{self.name}: {given}; choose one of: {', '.join(found)}")
        return Sheet(
            self.name, self.table.filter(self.table["labeller"] == labeller), self.failures
        )

    def rows(self, expression: Any) -> pa.Table:
        """Run an expression."""
        return fetched(expression, self.failures)

    def check_text(self, column: str) -> None:
        """Raise unless a column is text."""
        kind = self.table[column].type()
        if not kind.is_string():
            raise InputError(f"{self.name}: column {column!r} is {kind}; allowed: text")

    def check_flags(self, column: str) -> None:
        """Raise unless a column holds truth values."""
        kind = self.table[column].type()
        if not kind.is_boolean():
            raise InputError(f"{self.name}: column {column!r} is {kind}; allowed: bool")

    def refuse(self, bad: Any, column: str, problem: str) -> None:
        """Raise with the least of the bad entries, since rows of a database have no number."""
        least = self.rows(bad.aggregate(least=bad[column].min(), n=bad.count()))
        shown, n = least["least"][0].as_py(), least["n"][0].as_py()
        rows = "1 row" if n == 1 else f"{n:,} rows"
        raise InputError(f"{self.name}: {rows}, column {column!r} = {shown!r}: {problem}")


def _parquet_files(path: Path) -> list[Path]:
    """Return the file, or those of a folder and the folders in it, all of one schema."""
    import pyarrow.parquet as pq

    files = [path]
    if path.is_dir():
        inside = path.rglob("*.parquet")
        files = sorted(p for p in inside if p.is_file() and not p.name.startswith((".", "_")))
        if not files:
            raise InputError(f"{path}: no file that ends in .parquet; at least one is needed")
    first = None
    for file in files:
        try:
            schema = pq.read_schema(file).remove_metadata()
        except (OSError, pa.ArrowException) as error:
            raise unreadable(file, error) from None
        first = schema if first is None else first
        if not schema.equals(first):
            raise InputError(f"{file}: columns differ from those of {files[0].name}")
    return files
