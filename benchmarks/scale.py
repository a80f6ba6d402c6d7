"""Time against the number of conversations, 10^4 to 2 x 10^7: one table and one chart.

``python -m benchmarks.scale`` runs all and writes ``scale.csv``, ``scale.svg`` and ``scale.png``
beside this file; ``python -m benchmarks.scale JOB N`` runs one and prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.jobs import FOLDER
from benchmarks.scale_figure import draw_scale
from valuescape.simulation.corpus import CorpusPlan, simulate_parts, write_parts

SEED = 20_250_423
MEMORY, MEMORY_OF_USERS = "1GB", "4GB"
N_BOOT = 1_000
CLOCK = os.sysconf("SC_CLK_TCK")
SIZES: dict[str, tuple[int, ...]] = {
    "local": (10_000, 100_000, 1_000_000, 5_000_000),
    "duckdb": (10_000, 100_000, 1_000_000, 5_000_000, 20_000_000),
    "pairs": (10_000, 100_000, 1_000_000, 5_000_000),
    "users": (10_000, 100_000),
    "bootstrap": (10_000, 100_000, 1_000_000, 5_000_000),
    "spark": (10_000, 100_000, 1_000_000),
}
"""Sizes of each job; what is left out takes too long or too much memory on a small machine."""


def plan(n: int) -> CorpusPlan:
    """One user for every five conversations."""
    return CorpusPlan(n, n_users=n // 5)


def folders(n: int) -> tuple[Path, Path]:
    """Folders of label files of n simulated conversations, made once."""
    place = FOLDER / f"scale-{n}"
    if not place.exists():
        beside = FOLDER / f"unfinished-{n}"
        shutil.rmtree(beside, ignore_errors=True)
        write_parts(plan(n), beside, np.random.default_rng(SEED))
        beside.rename(place)
    return place / "labels", place / "expressions"


def single_files(n: int) -> tuple[Path, Path]:
    """Give the same as two files, for the local engine."""
    import pyarrow.parquet as pq

    files = []
    for folder in folders(n):
        file = folder.parent / f"{folder.name}.parquet"
        parts = sorted(folder.iterdir())
        if not file.exists():
            with pq.ParquetWriter(file, pq.read_schema(parts[0])) as writer:
                for part in parts:
                    writer.write_table(pq.read_table(part))
        files.append(file)
    return files[0], files[1]


Timed = Callable[[str], Any]


def local(n: int, timed: Timed) -> None:
    from valuescape.counts.association import associated, count_cells
    from valuescape.counts.local import code_labels

    files = single_files(n)
    with timed("count"):
        cells = count_cells(code_labels(*files, context="task"))
    associated(cells)
    with timed("closed"):
        associated(cells)


def by_engine(name: str, n: int, timed: Timed) -> None:
    from valuescape.counts.association import associated
    from valuescape.counts.ibis.engines import opened
    from valuescape.counts.ibis.relations import relate

    files = folders(n)
    with opened(name, memory=MEMORY) as engine:
        with timed("count"):
            cells = relate(*files, context="task", engine=engine).cells()
        associated(cells)
        with timed("closed"):
            associated(cells)


def pairs(n: int, timed: Timed) -> None:
    from valuescape.counts.ibis.engines import opened
    from valuescape.counts.ibis.relations import relate
    from valuescape.statistics.cooccurrence import cooccurrence_of_counts

    with opened("duckdb", memory=MEMORY) as engine:
        tables = relate(*folders(n), context="task", engine=engine)
        cells = tables.cells()
        with timed("count"):
            together = tables.value_pairs(cells)
        cooccurrence_of_counts(together, cells.n_total)
        with timed("closed"):
            cooccurrence_of_counts(together, cells.n_total)


def users(n: int, timed: Timed) -> None:
    from valuescape.counts.ibis.engines import opened
    from valuescape.counts.ibis.relations import relate
    from valuescape.statistics.cluster_products import sums_of_products
    from valuescape.statistics.clustered_residual import residual_of_sums

    with opened("duckdb", memory=MEMORY_OF_USERS) as engine:
        tables = relate(*folders(n), context="task", engine=engine)
        cells = tables.cells()
        with timed("count"):
            products = tables.cluster_products(cells, cluster="user_id")
        residual_of_sums(sums_of_products(products))
        with timed("closed"):
            residual_of_sums(sums_of_products(products))


def bootstrap(n: int, timed: Timed) -> None:
    from valuescape.statistics.resampling import poisson_bootstrap

    parts = list(simulate_parts(plan(n), np.random.default_rng(SEED)))
    starts = np.cumsum([0, *(part.task.size for part in parts)])
    task = np.concatenate([part.task for part in parts])
    conversation = np.concatenate([p.conversation + s for p, s in zip(parts, starts, strict=False)])
    value = np.concatenate([part.value for part in parts])
    poisson_bootstrap(task[:2], [0, 1], [0, 0], n_boot=2)
    with timed("count"):
        poisson_bootstrap(task, conversation, value, n_boot=N_BOOT)


JOBS: dict[str, Callable[[int, Timed], None]] = {
    "local": local,
    "duckdb": lambda n, timed: by_engine("duckdb", n, timed),
    "spark": lambda n, timed: by_engine("spark", n, timed),
    "pairs": pairs,
    "users": users,
    "bootstrap": bootstrap,
}


def processes() -> list[int]:
    """This process and its descendants, Java's among them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def processor_seconds() -> float:
    """Processor time so far of this process and its descendants."""
    ticks = 0
    for pid in processes():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / CLOCK


def java_megabytes() -> float:
    """Peak memory of the descendants."""
    peaks = [0.0]
    for pid in processes()[1:]:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        peaks += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return max(peaks)


def measured(name: str, n: int) -> dict[str, dict[str, float]]:
    """Run one job in this process and return wall and processor seconds of its parts."""
    found: dict[str, dict[str, float]] = {}

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        start = time.perf_counter(), processor_seconds()
        yield
        found[part] = {
            "wall_seconds": time.perf_counter() - start[0],
            "processor_seconds": processor_seconds() - start[1],
            "megabytes": max(
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, java_megabytes()
            ),
        }

    JOBS[name](n, timed)
    return found


def in_own_process(name: str, n: int) -> list[dict[str, Any]]:
    """Measure in a new process, whose peak memory starts from that of this small one."""
    subprocess.run([sys.executable, "-m", "benchmarks.scale", "make files", str(n)], check=True)
    command = [sys.executable, "-m", "benchmarks.scale", name, str(n)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    n_bytes = sum(path.stat().st_size for part in folders(n) for path in part.iterdir())
    return [
        {"job": name, "part": part, "n_conversations": n, **numbers, "file_bytes": n_bytes}
        for part, numbers in found.items()
    ]


def main() -> None:
    from valuescape.report.figures.base import Drawing, write_drawing

    rows: list[dict[str, Any]] = []
    for name, sizes in SIZES.items():
        if name == "spark" and (find_spec("pyspark") is None or shutil.which("java") is None):
            print("spark: left out, since pyspark or java is not installed")
            continue
        for n in sizes:
            found = in_own_process(name, n)
            print(*found, sep="\n", flush=True)
            rows += found
    key = ("job", "part", "n_conversations")
    drawing = Drawing("scale", pd.DataFrame(rows), key, draw_scale)
    write_drawing(drawing, Path(__file__).parent)


def one(name: str, n: int) -> None:
    if name == "make files":
        folders(n)
    else:
        print(json.dumps(measured(name, n)))


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else main()
