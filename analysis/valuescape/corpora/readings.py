"""The released readings in ``data/labels``, checked as a whole and in the study's vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.store import read_table

FRAME_TOLERANCE = 0.10
_READING = ["conversation_id", "codebook", "reading"]


@dataclass(frozen=True, slots=True)
class Readings:
    """The released tables.

    Attributes
    ----------
    conversations : DataFrame
        Table ``conversations`` with the column ``run`` (source and model label).
    labels : DataFrame
        Table ``labels`` with the column ``reader``; ``labeller`` is
        ``reading-{codebook}-{reading}``.
    expressions : DataFrame
        Table ``expressions``; ``value`` is still as written (``value_raw``).
    sample, frame, assistants : DataFrame
        As released.
    """

    conversations: pd.DataFrame
    labels: pd.DataFrame
    expressions: pd.DataFrame
    sample: pd.DataFrame
    frame: pd.DataFrame
    assistants: pd.DataFrame


def load_readings(folder: Path) -> Readings:
    """Read and cross-check the released tables of a folder.

    Parameters
    ----------
    folder : Path
        Holds ``conversations.csv``, ``labels.csv``, ``expressions.csv``, ``sample.csv``,
        ``frame.csv`` and ``assistants.csv``.

    Raises
    ------
    InputError
        If a table does not fit its schema, names a conversation that is not listed, or a
        stratum's inverse inclusion probabilities miss the size of its frame by more than 10 %.
    """
    conversations = read_table(folder / "conversations.csv", "conversations")
    labels = read_table(folder / "labels.csv", "readings")
    expressions = read_table(folder / "expressions.csv", "reading_expressions")
    sample = read_table(folder / "sample.csv", "sample")
    frame = read_table(folder / "frame.csv", "frame")
    assistants = read_table(folder / "assistants.csv", "assistants")
    known = set(conversations["conversation_id"])
    for name, table in (("labels", labels), ("sample", sample)):
        _check_known(table["conversation_id"], known, folder / f"{name}.csv", "conversations.csv")
    drawn = set(sample["conversation_id"])
    _check_known(labels["conversation_id"], drawn, folder / "labels.csv", "sample.csv")
    _check_strata(sample, conversations, folder / "sample.csv")
    labelled = pd.MultiIndex.from_frame(labels[_READING])
    _check_labelled(expressions, labelled, folder / "expressions.csv")
    check_frame(sample, frame, folder / "sample.csv")
    return Readings(
        conversations.assign(run=conversations["source"] + ": " + conversations["model"]),
        with_labeller(labels).assign(status="ok"),
        with_labeller(expressions).assign(value_raw=expressions["value"]),
        sample,
        frame,
        assistants,
    )


def with_labeller(table: pd.DataFrame) -> pd.DataFrame:
    """Name who labelled by one column, ``reading-{codebook}-{reading}``.

    Examples
    --------
    >>> given = pd.DataFrame({"codebook": ["open"], "reading": [1], "value": ["care"]})
    >>> with_labeller(given)["labeller"].tolist()
    ['reading-open-1']
    """
    labeller = "reading-" + table["codebook"] + "-" + table["reading"].astype(str)
    return table.drop(columns=["codebook", "reading"]).assign(labeller=labeller)


def _check_known(ids: pd.Series, known: set[str], path: Path, where: str) -> None:
    strange = ids[~ids.isin(known)]
    if not strange.empty:
        raise InputError(
            f"{path}, line {strange.index[0] + 2}: conversation {strange.iloc[0]!r} "
            f"is not in {where}; allowed are those listed there"
        )


def _check_strata(sample: pd.DataFrame, conversations: pd.DataFrame, path: Path) -> None:
    listed = sample["conversation_id"].map(conversations.set_index("conversation_id")["stratum"])
    moved = listed[listed != sample["stratum"]]
    if not moved.empty:
        line = int(moved.index[0])
        raise InputError(
            f"{path}, line {line + 2}: stratum is {sample['stratum'].iloc[line]!r}; "
            f"allowed is {moved.iloc[0]!r}, as in conversations.csv"
        )


def _check_labelled(expressions: pd.DataFrame, labelled: pd.MultiIndex, path: Path) -> None:
    strange = ~pd.MultiIndex.from_frame(expressions[_READING]).isin(labelled)
    if strange.any():
        first = int(strange.argmax())
        reading = ", ".join(f"{c}={expressions[c].iloc[first]}" for c in _READING)
        raise InputError(f"{path}, line {first + 2}: labels.csv has no row for {reading}")


def check_frame(sample: pd.DataFrame, frame: pd.DataFrame, path: Path) -> None:
    """Check that inverse inclusion probabilities add up to each stratum's frame within 10 %.

    Raises
    ------
    InputError
        Naming the first stratum that is not in the frame or misses it.
    """
    totals = (1.0 / sample["inclusion_probability"]).groupby(sample["stratum"]).sum()
    sizes = frame.set_index("stratum")["n_conversations"]
    for stratum, total in totals.reindex(totals.index.union(sizes.index), fill_value=0.0).items():
        if stratum not in sizes.index:
            known = ", ".join(sizes.index)
            raise InputError(
                f"{path}: stratum {stratum!r} is not in frame.csv; allowed are {known}"
            )
        size = int(sizes[str(stratum)])
        if abs(total - size) > FRAME_TOLERANCE * size:
            raise InputError(
                f"{path}: in stratum {stratum!r} the inverse inclusion probabilities add up to "
                f"{total:.0f}; allowed is within {FRAME_TOLERANCE:.0%} of the frame's {size}"
            )
