"""Each format on an invented record: what is kept, what is left out, who is who."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.corpora import invented
from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.conversation import Conversation, Turn, prompt_digest
from valuescape.corpora.records import File, Record
from valuescape.corpora.turns import Outcome, Skipped
from valuescape.errors import InputError

USER, REPLY = Turn("user", "Hi"), Turn("assistant", "Hello")


def outcomes(name: str, content: dict[str, Any], index: int = 0) -> list[Outcome]:
    adapter = FORMATS[name]
    file = File("folder/file.jsonl", Path("folder/file.jsonl"), 0, adapter.source)
    around = invented.AROUND.get(name, {})
    return list(adapter.convert(Record(content, file, index, f"line {index + 1}", around)))


def only(name: str, content: dict[str, Any] | None = None) -> Conversation:
    found = outcomes(name, content or invented.RECORDS[name])
    assert len(found) == 1
    assert isinstance(found[0], Conversation)
    return found[0]


def changed(name: str, **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(invented.RECORDS[name]), **fields}


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_is_known_by_its_own_format_first(name: str) -> None:
    content = invented.RECORDS[name]
    assert next(n for n, a in FORMATS.items() if a.recognises(content)) == name


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_gives_conversations_that_end_with_a_reply(name: str) -> None:
    found = outcomes(name, invented.RECORDS[name])
    assert found
    for c in found:
        assert isinstance(c, Conversation)
        assert c.messages[-1].role == "assistant"
        assert any(t.role == "user" for t in c.messages)
        assert c.prompt_id == prompt_digest(c.messages)
        assert name == "valuescape" or c.id.startswith(f"{c.source}/")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_without_a_reply_or_a_prompt_is_skipped_or_refused(name: str) -> None:
    with pytest.raises(InputError):
        list(outcomes(name, {}))


def test_chatgpt_follows_the_current_branch_and_counts_what_it_leaves_out() -> None:
    c = only("chatgpt")
    assert c.id == "chatgpt/c-1"
    assert c.messages == (
        Turn("user", "How do I brew tea?"),
        Turn("assistant", "Steep it."),
        Turn("user", "This pot?\n\nThe blue one."),
        Turn("assistant", "Yes,\n\nthat pot."),
    )
    assert c.model == "m-2"
    assert c.meta == {
        "models": ["m-1", "m-2"],
        "left_out": {"image": 1, "reasoning": 1, "tool": 2},
    }
    assert c.started_at == "2024-05-01T10:00:00Z"
    assert c.user_id is None


def test_chatgpt_without_a_current_node_ends_at_the_newest_message() -> None:
    c = only("chatgpt", changed("chatgpt", current_node=None))
    assert c.messages[-1] == Turn("assistant", "Boil it.")
    assert c.model == "x"
    assert c.meta == {}


@pytest.mark.parametrize(
    ("current", "parent", "message"),
    [("nowhere", None, "missing"), ("last", "nowhere", "missing"), ("last", "last", "circle")],
)
def test_a_broken_chatgpt_tree_is_refused(current: str, parent: str | None, message: str) -> None:
    content = changed("chatgpt", current_node=current)
    if parent:
        content["mapping"]["last"]["parent"] = parent
    with pytest.raises(InputError, match=message):
        outcomes("chatgpt", content)


def test_claude_follows_the_last_branch_and_names_the_account() -> None:
    c = only("claude")
    assert c.messages == (
        Turn("user", "How do I brew tea?"),
        Turn("assistant", "Steep it.\n\nDone."),
    )
    assert (c.user_id, c.started_at, c.model) == ("acc-1", "2025-05-01T10:00:00Z", "not-named")
    assert c.meta == {"left_out": {"attachment": 2, "reasoning": 1, "tool": 2}}


def test_claude_takes_a_named_leaf_and_a_flat_list() -> None:
    c = only("claude", changed("claude", current_leaf_message_uuid="2", model="m"))
    assert c.messages[-1].content == "Boil it."
    assert c.model == "m"
    flat = changed("claude")
    for message in flat["chat_messages"]:
        del message["parent_message_uuid"]
    assert only("claude", flat).messages[-1].content == "Boil it.\n\nSteep it.\n\nDone."


def test_sharegpt_keeps_the_system_prompt_and_counts_tools() -> None:
    c = only("sharegpt")
    assert c.messages == (Turn("system", "Be brief."), USER, Turn("assistant", "Hello."))
    assert (c.id, c.model) == ("sharegpt/s-1", "not-named")
    assert c.meta == {"left_out": {"tool": 2}}
    unnamed = changed("sharegpt", id=None, model="m")
    assert only("sharegpt", unnamed).id == "sharegpt/file-0"
    assert only("sharegpt", unnamed).model == "m"


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_api_messages_are_read_with_their_answer(name: str) -> None:
    c = only(name)
    assert c.messages == (
        Turn("system", "Be brief."),
        Turn("user", "Weather?"),
        Turn("assistant", "Rain."),
    )
    assert (c.id, c.model, c.user_id) == (f"{name}/r-1", "m-2024", "u-9")
    left_out = {"openai": {"image": 1, "tool": 3}, "anthropic": {"reasoning": 1, "tool": 2}}
    assert c.meta == {"left_out": left_out[name]}
    assert c.started_at == {"openai": "2024-05-01T10:00:00Z"}.get(name)


def test_fine_tuning_lines_are_named_by_file_and_line() -> None:
    content = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "refusal": "No"}]
    }
    c = only("openai", content)
    assert c.id == "openai/file-0"
    assert c.messages[-1].content == "No"


def test_results_of_a_batch_without_its_prompts_are_skipped() -> None:
    assert outcomes("anthropic", {"custom_id": "a", "result": invented.ANTHROPIC["result"]}) == [
        Skipped("no turn of the user")
    ]
    assert outcomes("openai", {"custom_id": "a", "response": invented.OPENAI["response"]}) == [
        Skipped("no turn of the user")
    ]


def test_wildchat_keeps_user_and_time() -> None:
    c = only("wildchat")
    assert c.messages == (USER, REPLY)
    assert (c.id, c.user_id, c.started_at) == (
        "wildchat-1m/h-1",
        "ip-1",
        "2023-04-09T00:02:53Z",
    )
    assert c.meta == {"language": "English", "country": "Norway", "toxic": False, "redacted": False}
    bare = changed("wildchat", hashed_ip=None)
    assert only("wildchat", bare).user_id == "ip-1"


def test_lmsys_keeps_model_and_language() -> None:
    c = only("lmsys")
    assert (c.id, c.model, c.user_id) == ("lmsys-chat-1m/l-1", "vicuna-33b", None)
    assert c.meta == {"language": "English", "redacted": False}


def test_inspect_puts_attachments_back_and_names_run_sample_and_epoch() -> None:
    c = only("inspect")
    assert c.messages == (Turn("system", "Be kind."), Turn("user", "Hi, long"), REPLY)
    assert (c.id, c.model, c.started_at) == ("inspect/e-1-s/1-1", "m-2024", "2025-05-01T10:00:00Z")
    assert c.meta["left_out"] == {"reasoning": 1, "tool": 2}
    with pytest.raises(InputError, match="attachment"):
        outcomes("inspect", changed("inspect", attachments={}))


def test_inspect_takes_the_reply_from_the_output_where_the_messages_lack_it() -> None:
    short = changed("inspect", messages=[{"role": "user", "content": "Hi"}])
    assert only("inspect", short).messages == (USER, REPLY)


def test_a_tree_of_volunteers_gives_each_path_with_user_and_time() -> None:
    found = outcomes("oasst-trees", invented.OASST_TREE)
    assert [c.id for c in found if isinstance(c, Conversation)] == ["oasst/0-0", "oasst/0-1"]
    assert {c.user_id for c in found if isinstance(c, Conversation)} == {"v-1"}
    assert isinstance(found[0], Conversation)
    assert found[0].started_at == "2023-02-05T14:23:50Z"


ONE_SIDED: dict[str, tuple[dict[str, Any], str]] = {
    "chatgpt": ({"mapping": {}, "current_node": None}, "no reply of the assistant"),
    "claude": ({"chat_messages": []}, "no reply of the assistant"),
    "lmsys": ({"conversation": [{"role": "user", "content": "Hi"}]}, "no reply of the assistant"),
    "wildchat": (
        {"conversation": [{"role": "assistant", "content": "Hi"}]},
        "no turn of the user",
    ),
    "sharegpt": ({"conversations": [{"from": "gpt", "value": "Hi"}]}, "no turn of the user"),
    "alpaca-eval": ({"output": "  "}, "no reply of the assistant"),
    "just-eval": ({"instruction": " "}, "no turn of the user"),
    "valuescape": ({"messages": [{"role": "user", "content": "Hi"}]}, "no reply of the assistant"),
    "oasst-reports": ({"results": []}, "no reply of the assistant"),
    "inspect": ({"messages": [], "output": {}}, "no reply of the assistant"),
}


@pytest.mark.parametrize("name", ONE_SIDED)
def test_empty_and_one_sided_conversations_are_skipped_with_a_reason(name: str) -> None:
    fields, reason = ONE_SIDED[name]
    if name == "sharegpt":
        fields = {**fields, "system": None}
    assert outcomes(name, changed(name, **fields)) == [Skipped(reason)]


def test_turns_after_the_last_reply_are_cut() -> None:
    turns = [*invented.LMSYS["conversation"], {"role": "user", "content": "And?"}]
    assert only("lmsys", changed("lmsys", conversation=turns)).messages == (USER, REPLY)
