"""What a report leaves out, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd

from valuescape.corpora.reading import Tally

COLUMNS = ["step", "what", "n", "why"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """One thing left out.

    Attributes
    ----------
    step : str
        ``reading``, ``labelling``, ``floors`` or ``report``.
    what : str
        What was left out, in words that hold no text of conversations.
    n : int or None
        How many; None where a number would tell of a count below a floor, or there is none.
    why : str
        The reason.
    """

    step: str
    what: str
    n: int | None
    why: str

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)


def of_tally(tally: Tally) -> tuple[Skipped, ...]:
    """Say which records were not read; what is malformed is counted, never quoted.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.on_skipped("no turn of the user")
    >>> of_tally(tally)[0].why
    'no turn of the user'
    """
    found = [Skipped("reading", "records", n, why) for why, n in sorted(tally.skipped.items())]
    if tally.n_malformed:
        why = "malformed; the command names file and line of the first"
        found.append(Skipped("reading", "records", tally.n_malformed, why))
    return tuple(found)


def skipped_table(rows: Iterable[Skipped]) -> pd.DataFrame:
    """Return what was left out as a table, in the order of the steps."""
    table = pd.DataFrame([row.as_dict() for row in rows], columns=COLUMNS)
    return table.astype({"n": "Int64"})
