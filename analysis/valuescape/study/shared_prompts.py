"""Runs of assistants that answered the same prompts: what is compared, as read and by machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.schema import RESPONSE_TYPES
from valuescape.study.correction import group_frame, stance_labels, subjective_labels

QUANTITIES = {0: "value", 1: "kind", 2: "family", 3: "heading"}
RESPONSE = "response_type"

Rows = NDArray[np.bool_]
Said = Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All answers of one source and group, a row each, and what is compared in them.

    Attributes
    ----------
    source, group : str
        Which answers.
    table : DataFrame
        ``run``, ``prompt_id``, ``prompt_group``, ``stratum``, ``fold``, ``reader`` and ``in_frame``
        (whether the answer could have been drawn).
    read : ndarray of bool, shape (n,)
        Whether it was read.
    names : DataFrame
        ``quantity`` and ``name`` of every outcome.
    reading, machine : ndarray, shape (n, n_outcomes)
        Whether the answer is subjective and has it: as read (0 where not read), and the machine's
        probability (0 throughout where the machine does not know the name).
    """

    source: str
    group: str
    table: pd.DataFrame
    read: Rows
    names: pd.DataFrame
    reading: NDArray[np.float64]
    machine: NDArray[np.float64]

    @property
    def runs(self) -> list[str]:
        """Names of the runs, sorted."""
        return sorted(self.table["run"].unique())

    def n_read(self) -> pd.Series:
        """Count the readings of each run."""
        return self.table["run"][self.read].value_counts().reindex(self.runs, fill_value=0)

    def rows(self, runs: Sequence[str]) -> Rows:
        """Return the answers of some runs to the prompts that all of them answered."""
        prompt, run = self.table["prompt_id"], self.table["run"]
        inside = run.isin(runs).to_numpy()
        answered = run[inside].groupby(prompt[inside]).nunique()
        common = answered.index[answered == len(set(runs))]
        return np.asarray(inside & prompt.isin(common).to_numpy())

    def pairs(self, rows: Rows) -> Iterator[tuple[str, str]]:
        """Give each two runs, in order, that share a prompt among some rows."""
        table = self.table[rows]
        prompts = {str(run): set(part["prompt_id"]) for run, part in table.groupby("run")}
        for first, second in combinations(sorted(prompts), 2):
            if prompts[first] & prompts[second]:
                yield first, second

    def only(self, quantities: Sequence[str]) -> Comparison:
        """Keep some quantities."""
        chosen = self.names["quantity"].isin(quantities).to_numpy()
        return Comparison(
            self.source,
            self.group,
            self.table,
            self.read,
            self.names[chosen].reset_index(drop=True),
            self.reading[:, chosen],
            self.machine[:, chosen],
        )


def comparisons(
    conversations: pd.DataFrame,
    machine: pd.DataFrame,
    read: pd.DataFrame,
    said: Said,
    *,
    sources: Sequence[str],
    minimum: int,
) -> list[Comparison]:
    """Lay out every source and group in which runs share prompts.

    Parameters
    ----------
    conversations : DataFrame
        Table ``conversations`` with ``run``.
    machine : DataFrame
        Table ``machine_labels`` of one labeller.
    read : DataFrame
        Labels of one reading: ``conversation_id``, ``subjective``, ``task_type``,
        ``response_type``, ``reader``.
    said : mapping of str to two DataFrames
        By quantity: ``conversation_id`` and ``value`` of the readings; and, indexed by conversation
        with a column a name, the machine's probability that the conversation is subjective and
        expresses it.
    sources : sequence of str
        Sources to look at.
    minimum : int
        Outcomes read in fewer conversations of the comparison are left out.

    Raises
    ------
    InputError
        If a source is not there, a conversation has no machine label, or no two runs of any source
        answered one prompt.
    """
    known = sorted(conversations["source"].unique())
    strange = [s for s in sources if s not in known]
    if strange:
        allowed = ", ".join(known)
        raise InputError(
            f"compare.sources: no conversations of {strange[0]!r}; allowed are {allowed}"
        )
    found = []
    for source in sources:
        part = conversations[conversations["source"] == source]
        for group in sorted(part["group"].unique()):
            inside = part[part["group"] == group]
            if inside.groupby("prompt_id")["run"].nunique().max() > 1:
                found.append(_comparison(inside, machine, read, said, minimum))
    if not found:
        raise InputError(
            f"compare.sources: in none of {', '.join(sources)} did two runs answer the same prompt"
        )
    return found


def _comparison(
    inside: pd.DataFrame, machine: pd.DataFrame, read: pd.DataFrame, said: Said, minimum: int
) -> Comparison:
    source, group = inside["source"].iloc[0], inside["group"].iloc[0]
    every = inside.assign(drawable=inside["in_frame"], in_frame=True)
    table = group_frame(every, machine, read, group).table.assign(
        in_frame=lambda t: t["drawable"].astype(bool)
    )
    was_read = table["subjective"].notna().to_numpy()
    table["reader"] = table["conversation_id"].map(read.set_index("conversation_id")["reader"])
    names, readings, machines = [], [], []
    for quantity, name, reading, probability in _outcomes(table, said):
        if reading[was_read].sum() >= minimum:
            names.append((quantity, name))
            readings.append(reading)
            machines.append(probability)
    if not names:
        raise InputError(
            f"compare.minimum_value_conversations is {minimum}: no value or response type was read "
            f"so often in {source}, {group}; allowed is a minimum that some reach"
        )
    return Comparison(
        str(source),
        str(group),
        table,
        was_read,
        pd.DataFrame(names, columns=["quantity", "name"]),
        np.column_stack(readings),
        np.column_stack(machines),
    )


Outcome = tuple[str, str, NDArray[np.float64], NDArray[np.float64]]


def _outcomes(table: pd.DataFrame, said: Said) -> Iterator[Outcome]:
    for name in RESPONSE_TYPES:
        yield RESPONSE, name, *stance_labels(table, name)
    subjective = subjective_labels(table)[0]
    for quantity, (pairs, probabilities) in said.items():
        held = presence(table["conversation_id"], pairs, "value")
        dense = held.matrix.toarray() * subjective[:, None]
        aligned = probabilities.reindex(table["conversation_id"]).fillna(0.0)
        nothing = np.zeros(len(table))
        for j, name in enumerate(held.names):
            known = aligned[name].to_numpy(dtype=float) if name in aligned else nothing
            yield quantity, str(name), dense[:, j], known
