"""One invented record of each format, written from public descriptions of the formats.

None of this was exported by the product it imitates.  The requests and answers of the two APIs are
valid by the types of openai 3.54.0 and anthropic 2.12.0.
"""

from typing import Any


def node(name: str, parent: str | None, *children: str, **message: Any) -> dict[str, Any]:
    return {"id": name, "parent": parent, "children": list(children), "message": message or None}


def said(role: str, *parts: Any, kind: str = "text", **more: Any) -> dict[str, Any]:
    message = {
        "author": {"role": role},
        "content": {"content_type": kind, "parts": list(parts)},
        "metadata": {},
        "recipient": "all",
    }
    return {**message, **more}


HIDDEN = {"is_visually_hidden_from_conversation": True}
CHATGPT: dict[str, Any] = {
    "title": "Tea",
    "create_time": 1714557600.25,
    "conversation_id": "c-1",
    "default_model_slug": "auto",
    "current_node": "last",
    "mapping": {
        "root": node("root", None, "sys"),
        "sys": node("sys", "root", "q1", **said("system", "", metadata=HIDDEN)),
        "q1": node("q1", "sys", "a1", "a1-again", **said("user", "How do I brew tea?")),
        "a1": node(
            "a1",
            "q1",
            **said("assistant", "Boil it.", create_time=9e9, metadata={"model_slug": "x"}),
        ),
        "a1-again": node(
            "a1-again",
            "q1",
            "q2",
            **said("assistant", " Steep it. ", metadata={"model_slug": "m-1"}),
        ),
        "q2": node(
            "q2",
            "a1-again",
            "call",
            **said(
                "user",
                {"content_type": "image_asset_pointer"},
                "This pot?",
                {"content_type": "audio_transcription", "text": "The blue one."},
                kind="multimodal_text",
            ),
        ),
        "call": node("call", "q2", "result", **said("assistant", kind="code", recipient="python")),
        "result": node("result", "call", "think", **said("tool", "42")),
        "think": node("think", "result", "a2", **said("assistant", kind="thoughts")),
        "a2": node(
            "a2", "think", "last", **said("assistant", "Yes,", metadata={"model_slug": "m-2"})
        ),
        "last": node(
            "last", "a2", **said("assistant", "that pot.", metadata={"model_slug": "m-2"})
        ),
    },
}
CLAUDE: dict[str, Any] = {
    "uuid": "u-1",
    "name": "Tea",
    "created_at": "2025-05-01T10:00:00.123456Z",
    "account": {"uuid": "acc-1"},
    "chat_messages": [
        {
            "uuid": "1",
            "sender": "human",
            "text": "How do I brew tea?",
            "content": [{"type": "text", "text": "How do I brew tea?"}],
            "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
            "attachments": [{"file_name": "a.txt", "extracted_content": "pasted"}],
            "files": [{"file_name": "pot.png"}],
        },
        {"uuid": "2", "sender": "assistant", "text": "Boil it.", "parent_message_uuid": "1"},
        {
            "uuid": "3",
            "sender": "assistant",
            "text": "",
            "content": [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "Steep it."},
                {"type": "tool_use", "name": "t", "input": {}},
                {"type": "tool_result", "content": []},
                {"type": "text", "text": "Done."},
            ],
            "parent_message_uuid": "1",
        },
        {"uuid": "4", "sender": "human", "text": "Thanks", "parent_message_uuid": "3"},
    ],
}
SHAREGPT: dict[str, Any] = {
    "id": "s-1",
    "system": "Be brief.",
    "conversations": [
        {"from": "human", "value": "Hi"},
        {"from": "function_call", "value": "{}"},
        {"from": "observation", "value": "{}"},
        {"from": "gpt", "value": "Hello. "},
    ],
}
OPENAI: dict[str, Any] = {
    "custom_id": "r-1",
    "method": "POST",
    "body": {
        "model": "m",
        "user": "u-9",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Weather?"},
                    {"type": "image_url", "image_url": {"url": "data:"}},
                ],
            },
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}, {"id": "2"}]},
            {"role": "tool", "tool_call_id": "1", "content": "rain"},
        ],
    },
    "response": {
        "status_code": 200,
        "body": {
            "id": "chatcmpl-1",
            "created": 1714557600,
            "model": "m-2024",
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": "Rain."},
                }
            ],
        },
    },
}
ANTHROPIC: dict[str, Any] = {
    "custom_id": "r-1",
    "params": {
        "model": "m",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "Be brief."}],
        "metadata": {"user_id": "u-9"},
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "1", "name": "weather", "input": {}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1"}]},
        ],
    },
    "result": {
        "type": "succeeded",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m-2024",
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "x"},
                {"type": "text", "text": "Rain."},
            ],
        },
    },
}
WILDCHAT: dict[str, Any] = {
    "conversation_hash": "h-1",
    "model": "gpt-4-0314",
    "timestamp": "2023-04-09T00:02:53",
    "conversation": [
        {
            "content": "Hi",
            "role": "user",
            "hashed_ip": "ip-1",
            "timestamp": None,
            "turn_identifier": 1,
        },
        {
            "content": "Hello",
            "role": "assistant",
            "hashed_ip": None,
            "timestamp": "2023-04-09T00:02:53",
            "turn_identifier": 1,
        },
    ],
    "turn": 1,
    "language": "English",
    "toxic": False,
    "redacted": False,
    "state": None,
    "country": "Norway",
    "hashed_ip": "ip-1",
}
LMSYS: dict[str, Any] = {
    "conversation_id": "l-1",
    "model": "vicuna-33b",
    "conversation": [
        {"content": "Hi", "role": "user"},
        {"content": "Hello", "role": "assistant"},
    ],
    "turn": 1,
    "language": "English",
    "openai_moderation": [{"flagged": False}],
    "redacted": False,
}
INSPECT_HEADER: dict[str, Any] = {
    "version": 2,
    "status": "success",
    "eval": {
        "eval_id": "e-1",
        "created": "2025-05-01T10:00:00+00:00",
        "task": "kindness",
        "model": "openai/m",
    },
}
INSPECT: dict[str, Any] = {
    "id": "s/1",
    "epoch": 1,
    "input": "Hi",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "attachment://abc"},
        {
            "role": "assistant",
            "content": [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": " "}],
            "tool_calls": [{"id": "1", "function": "f"}],
        },
        {"role": "tool", "content": "42", "tool_call_id": "1"},
        {"role": "assistant", "content": "Hello"},
    ],
    "output": {
        "model": "m-2024",
        "choices": [{"message": {"role": "assistant", "content": "Hello"}}],
    },
    "attachments": {"abc": "Hi, long"},
    "events": [{"event": "model", "input": [{"role": "user", "content": "not read"}]}],
}
OASST_TREE: dict[str, Any] = {
    "message_tree_id": "t",
    "prompt": {
        "text": "Hi",
        "role": "prompter",
        "user_id": "v-1",
        "created_date": "2023-02-05T14:23:50.983374+00:00",
        "replies": [
            {"text": "Hello", "role": "assistant", "replies": []},
            {"text": "Good day", "role": "assistant", "replies": []},
        ],
    },
}
RECORDS: dict[str, dict[str, Any]] = {
    "chatgpt": CHATGPT,
    "claude": CLAUDE,
    "wildchat": WILDCHAT,
    "lmsys": LMSYS,
    "inspect": INSPECT,
    "sharegpt": SHAREGPT,
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "oasst-trees": OASST_TREE,
    "valuescape": {
        "id": "v-1",
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
    },
    "alpaca-eval": {"instruction": "Hi", "output": "Hello", "generator": "m", "dataset": "d"},
    "just-eval": {"id": 0, "instruction": "Hi", "output": "Hello", "source_id": "x-0"},
    "hh-rlhf": {
        "chosen": "\n\nHuman: Hi\n\nAssistant: Hello",
        "rejected": "\n\nHuman: Hi\n\nAssistant: Go",
    },
    "xstest": {
        "id": "1",
        "type": "t",
        "prompt": "Hi",
        "completion": "Hello",
        "annotation_1": "a",
        "annotation_2": "b",
        "final_label": "c",
    },
    "oasst-reports": {"prompt": "Hi", "results": [{"outputs": ["Hello</s>"]}]},
    "vicuna-blog": {"question_id": 1, "text": "Hello", "answer_id": "a"},
    "arena-hard-v0.1": {
        "uid": "0" * 32,
        "ans_id": "a",
        "model": "m",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": {"answer": "Hello"}},
        ],
    },
    "arena-hard-v2.0": {
        "uid": "0" * 16,
        "ans_id": "a",
        "model": "m",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": {"answer": "Hello"}},
        ],
    },
}
AROUND: dict[str, dict[str, Any]] = {
    "inspect": INSPECT_HEADER,
    "oasst-reports": {"model_name": "m"},
    "vicuna-blog": {"1": {"question_id": 1, "text": "Hi", "category": "generic"}},
}
