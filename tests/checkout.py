"""A checkout with a part of the readings, small enough to run stages in a test."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from tests.paths import ROOT
from valuescape.schema import RESPONSE_TYPES, TABLES, TASK_TYPES

TABLE_FILES = {
    "conversations": "conversations",
    "labels": "readings",
    "expressions": "reading_expressions",
    "sample": "sample",
    "frame": "frame",
    "assistants": "assistants",
}
EVERY = 4
SMALL = {
    ("count", "minimum_context_clusters"): 8,
    ("count", "minimum_value_conversations"): 8,
    ("respond", "minimum_value_conversations"): 5,
    ("correct", "minimum_value_conversations"): 20,
    ("correct", "n_boot"): 40,
    ("robustness", "minimum_clusters"): 4,
    ("compare", "sources"): ["alpaca_eval", "xstest-v2"],
    ("compare", "levels"): [0, 3],
    ("compare", "axes_groups"): ["ordinary"],
    ("compare", "minimum_readings"): 12,
    ("compare", "n_boot"): 20,
    ("compare", "n_null"): 20,
    ("compare", "n_splits"): 2,
}


def read_cells(path: Path) -> pd.DataFrame:
    """Read a CSV file without turning any cell into anything."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def make_small_checkout(folder: Path) -> Path:
    """Fill a folder with one prompt group in four that was read, and all that stages need."""
    labels = folder / "data" / "labels"
    labels.mkdir(parents=True)
    tables = _every_fourth_group({t: read_cells(_given(t)) for t in TABLE_FILES})
    for name, table in tables.items():
        table.to_csv(labels / f"{name}.csv", index=False, lineterminator="\n")
    shutil.copytree(ROOT / "data" / "results" / "taxonomy", folder / "data/results/taxonomy")
    shutil.copytree(ROOT / "data" / "reference", folder / "data" / "reference")
    (folder / "dvc.yaml").touch()
    _smaller_params(folder / "params.yaml")
    return folder


def _given(name: str) -> Path:
    return ROOT / "data" / "labels" / f"{name}.csv"


def _every_fourth_group(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    listed, drawn = tables["conversations"], tables["sample"]
    read = listed["conversation_id"].isin(drawn["conversation_id"])
    groups = sorted(listed.loc[read, "prompt_group"].unique())[::EVERY]
    kept = listed[listed["prompt_group"].isin(groups)]
    out = tables | {"conversations": kept}
    for name in ("labels", "expressions", "sample"):
        out[name] = tables[name][tables[name]["conversation_id"].isin(kept["conversation_id"])]
    drawn = out["sample"]
    totals = (1 / drawn["inclusion_probability"].astype(float)).groupby(drawn["stratum"]).sum()
    sizes = tables["frame"]["stratum"].map(totals).round().astype(int).astype(str)
    out["frame"] = tables["frame"].assign(n_conversations=sizes)
    return out


def _smaller_params(path: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for (stage, option), value in SMALL.items():
        params[stage][option] = value
    path.write_text(yaml.safe_dump(params), encoding="utf-8")


def copied(source: Path, target: Path) -> Path:
    """Copy a checkout, so that a test may spoil it."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return target


def edit_table(folder: Path, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """Change one table of ``data/labels``."""
    path = folder / "data" / "labels" / f"{name}.csv"
    edit(read_cells(path)).to_csv(path, index=False, lineterminator="\n")
    return path


def edit_params(folder: Path, stage: str, option: str, value: object) -> None:
    """Change one option."""
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params[stage][option] = value
    path.write_text(yaml.safe_dump(params), encoding="utf-8")


def add_machine_labels(folder: Path, seed: int = 7) -> None:
    """Write machine labels that know the readings, with noise: what ``correct`` compares."""
    rng = np.random.default_rng(seed)
    listed = read_cells(folder / "data/labels/conversations.csv")
    ids = listed["conversation_id"]
    read = read_cells(folder / "data/labels/labels.csv")
    read = read[(read["codebook"] == "closed") & (read["reading"] == "1")]
    truth = read.set_index("conversation_id").reindex(ids)
    folds = {g: i % 3 for i, g in enumerate(sorted(listed["prompt_group"].unique()))}
    table = pd.DataFrame({"conversation_id": ids, "labeller": "embedded-test", "status": "ok"})
    table["fold"] = listed["prompt_group"].map(folds)
    table["p_subjective"] = _noisy((truth["subjective"] == "true").to_numpy(float), rng)
    table["subjective"] = table["p_subjective"] > 0.5
    for facet, names in (("task_type", TASK_TYPES), ("response_type", RESPONSE_TYPES)):
        hit = truth[facet].to_numpy()[:, None] == np.array(names)[None, :]
        p = _noisy(hit.astype(float), rng)
        p /= p.sum(axis=1, keepdims=True)
        table[facet] = np.array(names)[p.argmax(axis=1)]
        table[[f"p_{n}" for n in names]] = p
    machine = folder / "data" / "labels" / "machine"
    machine.mkdir()
    table[list(TABLES["machine_labels"].columns)].to_parquet(machine / "labels.parquet")
    _machine_values(folder, ids, table["p_subjective"].to_numpy(), rng)


def _noisy(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(0.15 + 0.7 * truth + rng.normal(0, 0.1, truth.shape), 0.01, 0.99)


def _machine_values(
    folder: Path, ids: pd.Series, p_subjective: np.ndarray, rng: np.random.Generator
) -> None:
    said = read_cells(folder / "data/labels/expressions.csv")
    said = said[(said["codebook"] == "closed") & (said["reading"] == "1")]
    said = said[said["party"] == "assistant"]
    names = said["value"].value_counts().index[:12].sort_values()
    held = pd.crosstab(said["conversation_id"], said["value"]).reindex(ids, fill_value=0)[names]
    p = _noisy(held.to_numpy(float).clip(0, 1), rng) * p_subjective[:, None]
    machine = folder / "data" / "labels" / "machine"
    wide = pd.DataFrame(p, columns=names).assign(conversation_id=ids.to_numpy())
    wide.to_parquet(machine / "value_probabilities.parquet")
    user = pd.DataFrame({"conversation_id": ids.to_numpy(), "deception": rng.random(len(ids))})
    user.to_parquet(machine / "user_value_probabilities.parquet")
    rows, columns = np.nonzero(p > 0.5)
    pd.DataFrame(
        {
            "conversation_id": ids.to_numpy()[rows],
            "labeller": "embedded-test",
            "party": "assistant",
            "value": names.to_numpy()[columns],
            "value_raw": names.to_numpy()[columns],
            "explicit": pd.array([None] * len(rows), dtype="boolean"),
            "rank": 1 + pd.Series(rows).groupby(rows).cumcount(),
            "probability": p[rows, columns],
        }
    ).to_parquet(machine / "expressions.parquet")


def add_demo_labels(folder: Path) -> None:
    """Stand in for the stage ``label``: the written labels of the demo under another name."""
    written = read_cells(Path(str(files("valuescape.resources") / "demo" / "labels.csv")))
    kept = ["conversation_id", "subjective", "task_type", "task", "response_type"]
    made = written[kept].assign(labeller="embedded-test", status="ok")
    out = folder / "data" / "results" / "label"
    out.mkdir()
    made[list(TABLES["labels"].columns)].to_csv(out / "labels.csv", index=False)


TRACER = """
import importlib, json, os, sys
import numpy, pandas, pandera.pandas, scipy.stats, pydantic
opened = []
watching = False
def watch(event, arguments):
    if watching and event == "open" and isinstance(arguments[0], str):
        opened.append(os.path.abspath(arguments[0]))
sys.addaudithook(watch)
found = {}
for stage in sys.argv[1:]:
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        watching = True
        importlib.import_module("valuescape.stages." + stage).main()
        watching = False
        modules = [getattr(m, "__file__", None) or "" for m in list(sys.modules.values())]
        with os.fdopen(out, "w") as stream:
            json.dump({"opened": sorted(set(opened)), "modules": sorted(set(modules))}, stream)
        os._exit(0)
    os.close(out)
    with os.fdopen(into) as stream:
        content = stream.read()
    if os.waitpid(child, 0)[1]:
        sys.exit("stage " + stage + " failed")
    found[stage] = json.loads(content)
print(json.dumps(found))
"""
Trace = dict[str, dict[str, list[str]]]


def run_traced(folder: Path, *stages: str) -> Trace:
    """Run stages one after another; return the files each opened and the modules it loaded."""
    command = [sys.executable, "-c", TRACER, *stages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Trace = json.loads(done.stdout.splitlines()[-1])
    return found
