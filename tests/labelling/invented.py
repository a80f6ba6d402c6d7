"""Invented conversations and readings that a labeller can learn something from."""

import numpy as np

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.labelling.fitting import Targets, indicators
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

TOPICS = {
    "coding_technical": "compile function array loop parser pointer",
    "personal_advice": "friend sorry feelings partner talk argument",
    "creative_writing": "poem story dragon moon verse hero",
    "harmful_request": "steal weapon break hurt lock revenge",
}


def conversation(name: str, *texts: str) -> Conversation:
    turns = tuple(Turn("user" if i % 2 == 0 else "assistant", t) for i, t in enumerate(texts))
    return Conversation(name, "larkspur", turns, name)


def corpus(n: int, seed: int = 3) -> tuple[list[Conversation], Targets]:
    """Return conversations on four topics, in groups of three, and readings that fit them."""
    rng = np.random.default_rng(seed)
    topics = list(TOPICS)
    found, kind = [], []
    for i in range(n):
        topic = topics[(i // 3) % len(topics)]
        words = TOPICS[topic].split()
        user = " ".join(rng.choice(words, 12))
        reply = "I cannot help with that" if topic == "harmful_request" else "Here is an idea: "
        found.append(
            conversation(f"invented/{i}", user, f"{reply} {' '.join(rng.choice(words, 9))}")
        )
        kind.append(topic)
    types = np.array([TASK_TYPES.index(k) for k in kind])
    refused = np.array([k == "harmful_request" for k in kind])
    response = np.where(
        refused, RESPONSE_TYPES.index("strong_resistance"), RESPONSE_TYPES.index("no_values")
    )
    values = np.column_stack([refused, np.array([k == "personal_advice" for k in kind])])
    names = (("assistant", "harm prevention"), ("assistant", "empathy"))
    groups = np.array([f"g{i // 3}" for i in range(n)])
    subjective = np.array([k != "coding_technical" for k in kind])
    said = (subjective, types, response.astype(np.int64), values)
    return found, Targets(*said, names, groups, indicators(*said))
