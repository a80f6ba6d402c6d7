"""Which counts of a private corpus may be published.

A count is small under 15 conversations or 5 users.  Every count that a report prints is protected:
task types by response types, assistants, and values and headings by kind of task, by stance and by
assistant.  What else is printed (shares, ratios, intervals) is printed only beside its counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from valuescape.errors import InputError
from valuescape.own.counting import KINDS, LEVELS, Counted, node_tally, response_tally
from valuescape.own.frame import STANCES, Frame
from valuescape.schema import RESPONSE_TYPES
from valuescape.statistics.linked_disclosure import LinkedCounts, linked_counts
from valuescape.statistics.linked_suppression import protect_linked
from valuescape.statistics.suppression import suppress
from valuescape.study.resistance import RESISTANCE, SUPPORT

Mask = NDArray[np.bool_]
TOTAL = ""


@dataclass(frozen=True, slots=True)
class Floors:
    """Under how many conversations, or users, a count is hidden."""

    conversations: int = 15
    users: int = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be published.

    Attributes
    ----------
    contexts : dict of (kind, context) to bool
        Sizes of contexts; ``response_type`` is a kind as well.
    responses : dict of (task type, response type) to bool
        Cells of that table.
    nodes : dict of (level, name) to bool
        Totals of values and headings.
    cells : dict of (kind, level, context, name) to bool
        Values and headings in contexts.
    not_subjective : bool
        The number of conversations that are not analysed, and so of all.
    report : list of tuple
        Table, counts, hidden because small, hidden to protect others.
    """

    contexts: dict[tuple[str, str], bool] = field(default_factory=dict)
    responses: dict[tuple[str, str], bool] = field(default_factory=dict)
    nodes: dict[tuple[int, str], bool] = field(default_factory=dict)
    cells: dict[tuple[str, int, str, str], bool] = field(default_factory=dict)
    not_subjective: bool = True
    report: list[tuple[str, int, int, int]] = field(default_factory=list)

    def listed(self, kind: str) -> list[str]:
        """Return the contexts of a kind whose size is published."""
        return [context for (of, context), shown in self.contexts.items() if of == kind and shown]


def shown_counts(frame: Frame, floors: Floors | None) -> Shown:
    """Decide which counts of a frame may be published.

    Parameters
    ----------
    frame : Frame
        Conversations.
    floors : Floors or None
        None for public conversations: everything is shown.

    Raises
    ------
    InputError
        If all subjective conversations together are under a floor.
    """
    part = frame.subjective
    if floors is not None:
        users = part["prompt_group"].nunique()
        if len(part) < floors.conversations or users < floors.users:
            raise InputError(
                "too few conversations: of private ones nothing is shown under "
                f"{floors.conversations} subjective conversations or {floors.users} "
                f"{frame.clusters}; give more, or --public if anyone may see them"
            )
    shown = Shown(not_subjective=_rest_is_shown(frame, floors))
    _responses(frame, floors, shown)
    _assistants(frame, floors, shown)
    _stances(shown)
    tallies = {kind: node_tally(frame, kind) for kind in KINDS}
    _nodes(frame, tallies, floors, shown)
    return shown


def _rest_is_shown(frame: Frame, floors: Floors | None) -> bool:
    rest = frame.conversations[~frame.conversations["subjective"]]
    return floors is None or (
        len(rest) >= floors.conversations and rest["prompt_group"].nunique() >= floors.users
    )


def _responses(frame: Frame, floors: Floors | None, shown: Shown) -> None:
    """Decide on response types by task type: a table that adds up both ways."""
    found = response_tally(frame)
    total = len(frame.subjective)
    everyone = frame.subjective["prompt_group"].nunique()
    users = np.block(
        [[found.users, found.users_rows[:, None]], [found.users_columns[None, :], everyone]]
    )
    hidden = _both_ways(found.n, users, floors)
    shown.report.append(_line("response types by task type", hidden))
    mask = ~(hidden[0] | hidden[1])
    for i, task in enumerate(found.rows):
        shown.contexts["task_type", task] = bool(mask[i, -1]) and found.n_rows[i] > 0
        for j, answer in enumerate(found.columns):
            shown.responses[task, answer] = bool(mask[i, j])
    for j, answer in enumerate(found.columns):
        shown.contexts["response_type", answer] = bool(mask[-1, j])
    if total != found.n.sum():
        raise ValueError("response types: a conversation has none")


def _both_ways(n: NDArray[np.int64], users: NDArray[np.int64], floors: Floors | None) -> Mask:
    """Hide counts under totals that are published both ways, the sum of all always."""
    if floors is None:
        return np.zeros((2, *users.shape), dtype=np.bool_)
    found = suppress(n, users=users, floor=floors.conversations, user_floor=floors.users)
    primary, secondary = found.primary.copy(), found.secondary.copy()
    if secondary[-1, -1]:
        secondary = ~primary
        secondary[-1, -1] = False
    return np.stack([primary, secondary])


def _assistants(frame: Frame, floors: Floors | None, shown: Shown) -> None:
    part = frame.subjective
    sizes = part["assistant"].value_counts().sort_index()
    hidden = np.zeros((2, len(sizes) + 1), dtype=np.bool_)
    if floors is not None:
        users = part.groupby("assistant")["prompt_group"].nunique().reindex(sizes.index)
        behind = np.append(users.to_numpy(), part["prompt_group"].nunique())[:, None]
        found = suppress(
            sizes.to_numpy()[:, None],
            users=behind,
            floor=floors.conversations,
            user_floor=floors.users,
            totals="columns",
        )
        primary, secondary = found.primary[:, 0].copy(), found.secondary[:, 0].copy()
        if secondary[-1]:
            secondary = ~primary
            secondary[-1] = False
        hidden = np.stack([primary, secondary])
    shown.report.append(_line("assistants", hidden))
    for name, dark in zip(sizes.index, hidden[0] | hidden[1], strict=False):
        shown.contexts["assistant", str(name)] = not dark


def _stances(shown: Shown) -> None:
    """Show the size of a stance where it follows from sizes that are shown."""
    parts = {STANCES[0]: SUPPORT, STANCES[1]: RESISTANCE}
    rest = [r for r in RESPONSE_TYPES if r not in (*SUPPORT, *RESISTANCE)]
    known = {
        stance: all(shown.contexts["response_type", answer] for answer in answers)
        for stance, answers in (*parts.items(), (STANCES[2], rest))
    }
    if sum(known.values()) == len(STANCES) - 1:
        known = dict.fromkeys(known, True)
    for stance, is_known in known.items():
        shown.contexts["stance", stance] = is_known


def _nodes(
    frame: Frame,
    tallies: dict[str, tuple[Counted, Counted]],
    floors: Floors | None,
    shown: Shown,
) -> None:
    """Decide on values and headings in all contexts, one heading with its values at a time."""
    parent = frame.nodes.set_index("name")["parent_id"]
    names = frame.nodes.set_index("node_id")["name"]
    values, headings = tallies[KINDS[0]][0].columns, tallies[KINDS[0]][1].columns
    levels = [frame.nodes[frame.nodes["level"] == level].set_index("name") for level in LEVELS]
    parent = levels[0]["parent_id"].map(names)
    counted = np.zeros((2, len(KINDS) + 1), dtype=np.int64)
    total = np.zeros(len(KINDS) + 1, dtype=np.int64)
    for heading in headings:
        below = [j for j, name in enumerate(values) if parent[name] == heading]
        block = _Block.of(tallies, shown, below, headings.index(heading), len(frame.subjective))
        hidden = block.hidden(floors)
        seen = ~(hidden[0] | hidden[1])
        for place, (kind, level, context, name) in enumerate(block.keys):
            if kind == TOTAL:
                shown.nodes[level, name] = bool(seen[place])
            else:
                shown.cells[kind, level, context, name] = bool(seen[place])
            column = 0 if kind == TOTAL else 1 + KINDS.index(kind)
            counted[:, column] += hidden[:, place]
            total[column] += 1
    for column, table in enumerate(("values and headings", *KINDS)):
        name = table if column == 0 else f"values and headings by {table.replace('_', ' ')}"
        small, protecting = (int(x) for x in counted[:, column])
        shown.report.append((name, int(total[column]), small, protecting))


def _line(name: str, hidden: Mask) -> tuple[str, int, int, int]:
    return name, int(hidden[0].size), int(hidden[0].sum()), int(hidden[1].sum())


@dataclass(frozen=True, slots=True)
class _Block:
    """The counts of a heading and of the values below it, in all contexts of all kinds.

    ``keys`` are (kind, level, context, name), kind empty for totals over all contexts.
    """

    keys: list[tuple[str, int, str, str]]
    n: NDArray[np.int64]
    users: NDArray[np.int64]
    unlisted: Mask
    table: LinkedCounts

    @classmethod
    def of(
        cls,
        tallies: dict[str, tuple[Counted, Counted]],
        shown: Shown,
        below: list[int],
        heading: int,
        total: int,
    ) -> _Block:
        """Lay out the block: rows are contexts of every kind under one total, columns nodes."""
        picks = ((0, below), (1, [heading]))
        rows: list[tuple[str, str]] = [(TOTAL, TOTAL)]
        n = [np.concatenate([tallies[KINDS[0]][i].n_columns[at] for i, at in picks])]
        users = [np.concatenate([tallies[KINDS[0]][i].users_columns[at] for i, at in picks])]
        most, unlisted = [float(total)], [False]
        for kind in KINDS:
            of = tallies[kind]
            listed = [shown.contexts[kind, context] for context in of[0].rows]
            rest = total - int(of[0].n_rows[listed].sum())
            for i, context in enumerate(of[0].rows):
                rows.append((kind, context))
                n.append(np.concatenate([of[k].n[i, at] for k, at in picks]))
                users.append(np.concatenate([of[k].users[i, at] for k, at in picks]))
                most.append(float(of[0].n_rows[i] if listed[i] else rest))
                unlisted.append(not listed[i])
        names = [(LEVELS[k], tallies[KINDS[0]][k].columns[j]) for k, at in picks for j in at]
        keys = [(kind, level, context, name) for kind, context in rows for level, name in names]
        width = len(names)
        grid = np.stack(n)
        return cls(
            keys,
            grid.ravel(),
            np.stack(users).ravel(),
            np.repeat(unlisted, width),
            linked_counts(
                grid.ravel(), _sums(rows, width), _limits(len(rows), width), np.repeat(most, width)
            ),
        )

    def hidden(self, floors: Floors | None) -> Mask:
        """Return what is hidden because small, and what to protect others, shape (2, n)."""
        if floors is None:
            return np.zeros((2, self.n.size), dtype=np.bool_)
        small = (self.n < floors.conversations) | (self.users < floors.users)
        totals = np.array([kind == TOTAL for kind, *_ in self.keys])
        found = protect_linked(
            self.table, small, floor=floors.conversations, dear=totals, given=self.unlisted
        )
        return np.stack([found.primary, found.secondary])


def _sums(rows: list[tuple[str, str]], width: int) -> sparse.csr_array:
    """Contexts of a kind add up to the total, for every node."""
    parts = np.array([[float(kind == of) for kind, _ in rows] for of in KINDS])
    parts[:, 0] = -1.0
    return sparse.csr_array(sparse.kron(parts, sparse.eye_array(width)))


def _limits(n_rows: int, width: int) -> sparse.csr_array:
    """In every context a heading, the last node, holds each value and no more than all of them."""
    within = np.hstack([np.eye(width - 1), -np.ones((width - 1, 1))])
    covered = np.append(-np.ones(width - 1), 1.0)[None, :]
    return sparse.csr_array(sparse.kron(sparse.eye_array(n_rows), np.vstack([within, covered])))
