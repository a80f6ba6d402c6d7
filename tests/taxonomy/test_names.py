"""Spellings of one name share a key; different names do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.errors import InputError
from valuescape.taxonomy.names import normal_key, singular, spelling_twins, words

ONE_NAME = [
    ("well-being", "Wellbeing"),
    ("non-judgement", "nonjudgment"),
    ("moralising", "moralizing"),
    ("personalisation", "personalization"),
    ("humour", "humor"),
    ("trust building", "trust-building"),
    ("healthy boundaries", "healthy boundary"),
    ("the user’s wish", "the users wish"),
    ("inclusiveness", "inclusivity"),
    ("user-centred design", "user-centered design"),
    ("respect  for others' views", "Respect for others view"),
    ("behavioural realism", "behavioral realism"),
    ("analysing", "analyzing"),
    ("defence of truth", "defense of truth"),
    ("fulfilment", "fulfillment"),
    ("scepticism", "skepticism"),
]
TWO_NAMES = [
    ("trust", "trust building"),
    ("ethics", "ethos"),
    ("mourning", "morning"),
    ("source", "sorcery"),
    ("emergency care", "emergent care"),
    ("courtesy", "court"),
    ("goods", "good"),
    ("means", "mean"),
    ("user safety", "safe users"),
    ("enabling harm", "harm enabling"),
    ("wise choice", "size choice"),
    ("consistency", "inconsistency"),
]


@pytest.mark.parametrize(("one", "other"), ONE_NAME)
def test_spellings_share_a_key(one: str, other: str) -> None:
    assert normal_key(one) == normal_key(other)


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert normal_key(one) != normal_key(other)


@given(st.text(min_size=1, max_size=40))
def test_key_is_idempotent(name: str) -> None:
    try:
        key = normal_key(name)
    except InputError:
        return
    assert normal_key(key) == key


@given(st.lists(st.sampled_from(["humour", "isation", "ies", "ss", "s", "ll", "ed", "our"])))
def test_key_is_idempotent_on_awkward_endings(parts: list[str]) -> None:
    name = "x" + "".join(parts)
    assert normal_key(normal_key(name)) == normal_key(name)


@given(st.lists(st.sampled_from([w for pair in ONE_NAME + TWO_NAMES for w in pair])))
def test_twins_are_disjoint_groups_of_equal_keys(names: list[str]) -> None:
    groups = spelling_twins(names)
    members = [name for group in groups for name in group]
    assert len(members) == len(set(members))
    assert all(len({normal_key(name) for name in group}) == 1 < len(group) for group in groups)


@pytest.mark.parametrize("name", ["诚实", "честность", "εντιμότητα", "正直さ", "50 shades"])
def test_any_script_has_a_key(name: str) -> None:
    assert normal_key(name)


@pytest.mark.parametrize("name", ["", "  ", "--", "…"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="at least one letter"):
        normal_key(name)


def test_plurals() -> None:
    assert [singular(w) for w in ("values", "ethics", "kindness", "status", "churches")] == [
        "value",
        "ethics",
        "kindness",
        "status",
        "church",
    ]
    assert words("Women's rights") == ("woman", "right")
