"""No model labels a conversation whose prompt group it has read."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labelling.invented import corpus
from valuescape.labelling import crossfit
from valuescape.labelling.features import count_features
from valuescape.labelling.fitting import Targets, fit_model
from valuescape.labelling.model import EmbeddedModel, load_model, probabilities, save_model
from valuescape.labelling.space import Placed, fit_space, placed


@given(st.lists(st.sampled_from("abcdefghijklm"), min_size=1, max_size=60), st.integers(2, 10))
def test_each_group_has_one_fold_whatever_the_order(groups: list[str], n_folds: int) -> None:
    folds = crossfit.folds_by_group(groups, n_folds)
    place = dict(zip(groups, folds.tolist(), strict=True))
    assert [place[g] for g in groups] == folds.tolist()
    assert crossfit.folds_by_group(groups[::-1], n_folds).tolist() == folds.tolist()[::-1]
    sizes = np.bincount(list(place.values()), minlength=n_folds)
    assert sizes.max() - sizes.min() <= 1


def test_fitted_rows_never_share_a_group_with_labelled_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversations, targets = corpus(120)
    fitted: list[set[str]] = []

    def recorded(compared: Placed, known: Targets, version: str) -> EmbeddedModel:
        fitted.append(set(known.groups.tolist()))
        return fit_model(compared, known, version)

    monkeypatch.setattr(crossfit, "fit_model", recorded)
    read = np.arange(0, 120, 2)
    counts = count_features(conversations)
    found = crossfit.cross_fit(
        counts,
        targets.groups.tolist(),
        read,
        targets.rows(read),
        fit_space(counts),
        lambda: None,
    )
    for k, known in enumerate(fitted):
        assert known.isdisjoint(targets.groups[found.fold == k].tolist())
    agree = found.decisions.task_type == targets.task_type
    assert agree.mean() > 0.95
    assert (found.decisions.values[:, 0] == targets.values[:, 0]).mean() > 0.95


def test_fitting_twice_and_storing_give_the_same_bytes_and_labels(tmp_path: Path) -> None:
    conversations, targets = corpus(60)
    counts = count_features(conversations)
    for name in ("a", "b"):
        read = placed(counts, fit_space(counts))
        save_model(fit_model(read, targets, "t"), tmp_path / f"{name}.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    model, stored = fit_model(read, targets, "t"), load_model(tmp_path / "a.npz")
    assert (probabilities(model, counts).values == probabilities(stored, counts).values).all()
