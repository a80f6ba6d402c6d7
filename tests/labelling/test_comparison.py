"""Candidates are compared on the same held-out groups; sentence embeddings are read in order."""

from pathlib import Path

import numpy as np
import pytest

from tests.labelling.invented import corpus
from valuescape.labelling.comparison import Candidate, bent, compare
from valuescape.labelling.features import count_features
from valuescape.labelling.space import fit_space, placed
from valuescape.stages.acquire.compare_labellers import DEFAULT, candidates, embedded_beginnings


def test_a_candidate_that_knows_nothing_is_worse_and_the_default_differs_by_zero() -> None:
    conversations, targets = corpus(90)
    counts = count_features(conversations)
    read = placed(counts, fit_space(counts))
    empty = np.zeros((90, 90), dtype=np.float32)
    table = compare(
        {
            "known": Candidate(read.kernel(), targets.taught, 0.6),
            "blank": Candidate(empty, targets.taught, 0.6),
        },
        "known",
        targets,
        n_boot=50,
        seed=1,
    ).set_index(["candidate", "facet"])
    assert (table.loc["known", ["difference", "difference_low", "difference_high"]] == 0).all(
        axis=None
    )
    assert table.loc[("known", "task_type"), "estimate"] > 0.95
    assert table.loc[("blank", "task_type"), "difference_high"] < 0


def test_likeness_is_one_with_itself_whatever_the_length() -> None:
    points = np.random.default_rng(2).normal(size=(12, 5)).astype(np.float32)
    near = bent(points)
    assert np.diag(near) == pytest.approx(1.0, abs=1e-5)
    assert near == pytest.approx(near.T, abs=1e-6)


def test_beginnings_come_in_the_order_asked_for(tmp_path: Path) -> None:
    import gzip
    import json

    lines = [
        {"id": f"c{i}", "model": "larkspur", "messages": [
            {"role": "user", "content": "u" * (i + 1)},
            {"role": "assistant", "content": "r" * 700},
        ]}
        for i in range(3)
    ]  # fmt: skip
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    user, reply = embedded_beginnings(
        tmp_path, ["c2", "c0"], lambda texts: np.array([[len(text)] for text in texts], dtype=float)
    )
    assert user.ravel().tolist() == [3.0, 1.0]
    assert reply.ravel().tolist() == [600.0, 600.0]


def test_the_shipped_kernel_is_among_the_candidates() -> None:
    conversations, targets = corpus(30)
    counts = count_features(conversations)
    read = placed(counts, fit_space(counts))
    points = np.random.default_rng(3).normal(size=(30, 4)).astype(np.float32)
    found = candidates(read, targets, points, points)
    assert (found[DEFAULT].kernel == read.kernel()).all()
    assert found[DEFAULT].taught is targets.taught
