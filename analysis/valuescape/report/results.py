"""The results of every stage, as the report reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError

ORDINARY, ADVERSARIAL = "ordinary", "adversarial"


@dataclass(frozen=True, slots=True)
class Results:
    """Result tables by stage and name, read when asked for."""

    folder: Path

    def table(self, stage: str, name: str) -> pd.DataFrame:
        """Read one results table.

        Raises
        ------
        InputError
            If the stage has not written it.
        """
        path = self.folder / stage / f"{name}.csv"
        if not path.is_file():
            raise InputError(f"{path}: no such file; the stage {stage} writes it")
        return pd.read_csv(path, keep_default_na=True)


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
