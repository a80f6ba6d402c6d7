"""What several stages read: the readings with their values named by the taxonomy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import pandas as pd

from valuescape.corpora.readings import Readings, load_readings
from valuescape.counts.families import RollUp
from valuescape.counts.frame import analysis_frame
from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.store import read_columns, read_table
from valuescape.taxonomy.values import load_values, normalise_values, roll_up


@dataclass(frozen=True, slots=True)
class Study:
    """Readings and taxonomy together.

    Attributes
    ----------
    readings : Readings
        The released tables.
    values : DataFrame
        Every raw name with its printed name and its place in the tree.
    nodes : DataFrame
        Table ``taxonomy``.
    expressions : DataFrame
        Expressions of every labeller with ``value`` as printed.
    tasks : DataFrame
        Table ``tasks``: every task phrase and its kind.
    """

    readings: Readings
    values: pd.DataFrame
    nodes: pd.DataFrame
    expressions: pd.DataFrame
    tasks: pd.DataFrame

    def frame(self, labeller: str) -> pd.DataFrame:
        """Return the analysis frame of one labeller, with the kind of each task phrase.

        Raises
        ------
        InputError
            If the readings hold no labels of it.
        """
        given = self.readings
        known = given.labels["labeller"].unique()
        if labeller not in known:
            allowed = ", ".join(sorted(known))
            raise InputError(f"labels.csv: no labels of {labeller!r}; allowed are {allowed}")
        kinds = self.tasks.set_index("task")["name"]
        frame = analysis_frame(given.conversations, given.labels, given.sample, labeller)
        return frame.assign(task_cluster=frame["task"].map(kinds))

    def subjective_of_assistants(self) -> pd.DataFrame:
        """Return the subjective conversations of every labeller, human-written replies left out.

        Returns
        -------
        DataFrame
            ``conversation_id``, ``labeller``.
        """
        groups = self.readings.conversations.set_index("conversation_id")["group"]
        labels = self.readings.labels
        assistants = labels["conversation_id"].map(groups) != "human_reference"
        return labels.loc[labels["subjective"] & assistants, ["conversation_id", "labeller"]]

    def values_of_assistants(self, labeller: str) -> RollUp:
        """Return a function from a level of the tree to what assistants expressed there."""
        return cache(partial(self.expressed, labeller, "assistant"))

    def expressed(self, labeller: str, party: str, level: int = 0) -> pd.DataFrame:
        """Return what one party expressed at one level of the tree, named as printed.

        Returns
        -------
        DataFrame
            ``conversation_id``, ``value``, ``explicit``: a row a node a conversation.
        """
        chosen = (self.expressions["labeller"] == labeller) & (self.expressions["party"] == party)
        rolled = roll_up(self.expressions[chosen], self.values, level)
        names = self.nodes.set_index("node_id")["name"]
        rolled["value"] = rolled["node_id"].map(names)
        return rolled[["conversation_id", "value", "explicit"]]


def read_study(home: Paths) -> Study:
    """Read the readings and the taxonomy stage's tables.

    Raises
    ------
    InputError
        If a file is missing or does not fit its schema.
    """
    readings = load_readings(home.labels)
    values = load_values(home.results / "taxonomy" / "values.csv")
    nodes = read_table(home.results / "taxonomy" / "taxonomy.csv", "taxonomy")
    tasks = read_table(home.results / "taxonomy" / "tasks.csv", "tasks")
    expressions = normalise_values(readings.expressions, values)
    return Study(readings, values, nodes, expressions, tasks)


def machine_probabilities(home: Paths, study: Study, name: str) -> pd.DataFrame:
    """Read the machine's probability of every raw name that the taxonomy knows.

    Parameters
    ----------
    home : Paths
        The checkout.
    study : Study
        Whose taxonomy.
    name : str
        File in the folder of machine labels, without ending.

    Returns
    -------
    DataFrame
        Indexed by conversation, a column a raw name.

    Raises
    ------
    InputError
        If the file is missing or holds no conversations.
    """
    given = read_columns(home.machine / f"{name}.parquet", ["conversation_id"])
    given = given.set_index("conversation_id")
    known = set(study.values["value_raw"])
    return given[[value for value in given.columns if value in known]]


def nodes_of(study: Study, names: pd.Index, level: int) -> pd.Series:
    """Return the printed name, at one level of the tree, of each raw name."""
    places = study.values.drop_duplicates("value_raw").set_index("value_raw").loc[names]
    if level == 0:
        return places["value"]
    return places[f"level{level}"].map(study.nodes.set_index("node_id")["name"])
