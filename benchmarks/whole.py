"""From conversations to figures by the commands: labels, counts and tests of cells, a report.

``python -m benchmarks.whole [N]`` runs the three for N conversations and writes what each took as a
table, which ``python -m benchmarks`` takes into its README.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.jobs import FOLDER

SEED = 20_250_424
N_CONVERSATIONS = 700_000
TABLE = FOLDER / "whole.md"
_HEAD = ["| step | wall s | processor s | peak MB |", "|:--|--:|--:|--:|"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: seconds of the clock and of the processors, and its peak of memory."""

    wall: float
    processor: float
    megabytes: float


def invented(n: int) -> Iterator[dict[str, Any]]:
    """Yield conversations of a question and an answer drawn apart from those of the demonstration.

    One user brings about five.
    """
    from valuescape.stages.label import demo_corpus

    lines = demo_corpus().read_text(encoding="utf-8").splitlines()
    parts = [json.loads(line) for line in lines]
    drawn = np.random.default_rng(SEED).integers(len(parts), size=(n, 2))
    for i, (asks, answers) in enumerate(drawn.tolist()):
        turns = [parts[asks]["messages"][0], parts[answers]["messages"][-1]]
        yield {**parts[answers], "id": f"c{i}", "user_id": f"u{i // 5}", "messages": turns}


def conversations(n: int) -> Path:
    """Write n invented conversations once and return their file."""
    file = FOLDER / f"conversations-{n}.jsonl"
    if not file.exists():
        beside = file.with_suffix(".unfinished")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as out:
            out.writelines(f"{json.dumps(one)}\n" for one in invented(n))
        beside.rename(file)
    return file


def commands(source: Path, folder: Path) -> dict[str, list[str]]:
    """Return what is run, by step."""
    labels, report = folder / "labels", folder / "report"
    tables = [str(labels / "labels.parquet"), str(labels / "expressions.parquet")]
    cells = ["--context", "task_type", "--output", str(folder / "cells.parquet")]
    return {
        "label": ["label", str(source), "--output", str(labels)],
        "count and test every cell": ["associate", *tables, *cells],
        "all analyses, figures, report and explorer": [
            *("report", str(labels), "--conversations", str(source)),
            *("--output", str(report), "--public"),
        ],
    }


def spent(arguments: list[str]) -> Spent:
    """Run a command of valuescape in a process of its own.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    start = time.perf_counter()
    command = [sys.executable, "-c", "from valuescape.cli import app; app()", *arguments]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"valuescape {' '.join(arguments)}: exit code {child.returncode}")
    wall = time.perf_counter() - start
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def table(n: int, found: dict[str, Spent], load: float) -> str:
    """Lay out what the steps took, their sum and largest peak, and how busy the machine was."""
    steps = list(found.values())
    total = Spent(
        sum(step.wall for step in steps),
        sum(step.processor for step in steps),
        max(step.megabytes for step in steps),
    )
    rows = [
        f"| {name} | {step.wall:,.0f} | {step.processor:,.0f} | {step.megabytes:,.0f} |"
        for name, step in (*found.items(), ("together", total))
    ]
    return "\n".join(
        [
            f"## {n:,} conversations from their text to figures",
            "",
            "Invented conversations, a question and an answer each, through three commands, each",
            "in a process of its own from a cold start (`python -m benchmarks.whole`). Load",
            f"average when the first began: {load:.1f}.",
            "",
            *_HEAD,
            *rows,
            "",
        ]
    )


def main(n: int) -> None:
    source, folder, load = conversations(n), FOLDER / f"whole-{n}", os.getloadavg()[0]
    shutil.rmtree(folder, ignore_errors=True)
    found = {}
    for step, arguments in commands(source, folder).items():
        found[step] = spent(arguments)
        print(n, step, found[step], flush=True)
    TABLE.write_text(table(n, found, load), encoding="utf-8")
    print(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_CONVERSATIONS)
