"""Two periods compared: what the assistant does differently, and what is another mix of tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.monitoring.outcomes import Quantity, outcome_table, polarity_of
from valuescape.monitoring.periods import Period
from valuescape.schema import TASK_TYPES
from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.decomposition import Decomposition, decompose_change
from valuescape.statistics.design import Design, design_scores, design_tests, stratum_counts
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.student import student_log10_p

METHOD = "standardised to the mean mix of tasks; design-based test by task type"
ROUNDING = 1e-9
"""Below this an error of the composition is none: the mixes are equal."""

COLUMNS = (
    "quantity",
    "name",
    "polarity",
    "baseline",
    "current",
    "change",
    "change_low",
    "change_high",
    "estimate",
    "ci_low",
    "ci_high",
    "log10_p",
    "q_value",
    "composition",
    "composition_low",
    "composition_high",
    "composition_q",
    "verdict",
    "k_baseline",
    "k_current",
    "n_baseline",
    "n_current",
    "coverage",
)


@dataclass(frozen=True, slots=True)
class ComparisonRules:
    """What counts as drift between two periods.

    Attributes
    ----------
    minimum : int
        Conversations of both periods together that an outcome needs to be compared.
    q_threshold : float
        False discovery rate within each quantity.
    conf_level : float
        Level of the intervals.
    """

    minimum: int = 20
    q_threshold: float = 0.05
    conf_level: float = 0.95


def compare_periods(
    baseline: Period, current: Period, quantities: tuple[Quantity, ...], rules: ComparisonRules
) -> pd.DataFrame:
    """Compare the outcomes of two periods, mixes of tasks taken apart.

    Parameters
    ----------
    baseline, current : Period
        Two periods, or two versions; a cluster may lie in both (the same prompts answered twice).
    quantities : tuple of str
        What is compared; each is a family of its own.
    rules : ComparisonRules
        Family and levels.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, one row an outcome.  ``estimate`` is the change of behaviour, at
        the mean mix of tasks, ``composition`` the rest of ``change``; ``verdict`` is ``behaviour
        up``, ``behaviour down``, ``composition`` or ``no change shown``, in that order of
        precedence.

    Raises
    ------
    InputError
        If the periods have no task type in common, one lies in one cluster, or no outcome is
        frequent enough.
    """
    both = pd.concat([baseline.conversations, current.conversations], ignore_index=True)
    later = np.repeat([0, 1], [len(baseline.conversations), len(current.conversations)])
    _check(baseline, current)
    tables = []
    for quantity in quantities:
        names, y = outcome_table([baseline, current], quantity, rules.minimum)
        if names.size:
            found = _compared(y, both, later, rules)
            polarity = [polarity_of(name, quantity) for name in names]
            tables.append(found.assign(quantity=quantity, name=names, polarity=polarity))
    if not tables:
        raise InputError(
            f"{baseline.name} and {current.name}: no {' or '.join(quantities)} in at least "
            f"{rules.minimum} conversations; lower --minimum or give longer periods"
        )
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def compare_mixes(baseline: Period, current: Period, rules: ComparisonRules) -> pd.DataFrame:
    """Compare the shares of task types.

    Returns
    -------
    DataFrame
        ``name`` (task type), ``baseline``, ``current``, ``change``, ``change_low``,
        ``change_high``.

    Raises
    ------
    InputError
        As :func:`compare_periods`.
    """
    _check(baseline, current)
    both = pd.concat([baseline.conversations, current.conversations], ignore_index=True)
    y = both["task_type"].to_numpy()[:, None] == np.array(TASK_TYPES)[None, :]
    later = np.repeat([0, 1], [len(baseline.conversations), len(current.conversations)])
    found = _decomposed(y.astype(float), both.assign(task_type="all"), later, rules)
    table = found.to_frame().assign(name=TASK_TYPES)
    seen = y.any(axis=0)
    shown = ["name", "baseline", "current", "change", "change_low", "change_high"]
    return pd.DataFrame(table.loc[seen, shown])


def _check(baseline: Period, current: Period) -> None:
    tasks = [set(period.conversations["task_type"]) for period in (baseline, current)]
    if not tasks[0] & tasks[1]:
        raise InputError(
            f"{baseline.name} and {current.name}: no task type in common "
            f"({', '.join(sorted(tasks[0]))} against {', '.join(sorted(tasks[1]))}); "
            "behaviour can be compared within task types only"
        )
    for period in (baseline, current):
        shared = period.conversations["task_type"].isin(tasks[0] & tasks[1])
        if period.conversations.loc[shared, "cluster"].nunique() < 2:
            raise InputError(
                f"{period.name}: conversations of fewer than two clusters in the task types of "
                "both periods; at least two are needed"
            )


def _compared(
    y: FloatArray, both: pd.DataFrame, later: np.ndarray, rules: ComparisonRules
) -> pd.DataFrame:
    found = _decomposed(y, both, later, rules)
    design = Design.of(np.ones(len(both)), both["task_type"], both["cluster"])
    context = later[:, None].astype(float)
    tests = design_tests(design_scores(context, y, design), stratum_counts(context, y, design))
    log10_p = tests.log10_p[0]
    error = found.composition_error
    varies = error > ROUNDING
    mixed = np.where(varies, found.composition.estimate / np.where(varies, error, 1.0), 0.0)
    q = 10 ** adjust_p(log10_p, "bh")
    q_mixed = 10 ** adjust_p(student_log10_p(mixed, max(found.n_clusters - 1, 1)), "bh")
    table = found.to_frame().assign(log10_p=log10_p, q_value=q, composition_q=q_mixed)
    table["estimate"], table["ci_low"], table["ci_high"] = (
        found.behaviour.estimate,
        found.behaviour.low,
        found.behaviour.high,
    )
    table["k_baseline"] = y[later == 0].sum(axis=0).astype(int)
    table["k_current"] = y[later == 1].sum(axis=0).astype(int)
    table["verdict"] = _verdicts(table, rules.q_threshold)
    return table


def _verdicts(table: pd.DataFrame, q_threshold: float) -> np.ndarray:
    drifted = table["q_value"] <= q_threshold
    chosen = [drifted & (table["estimate"] > 0), drifted & (table["estimate"] < 0)]
    chosen.append(table["composition_q"] <= q_threshold)
    names = ["behaviour up", "behaviour down", "composition"]
    return np.select(chosen, names, "no change shown")


def _decomposed(
    y: FloatArray, both: pd.DataFrame, later: np.ndarray, rules: ComparisonRules
) -> Decomposition:
    return decompose_change(
        y,
        weight=np.ones(len(both)),
        stratum=both["task_type"],
        current=later,
        cluster=both["cluster"],
        conf_level=rules.conf_level,
    )
