"""Simulated corpora have the size and shape asked for, and round-trip through Parquet."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from valuescape.counts.local import code_labels
from valuescape.simulation.corpus import (
    Corpus,
    CorpusPlan,
    simulate_corpus,
    simulate_parts,
    write_corpus,
    write_parts,
)

PLAN = CorpusPlan(4_000, n_tasks=20, n_values=300, n_users=500)


def corpus(seed: int = 1, plan: CorpusPlan = PLAN) -> Corpus:
    return simulate_corpus(plan, np.random.default_rng(seed))


def test_pairs_are_sorted_and_occur_once() -> None:
    found = corpus()
    pairs = found.conversation * 300 + found.value
    assert np.all(np.diff(pairs) > 0)
    assert found.value.max() < 300
    assert found.task.max() < 20
    assert found.user.max() < 500
    assert np.unique(found.conversation).size == 4_000


def test_there_are_about_five_values_a_conversation() -> None:
    large = corpus(plan=CorpusPlan(20_000))
    assert large.value.size / 20_000 == pytest.approx(5.0, abs=0.1)


def test_tasks_users_and_values_are_heavy_tailed() -> None:
    found = corpus()
    for codes, n in ((found.task, 20), (found.user, 500), (found.value, 300)):
        times = np.bincount(codes, minlength=n)
        assert times[: n // 10].sum() > 2 * times[-n // 10 :].sum()
    flat = corpus(plan=CorpusPlan(4_000, 20, 300, 500, exponent=0.0))
    times = np.bincount(flat.user, minlength=500)
    assert times[:50].sum() < 1.4 * times[-50:].sum()


def test_planted_values_are_enriched_and_the_rest_is_not() -> None:
    found = corpus(plan=CorpusPlan(60_000, n_tasks=20, n_values=300))
    k = np.zeros((20, 300))
    np.add.at(k, (found.task[found.conversation], found.value), 1)
    n, having = np.bincount(found.task), k.sum(axis=0)
    ratio = (k / n[:, None]) / (having / 60_000)
    often = having > 300
    assert (ratio[:, often] > 1.5).mean() < 0.15
    assert ((ratio > 1.5).sum(axis=1) >= 4).all()


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(corpus(1).value, corpus(1).value)
    assert not np.array_equal(corpus(1).task, corpus(2).task)


@pytest.mark.parametrize("name", ["n_conversations", "n_tasks", "n_values", "n_users"])
def test_sizes_below_one_are_refused(name: str) -> None:
    sizes = {"n_conversations": 5, name: 0}
    with pytest.raises(ValueError, match=f"{name} = 0: must be at least 1"):
        simulate_corpus(CorpusPlan(**sizes), np.random.default_rng(0))


def test_files_hold_the_corpus(tmp_path: Path) -> None:
    found = corpus()
    coded = code_labels(*write_corpus(found, tmp_path), context="task")
    assert coded.contexts == tuple(f"task {i:07}" for i in np.unique(found.task))
    np.testing.assert_array_equal(coded.context, np.unique(found.task, return_inverse=True)[1])
    np.testing.assert_array_equal(coded.conversation, found.conversation)
    np.testing.assert_array_equal(coded.value, np.unique(found.value, return_inverse=True)[1])


def test_parts_are_of_one_corpus(tmp_path: Path) -> None:
    plan = CorpusPlan(6_000, n_tasks=5, n_values=40, n_users=300)
    parts = list(simulate_parts(plan, np.random.default_rng(3), part_size=2_500))
    assert [part.task.size for part in parts] == [2_500, 2_500, 1_000]
    often = [
        {
            (int(task), int(value))
            for task in range(5)
            for value in np.argsort(np.bincount(_of(part, task), minlength=40))[-3:]
        }
        for part in parts[:2]
    ]
    assert len(often[0] & often[1]) >= 8
    folders = write_parts(plan, tmp_path, np.random.default_rng(3), part_size=2_500)
    labels, expressions = (pq.read_table(folder) for folder in folders)
    assert [len(list(folder.iterdir())) for folder in folders] == [3, 3]
    assert labels["conversation_id"].to_pylist() == [f"c{i:07}" for i in range(6_000)]
    assert labels["user_id"].to_pylist()[2_500:] == [
        f"u{i:07}" for part in parts[1:] for i in part.user
    ]
    assert len(expressions) == sum(part.value.size for part in parts)
    with pytest.raises(ValueError, match="part_size = 0: must be at least 1"):
        next(simulate_parts(plan, np.random.default_rng(3), part_size=0))


def _of(part: Corpus, task: int) -> np.ndarray:
    return part.value[part.task[part.conversation] == task]
