"""A change split into behaviour and composition: by hand, by simulation, under renaming."""

import numpy as np
import pytest

from valuescape.statistics.decomposition import decompose_change


def periods(rng, n, mixes, shares):
    """Simulated conversations of two periods with planted mixes and shares."""
    y, stratum, later = [], [], []
    for period, (mix, share) in enumerate(zip(mixes, shares, strict=True)):
        h = rng.choice(len(mix), n, p=mix)
        stratum += h.tolist()
        y += (rng.random(n) < np.asarray(share)[h]).astype(int).tolist()
        later += [period] * n
    return np.array(y), np.array(stratum), np.array(later)


def split(y, stratum, later, **options):
    given = {"weight": np.ones(len(y)), "cluster": np.arange(len(y))} | options
    return decompose_change(y, stratum=stratum, current=later, **given)


def test_parts_are_kitagawas_and_add_up() -> None:
    rng = np.random.default_rng(1)
    y, h, later = periods(rng, 300, [[0.7, 0.3], [0.3, 0.7]], [[0.1, 0.4], [0.2, 0.4]])
    found = split(y, h, later)
    mix = [np.bincount(h[later == a]) / 300 for a in (0, 1)]
    share = [np.array([y[(later == a) & (h == k)].mean() for k in (0, 1)]) for a in (0, 1)]
    behaviour = (mix[0] + mix[1]) / 2 @ (share[1] - share[0])
    composition = (mix[1] - mix[0]) @ (share[0] + share[1]) / 2
    assert found.behaviour.estimate[0] == pytest.approx(behaviour)
    assert found.composition.estimate[0] == pytest.approx(composition)
    assert found.change.estimate[0] == pytest.approx(behaviour + composition)
    assert found.coverage == 1.0
    assert found.mix_distance == pytest.approx(np.abs(mix[0] - mix[1]).sum() / 2)


@pytest.mark.parametrize(
    "moves", ["both", *(pytest.param(one, marks=pytest.mark.slow) for one in ("mix", "behaviour"))]
)
def test_intervals_cover_what_was_planted(moves: str) -> None:
    rng = np.random.default_rng(2)
    mixes = [[0.6, 0.3, 0.1], [0.2, 0.3, 0.5] if moves != "behaviour" else [0.6, 0.3, 0.1]]
    shares = [[0.1, 0.2, 0.5], [0.2, 0.25, 0.5] if moves != "mix" else [0.1, 0.2, 0.5]]
    first, second = (np.array(m) for m in mixes)
    low, high = (np.array(s) for s in shares)
    truth = {
        "behaviour": (first + second) / 2 @ (high - low),
        "composition": (second - first) @ (low + high) / 2,
        "change": second @ high - first @ low,
    }
    hit = dict.fromkeys(truth, 0)
    for _ in range(80):
        found = split(*periods(rng, 400, mixes, shares))
        for name, value in truth.items():
            part = getattr(found, name)
            hit[name] += int(part.low[0] <= value <= part.high[0])
    assert min(hit.values()) >= 80 * 0.95 - 3 * (80 * 0.95 * 0.05) ** 0.5 - 1


def test_order_names_and_weights_scale_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    y, h, later = periods(rng, 120, [[0.5, 0.5], [0.2, 0.8]], [[0.2, 0.4], [0.3, 0.4]])
    cluster = rng.integers(0, 60, 240)
    base = split(y, h, later, cluster=cluster).to_frame()
    order = rng.permutation(240)
    names = np.array(["x", "a"])[h]
    other = split(
        y[order], names[order], later[order], cluster=-cluster[order], weight=np.full(240, 7.0)
    ).to_frame()
    np.testing.assert_allclose(base.to_numpy(), other.to_numpy(), atol=1e-12)


def test_clusters_in_both_periods_make_paired_intervals_narrower() -> None:
    rng = np.random.default_rng(4)
    share = rng.beta(1, 3, 300)
    y = np.concatenate([rng.random(300) < share for _ in range(2)])
    taste = rng.random(300) < 0.5
    y = np.where(np.tile(taste, 2), np.tile(share > 0.3, 2), y).astype(int)
    later, prompts = np.repeat([0, 1], 300), np.tile(np.arange(300), 2)
    paired = split(y, np.zeros(600), later, cluster=prompts)
    single = split(y, np.zeros(600), later)
    assert paired.behaviour_error[0] < 0.9 * single.behaviour_error[0]
    assert paired.change_error[0] == pytest.approx(paired.behaviour_error[0], rel=0.02)


def test_strata_of_one_period_are_composition() -> None:
    y, h = [1, 0, 1, 0, 1, 1], ["a", "a", "a", "a", "b", "b"]
    found = split(np.array(y), np.array(h), np.array([0, 0, 1, 1, 1, 1]))
    assert found.behaviour.estimate[0] == 0
    assert found.composition.estimate[0] == pytest.approx(0.25)
    assert found.left_out == ("b",)
    assert found.coverage == 0.5


@pytest.mark.parametrize(
    ("later", "stratum", "message"),
    [
        ([0, 0, 0, 0], list("aabb"), "current period holds no observation"),
        ([1, 1, 1, 1], list("aabb"), "baseline holds no observation"),
        ([0, 0, 1, 1], list("aabb"), "no stratum in common"),
        ([0, 1], list("aabb"), "current: shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(later, stratum, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split(np.array([1, 0, 1, 0]), np.array(stratum), np.array(later))
