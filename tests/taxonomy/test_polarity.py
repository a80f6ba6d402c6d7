"""Undesirable, contested and faulty names are told from desirable ones."""

import pytest

from tests.paths import ROOT
from valuescape.schema import POLARITIES
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.placement import groups
from valuescape.taxonomy.polarity import judge_polarity, polarity_by_rule


def _offered_as_undesirable() -> list[str]:
    text = (ROOT / "data" / "labels" / "VOCABULARY.txt").read_text(encoding="utf-8")
    return [line for line in text.split("# Undesirable")[1].splitlines()[1:] if line.strip()]


def test_no_name_offered_as_undesirable_is_desirable() -> None:
    judged = judge_polarity(_offered_as_undesirable())
    assert judged["judged"].all()
    assert "desirable" not in set(judged["polarity"])


@pytest.mark.parametrize(
    ("name", "polarity"),
    [
        ("carelessness", "fault"),
        ("evasiveness", "fault"),
        ("overcaution", "fault"),
        ("moralizing", "fault"),
        ("unhelpfulness", "fault"),
        ("sycophancy", "fault"),
        ("cruelty", "undesirable"),
        ("exploitation", "undesirable"),
        ("obedience", "contested"),
        ("honesty", "desirable"),
    ],
)
def test_known_judgements(name: str, polarity: str) -> None:
    assert judge_polarity([name])["polarity"].item() == polarity


@pytest.mark.parametrize(
    ("name", "polarity"),
    [
        ("enabling piracy", "undesirable"),
        ("racist sneering", "undesirable"),
        ("refusal to aid arson and theft", "desirable"),
        ("torture prevention", "desirable"),
        ("careless sums", "fault"),
        ("blind compliance", "contested"),
        ("maritime law compliance", "desirable"),
        ("topiary", "desirable"),
    ],
)
def test_rules_for_names_never_read(name: str, polarity: str) -> None:
    found = judge_polarity([name]).iloc[0]
    assert (found["polarity"], found["judged"]) == (polarity, False)
    assert polarity_by_rule(name) == polarity


def test_rules_are_well_formed_and_distinct() -> None:
    rules = read_rules("polarity.csv")
    assert {rule["polarity"] for rule in rules} <= set(POLARITIES)
    assert {rule["match"] for rule in rules} == {"start", "word", "end"}
    assert len({(rule["match"], rule["text"]) for rule in rules}) == len(rules)


def test_each_group_has_the_polarity_of_its_parents() -> None:
    table = groups()
    below = table[table["level"] < 3]
    assert (below["polarity"].to_numpy() == table.loc[below["parent_id"], "polarity"]).all()
    assert (below["level"].to_numpy() + 1 == table.loc[below["parent_id"], "level"]).all()
