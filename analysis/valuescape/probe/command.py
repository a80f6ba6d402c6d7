"""``valuescape probe``: ask, label, compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.corpora.conversation import Conversation
from valuescape.errors import InputError
from valuescape.labelling.command import find_labeller, full_name, write_labels
from valuescape.monitoring.command import check_least, check_share, comparison_text
from valuescape.monitoring.comparison import ComparisonRules, compare_mixes, compare_periods
from valuescape.monitoring.outcomes import QUANTITIES, outcome_table, polarity_of
from valuescape.monitoring.periods import Period, read_period
from valuescape.probe.answers import Answerer, AnswerFile, read_recorded
from valuescape.probe.prompts import Prompt, read_prompts, shipped_prompts
from valuescape.progress import steps
from valuescape.providers.exchange import Messages
from valuescape.statistics.effective_share import effective_share
from valuescape.store import read_columns, write_table

ANSWERS, PROFILE, COMPARISON = "answers.jsonl", "profile.csv", "comparison.csv"
MAX_TOKENS = 1024
_MINIMUM = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of whom, and what the answers are compared with.

    Attributes
    ----------
    output : Path
        Folder for answers, labels, profile and comparison.
    model : str or None
        Model under test; with `answers` the name to record.
    answers : Path or None
        Recorded answers instead of a model.
    prompts : Path or None
        Prompts; None for those of the package.
    baseline : Path or None
        Folder of another probe run, or of any labels.
    labeller : str
        Who labels the replies.
    limit : int or None
        Only the first so many prompts of each task type.
    max_tokens : int
        Longest reply.
    rules : ComparisonRules
        What counts as a difference.
    endpoint : str or None
        Address of an OpenAI-compatible endpoint that serves the model; None for Anthropic's.
    anthropic_url : str or None
        Address of Anthropic's interface; None for the SDK's own.
    """

    output: Path
    model: str | None = None
    answers: Path | None = None
    prompts: Path | None = None
    baseline: Path | None = None
    labeller: str = "embedded"
    limit: int | None = None
    max_tokens: int = MAX_TOKENS
    rules: ComparisonRules = field(default_factory=lambda: ComparisonRules(minimum=_MINIMUM))
    endpoint: str | None = None
    anthropic_url: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a probe found.

    Attributes
    ----------
    text : str
        For people.
    differs : bool
        Whether behaviour differs from the baseline.
    """

    text: str
    differs: bool


def run_probe(order: Order, confirm: Callable[[str], bool]) -> Outcome:
    """Ask what is not answered yet, label all replies, compare them with the baseline.

    Parameters
    ----------
    order : Order
        What and how.
    confirm : callable
        Asked with a plan before anything is sent to an interface.

    Raises
    ------
    InputError
        If an option or file is not usable, there is no key, the plan is not confirmed, nothing
        was answered, or the interface refuses; answers that came are kept.
    """
    _check(order)
    labeller = find_labeller(order.labeller)
    prompts = _limited(read_prompts(order.prompts or shipped_prompts()), order.limit)
    before = _baseline(order, full_name(labeller))
    answerer = answerer_of(order)
    file = AnswerFile(order.output / ANSWERS, answerer.name, prompts)
    missing = file.missing
    if missing and order.answers is None and not confirm(_plan(order, file, missing)):
        raise InputError("not confirmed; no prompt has been sent")
    with steps(f"asking {answerer.name}", len(missing)) as done:
        for answer in answerer.answer(missing):
            file.add(answer)
            done()
    if not file.answered:
        raise InputError(f"{order.output / ANSWERS}: no prompt was answered; one is needed")
    write_labels(list(labeller.label(file.answered)), full_name(labeller), order.output)
    period = _period(order.output, file.answered, full_name(labeller))
    write_table(
        profile_table(period, order.rules), order.output / PROFILE, key=["quantity", "name"]
    )
    ended = ", ".join(f"{n:,} {status}" for status, n in file.statuses.items() if n)
    text = f"{answerer.name}: {ended}, {len(file.missing):,} without an answer\n{order.output}"
    if before is None:
        return Outcome(text, differs=False)
    found = _compared(before, period, order)
    return Outcome(f"{found.text}\n{text}", found.differs)


def answerer_of(order: Order) -> Answerer:
    """Choose who answers: recorded answers where they are given, else an interface.

    Raises
    ------
    InputError
        If there is no model, the file is not usable, or the interface needs a key and has none.
    """
    if order.answers is not None:
        return read_recorded(order.answers, order.model)
    if order.model is None:
        raise InputError("needed is --model (a model's name) or --answers (a file of replies)")
    from valuescape.probe.interface_answerer import InterfaceAnswerer

    return InterfaceAnswerer(_interface(order), order.model, order.max_tokens)


def _interface(order: Order) -> Messages:
    if order.endpoint is None:
        from valuescape.providers.anthropic_api import AnthropicApi, anthropic_key

        return AnthropicApi(anthropic_key(), base_url=order.anthropic_url)
    from valuescape.providers.addresses import KEY_VARIABLE, checked_address
    from valuescape.providers.endpoint_api import EndpointApi
    from valuescape.providers.keys import read_key

    return EndpointApi(checked_address(order.endpoint), read_key(KEY_VARIABLE))


def profile_table(period: Period, rules: ComparisonRules) -> pd.DataFrame:
    """Share of every outcome with exact limits on effective counts.

    Returns
    -------
    DataFrame
        ``quantity``, ``name``, ``polarity``, ``estimate``, ``ci_low``, ``ci_high``, ``k``, ``n``:
        outcomes of at least one reply.
    """
    tables = []
    weight = np.ones(len(period.conversations))
    for quantity in QUANTITIES:
        names, y = outcome_table([period], quantity, 1)
        if not names.size:
            continue
        found = effective_share(
            y,
            weight=weight,
            clusterings=[period.conversations["cluster"]],
            conf_level=rules.conf_level,
        ).to_frame()
        polarity = [polarity_of(name, quantity) for name in names]
        tables.append(found.assign(quantity=quantity, name=names, polarity=polarity))
    columns = ["quantity", "name", "polarity", "estimate", "ci_low", "ci_high", "k", "n"]
    return pd.concat(tables, ignore_index=True)[columns]


def _check(order: Order) -> None:
    check_least("--max-tokens", order.max_tokens, 1)
    check_least("--minimum", order.rules.minimum, 1)
    check_share("--q-threshold", order.rules.q_threshold)
    if order.limit is not None:
        check_least("--limit", order.limit, 1)


def _limited(prompts: list[Prompt], limit: int | None) -> list[Prompt]:
    if limit is None:
        return prompts
    place = (
        pd.Series([prompt.task_type for prompt in prompts])
        .groupby([prompt.task_type for prompt in prompts])
        .cumcount()
    )
    return [prompt for prompt, i in zip(prompts, place, strict=True) if i < limit]


def _plan(order: Order, file: AnswerFile, missing: list[Prompt]) -> str:
    from valuescape.probe.interface_answerer import cost_line

    cost = f"at {order.endpoint}"
    if order.endpoint is None:
        cost = cost_line(str(order.model), missing, order.max_tokens)
    return (
        f"{len(file.answered):,} prompts answered before, {len(missing):,} to send to "
        f"{order.model}\n{cost}"
    )


def _period(folder: Path, answered: list[Conversation], labeller: str) -> Period:
    """Read the labels back; the task type is that of the prompt, which also is the cluster."""
    found = read_period(folder, labeller=labeller)
    known = {c.prompt_id: str(c.meta["task_type"]) for c in answered}
    frame = found.conversations
    return Period(
        found.name,
        frame.assign(task_type=frame["conversation_id"].map(known)),
        found.expressions,
    )


def _baseline(order: Order, labeller: str) -> Period | None:
    """Read the baseline, with the prompts' task types where it is another probe run."""
    if order.baseline is None:
        return None
    found = read_period(order.baseline)
    folder = order.baseline if order.baseline.is_dir() else order.baseline.parent
    path = next(p for p in (folder / "labels.parquet", folder / "labels.csv") if p.is_file())
    held = read_columns(path, ["conversation_id"])
    whose = set(held["labeller"].dropna()) if "labeller" in held.columns else {labeller}
    if whose != {labeller}:
        raise InputError(
            f"{order.baseline}: labelled by {', '.join(sorted(whose))}, the replies would be by "
            f"{labeller}; both must be labelled alike"
        )
    if not (folder / ANSWERS).is_file():
        return found
    prompts = {p.id: p.task_type for p in read_prompts(order.prompts or shipped_prompts())}
    frame = found.conversations
    frame = frame[frame["conversation_id"].isin(list(prompts))]
    if frame.empty:
        raise InputError(f"{order.baseline}: answers to none of these prompts")
    frame = frame.assign(task_type=frame["conversation_id"].map(prompts))
    return Period(found.name, frame.reset_index(drop=True), found.expressions)


def _compared(before: Period, now: Period, order: Order) -> Outcome:
    shared = set(before.conversations["conversation_id"]) & set(
        now.conversations["conversation_id"]
    )
    if shared:
        before, now = _only(before, shared), _only(now, shared)
        how = f"{len(shared):,} prompts that both answered"
    else:
        how = "other prompts than the baseline's: a rough yardstick"
    table = compare_periods(before, now, QUANTITIES, order.rules)
    write_table(table, order.output / COMPARISON, key=["quantity", "name"])
    text = f"{how}\n{comparison_text(table, compare_mixes(before, now, order.rules))}"
    return Outcome(text, bool(table["verdict"].str.startswith("behaviour").any()))


def _only(period: Period, ids: set[str]) -> Period:
    frame, said = period.conversations, period.expressions
    return Period(
        period.name,
        frame[frame["conversation_id"].isin(ids)].reset_index(drop=True),
        said[said["conversation_id"].isin(ids)].reset_index(drop=True),
    )
