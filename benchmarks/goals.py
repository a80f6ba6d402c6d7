"""What the timings should be, and whether they are."""

from __future__ import annotations

from typing import TypeAlias

from benchmarks.jobs import COMPARED, SIZES

Results: TypeAlias = dict[str, dict[str, float]]
"""Measurements of each job by name: seconds and megabytes."""

MOST_SECONDS = {
    "associate": (0.25, 0.35),
    "bootstrap": (1.0, 2.0),
    "permute": (4.0, 8.0),
    "pairs": (0.25, 0.25),
    "residuals": (0.3, 0.8),
    "label": tuple(n / 600 for n in SIZES),
}
"""Least wall seconds of each job, for either size."""
LEAST_TIMES_FASTER = 25.0
MOST_MEGABYTES = 500.0
MOST_SECONDS_COLD = 1.5


def goal_rows(n: int, results: Results) -> list[str]:
    """Lines of a table of goals, with what was measured and whether it reaches the goal.

    Examples
    --------
    >>> found = {name: {"wall": 0.3, "processor": 0.3, "megabytes": 200.0}
    ...          for pair in COMPARED for name in pair[1:]}
    >>> rows = goal_rows(SIZES[0], found | {"cold start": {"table": 0.8}})
    >>> rows[2]
    '| association table from Parquet, s | at most 0.25 | 0.30 | no |'
    """
    place = SIZES.index(n)
    titles = {ours: title for title, ours, _ in reversed(COMPARED)}
    found = ["| goal | asked | found | met |", "|---|---|---|---|"]
    for job, seconds in MOST_SECONDS.items():
        found.append(_row(f"{titles[job]}, s", results[job]["wall"], seconds[place], "{:.2f}"))
    ours, usual = (results[name]["processor"] for name in COMPARED[0][1:])
    faster = f"the first against {COMPARED[0][2]}, x"
    found.append(_row(faster, usual / ours, LEAST_TIMES_FASTER, "{:.1f}", most=False))
    largest = max(results[ours]["megabytes"] for _, ours, _ in COMPARED)
    found.append(_row("peak memory of any of ours, MB", largest, MOST_MEGABYTES, "{:.0f}"))
    cold = results["cold start"]["table"]
    found.append(_row("cold start to the table, s", cold, MOST_SECONDS_COLD, "{:.2f}"))
    return found


def _row(what: str, measured: float, asked: float, form: str, *, most: bool = True) -> str:
    met = measured <= asked if most else measured >= asked
    bound = "at most" if most else "at least"
    numbers = f"{bound} {form.format(asked)} | {form.format(measured)}"
    return f"| {what} | {numbers} | {'yes' if met else 'no'} |"
