"""What is hidden, what is left, and that no text can make it slow or change it twice."""

# ruff: noqa: E501

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.planted import Planted, corpus
from valuescape.corpora.conversation import Conversation, Turn
from valuescape.privacy.addresses import ADDRESSES
from valuescape.privacy.finders import CONTACTS
from valuescape.privacy.names import (
    _CLOSING,
    _INTRODUCED,
    _PATTERNS,
    _SIGNED,
    _SMALL,
)
from valuescape.privacy.redaction import (
    KINDS,
    RedactionReport,
    redact,
    redact_conversation,
    redact_texts,
)

PLANTED = corpus()
RECALL = {
    "email": 1.0, "card": 1.0, "iban": 1.0, "ip": 1.0, "url_userinfo": 1.0, "url_query": 1.0,
    "phone_international": 0.95, "phone_north_american": 1.0, "phone_european": 0.95,
    "phone_plain_with_cue": 1.0, "address_english": 0.95, "address_german_dutch": 0.95,
    "address_french": 0.95, "address_southern": 0.95, "name_stated": 0.95, "name_titled": 0.95,
    "name_letter": 0.95,
}  # fmt: skip


def expected(planted: Planted) -> str:
    if planted.kind is None:
        return planted.text
    return planted.text.replace(planted.item, f"[{planted.kind.upper()}]")


@pytest.mark.parametrize("sort", RECALL)
def test_planted_data_are_hidden_and_nothing_else_is(sort: str) -> None:
    rows = PLANTED[sort]
    assert sum(redact(p.text) == expected(p) for p in rows) / len(rows) >= RECALL[sort]


def test_lookalikes_stay_but_for_two_in_thirty() -> None:
    changed = [p.text for p in PLANTED["lookalike"] if redact(p.text) != p.text]
    assert len(changed) <= len(PLANTED["lookalike"]) * 2 / 30, changed


def test_a_kind_is_right_nineteen_times_in_twenty() -> None:
    found = dict.fromkeys(KINDS, 0)
    right = dict.fromkeys(KINDS, 0)
    for rows in PLANTED.values():
        for planted in rows:
            for kind, n in redact_texts([planted.text]).counts.items():
                found[kind] += n
                right[kind] += min(n, int(kind == planted.kind))
    for kind in KINDS:
        assert right[kind] / found[kind] >= 0.95, kind


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("4111 1111 1111 1111 2027", "[CARD] 2027"),
        ("٤١١١١١١١١١١١١١١١", "[CARD]"),
        ("gb82 west 1234 5698 7654 32 is it", "[IBAN] is it"),
        ("to GB83 WEST 1234 5698 7654 32", "to GB83 WEST 1234 5698 7654 32"),
        ("at 203.0.113.9.", "at [IP]."),
        ("::ffff:192.0.2.1 came", "[IP] came"),
        ("https://u:p@203.0.113.9:80/", "https://[URL_CREDENTIALS]@[IP]:80/"),
        ("jo [at] example [dot] com", "[EMAIL]"),
        ("我叫王小明。", "我叫[NAME]。"),
        ("私の名前は佐藤花子です", "私の名前は[NAME]です"),
        ("my name is NAME", "my name is NAME"),
        ("my name is robin and i", "my name is [NAME] and i"),
        ("my name is missing", "my name is missing"),
        ("I'm Fluent in three languages.", "I'm Fluent in three languages."),
        ("so (120 + 96 – 160)/15 is it", "so (120 + 96 – 160)/15 is it"),
        ("about 0.0072973525693 or so", "about 0.0072973525693 or so"),
        ("1.36186 0.42273578 1.2182648", "1.36186 0.42273578 1.2182648"),
        ("reply via email within 24 hours", "reply via email within 24 hours"),
        ("4 place the Cups on a tray.", "4 place the Cups on a tray."),
        ("M.2 Internal Solid State Drive", "M.2 Internal Solid State Drive"),
        ("email: 'admin@example.com'", "email: '[EMAIL]'"),
        ("ssh://git@example.org/a.git", "ssh://git@example.org/a.git"),
        ("release 4.18.0.1 came", "release 4.18.0.1 came"),
    ],
)
def test_single_texts(text: str, hidden: str) -> None:
    assert redact(text) == hidden


def test_a_name_stated_once_is_hidden_in_every_turn_but_not_where_it_is_a_word() -> None:
    turns = ["My name is Rose Adeyemi.", "Thank you, Adeyemi! A rose for Rose."]
    found = redact_texts(turns)
    assert found.texts == ("My name is [NAME].", "Thank you, [NAME]! A rose for Rose.")
    assert found.counts == {"name": 2}


def test_a_name_told_in_small_letters_is_hidden_where_the_reply_writes_it_large() -> None:
    found = redact_texts(["hi my name is robin", "Hello Robin! A robin is a bird."])
    assert found.texts == ("hi my name is [NAME]", "Hello [NAME]! A robin is a bird.")


def test_a_conversation_keeps_its_identity_and_loses_its_meta() -> None:
    turns = (Turn("user", "mail x@example.org"), Turn("assistant", "Done."))
    given_ = Conversation("a", "m", turns, "p", user_id="u", meta={"mail": "x@example.org"})
    found, counts = redact_conversation(given_)
    assert found == Conversation(
        "a", "m", (Turn("user", "mail [EMAIL]"), turns[1]), "p", user_id="u"
    )
    assert counts == {"email": 1}


def test_the_report_adds_up() -> None:
    report = RedactionReport.of([{"email": 2, "name": 1}, {}, {"email": 1}])
    assert (report.n_conversations, report.n_changed) == (3, 2)
    frame = report.to_frame().set_index("kind")
    assert frame.loc["email"].tolist() == [3, 2]
    assert frame["n_items"].sum() == 4


PIECES = st.sampled_from(
    [p.item for rows in PLANTED.values() for p in rows[:4] if p.item]
    + ["[EMAIL]", "[NAME]", "My name is ", "Dr. ", "tel ", "+", "0", "@", "://", "12 ", " Street", "\n"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12))
def test_redacting_twice_changes_nothing(pieces: list[str]) -> None:
    once = redact("".join(pieces))
    assert redact(once) == once


@given(
    st.lists(
        st.text(alphabet=string.printable + "éßŁ中😀\u202e\ud800\x00", max_size=40), max_size=4
    )
)
def test_any_text_is_taken_and_turns_stay_turns(texts: list[str]) -> None:
    assert len(redact_texts(texts).texts) == len(texts)


HOSTILE = ("a", "a.", "a@", "1 ", "1", "1-", "+1 ", "0 1", "A1", "GB82", "1:", "::", "f:", "Dr. Aa ",
           "Dr. Ab", "name: A", "1 Aa ", "Aa ", "Calle A ", "a b ", "://a", "?key=", "(", "[at]",
           "4111111111111111 ", "straße", "1 rue A", "\n", "tel ", "é", "A-", "A'", "1.1.1.1.", "1[.]", "Via d'", "1 A, 12345 ", "Aa 1, ", "my a ",
           "Dr Mr ", "\n- A", "I'm A", "北京", "서울시 ", "at x dot ", "?a.a")  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_hostile_texts_end(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    once = redact(text)
    assert redact(once[:2000]) is not None


def repeats(pattern: str) -> list[tuple[str, int, int]]:
    """Every repetition of a pattern: its operation and bounds."""
    import re._constants as constants  # type: ignore[import-not-found, unused-ignore]
    import re._parser as parser  # type: ignore[import-not-found, unused-ignore]

    found: list[tuple[str, int, int]] = []

    def walk(node: object) -> None:
        if isinstance(node, tuple) and len(node) == 2 and isinstance(node[1], tuple):
            name = str(node[0])
            if "REPEAT" in name:
                low, high = int(node[1][0]), int(node[1][1])
                found.append((name, low, high))
        if isinstance(node, tuple | list | parser.SubPattern):
            for part in node:
                walk(part)

    walk(parser.parse(pattern))
    assert constants.MAXREPEAT > 10_000
    return found


@pytest.mark.parametrize(
    "pattern",
    [f.pattern for f in (*CONTACTS, *ADDRESSES)]
    + [*_PATTERNS, _CLOSING, _SIGNED, _INTRODUCED, _SMALL],
    ids=lambda p: p.pattern[:24],
)
def test_every_repetition_is_bounded_or_gives_nothing_back(pattern: re.Pattern[str]) -> None:
    loops = repeats(pattern.pattern)
    assert loops
    for name, _, high in loops:
        assert high <= 40 or name == "POSSESSIVE_REPEAT", (name, high)
