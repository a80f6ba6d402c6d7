"""Someone who has every table of a report, knows how they add up, and computes what is hidden.

What counts exist and how they hang together is public: the codebook, the tree of values, the names
of contexts.  The attacker is given even the names of contexts and values that are hidden.  Counts
are named by tuples; every number that any file of the report shows becomes known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, sparse
from scipy.sparse import csgraph

from valuescape.taxonomy.placement import assignments, groups

Name = tuple[object, ...]
SUPPORT, RESISTANCE = ("mild_support", "strong_support"), ("mild_resistance", "strong_resistance")
KINDS = ("task_type", "stance", "assistant")
TOTAL = "total"


def heading_of() -> dict[str, str]:
    """Printed name of the heading above each listed value."""
    tree = groups()
    family = assignments()["group"].map(tree["parent_id"])
    names = family.map(tree["parent_id"]).map(tree["name"])
    return dict(zip(assignments()["value"], names, strict=True))


def stance_of(answers: pd.Series) -> np.ndarray:
    return np.where(
        answers.isin(SUPPORT), "support", np.where(answers.isin(RESISTANCE), "resistance", "other")
    )


def true_counts(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> dict[Name, tuple[int, int]]:
    """Conversations and users behind every count, straight from the labels."""
    labels, expressions, known = tables
    part = labels[labels["subjective"]].merge(known, on="conversation_id")
    part = part.assign(stance=stance_of(part["response_type"]), assistant=part["model"])
    said = expressions[expressions["party"] == "assistant"]
    said = said.assign(heading=said["value"].map(heading_of()))
    nodes = pd.concat(
        [
            said[["conversation_id", "value"]].rename(columns={"value": "node"}),
            said[["conversation_id", "heading"]].rename(columns={"heading": "node"}),
        ]
    ).drop_duplicates()
    held = nodes.merge(part, on="conversation_id")
    found: dict[Name, tuple[int, int]] = {}

    def add(frame: pd.DataFrame, by: list[str], *first: object) -> None:
        for key, rows in frame.groupby(by):
            found[(*first, *key)] = (len(rows), rows["user"].nunique())

    add(held, ["node"], TOTAL)
    for kind in KINDS:
        add(part, [kind], "size", kind)
        everywhere = pd.MultiIndex.from_product([part[kind].unique(), nodes["node"].unique()])
        for context, node in everywhere:
            found[kind, context, node] = (0, 0)
        add(held, [kind, "node"], kind)
    add(part, ["response_type"], "size", "response_type")
    for task in part["task_type"].unique():
        for answer in part["response_type"].unique():
            found["answer", task, answer] = (0, 0)
    add(part, ["task_type", "response_type"], "answer")
    found["all",] = (len(part), part["user"].nunique())
    return found


@dataclass
class Knowledge:
    """What the attacker knows: numbers, sums that are zero and sums that are not above zero."""

    known: dict[Name, float] = field(default_factory=dict)
    zero: list[dict[Name, float]] = field(default_factory=list)
    below: list[dict[Name, float]] = field(default_factory=list)

    def learn(self, name: Name, number: float) -> None:
        if pd.notna(number):
            assert self.known.setdefault(name, float(number)) == float(number), name

    def bounds(self, names: Iterable[Name], every: list[Name]) -> dict[Name, tuple[float, float]]:
        """Range of each count by linear programming, over what hangs together with it."""
        place = {name: i for i, name in enumerate(every)}
        rest = np.array([self.known.get(name, 0.0) for name in every])
        free = np.array([name not in self.known for name in every])
        equal, limit = _matrix(self.zero, place), _matrix(self.below, place)
        touched = sparse.vstack([equal, limit]).tocsc()[:, free]
        _, label = csgraph.connected_components(abs(touched).T @ abs(touched), directed=False)
        where = dict(zip(np.flatnonzero(free), label, strict=True))
        found = {}
        systems: dict[int, tuple[np.ndarray, dict[str, object]]] = {}
        for name in names:
            part = where[place[name]]
            if part not in systems:
                systems[part] = self._system(part, label, free, equal, limit, rest)
            members, system = systems[part]
            goal = (members == place[name]).astype(float)
            ends = [
                optimize.linprog(sign * goal, method="highs", **system) for sign in (1.0, -1.0)
            ]
            assert all(e.status in (0, 3) for e in ends), ends[0].message
            low, high = (e.fun if e.status == 0 else -np.inf for e in ends)
            found[name] = (float(low), float(-high))
        return found

    @staticmethod
    def _system(part, label, free, equal, limit, rest):  # type: ignore[no-untyped-def]
        members = np.flatnonzero(free)[label == part]
        system: dict[str, object] = {"bounds": (0.0, None)}
        for name, matrix in (("eq", equal), ("ub", limit)):
            rows = np.flatnonzero(abs(matrix[:, members]).sum(axis=1))
            system |= {
                f"A_{name}": matrix[rows][:, members],
                f"b_{name}": -(matrix[rows] @ rest),
            }
        return members, system


def _matrix(rows: list[dict[Name, float]], place: dict[Name, int]) -> sparse.csr_array:
    entries = [(i, place[name], x) for i, row in enumerate(rows) for name, x in row.items()]
    i, j, x = zip(*entries, strict=True)
    return sparse.csr_array((x, (i, j)), shape=(len(rows), len(place)))


def structure(names: Iterable[Name]) -> Knowledge:
    """How counts of these names add up, whoever published them."""
    have = Knowledge()
    every = set(names)
    contexts = {kind: [n[2] for n in every if n[:2] == ("size", kind)] for kind in KINDS}
    nodes = [n[1] for n in every if n[0] == TOTAL]
    answers = [n[2] for n in every if n[:2] == ("size", "response_type")]
    above = heading_of()
    below: dict[str, list[str]] = {}
    for node in nodes:
        if node in above:
            below.setdefault(above[str(node)], []).append(str(node))
    places: list[tuple[object, ...]] = [(TOTAL,)]
    for kind in KINDS:
        have.zero.append({("all",): -1.0} | {("size", kind, c): 1.0 for c in contexts[kind]})
        for node in nodes:
            have.zero.append({(TOTAL, node): -1.0} | {(kind, c, node): 1.0 for c in contexts[kind]})
            for c in contexts[kind]:
                have.below.append({(kind, c, node): 1.0, ("size", kind, c): -1.0})
        places += [(kind, c) for c in contexts[kind]]
    for where in places:
        for heading, values in below.items():
            whole = (*where, heading)
            have.below += [{(*where, value): 1.0, whole: -1.0} for value in values]
            have.below.append({whole: 1.0} | {(*where, value): -1.0 for value in values})
    for task in contexts["task_type"]:
        row = {("answer", task, a): 1.0 for a in answers}
        have.zero.append({("size", "task_type", task): -1.0} | row)
    for answer in answers:
        column = {("answer", t, answer): 1.0 for t in contexts["task_type"]}
        have.zero.append({("size", "response_type", answer): -1.0} | column)
    for stance in contexts["stance"]:
        of = [a for a in answers if stance_of(pd.Series([a]))[0] == stance]
        parts = {("size", "response_type", a): 1.0 for a in of}
        have.zero.append({("size", "stance", stance): -1.0} | parts)
    return have


def read_report(folder: Path, have: Knowledge) -> None:
    """Learn every count that a file of the report shows."""
    tables = {path.stem: pd.read_csv(path) for path in (folder / "tables").glob("*.csv")}
    sizes = tables["overview"].set_index("quantity")["n"]
    have.learn(("all",), sizes["subjective"])
    for kind, name in (("task_type", "task_types"), ("response_type", "response_types")):
        for row in tables[name].itertuples():
            have.learn(("size", kind, row.name), row.n)
    for row in tables["response_types_by_task_type"].itertuples():
        have.learn(("answer", row.task_type, row.response_type), row.k)
        have.learn(("size", "task_type", row.task_type), row.n)
    for row in tables["values"].itertuples():
        have.learn((TOTAL, row.name), row.n)
    cells = [tables["associations"], tables["top_values"].assign(context_kind="task_type")]
    cells.append(pd.read_csv(folder / "figures" / "task_values.csv").assign(context_kind="task_type"))
    cells.append(pd.read_csv(folder / "figures" / "top_values.csv").assign(context_kind="task_type"))
    for table in cells:
        for row in table.itertuples():
            have.learn(("size", row.context_kind, row.context), row.n_context)
            if row.value == "no distinctive value":
                continue
            have.learn((row.context_kind, row.context, row.value), row.n_both)
            have.learn((TOTAL, row.value), row.n_value)
            if pd.notna(row.prevalence_inside):
                inside = row.prevalence_inside * row.n_context
                have.learn((row.context_kind, row.context, row.value), round(inside))
    for row in tables["resistance"].itertuples() if "resistance" in tables else ():
        have.learn(("stance", "resistance", row.value), row.n_both)
        have.learn(("stance", "support", row.value), row.n_value - row.n_both)
        have.learn(("size", "stance", "resistance"), row.n_context)
        have.learn(("size", "stance", "support"), row.n_total - row.n_context)
    headings = {"any undesired value": "Undesirable values", "any fault": "Faults of the reply"}
    for row in tables["undesired"].itertuples() if "undesired" in tables else ():
        node = headings[row.outcome]
        have.learn((TOTAL, node) if row.part == "all" else ("assistant", row.part, node), row.k)
        if row.part != "all":
            have.learn(("size", "assistant", row.part), row.n)
    _read_explorer(folder / "explorer.html", have)


def _read_explorer(path: Path, have: Knowledge) -> None:
    page = path.read_text("utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    for node in data["nodes"]:
        if node[2] == 0:
            have.learn((TOTAL, node[1]), node[6])
    for group, kind, name, _, n, _clusters in data["contexts"]:
        assert data["groups"][group][0] == "all"
        have.learn(("size", data["kinds"][kind][0], name), n)
    cells = data["cells"]
    for place, node, k in zip(cells["context"], cells["node"], cells["k"], strict=True):
        _, kind, name, *_ = data["contexts"][place]
        if k is not None:
            have.learn((data["kinds"][kind][0], name, data["nodes"][node][1]), k)
