"""The results of every stage, as the report reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.store import read_columns

ORDINARY, ADVERSARIAL = "ordinary", "adversarial"


@dataclass(frozen=True, slots=True)
class Results:
    """Result tables by stage and name, read when asked for.

    Attributes
    ----------
    folder : Path
        Holds a folder a stage.
    asked : set of str
        The tables asked for so far, as ``stage/name``.
    """

    folder: Path
    asked: set[str] = field(default_factory=set, compare=False)

    def table(self, stage: str, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read one results table, whole or only some columns in the order given.

        Raises
        ------
        InputError
            If the stage has not written it, or it lacks one of the columns.
        """
        self.asked.add(f"{stage}/{name}")
        path = self.folder / stage / f"{name}.csv"
        if not path.is_file():
            raise InputError(f"{path}: no such file; the stage {stage} writes it")
        if columns is None:
            return read_columns(path, ())
        return read_columns(path, columns)[list(columns)]


def one(table: pd.DataFrame, **where: object) -> pd.Series:
    """Return the only row that fits.

    Raises
    ------
    InputError
        If none or several do, naming what was looked for.

    Examples
    --------
    >>> one(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), a=2)["b"].item()
    4
    """
    found = table
    for column, value in where.items():
        found = found[found[column] == value]
    if len(found) != 1:
        raise InputError(f"results: {len(found)} rows with {where}; one is needed")
    return found.iloc[0]
