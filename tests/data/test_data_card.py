"""The figures of the data card, computed anew from the files it describes."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT, SHARED, needs_shared

LABELS = ROOT / "data" / "labels"
CARD = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
KEY = ["conversation_id", "codebook", "reading"]


def _table(name: str) -> dict[str, dict[str, str]]:
    """Parse the table after the mark ``<!-- table: name -->`` as first cell -> column -> cell."""
    block = CARD.split(f"<!-- table: {name} -->\n\n", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[2:]}


def _count(cell: str) -> int:
    return int(cell.replace(",", ""))


conversations = pd.read_csv(LABELS / "conversations.csv")
labels = pd.read_csv(LABELS / "labels.csv")
expressions = pd.read_csv(LABELS / "expressions.csv")
sample = pd.read_csv(LABELS / "sample.csv").set_index("conversation_id")
frame = pd.read_csv(LABELS / "frame.csv").set_index("stratum")
assistants = pd.read_csv(LABELS / "assistants.csv")
vocabulary = {
    line
    for line in (LABELS / "VOCABULARY.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
}
listed = conversations.set_index("conversation_id")
closed = labels[labels["codebook"] == "closed"]
first = closed[closed["reading"] == 1].set_index("conversation_id")
second = closed[closed["reading"] == 2].set_index("conversation_id")
paired = first.loc[second.index]


def _counts() -> dict[str, int]:
    read = listed.loc[sample.index]
    by_codebook = labels.groupby(["codebook", "reading"]).size()
    readers = labels.groupby("codebook")["reader"].nunique()
    closed_values = expressions[expressions["codebook"] == "closed"]
    party = closed_values.groupby("party").size()
    return {
        "conversations listed": len(conversations),
        "distinct prompts listed": conversations["prompt_id"].nunique(),
        "prompt groups listed": conversations["prompt_group"].nunique(),
        "assistant runs listed (source and model)": len(assistants),
        "systems behind the runs, the volunteers included": assistants["system"].nunique(),
        "conversations in the sampling frame": int(conversations["in_frame"].sum()),
        "conversations read": len(read),
        "prompt groups read": read["prompt_group"].nunique(),
        "conversations read with more than one exchange": int((read["n_turns"] > 2).sum()),
        "read, ordinary": int((read["group"] == "ordinary").sum()),
        "read, adversarial": int((read["group"] == "adversarial").sum()),
        "read, over-refusal probe": int((read["group"] == "over_refusal").sum()),
        "read, human reference": int((read["group"] == "human_reference").sum()),
        "read, subjective by the first closed reading": int(first["subjective"].sum()),
        "readings, all codebooks": len(labels),
        "closed first readings": by_codebook["closed", 1],
        "closed second readings": by_codebook["closed", 2],
        "open readings": by_codebook["open", 1],
        "unprimed readings": by_codebook["unprimed", 1],
        "closed readers": readers["closed"],
        "open readers": readers["open"],
        "unprimed readers": readers["unprimed"],
        "values found, all readings": len(expressions),
        "values of the assistant, closed": party["assistant"],
        "values of the user, closed": party["user"],
        "names in the vocabulary": len(vocabulary),
        "distinct names used, closed": closed_values["value"].nunique(),
    }


def test_counts() -> None:
    stated = {name: _count(row["n"]) for name, row in _table("counts").items()}
    assert stated == _counts()


def test_strata() -> None:
    table = _table("strata")
    assert list(table) == list(frame.index)
    probability = sample.groupby("stratum")["inclusion_probability"].first()
    drawn = (probability * frame["n_psu"] / 0.9).round(3)
    weight = (1 / sample["inclusion_probability"]).groupby(sample["stratum"]).sum()
    for stratum, row in table.items():
        assert _count(row["frame"]) == frame.loc[stratum, "n_conversations"]
        assert _count(row["units in the frame"]) == frame.loc[stratum, "n_psu"]
        assert _count(row["units drawn"]) == pytest.approx(drawn[stratum])
        assert _count(row["read and released"]) == frame.loc[stratum, "n_read"]
        ratio = weight[stratum] / frame.loc[stratum, "n_conversations"]
        assert row["Σ 1/π over frame"] == f"{ratio:.3f}"


def test_sources() -> None:
    table = _table("sources")
    stated = {source: _count(row["conversations"]) for source, row in table.items()}
    assert stated == conversations.groupby("source").size().to_dict()
    assert all(re.fullmatch(r"[0-9a-f]{40}", row["commit"]) for row in table.values())


def test_frame_is_what_the_card_says() -> None:
    fits = conversations["n_characters"].between(20, 4000)
    alpaca = conversations["source"] == "alpaca_eval"
    assert (conversations["in_frame"] == fits)[~alpaca].all()
    chosen = set(conversations.loc[alpaca & conversations["in_frame"], "model"])
    assert len(chosen) == 8
    answers = conversations[alpaca & conversations["model"].isin(chosen)]
    complete = fits[answers.index].groupby(answers["prompt_id"]).agg(["all", "size"])
    prompts = complete.index[complete["all"] & (complete["size"] == 8)]
    assert len(prompts) == 751
    assert (answers["in_frame"] == answers["prompt_id"].isin(prompts)).all()


def test_readers_and_waves() -> None:
    per_reader = labels.groupby(["codebook", "reading", "reader"]).size()
    shares = per_reader.groupby(["codebook", "reading"]).agg(["min", "max"])
    stated = {("closed", 1): [167, 193], ("closed", 2): [10, 35], ("open", 1): [167, 183]}
    stated["unprimed", 1] = [196, 200]
    assert {name: list(row) for name, row in shares.T.items()} == stated
    wave = first["reader"].groupby(sample.loc[first.index, "wave"]).agg(set)
    names = [f"closed-{number:02d}" for number in range(24)]
    assert wave[1] == set(names[:12])
    assert wave[2] == set(names[12:])
    assert not (paired["reader"] == second["reader"]).any()


def test_probabilities_of_further_readings() -> None:
    by_wave = sample.groupby("wave")
    assert by_wave["second_reading_probability"].unique().map(list).tolist() == [[0.15], [0.1]]
    assert by_wave["open_reading_probability"].unique().map(list).tolist() == [[0.5], [0]]
    unprimed = sample["unprimed_reading_probability"]
    subjective = first.loc[sample.index, "subjective"]
    assert (unprimed[subjective].round(3) == 0.134).all()
    assert (unprimed[~subjective] == 0).all()


def test_shares_named_in_the_text() -> None:
    inside = expressions["value"].isin(vocabulary)
    is_closed = expressions["codebook"] == "closed"
    shares = 100 * inside[is_closed].groupby(expressions["party"]).mean()
    assert f"{shares['assistant']:.1f} % of the assistant's values" in CARD
    assert f"{shares['user']:.1f} % of the user's" in CARD
    explicit = expressions[expressions["party"] == "assistant"].groupby("codebook")["explicit"]
    percent = (100 * explicit.mean()).round().astype(int)
    stated = re.search(r"\((\d+) % of assistant values, against (\d+) % closed and (\d+) %", CARD)
    assert stated is not None
    assert [int(n) for n in stated.groups()] == list(percent[["open", "closed", "unprimed"]])
    assert f"{(~assistants['certain']).sum()} of {len(assistants)} runs as uncertain" in CARD


Statistic = Callable[[np.ndarray], float]


def _kappa(a: pd.Series, b: pd.Series) -> Statistic:
    """Cohen's κ of two codings, as a function of row weights."""
    names = sorted(set(a) | set(b))
    left, right = a.map(names.index).to_numpy(), b.map(names.index).to_numpy()

    def statistic(weight: np.ndarray) -> float:
        size = (len(names), len(names))
        cells = np.zeros(size)
        np.add.at(cells, (left, right), weight)
        cells /= cells.sum()
        chance = float(cells.sum(axis=1) @ cells.sum(axis=0))
        return float((np.trace(cells) - chance) / (1 - chance))

    return statistic


def _specific(category: str) -> Statistic:
    left = (paired["response_type"] == category).to_numpy()
    right = (second["response_type"] == category).to_numpy()
    return lambda weight: float(2 * weight @ (left & right) / (weight @ left + weight @ right))


def _sets(party: str, reading: int) -> list[set[str]]:
    chosen = expressions[
        (expressions["codebook"] == "closed")
        & (expressions["party"] == party)
        & (expressions["reading"] == reading)
    ]
    found = chosen.groupby("conversation_id")["value"].agg(set)
    return [found.get(name, set()) for name in second.index]


def _jaccard(party: str, *, both: bool) -> tuple[pd.Index, Statistic]:
    pairs = list(zip(_sets(party, 1), _sets(party, 2), strict=True))
    keep = np.array([bool(a and b) if both else bool(a or b) for a, b in pairs])
    each = np.array([len(a & b) / len(a | b) for a, b in pairs if (a and b if both else a or b)])
    return second.index[keep], lambda weight: float(np.average(each, weights=weight))


def _explicit() -> tuple[pd.Index, Statistic]:
    own = expressions[(expressions["codebook"] == "closed") & (expressions["party"] == "assistant")]
    one, two = own[own["reading"] == 1], own[own["reading"] == 2]
    shared = one.merge(two, on=["conversation_id", "value"])
    return pd.Index(shared["conversation_id"]), _kappa(shared["explicit_x"], shared["explicit_y"])


@cache
def _agreement() -> dict[str, tuple[pd.Index, Statistic]]:
    every = second.index
    both = every[paired["subjective"] & second["subjective"]]
    stance = (paired["response_type"], second["response_type"])
    return {
        "subjective": (every, _kappa(paired["subjective"], second["subjective"])),
        "task_type": (every, _kappa(paired["task_type"], second["task_type"])),
        "response_type": (every, _kappa(*stance)),
        "response_type, subjective in both": (
            both,
            _kappa(stance[0].loc[both], stance[1].loc[both]),
        ),
        "strong_resistance": (every, _specific("strong_resistance")),
        "mild_support": (every, _specific("mild_support")),
        "values of the assistant, found by both": _jaccard("assistant", both=True),
        "values of the assistant, found by either": _jaccard("assistant", both=False),
        "values of the user, found by both": _jaccard("user", both=True),
        "explicit, assistant values found by both": _explicit(),
    }


def _bootstrap(rows: pd.Index, statistic: Statistic) -> tuple[float, float]:
    """Percentile interval over prompt groups, 2,000 draws."""
    codes, groups = pd.factorize(listed.loc[rows, "prompt_group"])
    rng = np.random.default_rng(20250421)
    size = len(groups)
    draws = rng.multinomial(size, np.full(size, 1 / size), size=2000)
    low, high = np.percentile([statistic(draw[codes].astype(float)) for draw in draws], [2.5, 97.5])
    return float(low), float(high)


@pytest.mark.parametrize("facet", list(_table("agreement")))
def test_agreement(facet: str) -> None:
    stated = _table("agreement")[facet]
    rows, statistic = _agreement()[facet]
    assert _count(stated["conversations"]) == rows.nunique()
    assert stated["estimate"] == f"{statistic(np.ones(len(rows))):.2f}"
    low, high = _bootstrap(rows, statistic)
    assert stated["95 % interval"] == f"{low:.2f} to {high:.2f}"


def test_number_of_shared_values() -> None:
    rows, _ = _explicit()
    assert f"on the {len(rows)} values both named" in CARD


def test_kappa_equals_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score

    ours = _kappa(paired["response_type"], second["response_type"])(np.ones(len(second)))
    theirs = cohen_kappa_score(paired["response_type"], second["response_type"])
    assert ours == pytest.approx(theirs)


def test_spread_between_readers() -> None:
    ordinary = first[(listed.loc[first.index, "group"] == "ordinary") & first["subjective"]]
    size = ordinary.groupby("reader").size()
    assert (len(size), size.min(), size.max()) == (24, 32, 60)
    for response, row in _table("spread").items():
        hit = ordinary["response_type"] == response
        by_reader, overall = hit.groupby(ordinary["reader"]).mean(), hit.mean()
        chance = np.sqrt(overall * (1 - overall) * (1 / size).mean())
        numbers = [overall, by_reader.min(), by_reader.max(), by_reader.std(), chance]
        assert list(row.values()) == [f"{number:.2f}" for number in numbers], response


@needs_shared
def test_outside_check_against_xstest() -> None:
    human = {}
    with gzip.open(SHARED / "conversations" / "xstest_v2.jsonl.gz", "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            human[row["id"]] = row["meta"]["final_label"]
    read = first[first.index.isin(human)]
    refused = pd.Series(read.index.map(human), index=read.index).str.contains("refusal")
    resisted = read["response_type"].str.endswith("resistance")
    assert f"{len(read)} replies read" in CARD
    assert f"{100 * (refused == resisted).mean():.1f} % of the" in CARD
    kappa = _kappa(refused, resisted)(np.ones(len(read)))
    assert f"κ {kappa:.2f}" in CARD


@needs_shared
def test_sources_equal_the_acquisition_list() -> None:
    upstream = pd.read_csv(SHARED / "upstream.csv").drop_duplicates("source").set_index("source")
    for source, row in _table("sources").items():
        assert row["repository"] == "github.com/" + str(upstream.loc[source, "repository"])
        assert row["commit"] == upstream.loc[source, "commit"]


@needs_shared
def test_vocabulary_follows_the_released_list() -> None:
    released = set(pd.read_csv(SHARED / "published" / "values_frequencies.csv")["value"])
    assert f"{len(vocabulary & released)} of\nthe {len(vocabulary)} are on it" in CARD
