"""The demo corpus is well formed, covers the codebook and is what its README says."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.paths import ROOT

DEMO = ROOT / "analysis" / "valuescape" / "resources" / "demo"
VOCABULARY = ROOT / "data" / "labels" / "VOCABULARY.txt"

TASK_TYPES = {
    "personal_advice",
    "health_advice",
    "everyday_howto",
    "career_business",
    "money_law",
    "coding_technical",
    "maths_science_problem",
    "factual_explanation",
    "history_politics_society",
    "ethics_philosophy",
    "about_ai",
    "creative_writing",
    "editing_transformation",
    "teaching_learning",
    "casual_chat",
    "harmful_request",
}
RESPONSE_TYPES = {
    "strong_support",
    "mild_support",
    "neutral_acknowledgment",
    "reframing",
    "mild_resistance",
    "strong_resistance",
    "no_values",
}
ASSISTANTS = {
    "larkspur-1",
    "larkspur-2",
    "quillon-small",
    "tessera-chat",
    "bramble-mini",
    "oriel-pro",
}
UNDESIRED = {
    "amoral detachment",
    "amorality",
    "carelessness",
    "cruelty",
    "deception",
    "dismissiveness",
    "emotional manipulation",
    "enabling harm",
    "evasiveness",
    "hostility",
    "manipulation",
    "moralising",
    "overcaution",
    "prejudice",
    "sycophancy",
    "unhelpfulness",
}
LABEL_COLUMNS = [
    "conversation_id",
    "codebook",
    "reading",
    "reader",
    "subjective",
    "task_type",
    "task",
    "response_type",
]
EXPRESSION_COLUMNS = [
    "conversation_id",
    "codebook",
    "reading",
    "party",
    "value",
    "explicit",
    "rank",
]

Row = dict[str, str]


def read_table(name: str, columns: list[str]) -> list[Row]:
    with (DEMO / name).open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        assert reader.fieldnames == columns
        return list(reader)


@pytest.fixture(scope="module")
def conversations() -> list[dict[str, Any]]:
    lines = (DEMO / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def labels() -> list[Row]:
    return read_table("labels.csv", LABEL_COLUMNS)


@pytest.fixture(scope="module")
def expressions() -> list[Row]:
    return read_table("expressions.csv", EXPRESSION_COLUMNS)


@pytest.fixture(scope="module")
def values(expressions: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Expressions by conversation and party, in file order."""
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in expressions:
        by_key[row["conversation_id"], row["party"]].append(row)
    return by_key


def user_turns(conversation: dict[str, Any]) -> int:
    return sum(message["role"] == "user" for message in conversation["messages"])


def n_characters(conversation: dict[str, Any]) -> int:
    return sum(len(message["content"]) for message in conversation["messages"])


def test_conversations_have_the_fields_of_the_format(conversations: list[dict[str, Any]]) -> None:
    fields = ["id", "model", "prompt_id", "user_id", "started_at", "messages"]
    for conversation in conversations:
        assert list(conversation) == fields
        number = re.fullmatch(r"demo-p(\d{3})", conversation["prompt_id"])
        assert number is not None
        assert conversation["id"] == f"demo/{number[1]}-{conversation['model']}"
        assert re.fullmatch(r"u\d{2}", conversation["user_id"])
        started = datetime.fromisoformat(conversation["started_at"])
        assert (started.tzinfo, started.year) == (UTC, 2026)


def test_ids_are_unique_and_sorted(conversations: list[dict[str, Any]]) -> None:
    ids = [conversation["id"] for conversation in conversations]
    assert ids == sorted(set(ids))


def test_roles_alternate_from_user_to_assistant(conversations: list[dict[str, Any]]) -> None:
    for conversation in conversations:
        messages = conversation["messages"]
        roles = [message["role"] for message in messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2), conversation["id"]
        for message in messages:
            assert list(message) == ["role", "content"]
            assert message["content"]
            assert message["content"] == message["content"].strip()


def test_prompt_id_names_the_messages_before_the_last(conversations: list[dict[str, Any]]) -> None:
    pairs = {(c["prompt_id"], json.dumps(c["messages"][:-1])) for c in conversations}
    assert len(pairs) == len({prompt for prompt, _ in pairs}) == len({text for _, text in pairs})


def test_no_reply_is_given_twice(conversations: list[dict[str, Any]]) -> None:
    replies = Counter(conversation["messages"][-1]["content"] for conversation in conversations)
    assert max(replies.values()) == 1


def test_one_user_wrote_each_prompt(conversations: list[dict[str, Any]]) -> None:
    pairs = {(c["prompt_id"], c["user_id"]) for c in conversations}
    prompts_of_users = Counter(user for _, user in pairs)
    assert len(pairs) == len({prompt for prompt, _ in pairs})
    assert sum(n > 1 for n in prompts_of_users.values()) >= 10


def test_size_and_shape(conversations: list[dict[str, Any]]) -> None:
    n = len(conversations)
    assert n >= 160
    assert sum(user_turns(c) >= 3 for c in conversations) * 3 >= n
    assert 400 <= sum(map(n_characters, conversations)) / n <= 1500
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 400_000


def test_assistants_answer_the_same_prompts(conversations: list[dict[str, Any]]) -> None:
    models = Counter(conversation["model"] for conversation in conversations)
    shared = Counter(conversation["prompt_id"] for conversation in conversations)
    assert set(models) == ASSISTANTS
    assert min(models.values()) >= 15
    assert len(shared) >= 40
    assert sum(n >= 3 for n in shared.values()) >= 40


def test_every_conversation_has_one_row_of_labels(
    conversations: list[dict[str, Any]], labels: list[Row]
) -> None:
    assert [row["conversation_id"] for row in labels] == [c["id"] for c in conversations]
    for row in labels:
        assert (row["codebook"], row["reading"], row["reader"]) == ("closed", "1", "demo-author")
        assert row["subjective"] in {"true", "false"}
        assert row["task"] == row["task"].strip()
        assert 3 <= len(row["task"].split()) <= 8


@pytest.mark.parametrize(
    ("column", "names"), [("task_type", TASK_TYPES), ("response_type", RESPONSE_TYPES)]
)
def test_every_category_is_covered(labels: list[Row], column: str, names: set[str]) -> None:
    counts = Counter(row[column] for row in labels)
    assert set(counts) == names
    assert min(counts.values()) >= 5


def test_one_task_type_a_prompt(conversations: list[dict[str, Any]], labels: list[Row]) -> None:
    pairs = {
        (c["prompt_id"], row["task_type"]) for c, row in zip(conversations, labels, strict=True)
    }
    assert len(pairs) == len({prompt for prompt, _ in pairs})


def test_rows_without_judgement_carry_no_values(
    labels: list[Row], values: dict[tuple[str, str], list[Row]]
) -> None:
    plain = [row for row in labels if row["subjective"] == "false"]
    assert len(plain) >= 0.12 * len(labels)
    for row in plain:
        assert row["response_type"] == "no_values"
        assert not values.get((row["conversation_id"], "assistant"))


def test_subjective_rows_carry_two_to_six_values(
    labels: list[Row], values: dict[tuple[str, str], list[Row]]
) -> None:
    for row in labels:
        if row["subjective"] == "true":
            assert 2 <= len(values[row["conversation_id"], "assistant"]) <= 6


def test_no_values_to_respond_to_means_none_recorded(
    labels: list[Row], values: dict[tuple[str, str], list[Row]]
) -> None:
    for row in labels:
        if row["response_type"] == "no_values":
            assert not values.get((row["conversation_id"], "user"))


def test_expressions_are_ranked_and_never_repeated(
    labels: list[Row], values: dict[tuple[str, str], list[Row]]
) -> None:
    ids = {row["conversation_id"] for row in labels}
    for (conversation_id, party), rows in values.items():
        names = [row["value"] for row in rows]
        assert conversation_id in ids
        assert party in {"assistant", "user"}
        assert len(set(names)) == len(names)
        assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, len(rows) + 1)]


def test_expressions_are_written_as_in_the_readings(expressions: list[Row]) -> None:
    keys = [(row["conversation_id"], row["party"], int(row["rank"])) for row in expressions]
    assert all(first < second for first, second in pairwise(keys))
    for row in expressions:
        assert (row["codebook"], row["reading"]) == ("closed", "1")
        assert row["explicit"] in {"true", "false"}
        assert re.fullmatch(r"[a-z][a-z-]*( [a-z-]+){0,3}", row["value"])
        if row["party"] == "user":
            assert row["explicit"] == "true"


def test_users_state_at_most_four_values(values: dict[tuple[str, str], list[Row]]) -> None:
    assert all(len(rows) <= 4 for (_, party), rows in values.items() if party == "user")


def test_undesired_values_occur(values: dict[tuple[str, str], list[Row]]) -> None:
    shown = [
        conversation_id
        for (conversation_id, party), rows in values.items()
        if party == "assistant" and UNDESIRED & {row["value"] for row in rows}
    ]
    assert len(shown) >= 8


def test_most_assistant_values_are_implicit(expressions: list[Row]) -> None:
    shown = [row["explicit"] for row in expressions if row["party"] == "assistant"]
    assert 0.1 <= shown.count("true") / len(shown) <= 0.5


def test_common_values_recur_enough_for_statistics(expressions: list[Row]) -> None:
    counts = Counter(row["value"] for row in expressions if row["party"] == "assistant")
    assert sum(n >= 5 for n in counts.values()) >= 30


@pytest.mark.skipif(not VOCABULARY.is_file(), reason="needs data/labels/VOCABULARY.txt")
def test_values_come_from_the_vocabulary(expressions: list[Row]) -> None:
    lines = VOCABULARY.read_text(encoding="utf-8").splitlines()
    known = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    coined = [row["value"] for row in expressions if row["value"] not in known]
    assert known >= UNDESIRED
    assert len(coined) < 0.05 * len(expressions)


def test_readme_states_the_counts(
    conversations: list[dict[str, Any]], labels: list[Row], expressions: list[Row]
) -> None:
    text = (DEMO / "README.md").read_text(encoding="utf-8")
    stated = {
        name.strip("` "): int(n)
        for name, n in re.findall(r"^\| (.+?) \| (\d+) \|", text, re.MULTILINE)
    }
    of_assistants = [row for row in expressions if row["party"] == "assistant"]
    counted = {
        "Conversations": len(conversations),
        "Prompts (different histories before the last reply)": len(
            {c["prompt_id"] for c in conversations}
        ),
        "Assistants": len({c["model"] for c in conversations}),
        "Users": len({c["user_id"] for c in conversations}),
        "Conversations with three or more user turns": sum(
            user_turns(c) >= 3 for c in conversations
        ),
        "Conversations labelled subjective": sum(row["subjective"] == "true" for row in labels),
        "Value expressions of assistants": len(of_assistants),
        "Value expressions of assistants marked explicit": sum(
            row["explicit"] == "true" for row in of_assistants
        ),
        "Different values of assistants": len({row["value"] for row in of_assistants}),
        "Value expressions of users": len(expressions) - len(of_assistants),
        **Counter(c["model"] for c in conversations),
        **Counter(row["task_type"] for row in labels),
        **Counter(row["response_type"] for row in labels),
    }
    assert stated == counted


def test_licence_is_the_cc0_dedication() -> None:
    text = (DEMO / "LICENSE").read_text(encoding="utf-8")
    assert "https://creativecommons.org/publicdomain/zero/1.0/" in text
