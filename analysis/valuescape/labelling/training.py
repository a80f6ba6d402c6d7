"""TrainingReadings and texts, side by side, ready to fit on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.corpora.conversation import Conversation, batches
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError
from valuescape.labelling.features import Counts, count_features
from valuescape.labelling.fitting import Targets
from valuescape.schema import PARTIES, RESPONSE_TYPES, TASK_TYPES
from valuescape.store import read_table

MINIMUM_READINGS = 30


@dataclass(frozen=True, slots=True)
class TrainingReadings:
    """The first closed readings.

    Attributes
    ----------
    labels : DataFrame
        One row a read conversation: identity, prompt group and facets.
    expressions : DataFrame
        Their values.
    """

    labels: pd.DataFrame
    expressions: pd.DataFrame


def first_readings(folder: Path) -> TrainingReadings:
    """Read the first closed reading of each conversation, joined to its identity.

    Raises
    ------
    InputError
        If a table is not what the schema allows.
    """
    known = read_table(folder / "conversations.csv", "conversations")
    labels = _first(read_table(folder / "labels.csv", "readings"))
    expressions = _first(read_table(folder / "expressions.csv", "reading_expressions"))
    joined = labels.merge(known, on="conversation_id", validate="one_to_one")
    return TrainingReadings(joined.reset_index(drop=True), expressions)


def _first(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["codebook"] == "closed") & (table["reading"] == 1)].reset_index(drop=True)


def frequent_values(
    expressions: pd.DataFrame, minimum: int = MINIMUM_READINGS
) -> tuple[tuple[str, str], ...]:
    """Return party and name of the values read often enough to learn, commonest first."""
    n = Counter(zip(expressions["party"], expressions["value"], strict=True))
    often = [(str(party), str(value), k) for (party, value), k in n.items() if k >= minimum]
    often.sort(key=lambda item: (PARTIES.index(item[0]), -item[2], item[1]))
    return tuple((party, value) for party, value, _ in often)


def build_targets(readings: TrainingReadings, value_names: tuple[tuple[str, str], ...]) -> Targets:
    """Turn readings into arrays; a value counts only in a subjective conversation."""
    labels = readings.labels
    row = {name: i for i, name in enumerate(labels["conversation_id"])}
    column = {name: j for j, name in enumerate(value_names)}
    values = np.zeros((len(labels), len(value_names)), dtype=bool)
    e = readings.expressions
    for conversation, party, value in zip(
        e["conversation_id"], e["party"], e["value"], strict=True
    ):
        if (party, value) in column:
            values[row[conversation], column[party, value]] = True
    subjective = labels["subjective"].to_numpy(dtype=bool)
    return Targets(
        subjective=subjective,
        task_type=_places(labels["task_type"], TASK_TYPES),
        response_type=_places(labels["response_type"], RESPONSE_TYPES),
        values=values & subjective[:, None],
        value_names=value_names,
        groups=labels["prompt_group"].to_numpy(dtype=str),
    )


def _places(names: pd.Series, allowed: tuple[str, ...]) -> npt.NDArray[np.int64]:
    place = {name: i for i, name in enumerate(allowed)}
    return np.array([place[name] for name in names], dtype=np.int64)


def corpus_features(folder: Path, ids: Iterable[str]) -> Counts:
    """Count the features of the conversations of a folder of JSONL files.

    Parameters
    ----------
    folder : Path
        Holds ``*.jsonl.gz``.
    ids : iterable of str
        Conversations wanted, in the order wanted.

    Returns
    -------
    Counts
        One row an id.

    Raises
    ------
    InputError
        If a conversation is in none of the files.
    """
    place = {name: i for i, name in enumerate(ids)}
    parts: list[Counts] = []
    order: list[int] = []
    for batch in batches(c for c in _corpus(folder) if c.id in place):
        parts.append(count_features(batch))
        order.extend(place[c.id] for c in batch)
    absent = set(range(len(place))) - set(order)
    if absent:
        name = list(place)[min(absent)]
        raise InputError(f"{folder}: {len(absent)} conversations are missing, {name!r} for one")
    return _stacked(parts).rows(np.argsort(np.array(order, dtype=np.int64)))


def _corpus(folder: Path) -> Iterator[Conversation]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        yield from read_jsonl(path)


def _stacked(parts: list[Counts]) -> Counts:
    from scipy import sparse

    families = zip(*(part.families for part in parts), strict=True)
    return Counts(
        tuple(sparse.csr_matrix(sparse.vstack(family)) for family in families),
        np.concatenate([part.form for part in parts]),
    )
