"""Contrasts of assistants on the same prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.statistics.corrected_contrast import corrected_contrast
from valuescape.statistics.correction import LabelledFrame
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.paired import PairedContrast, paired_contrast
from valuescape.statistics.rectified import Domain
from valuescape.study.shared_prompts import Comparison, Rows

CONTRAST_KEY = ["source", "group", "quantity", "name", "arm", "versus"]
PAIRED_KEY = [*CONTRAST_KEY, "prompts"]
COARSE = ("heading", "response_type")
SCORE, BY_PROMPT, EXACT = "corrected score", "readings by prompt", "readings, exact"
CORRECTED, MACHINE = "corrected for label error", "machine labels, uncorrected"


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """How runs are contrasted, fixed before looking.

    Attributes
    ----------
    conf_level : float
        Level of intervals.
    rare : float
        Share under which intervals are joined from Wilson's.
    minimum_readings : int
        Readings that both runs need for a corrected contrast, and prompts read of both for a paired
        test.
    q_threshold : float
        False discovery rate of a family.
    power : float
        Power of minimum detectable differences.
    minimum_expected : float
        Expected readings of an outcome in the run read less from which the score test of the
        corrected difference is trusted.
    """

    conf_level: float
    rare: float
    minimum_readings: int
    q_threshold: float
    power: float
    minimum_expected: float


def corrected_contrasts(
    given: Comparison, paired: pd.DataFrame, plan: ComparisonPlan
) -> pd.DataFrame:
    """Difference of every two runs in every outcome, corrected for label error.

    The frame of a pair is the answers of both to the prompts that both answered and that could have
    been drawn; an answer that is not subjective counts as having nothing. Errors are summed over
    prompt groups, so that what two answers to a prompt share cancels. The prompts are a draw of
    those that could have been asked: intervals and tests are of the runs, not of these answers.

    Where an outcome is too rare for the score test of the corrected difference, the readings alone
    are tested: by prompt where the two runs were read on the same ones, else by the exact mid-p.

    Parameters
    ----------
    given : Comparison
        Answers of one source and group.
    paired : DataFrame
        From :func:`paired_tests` of the same answers.
    plan : ComparisonPlan
        Levels and minima.

    Returns
    -------
    DataFrame
        One row an outcome and pair, in the columns of the table ``contrasts``; ``test`` says which
        test gave ``log10_p``; ``q_value`` is by Benjamini and Hochberg within the quantity. Empty
        where no two runs have enough readings.
    """
    enough = given.n_read() >= plan.minimum_readings
    able = given.table["in_frame"].to_numpy() & given.table["run"].map(enough).to_numpy(dtype=bool)
    rows = []
    for arm, versus in given.pairs(able):
        inside = given.rows([arm, versus]) & given.table["in_frame"].to_numpy()
        if _few(given, inside, (arm, versus), plan.minimum_readings):
            continue
        rows += _pair(given, inside, arm, versus, plan)
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows).assign(source=given.source, group=given.group, method=CORRECTED)
    table = _tested(table, paired)
    for _, family in table.groupby("quantity"):
        q = 10.0 ** adjust_p(family["log10_p"].to_numpy(), "bh")
        table.loc[family.index, "q_value"] = q
    table["established"] = table["q_value"] <= plan.q_threshold
    return table[[*CONTRAST_KEY, *(c for c in table.columns if c not in CONTRAST_KEY)]]


def _tested(table: pd.DataFrame, paired: pd.DataFrame) -> pd.DataFrame:
    """Put the test by prompt in place of the exact one where prompts were read of both."""
    if paired.empty:
        return table
    whole = paired.loc[paired["prompts"] == "all", [*CONTRAST_KEY, "log10_p"]]
    joined = table[CONTRAST_KEY].merge(whole, on=CONTRAST_KEY, how="left")
    by_prompt = joined["log10_p"].to_numpy()
    replaced = (table["test"] == EXACT).to_numpy() & ~np.isnan(by_prompt)
    return table.assign(
        log10_p=np.where(replaced, by_prompt, table["log10_p"]),
        test=np.where(replaced, BY_PROMPT, table["test"]),
    )


def _few(given: Comparison, inside: Rows, runs: Sequence[str], minimum: int) -> bool:
    read = given.table["run"][inside & given.read].value_counts()
    return bool(read.reindex(list(runs), fill_value=0).min() < minimum)


def _pair(
    given: Comparison, inside: Rows, arm: str, versus: str, plan: ComparisonPlan
) -> list[dict[str, object]]:
    table = given.table[inside]
    frame = LabelledFrame.of(
        given.read[inside], table["stratum"], table["prompt_group"], table["fold"]
    )
    first, second = (
        Domain.known((table["run"] == run).to_numpy(dtype=float), frame) for run in (arm, versus)
    )
    run = given.table["run"].to_numpy()
    rows: list[dict[str, object]] = []
    for j, (quantity, name) in enumerate(given.names.to_numpy()):
        machine = given.machine[inside, j]
        found = corrected_contrast(
            given.reading[inside, j],
            machine,
            frame,
            first,
            second,
            tuning=None if machine.any() else 0.0,
            conf_level=plan.conf_level,
            rare=plan.rare,
            minimum_expected=plan.minimum_expected,
            beyond_frame=True,
        )
        rows.append(
            {
                "quantity": quantity,
                "name": name,
                "arm": arm,
                "versus": versus,
                "estimate": found.estimate,
                "ci_low": found.ci_low,
                "ci_high": found.ci_high,
                "standard_error": found.standard_error,
                "log10_p": found.log10_p,
                "test": SCORE if found.test == "score" else EXACT,
                "share_arm": found.first,
                "share_versus": found.second,
                "readings": found.readings,
                "machine": found.machine,
                "gain": found.gain,
                "k_arm": int(given.reading[inside & (run == arm), j].sum()),
                "k_versus": int(given.reading[inside & (run == versus), j].sum()),
                "n_read_arm": found.n_read_first,
                "n_read_versus": found.n_read_second,
                "n_prompts": table["prompt_id"].nunique(),
                "n_clusters": frame.n_clusters,
                "unit": "share of answers",
            }
        )
    return rows


def machine_contrasts(given: Comparison, plan: ComparisonPlan) -> pd.DataFrame:
    """Difference of machine labels where a run was read too little to correct them.

    Parameters
    ----------
    given : Comparison
        Answers of one source and group.
    plan : ComparisonPlan
        Minima.

    Returns
    -------
    DataFrame
        One row an outcome and pair: mean probabilities over the answers to shared prompts, whether
        they could have been drawn or not, and their difference. There is no interval: one that
        leaves out the errors of the labels would be far too short.
    """
    enough = given.n_read() >= plan.minimum_readings
    rows = []
    for arm, versus in given.pairs(np.ones(len(given.table), dtype=bool)):
        if enough[arm] and enough[versus]:
            continue
        inside = given.rows([arm, versus])
        run = given.table["run"][inside].to_numpy()
        first, second = (given.machine[inside][run == r].mean(axis=0) for r in (arm, versus))
        rows.append(
            given.names.assign(
                arm=arm,
                versus=versus,
                estimate=first - second,
                share_arm=first,
                share_versus=second,
                n_prompts=given.table["prompt_id"][inside].nunique(),
            )
        )
    if not rows:
        return pd.DataFrame()
    table = pd.concat(rows, ignore_index=True)
    table = table.assign(
        source=given.source, group=given.group, method=MACHINE, unit="share of answers"
    )
    return table[[*CONTRAST_KEY, *(c for c in table.columns if c not in CONTRAST_KEY)]]


def paired_tests(given: Comparison, plan: ComparisonPlan) -> pd.DataFrame:
    """Test every two runs by readings on the prompts read of both.

    Parameters
    ----------
    given : Comparison
        Answers of one source and group.
    plan : ComparisonPlan
        Levels and minima.

    Returns
    -------
    DataFrame
        One row an outcome, pair and set of ``prompts``: ``all``; and, for the coarse quantities,
        ``majority subjective`` (those of which more than half of the readings say that a good
        answer needs judgement). Empty where no two runs share enough prompts.
    """
    majority = given.read & majority_subjective(given)
    sets = {"all": (given, given.read), "majority subjective": (given.only(COARSE), majority)}
    parts = []
    for prompts, (part, chosen) in sets.items():
        if part.names.empty:
            continue
        for arm, versus in given.pairs(given.read):
            both = _read_of_both(given, chosen, arm, versus)
            if given.table["prompt_id"][both].nunique() >= plan.minimum_readings:
                parts.append(_paired(part, both, plan).assign(prompts=prompts))
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).assign(source=given.source, group=given.group)
    return table[[*PAIRED_KEY, *(c for c in table.columns if c not in PAIRED_KEY)]]


def majority_subjective(given: Comparison) -> Rows:
    """Mark the answers to prompts of which most readings are of a subjective conversation."""
    read = given.table[given.read]
    share = read["subjective"].astype(float).groupby(read["prompt_id"]).mean()
    return np.asarray((given.table["prompt_id"].map(share) > 0.5).to_numpy(dtype=bool))


def _read_of_both(given: Comparison, chosen: Rows, arm: str, versus: str) -> Rows:
    table = given.table[chosen]
    pair = table[table["run"].isin([arm, versus])]
    runs = pair.groupby("prompt_id")["run"].nunique()
    shared = given.table["prompt_id"].isin(runs.index[runs == 2]).to_numpy()
    return np.asarray(chosen & shared & given.table["run"].isin([arm, versus]).to_numpy())


_TESTED = ("share_arm", "share_versus", "risk_difference", "risk_difference_low",
           "risk_difference_high", "minimum_detectable", "odds_ratio", "odds_ratio_low",
           "odds_ratio_high", "log10_p", "exact", "n_informative", "design_effect")  # fmt: skip


def _paired(given: Comparison, rows: Rows, plan: ComparisonPlan) -> pd.DataFrame:
    table = given.table[rows]

    def test(method: str) -> PairedContrast:
        return paired_contrast(
            given.reading[rows],
            table["run"],
            table["prompt_id"],
            cluster=table["prompt_group"],
            method=method,  # type: ignore[arg-type]
            power=plan.power,
            conf_level=plan.conf_level,
        )

    haenszel, conditional = test("cmh"), test("conditional_logit")
    found = given.names.assign(arm=haenszel.arm[0], versus=haenszel.versus[0])
    for name in _TESTED:
        found[name] = getattr(haenszel, name)[0]
    for end in ("", "_low", "_high"):
        found[f"conditional_odds_ratio{end}"] = getattr(conditional, f"odds_ratio{end}")[0]
    return found.assign(n_prompts=haenszel.n_blocks[0], n_clusters=haenszel.n_clusters[0])
