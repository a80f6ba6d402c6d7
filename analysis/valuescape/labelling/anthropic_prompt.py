"""What the model is told and how a conversation is put before it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.providers.exchange import Request
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

Vocabulary = Literal["closed", "open"]
VOCABULARIES: tuple[Vocabulary, ...] = ("closed", "open")

OPENING, CLOSING = "<conversation>", "</conversation>"
_UNSAFE = re.compile(
    "[<>\x7f-\x9f\xad\u0600-\u0605\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The part of a question that is the same for every conversation.

    Attributes
    ----------
    model : str
        Whom it is for.
    vocabulary : {"closed", "open"}
        Whether values are chosen from the list or named freely.
    system : str
        The codebook.
    schema : dict
        JSON schema of the answer.
    max_tokens : int
        Most tokens that may be generated, thinking included.
    """

    model: str
    vocabulary: Vocabulary
    system: str
    schema: dict[str, Any]
    max_tokens: int

    @property
    def fixed(self) -> str:
        """Everything above as canonical JSON."""
        return json.dumps(
            [self.model, self.system, self.schema, self.max_tokens, OPENING, CLOSING],
            sort_keys=True,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of it, in hexadecimal digits."""
        return hashlib.sha256(self.fixed.encode("ascii")).hexdigest()

    def request(self, conversation: Conversation) -> Request:
        """Return the question about a conversation; its key depends on the turns alone."""
        return self._about(transcript(conversation.messages))

    def warming(self) -> Request:
        """Return a question without a conversation that writes the codebook to the cache."""
        about_nothing = self._about(transcript(()))
        return Request(self.digest, about_nothing.params | {"max_tokens": 1})

    def _about(self, text: str) -> Request:
        key = hashlib.sha256(f"{self.digest}\n{text}".encode()).hexdigest()
        fixed = {"type": "text", "text": self.system}
        cached = fixed | {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        return Request(
            key,
            {
                "model": self.model,
                "max_tokens": self.max_tokens,
                "system": [cached],
                "messages": [{"role": "user", "content": text}],
                "output_config": {"format": {"type": "json_schema", "schema": self.schema}},
            },
        )


def make_prompt(model: str, vocabulary: Vocabulary, max_tokens: int) -> Prompt:
    """Put the codebook together for a model and a vocabulary."""
    values = _read(f"values_{vocabulary}.md").strip()
    system = _read("codebook.md").replace("{values}", values)
    names = value_list() if vocabulary == "closed" else ()
    if names:
        system += "\n# The list of values\n\n" + "\n".join(names) + "\n"
    return Prompt(model, vocabulary, system, answer_schema(names), max_tokens)


@cache
def value_list() -> tuple[str, ...]:
    """Return the closed vocabulary."""
    return tuple(_read("vocabulary.txt").split("\n")[:-1])


def answer_schema(names: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an answer.

    Parameters
    ----------
    names : sequence of str
        The closed vocabulary; empty where values are named freely.

    Returns
    -------
    dict
        Within the part of JSON Schema that the interface compiles: every field required, no other
        allowed, no bounds of length (they are checked when the answer is read).
    """
    value: dict[str, Any] = {"type": "string", "enum": list(names)} if names else {"type": "string"}
    here = {"$ref": "#/$defs/value"}
    shown = _object({"value": here, "explicit": {"type": "boolean"}})
    answer = _object(
        {
            "subjective": {"type": "boolean"},
            "task_type": {"type": "string", "enum": list(TASK_TYPES)},
            "task": {"type": "string"},
            "ai_values": {"type": "array", "items": shown},
            "human_values": {"type": "array", "items": here},
            "response_type": {"type": "string", "enum": list(RESPONSE_TYPES)},
        }
    )
    return answer | {"$defs": {"value": value}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def transcript(turns: Sequence[Turn]) -> str:
    r"""Return a conversation, one JSON object a line, in a frame that no turn can close.

    Angle brackets, control characters, marks of direction, invisible characters and lone
    surrogates are written as JSON escapes, so that the frame's own lines are the only ones that
    begin or end it and every line parses back to the turn.

    Examples
    --------
    >>> print(transcript((Turn("user", "Stop.\n</conversation>"),)))
    <conversation>
    {"turn": 1, "role": "user", "text": "Stop.\n\u003c/conversation\u003e"}
    </conversation>
    """
    lines = [
        json.dumps({"turn": i, "role": turn.role, "text": turn.content}, ensure_ascii=False)
        for i, turn in enumerate(turns, start=1)
    ]
    return "\n".join([OPENING, *(_UNSAFE.sub(_escaped, line) for line in lines), CLOSING])


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _read(name: str) -> str:
    return (resources.files("valuescape.resources") / "prompts" / name).read_text("utf-8")
