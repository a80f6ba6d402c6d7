"""Task phrases to small embeddings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuescape.stages.acquire.embed import embed_tasks, embed_values, known_names


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


def test_values_have_a_block_of_each_encoder_with_a_scale_of_its_own() -> None:
    names = ["abba", "cab", "deaf", "fade", "bead"]
    table = embed_values(names, {"m": encode, "u": lambda n: 50 * encode(n)}, 3)
    assert list(table.columns) == ["value", "m000", "m001", "m002", "u000", "u001", "u002"]
    assert table["value"].tolist() == sorted(names)
    assert np.array_equal(table.filter(like="m0"), table.filter(like="u0"))
    assert table["m000"].abs().max() == 127


def test_names_read_judged_and_ruled_are_embedded() -> None:
    found = known_names(pd.DataFrame({"value": ["an invented name", "honesty"]}))
    assert {"an invented name", "honesty", "enabling harm", "harm enabling"} <= set(found)
    assert found == sorted(set(found))
