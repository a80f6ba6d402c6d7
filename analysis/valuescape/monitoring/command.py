"""``valuescape monitor``: two periods compared, or a folder watched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.monitoring.comparison import ComparisonRules, compare_mixes, compare_periods
from valuescape.monitoring.evidence import Rules
from valuescape.monitoring.outcomes import QUANTITIES, Quantity
from valuescape.monitoring.periods import read_period
from valuescape.monitoring.state import read_state, write_state
from valuescape.monitoring.watching import begin, update
from valuescape.store import write_table

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What a command says.

    Attributes
    ----------
    text : str
        For people.
    drifted : bool
        Whether a drift of behaviour was found.
    """

    text: str
    drifted: bool


def compare_files(
    baseline: Path,
    current: Path,
    output: Path | None,
    *,
    labeller: str | None = None,
    cluster: str | None = None,
    rules: ComparisonRules | None = None,
) -> Told:
    """Compare two periods that lie in files; write the table of all outcomes as CSV.

    Raises
    ------
    InputError
        As reading and comparing them raises, or if an option is out of range.
    """
    chosen = rules or ComparisonRules()
    check_share("--q-threshold", chosen.q_threshold)
    check_least("--minimum", chosen.minimum, 1)
    periods = [read_period(p, labeller=labeller, cluster=cluster) for p in (baseline, current)]
    table = compare_periods(periods[0], periods[1], QUANTITIES, chosen)
    mix = compare_mixes(periods[0], periods[1], chosen)
    if output is not None:
        _write(table, output, ["quantity", "name"])
    text = comparison_text(table, mix)
    return Told(text, bool(table["verdict"].str.startswith("behaviour").any()))


def comparison_text(table: pd.DataFrame, mix: pd.DataFrame) -> str:
    """Say in a few lines what was found.

    Parameters
    ----------
    table, mix : DataFrame
        From :func:`compare_periods` and :func:`compare_mixes`.
    """
    first = table.iloc[0]
    lines = [
        f"{first['n_baseline']:,} conversations before, {first['n_current']:,} now; "
        f"{mix['change'].abs().sum() / 2:.0%} of the mix of tasks moved; "
        f"{first['coverage']:.0%} lies in task types of both"
    ]
    for verdict in ("behaviour up", "behaviour down", "composition"):
        rows = table[table["verdict"] == verdict].sort_values("q_value")
        lines += [f"{verdict}: {len(rows)}"] if len(rows) else []
        lines += [_line(row) for _, row in rows.head(SHOWN).iterrows()]
        if len(rows) > SHOWN:
            lines.append(f"  and {len(rows) - SHOWN} more")
    quiet = int((table["verdict"] == "no change shown").sum())
    lines.append(f"no change shown: {quiet} of {len(table)} outcomes")
    return "\n".join(lines)


def _line(row: pd.Series) -> str:
    moved = f"{100 * row['baseline']:.1f} % to {100 * row['current']:.1f} %"
    parts = (
        f"behaviour {100 * row['estimate']:+.1f} points "
        f"({100 * row['ci_low']:+.1f} to {100 * row['ci_high']:+.1f}, q = {row['q_value']:.2g}), "
        f"mix {100 * row['composition']:+.1f}"
    )
    return f"  {row['quantity']} {row['name']}: {moved}; {parts}"


def watch_folder(
    folder: Path,
    state_path: Path,
    *,
    baseline: Path | None = None,
    quantity: str = "value",
    labeller: str | None = None,
    minimum: int = 20,
    rules: Rules | None = None,
    output: Path | None = None,
) -> Told:
    """Read what is new in a folder, update the state, say what the stream shows.

    The state is written last, so that a run that was stopped is repeated whole.

    Raises
    ------
    InputError
        If a new monitor lacks a baseline, one that goes on is given one, an option is out of range,
        or as reading raises.
    """
    if state_path.exists():
        if baseline is not None:
            raise InputError(
                f"{state_path}: this monitor has a baseline; leave out --baseline, or begin "
                "another with another --state"
            )
        state = read_state(state_path)
    else:
        if baseline is None:
            raise InputError(f"{state_path}: no such file; a new monitor needs --baseline")
        chosen = _checked(rules or Rules())
        check_least("--minimum", minimum, 1)
        period = read_period(baseline, labeller=labeller)
        state = begin(period, _quantity(quantity), chosen, minimum=minimum, labeller=labeller)
    done = update(state, folder)
    if output is not None:
        _write(done.table, output, ["name"])
    write_state(state, state_path)
    drifted = done.table["verdict"].str.startswith("behaviour")
    lines = [
        f"{done.n_conversations:,} new conversations in {done.n_groups:,} row groups; "
        f"{len(state.looks):,} looks, {sum(sum(k.trials.values()) for k in state.looks):,} "
        f"conversations so far, {state.n_uncompared:,} in task types that the baseline lacks, "
        f"{state.n_late:,} late"
    ]
    lines += [_stream_line(row) for _, row in done.table[drifted].iterrows()]
    lines.append(f"no change shown: {int((~drifted).sum())} of {len(done.table)} outcomes")
    return Told("\n".join(lines), bool(drifted.any()))


def _stream_line(row: pd.Series) -> str:
    when = (
        f", alarm {row['alarm']}, since {row['since']} ({row['since_low']} to {row['since_high']})"
    )
    return (
        f"  {row['name']}: {row['verdict']}, {100 * row['baseline']:.1f} % to "
        f"{100 * row['estimate']:.1f} % at one mix of tasks ({100 * row['ci_low']:.1f} to "
        f"{100 * row['ci_high']:.1f}), q = {row['q_value']:.2g}{when if row['alarm'] else ''}"
    )


def check_share(option: str, value: float) -> None:
    """Refuse what is not inside (0, 1)."""
    if not 0 < value < 1:
        raise InputError(f"{option} {value:g} is not allowed; a number between 0 and 1 is")


def check_least(option: str, value: float, least: float) -> None:
    """Refuse what is below a minimum."""
    if not value >= least or value == float("inf"):
        raise InputError(f"{option} {value:g} is not allowed; at least {least:g} is")


def _checked(rules: Rules) -> Rules:
    check_share("--q-threshold", rules.q_threshold)
    check_least("--run-length", rules.run_length, 2)
    check_least("--tolerance", rules.tolerance, 1)
    return rules


def _quantity(name: str) -> Quantity:
    found = next((one for one in QUANTITIES if one == name), None)
    if found is None:
        raise InputError(f"--quantity {name!r} is not known; allowed: {', '.join(QUANTITIES)}")
    return found


def _write(table: pd.DataFrame, path: Path, key: list[str]) -> None:
    if path.suffix != ".csv":
        raise InputError(f"{path}: allowed ending is .csv")
    write_table(table, path, key=key)
