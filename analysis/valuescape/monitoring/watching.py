"""A monitor that goes on: new labels in, evidence and alarms out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.monitoring.arrivals import Arrival, fingerprint, labels_files, new_arrivals
from valuescape.monitoring.evidence import Rules, alarm_looks, allowance, evidence_growth
from valuescape.monitoring.outcomes import Quantity, outcome_pairs, outcome_table
from valuescape.monitoring.periods import Period
from valuescape.monitoring.profile import Profile
from valuescape.monitoring.state import Look, State
from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.change_point import locate_change
from valuescape.statistics.confidence_sequence import confidence_sequence
from valuescape.statistics.e_bh import e_bh
from valuescape.statistics.shift import log10_e_process
from valuescape.statistics.shift_sequence import shift_sequence

OTHER = "(others)"
COLUMNS = (
    "name",
    "baseline",
    "estimate",
    "ci_low",
    "ci_high",
    "crude",
    "crude_low",
    "crude_high",
    "log10_e",
    "q_value",
    "alarm",
    "since",
    "since_low",
    "since_high",
    "verdict",
    "k",
    "n",
)


@dataclass(frozen=True, slots=True)
class Update:
    """What one run of the monitor did.

    Attributes
    ----------
    n_groups, n_conversations : int
        Row groups and conversations read.
    table : DataFrame
        Columns :data:`COLUMNS`, one row an outcome.
    """

    n_groups: int
    n_conversations: int
    table: pd.DataFrame


def begin(
    baseline: Period, quantity: Quantity, rules: Rules, *, minimum: int, labeller: str | None
) -> State:
    """Begin a monitor from a baseline period.

    Parameters
    ----------
    baseline : Period
        What the stream is held against.
    quantity : {"value", "heading", "polarity", "response_type"}
        What is watched.
    rules : Rules
        When to raise an alarm.
    minimum : int
        Conversations of the baseline that an outcome needs to be watched by itself; all others
        together are one outcome, ``(others)``, so that what is new is seen as well.
    labeller : str or None
        Whose labels are read from the stream.

    Raises
    ------
    InputError
        If no outcome is frequent enough.
    """
    names, y = outcome_table([baseline], quantity, minimum)
    if not names.size:
        raise InputError(
            f"{baseline.name}: no {quantity} in at least {minimum} conversations; lower --minimum "
            "or give a longer baseline"
        )
    pairs = outcome_pairs(baseline, quantity)
    ids = baseline.conversations["conversation_id"]
    rest = ids.isin(pairs.loc[~pairs["name"].isin(names), "conversation_id"])
    matrix = np.column_stack([y, rest.to_numpy(float)]).astype(np.int64)
    tasks = sorted(baseline.conversations["task_type"].unique())
    code = pd.Index(tasks).get_indexer(pd.Index(baseline.conversations["task_type"]))
    successes = np.zeros((len(tasks), matrix.shape[1]), dtype=np.int64)
    np.add.at(successes, code, matrix)
    trials = np.bincount(code, minlength=len(tasks))
    outcomes = [*names.tolist(), OTHER]
    return State(rules, quantity, labeller, tasks, outcomes, trials.tolist(), successes.tolist())


def update(state: State, folder: Path) -> Update:
    """Read what is new in a folder into the state, and say what the stream shows.

    Raises
    ------
    InputError
        If the folder holds no labels, or as reading them raises.
    """
    known, groups, conversations = set(state.groups), 0, 0
    for path in labels_files(folder):
        place, marks = path.relative_to(folder).as_posix(), fingerprint(path)
        if state.files.get(place) == marks:
            continue
        for arrival in new_arrivals(path, folder, known, state.labeller):
            _add(state, arrival)
            known.add(arrival.digest)
            state.groups.append(arrival.digest)
            groups += 1
            conversations += len(arrival.period.conversations)
        state.files[place] = marks
    if not state.looks:
        raise InputError(f"{folder}: no conversation of {state.labeller or 'any labeller'} in it")
    return Update(groups, conversations, assess(state))


def _add(state: State, arrival: Arrival) -> None:
    """Add a row group to its looks: one a day where the labels are dated, else one a batch."""
    period = arrival.period
    frame = period.conversations
    if "started_at" in frame.columns:
        stamps = pd.to_datetime(frame["started_at"], utc=True, errors="coerce", format="ISO8601")
        if stamps.isna().any():
            shown = frame.loc[stamps.isna(), "started_at"].iloc[0]
            raise InputError(
                f"{period.name}: started_at is {shown!r}; a time in ISO 8601 is needed"
            )
        days = stamps.dt.strftime("%Y-%m-%d")
    else:
        days = pd.Series(arrival.batch, index=frame.index)
    pairs = outcome_pairs(period, state.quantity)
    watched = set(state.outcomes)
    pairs = pairs.assign(name=pairs["name"].where(pairs["name"].isin(watched), OTHER))
    pairs = pairs.drop_duplicates()
    dated = "started_at" in frame.columns
    for day in sorted(days.unique()):
        part = frame[days == day]
        look = _look(state, day, len(part), dated)
        _count(look, part, pairs[pairs["conversation_id"].isin(part["conversation_id"])])


def _look(state: State, day: str, n: int, dated: bool) -> Look:
    """Find or begin the look of a day; what comes late joins the newest look."""
    newest = state.looks[-1] if state.looks else None
    if newest is not None and newest.name == day:
        return newest
    if newest is not None and dated and day < newest.name:
        state.n_late += n
        return newest
    state.looks.append(Look(day))
    return state.looks[-1]


def _count(look: Look, part: pd.DataFrame, pairs: pd.DataFrame) -> None:
    for task, n in part["task_type"].value_counts().items():
        look.trials[str(task)] = look.trials.get(str(task), 0) + int(n)
    task_of = part.set_index("conversation_id")["task_type"]
    tasks = pairs["conversation_id"].map(task_of)
    for name, task in zip(pairs["name"].astype(str), tasks.astype(str), strict=True):
        held = look.successes.setdefault(name, {})
        held[task] = held.get(task, 0) + 1


def assess(state: State) -> pd.DataFrame:
    """Weigh every outcome, and record alarms that are new.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; ``alarm`` is the first in the direction of the last one.
    """
    profile, trials = state.profile, state.trial_counts()
    hits = np.stack([state.success_counts(name).sum(axis=1) for name in state.outcomes], axis=1)
    growth = evidence_growth(hits, trials, profile, state.rules)
    _record(state, growth)
    log10_e = log10_e_process(growth)[-1]
    q = 10 ** e_bh(log10_e)
    rows = [_row(state, profile, hits[:, v], trials, v) for v in range(hits.shape[1])]
    table = pd.DataFrame(rows).assign(log10_e=log10_e, q_value=q)
    last = _standing_alarms(state)
    for column, key in (("alarm", "look"), ("since", "since"), ("since_low", "since_low"),
                        ("since_high", "since_high")):  # fmt: skip
        table[column] = [last.get(name, {}).get(key, "") for name in state.outcomes]
    table["verdict"] = _verdicts(state, table, last)
    return table[list(COLUMNS)]


def _standing_alarms(state: State) -> dict[str, dict[str, Any]]:
    """Find the alarm with which each outcome took its present direction."""
    found: dict[str, dict[str, Any]] = {}
    for alarm in state.alarms:
        before = found.get(alarm["outcome"])
        if before is None or before["upward"] != alarm["upward"]:
            found[alarm["outcome"]] = alarm
    return found


def _verdicts(state: State, table: pd.DataFrame, last: dict[str, dict[str, object]]) -> np.ndarray:
    """Say what the stream shows of each outcome; an alarm's own direction comes first."""
    found = table["q_value"] <= state.rules.q_threshold
    up = (table["estimate"] > table["baseline"]).to_numpy()
    alarmed = table["name"].isin(list(last)).to_numpy()
    upward = np.array([bool(last.get(name, {}).get("upward")) for name in table["name"]])
    up = np.where(alarmed, upward, up)
    profile = state.profile
    before = profile.successes.sum(axis=0) / profile.trials.sum()
    mixed = (table["crude_low"] > before) | (table["crude_high"] < before)
    drifted = found | alarmed
    return np.select(
        [drifted & up, drifted, mixed],
        ["behaviour up", "behaviour down", "composition"],
        "no change shown",
    )


def _record(state: State, growth: FloatArray) -> None:
    """Run the detectors; write down alarms that are not yet."""
    known = {(alarm["look"], alarm["outcome"]) for alarm in state.alarms}
    begun = 0
    for look, v in alarm_looks(growth, state.rules.threshold(growth.shape[1])):
        place = locate_change(growth[begun : look + 1, v], conf_level=state.rules.conf_level)
        day, name = state.looks[look].name, state.outcomes[v]
        if (day, name) not in known:
            names = [state.looks[begun + i - 1].name for i in (place.look, place.low, place.high)]
            marks = dict(zip(("since", "since_low", "since_high"), names, strict=True))
            state.alarms.append({"look": day, "outcome": name, "upward": place.upward} | marks)
        begun = look + 1


def _row(
    state: State, profile: Profile, hits: np.ndarray, trials: np.ndarray, v: int
) -> dict[str, object]:
    """Shares since the stream began: at the baseline's mix of tasks, and crude."""
    total, size = hits.sum(keepdims=True), trials.sum(axis=0, keepdims=True)
    level = state.rules.conf_level
    band = allowance(size, profile, v, state.rules) - np.log(state.rules.tolerance)
    sequence = shift_sequence(total, size, profile.share[:, v], allowance=band, conf_level=level)
    ends = np.array([sequence.estimate[0], sequence.low[0], sequence.high[0], 0.0])
    estimate, low, high, before = profile.standardised(
        v, np.nan_to_num(ends, posinf=50, neginf=-50)
    )
    crude = confidence_sequence(total, size.sum(keepdims=True).ravel(), conf_level=level)
    return {
        "name": state.outcomes[v],
        "baseline": before,
        "estimate": estimate if size.any() else np.nan,
        "ci_low": low,
        "ci_high": high,
        "crude": crude.estimate[0],
        "crude_low": crude.low[0],
        "crude_high": crude.high[0],
        "k": int(total[0]),
        "n": int(size.sum()),
    }
