"""What the model is told, and the question about one conversation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from valuescape.corpora.conversation import Conversation
from valuescape.labelling.transcript import CLOSING, OPENING, transcript
from valuescape.providers.exchange import Request
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

Vocabulary = Literal["closed", "open"]
VOCABULARIES: tuple[Vocabulary, ...] = ("closed", "open")
MAX_TOKENS = 4096


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
    parameters : str
        What else the answer depends on, as the interface's module names it.
    """

    model: str
    vocabulary: Vocabulary
    system: str
    schema: dict[str, Any]
    max_tokens: int
    parameters: str = ""

    @property
    def fixed(self) -> str:
        """Everything above as canonical JSON."""
        parts = [self.model, self.system, self.schema, self.max_tokens, self.parameters]
        return json.dumps([*parts, OPENING, CLOSING], sort_keys=True)

    @property
    def digest(self) -> str:
        """SHA-256 of it, in hexadecimal digits."""
        return hashlib.sha256(self.fixed.encode("ascii")).hexdigest()

    @property
    def version(self) -> str:
        """Model, vocabulary and the first digits of the hash."""
        return f"{self.model}-{self.vocabulary}-{self.digest[:8]}"

    def request(self, conversation: Conversation) -> Request:
        """Return the question about a conversation; its key depends on the turns alone."""
        text = transcript(conversation.messages)
        key = hashlib.sha256(f"{self.digest}\n{text}".encode()).hexdigest()
        return Request(key, self.model, self.system, text, self.schema, self.max_tokens)

    def warming(self) -> Request:
        """Return a question about no conversation that writes the codebook to the cache."""
        return Request(self.digest, self.model, self.system, transcript(()), self.schema, 1)


def make_prompt(
    model: str,
    vocabulary: Vocabulary,
    max_tokens: int = MAX_TOKENS,
    *,
    schema_told: bool = False,
    parameters: str = "",
) -> Prompt:
    """Put the codebook together for a model and a vocabulary.

    Parameters
    ----------
    model, vocabulary, max_tokens, parameters
        As :class:`Prompt` holds them.
    schema_told : bool
        Whether the form of the answer is put in words as well, for models that do not see the
        schema by which their answer is held.
    """
    values = _read(f"values_{vocabulary}.md").strip()
    system = _read("codebook.md").replace("{values}", values)
    names = value_list() if vocabulary == "closed" else ()
    if schema_told:
        system += "\n" + _read("answer_form.md").replace("{schema}", json.dumps(answer_schema(())))
    if names:
        system += "\n# The list of values\n\n" + "\n".join(names) + "\n"
    return Prompt(model, vocabulary, system, answer_schema(names), max_tokens, parameters)


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


def _read(name: str) -> str:
    return (resources.files("valuescape.resources") / "prompts" / name).read_text("utf-8")
