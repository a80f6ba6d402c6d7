"""Time every job in a process of its own and write ``benchmarks/README.md``.

``python -m benchmarks`` runs all; ``python -m benchmarks JOB N`` runs one and prints JSON.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap

from benchmarks.goals import Results, goal_rows
from benchmarks.jobs import COMPARED, FOLDER, JOBS, SIZES, files
from benchmarks.labelling import N_LABELLED
from benchmarks.whole import TABLE

PACKAGES = ("numpy", "scipy", "pyarrow", "numba", "pandas", "statsmodels")
README = Path(__file__).with_name("README.md")


def measured(name: str, n: int) -> dict[str, float]:
    """Seconds (wall and processor, of the whole job) and peak memory of one job in this process."""
    job = JOBS[name]
    job.prepare(n)
    if job.repeats > 1:
        job.run(n)
    wall, processor = [], []
    for _ in range(job.repeats):
        start = time.perf_counter(), time.process_time()
        job.run(n)
        wall.append((time.perf_counter() - start[0]) / job.share(n))
        processor.append((time.process_time() - start[1]) / job.share(n))
    return {
        "wall": min(wall),
        "median": statistics.median(wall),
        "processor": min(processor),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def in_own_process(name: str, n: int) -> dict[str, float]:
    """Measure in a new process, whose peak memory starts from that of this small one."""
    command = [sys.executable, "-m", "benchmarks", name, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def cold_start(n: int, repeats: int = 4) -> dict[str, float]:
    """Seconds of the command from nothing to the written table, and to the table alone."""
    script = "import sys; from valuescape.cli import app; app(sys.argv[1:])"
    table = "import sys; from pathlib import Path; import valuescape.cli; "
    table += "from valuescape.counts.association import association_table as a; "
    table += "a(Path(sys.argv[2]), Path(sys.argv[3]), context='task')"
    arguments = ["associate", *map(str, files(n)), "--context", "task"]
    arguments += ["--output", str(FOLDER / "cells.parquet")]
    found: dict[str, float] = {}
    for what, code in (("written", script), ("table", table)):
        wall, processor = [], []
        for _ in range(repeats):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", code, *arguments], capture_output=True, check=True
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            wall.append(time.perf_counter() - start)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            processor.append(used)
        found[what], found[f"{what}_processor"] = min(wall), min(processor)
    return found


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            x.split(":")[1].strip() for x in info.read_text().splitlines() if "model name" in x
        ]
        cpu = names[0] if names else cpu
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = os.getloadavg()
    return (
        f"{cpu}, {os.cpu_count()} processors; Python {platform.python_version()}, {packages}. "
        f"Load average when the run began: {load[0]:.1f} (above the number of processors, wall "
        "times are those of a shared machine; processor times are less, but not un-, affected)."
    )


def rows(results: Results) -> list[str]:
    found = []
    for title, ours, usual in COMPARED:
        a, b = results[ours], results[usual]
        found.append(
            f"| {title} | {a['wall']:.2f} | {a['median']:.2f} | {a['processor']:.2f} | "
            f"{a['megabytes']:.0f} | {usual} | {b['wall']:,.1f} | {b['processor']:,.1f} | "
            f"{b['megabytes']:.0f} | {b['processor'] / a['processor']:,.0f} |"
        )
    cold = results["cold start"]
    found.append(
        f"\nFrom a cold start to the table {cold['table']:.2f} s (processor "
        f"{cold['table_processor']:.2f} s), to the written Parquet file of all cells "
        f"{cold['written']:.2f} s ({cold['written_processor']:.2f} s)."
    )
    return found


HEAD = """| job | ours: least s | median | processor s | MB | usual way | s | processor s | MB | x |
|---|---|---|---|---|---|---|---|---|---|"""
INTRODUCTION = f"""# Timings

Written by `make bench`. Simulated corpora (`valuescape.simulation.corpus`): 1,000 tasks by 3,307
values, about five values a conversation, heavy-tailed. Each job runs in a process of its own,
warm (imported, compiled, files in the cache), several times; MB is the peak memory of that
process. The usual ways run once, loops on a part of the work, scaled up. The ratio is that of
processor times, usual over ours, which a shared machine distorts least.

The usual ways do less: pandas + statsmodels and the numpy permutation have no exact p (normal
tails and the largest residual instead). scattertext and ConvoKit are not compared: scattertext
0.2.1 installs beside these numpy and scipy but then fails to import (its metadata do not name
`six`), and ConvoKit 5 brings torch and transformers; neither belongs in the locked environment.
Co-occurrence, memory and the cold start have one goal for both sizes. Labelling is of the invented
conversations of the demonstration, over and over, {N_LABELLED:,} of them, scaled up; its usual way
has as many logistic heads on TF-IDF of words and letters, and no calibration.
"""


def main() -> None:
    text = [INTRODUCTION, *wrap(machine(), 100), ""]
    for n in SIZES:
        subprocess.run([sys.executable, "-m", "benchmarks", "make files", str(n)], check=True)
        results: Results = {}
        for name in JOBS:
            results[name] = in_own_process(name, n)
            print(n, name, {k: round(v, 3) for k, v in results[name].items()}, flush=True)
        results["cold start"] = cold_start(n)
        text += [f"## {n:,} conversations", "", HEAD, *rows(results), ""]
        text += [*goal_rows(n, results), ""]
        README.write_text("\n".join(text), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "benchmarks.whole"], check=True)
    README.write_text("\n".join([*text, TABLE.read_text(encoding="utf-8")]), encoding="utf-8")
    print(README.read_text(encoding="utf-8"))


def one(name: str, n: int) -> None:
    if name == "make files":
        files(n)
    else:
        print(json.dumps(measured(name, n)))


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else main()
