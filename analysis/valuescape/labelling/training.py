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
from valuescape.labelling.fitting import HEADING, Floats, Targets, indicators
from valuescape.schema import PARTIES, RESPONSE_TYPES, TASK_TYPES
from valuescape.store import read_table

Index = npt.NDArray[np.int64]

MINIMUM_READINGS = 30


@dataclass(frozen=True, slots=True)
class TrainingReadings:
    """The first closed readings, and further ones of the same conversations.

    Attributes
    ----------
    labels : DataFrame
        One row a read conversation: identity, prompt group and facets.
    expressions : DataFrame
        Their values; and, as values of the party ``heading``, the taxonomy's top headings of the
        assistant's values.
    further : tuple of (DataFrame, DataFrame or None)
        Labels of other readings, and their values where the codebook's names are the same.
    """

    labels: pd.DataFrame
    expressions: pd.DataFrame
    further: tuple[tuple[pd.DataFrame, pd.DataFrame | None], ...]


def first_readings(folder: Path, taxonomy: Path) -> TrainingReadings:
    """Read the first closed reading of each conversation, joined to its identity.

    Second closed readings come along, and the facets of open ones: the unprimed codebook was
    read of subjective conversations only.

    Parameters
    ----------
    folder : Path
        Released readings.
    taxonomy : Path
        Results of the stage ``taxonomy``: which heading each value stands under.

    Raises
    ------
    InputError
        If a table is not what the schema allows.
    """
    known = read_table(folder / "conversations.csv", "conversations")
    labels = read_table(folder / "labels.csv", "readings")
    expressions = read_table(folder / "expressions.csv", "reading_expressions")
    headed = pd.concat([expressions, _headings(expressions, taxonomy)], ignore_index=True)
    joined = _part(labels, "closed", 1).merge(known, on="conversation_id", validate="one_to_one")
    return TrainingReadings(
        joined.reset_index(drop=True),
        _part(headed, "closed", 1),
        (
            (_part(labels, "closed", 2), _part(headed, "closed", 2)),
            (_part(labels, "open", 1), None),
        ),
    )


def _part(table: pd.DataFrame, codebook: str, reading: int) -> pd.DataFrame:
    chosen = (table["codebook"] == codebook) & (table["reading"] == reading)
    return table[chosen].reset_index(drop=True)


def _headings(expressions: pd.DataFrame, taxonomy: Path) -> pd.DataFrame:
    """Return one row for each top heading that an assistant's values stand under."""
    places = pd.read_csv(taxonomy / "values.csv").set_index("value_raw")["level3"]
    names = pd.read_csv(taxonomy / "taxonomy.csv").set_index("node_id")["name"]
    own = expressions[expressions["party"] == "assistant"]
    own = own.assign(party=HEADING, value=own["value"].map(places).map(names))
    own = own.dropna(subset="value")
    return own.drop_duplicates(["conversation_id", "codebook", "reading", "value"])


def learnable_values(
    expressions: pd.DataFrame, minimum: int = MINIMUM_READINGS
) -> tuple[tuple[str, str], ...]:
    """Return what heads are fitted for: frequent values, then the taxonomy's top headings."""
    headings = expressions["party"] == HEADING
    names = sorted(expressions.loc[headings, "value"].unique())
    frequent = frequent_values(expressions[~headings], minimum)
    return frequent + tuple((HEADING, str(name)) for name in names)


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
    subjective, task_type, response_type = _facets(labels)
    values = _values(labels, readings.expressions, value_names)
    return Targets(
        subjective=subjective,
        task_type=task_type,
        response_type=response_type,
        values=values,
        value_names=value_names,
        groups=labels["prompt_group"].to_numpy(dtype=str),
        taught=_shares(
            labels["conversation_id"],
            indicators(subjective, task_type, response_type, values),
            readings.further,
            value_names,
        ),
    )


def _facets(labels: pd.DataFrame) -> tuple[npt.NDArray[np.bool_], Index, Index]:
    return (
        labels["subjective"].to_numpy(dtype=bool),
        _places(labels["task_type"], TASK_TYPES),
        _places(labels["response_type"], RESPONSE_TYPES),
    )


def _values(
    labels: pd.DataFrame, expressions: pd.DataFrame, value_names: tuple[tuple[str, str], ...]
) -> npt.NDArray[np.bool_]:
    """Mark the values of subjective conversations."""
    row = {name: i for i, name in enumerate(labels["conversation_id"])}
    column = {name: j for j, name in enumerate(value_names)}
    values = np.zeros((len(labels), len(value_names)), dtype=bool)
    for conversation, *name in expressions[["conversation_id", "party", "value"]].itertuples(
        index=False
    ):
        if tuple(name) in column:
            values[row[conversation], column[tuple(name)]] = True
    listed: npt.NDArray[np.bool_] = values & labels["subjective"].to_numpy(dtype=bool)[:, None]
    return listed


def _shares(
    ids: pd.Series,
    first: Floats,
    further: tuple[tuple[pd.DataFrame, pd.DataFrame | None], ...],
    value_names: tuple[tuple[str, str], ...],
) -> Floats:
    """Average the first reading with further ones, column by column where they speak."""
    row = {name: i for i, name in enumerate(ids)}
    total, n = first.copy(), np.ones(first.shape)
    for labels, expressions in further:
        at = np.array([row[name] for name in labels["conversation_id"]], dtype=np.int64)
        values = (
            np.zeros((len(labels), 0), dtype=bool)
            if expressions is None
            else _values(labels, expressions, value_names)
        )
        said = indicators(*_facets(labels), values)
        total[at, : said.shape[1]] += said
        n[at, : said.shape[1]] += 1.0
    shares: Floats = total / n
    return shares


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
