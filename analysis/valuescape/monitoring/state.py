"""What a running monitor remembers: its baseline, the counts of each look, what it has read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from valuescape.errors import InputError
from valuescape.monitoring.evidence import Rules
from valuescape.monitoring.outcomes import Quantity
from valuescape.monitoring.profile import Profile, make_profile
from valuescape.parsing import read_json
from valuescape.statistics.arrays import IntArray
from valuescape.store import write_text

FORMAT = 1


@dataclass(slots=True)
class Look:
    """Counts of one look, as a rule a day.

    Attributes
    ----------
    name : str
        Day or batch.
    trials : dict
        Task type to conversations.
    successes : dict
        Outcome to task type to conversations.
    """

    name: str
    trials: dict[str, int] = field(default_factory=dict)
    successes: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything a monitor needs to go on.

    Attributes
    ----------
    rules : Rules
        When to raise an alarm.
    quantity : str
        What is watched.
    labeller : str or None
        Whose labels.
    tasks, outcomes : list of str
        Rows and columns of the baseline's counts.
    trials : list of int
        Conversations of the baseline by task type.
    successes : list of list of int
        The same with each outcome.
    looks : list of Look
        In the order of arrival.
    files : dict
        Size and time of the files read, by path relative to the watched folder.
    groups : list of str
        Digests of the row groups read.
    alarms : list of dict
        ``look``, ``outcome``, ``upward``, ``since``, ``since_low``, ``since_high``: never taken
        back.
    n_late : int
        Conversations dated before the look in which they arrived.
    """

    rules: Rules
    quantity: Quantity
    labeller: str | None
    tasks: list[str]
    outcomes: list[str]
    trials: list[int]
    successes: list[list[int]]
    looks: list[Look] = field(default_factory=list)
    files: dict[str, list[int]] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    n_late: int = 0

    @property
    def profile(self) -> Profile:
        """The baseline."""
        return make_profile(self.successes, self.trials)

    def trial_counts(self) -> IntArray:
        """Return conversations by look and task type of the baseline."""
        rows = [[look.trials.get(task, 0) for task in self.tasks] for look in self.looks]
        return np.array(rows, dtype=np.int64).reshape(len(self.looks), len(self.tasks))

    def success_counts(self, outcome: str) -> IntArray:
        """Return conversations with an outcome by look and task type of the baseline."""
        held = [look.successes.get(outcome, {}) for look in self.looks]
        rows = [[counts.get(task, 0) for task in self.tasks] for counts in held]
        return np.array(rows, dtype=np.int64).reshape(len(self.looks), len(self.tasks))

    @property
    def n_uncompared(self) -> int:
        """Conversations in task types that the baseline lacks."""
        known = set(self.tasks)
        return sum(n for look in self.looks for task, n in look.trials.items() if task not in known)


def write_state(state: State, path: Path) -> None:
    """Write the state beside its place and rename it."""
    content = asdict(state) | {"format": FORMAT}
    write_text(json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n", path)


def read_state(path: Path) -> State:
    """Read what :func:`write_state` wrote.

    Raises
    ------
    InputError
        If the file cannot be read, or is no state of this version.
    """
    content = read_json(path)
    try:
        if content.pop("format") != FORMAT:
            raise KeyError("format")
        rules = content.pop("rules")
        rules["odds_ratios"] = tuple(rules["odds_ratios"])
        looks = [Look(**look) for look in content.pop("looks")]
        return State(rules=Rules(**rules), looks=looks, **content)
    except (KeyError, TypeError, AttributeError):
        raise InputError(
            f"{path}: no state of a monitor of this version; begin a new one with --baseline"
        ) from None
