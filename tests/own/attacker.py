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

from valuescape.report.style import TASK_TYPE_NAMES
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.taxonomy.placement import assignments, groups

Name = tuple[object, ...]
SUPPORT, RESISTANCE = ("mild_support", "strong_support"), ("mild_resistance", "strong_resistance")
KINDS = ("task_type", "stance", "assistant")
TOTAL = "total"
FLOOR, USERS, NEAR = 15, 5, 1e-6


def small(counts: dict[Name, tuple[int, int]]) -> list[Name]:
    """Counts under either floor."""
    return [name for name, (n, users) in counts.items() if n < FLOOR or users < USERS]


def check_ranges(
    ranges: dict[Name, tuple[float, float]],
    counts: dict[Name, tuple[int, int]],
    have: Knowledge,
) -> None:
    """Hold the rule: a small count may be anything up to the floor, or as its context allows."""
    for name, (low, high) in ranges.items():
        n, _ = counts[name]
        reach = FLOOR if n < FLOOR else n + FLOOR
        if name[0] in KINDS:
            size = ("size", name[0], name[1])
            reach = min(reach, have.known.get(size, reach))
        assert low <= max(0, n - FLOOR) + NEAR, (name, n, low, high)
        assert high >= reach - NEAR, (name, n, low, high)


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
            ends = [optimize.linprog(sign * goal, method="highs", **system) for sign in (1.0, -1.0)]
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
    for kind in KINDS:
        have.zero.append({("all",): -1.0} | {("size", kind, c): 1.0 for c in contexts[kind]})
        for node in nodes:
            have.zero.append({(TOTAL, node): -1.0} | {(kind, c, node): 1.0 for c in contexts[kind]})
            have.below += [{(kind, c, node): 1.0, ("size", kind, c): -1.0} for c in contexts[kind]]
    _inclusions(have, nodes, contexts)
    _answers_add_up(have, contexts, answers)
    return have


def _inclusions(have: Knowledge, nodes: list[object], contexts: dict[str, list[object]]) -> None:
    """A heading holds each of its values, and no more than all of them, in every context."""
    above = heading_of()
    below: dict[str, list[str]] = {}
    for node in map(str, nodes):
        if node in above:
            below.setdefault(above[node], []).append(node)
    places: list[Name] = [(TOTAL,), *((kind, c) for kind in KINDS for c in contexts[kind])]
    for where in places:
        for heading, values in below.items():
            whole = (*where, heading)
            have.below += [{(*where, value): 1.0, whole: -1.0} for value in values]
            have.below.append({whole: 1.0} | {(*where, value): -1.0 for value in values})


def _answers_add_up(
    have: Knowledge, contexts: dict[str, list[object]], answers: list[object]
) -> None:
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


def read_report(folder: Path, have: Knowledge) -> None:
    """Learn every count that a file of the report shows, whatever the file is called."""
    read = set()
    for path in sorted([*folder.glob("tables/*.csv"), *folder.glob("figures/*.csv")]):
        table = pd.read_csv(path)
        for columns, learn in _READERS:
            if set(columns) <= set(table.columns):
                learn(table, have)
                read.add(path.stem)
                break
    assert {"overview", "values", "common_values", "associations", "response_types"} <= read
    _read_explorer(folder / "explorer.html", have)


def _overview(table: pd.DataFrame, have: Knowledge) -> None:
    have.learn(("all",), table.set_index("quantity")["n"]["subjective"])


def _cells(table: pd.DataFrame, have: Knowledge) -> None:
    for row in table.itertuples():
        kind, context = getattr(row, "context_kind", "task_type"), row.context
        if context == "resistance" and kind != "stance":
            have.learn(("stance", context, row.value), row.n_both)
            have.learn(("stance", "support", row.value), row.n_value - row.n_both)
            have.learn(("size", "stance", context), row.n_context)
            have.learn(("size", "stance", "support"), row.n_total - row.n_context)
            continue
        have.learn(("size", kind, context), row.n_context)
        if row.value == "no distinctive value":
            continue
        have.learn((kind, context, row.value), row.n_both)
        have.learn((TOTAL, row.value), row.n_value)
        share = getattr(row, "prevalence_inside", np.nan)
        if pd.notna(share):
            have.learn((kind, context, row.value), round(share * row.n_context))


def _answers(table: pd.DataFrame, have: Knowledge) -> None:
    for row in table.itertuples():
        k = round(row.estimate * row.n) if pd.notna(row.estimate) else np.nan
        if row.task_type == "all":
            have.learn(("size", "response_type", row.response_type), k)
        else:
            have.learn(("answer", row.task_type, row.response_type), k)
            have.learn(("size", "task_type", row.task_type), row.n)


def _undesired(table: pd.DataFrame, have: Knowledge) -> None:
    headings = {"any undesired value": "Undesirable values", "any fault": "Faults of the reply"}
    for row in table.itertuples():
        node = headings[row.outcome]
        have.learn((TOTAL, node) if row.part == "all" else ("assistant", row.part, node), row.k)
        if row.part != "all":
            have.learn(("size", "assistant", row.part), row.n)


def _names(table: pd.DataFrame, have: Knowledge) -> None:
    """Read task types, response types, values and headings, by their own or their printed names."""
    printed = {text: name for name, text in TASK_TYPE_NAMES.items()}
    for row in table.itertuples():
        name = printed.get(row.name, row.name)
        kind = "task_type" if name in TASK_TYPES else "response_type"
        known = name in (*TASK_TYPES, *RESPONSE_TYPES)
        have.learn(("size", kind, name) if known else (TOTAL, name), row.n)


_READERS = (
    (("quantity", "n", "stance"), lambda *_: None),
    (("quantity", "n"), _overview),
    (("context", "value", "n_both"), _cells),
    (("task_type", "response_type", "estimate", "n"), _answers),
    (("part", "outcome", "k", "n"), _undesired),
    (("name", "n"), _names),
)


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
