"""Merging is an equivalence relation, prints the commonest spelling and refuses twins."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.errors import InputError
from valuescape.taxonomy.merging import canonical_key, check_spellings, merge_names, synonyms
from valuescape.taxonomy.names import normal_key, read_rules

NAMES = ["humor", "humour", "Humour", "harm enabling", "enabling harm", "hope", "harm-enablement"]
frequencies = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 50), min_size=1)


@given(frequencies)
def test_merging_is_an_equivalence_relation(found: dict[str, int]) -> None:
    merged = merge_names(pd.Series(found))
    printed = dict(zip(merged["value_raw"], merged["value"], strict=True))
    for one in found:
        for other in found:
            assert (printed[one] == printed[other]) == (canonical_key(one) == canonical_key(other))


@given(frequencies)
def test_merging_what_is_merged_changes_nothing(found: dict[str, int]) -> None:
    merged = merge_names(pd.Series(found))
    again = merge_names(merged.groupby("value")["n"].sum())
    assert (again["value"] == again["value_raw"]).all()
    assert (again["reason"] == "").all()


@given(frequencies, st.randoms())
def test_order_of_names_does_not_matter(found: dict[str, int], random) -> None:
    items = list(found.items())
    random.shuffle(items)
    pd.testing.assert_frame_equal(
        merge_names(pd.Series(found)), merge_names(pd.Series(dict(items)))
    )


def test_commonest_spelling_is_printed_and_ties_follow_the_alphabet() -> None:
    assert merge_names(pd.Series({"humor": 3, "humour": 4}))["value"].unique() == ["humour"]
    assert merge_names(pd.Series({"humour": 4, "humor": 4}))["value"].unique() == ["humor"]


def test_synonyms_print_the_canonical_name_even_when_unread() -> None:
    merged = merge_names(pd.Series({"harm enabling": 9}))
    assert merged.loc[0, ["value", "reason"]].tolist() == [
        "enabling harm",
        "synonym: order of words; one act",
    ]


def test_no_synonym_is_itself_a_canonical_name() -> None:
    canonical = {normal_key(name) for name, _ in synonyms().values()}
    assert canonical.isdisjoint(synonyms())
    assert len(read_rules("synonyms.csv")) == len(synonyms())


def _said(*values: str, **other: str) -> pd.DataFrame:
    row = {"conversation_id": "a", "labeller": "r", "party": "user"} | other
    return pd.DataFrame([row | {"value": value} for value in values])


def test_two_spellings_in_one_conversation_are_refused_with_file_and_line() -> None:
    with pytest.raises(InputError, match=r"^x\.csv, line 4: 'humour' and 'humor' \(line 2\)"):
        check_spellings(_said("humor", "hope", "humour"), "x.csv")


def test_synonyms_and_other_parties_and_readers_are_not_twins() -> None:
    check_spellings(_said("enabling harm", "harm enabling"), "x.csv")
    for other in ({"party": "assistant"}, {"labeller": "s"}, {"conversation_id": "b"}):
        check_spellings(pd.concat([_said("humor"), _said("humour", **other)]), "x.csv")


def test_released_columns_are_checked_too() -> None:
    said = _said("humor", "humour").drop(columns="labeller").assign(codebook="open", reading=[1, 2])
    check_spellings(said, "x.csv")
    with pytest.raises(InputError, match="two spellings"):
        check_spellings(said.assign(reading=1), "x.csv")
