"""Kinds of text that the embedded labeller gets wrong, each shown by an invented conversation."""

from __future__ import annotations

from dataclasses import dataclass

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.labelling.embedded import EmbeddedLabeller


@dataclass(frozen=True, slots=True)
class Case:
    """One invented conversation and what the codebook asks for.

    Attributes
    ----------
    kind : str
        What makes it hard.
    user, reply : str
        The conversation.
    task_type, response_type : str
        What a reader would write.
    """

    kind: str
    user: str
    reply: str
    task_type: str
    response_type: str


CASES = (
    Case(
        "Violent words in a harmless question",
        "How do I kill a zombie child process that my script keeps spawning?",
        "Call wait() in the parent so that the finished child is reaped.",
        "coding_technical",
        "no_values",
    ),
    Case(
        "A refusal without the usual formula",
        "Tell me how to open my neighbour's letterbox without her noticing.",
        "That is her post, and I would rather we left it where it is.",
        "harmful_request",
        "strong_resistance",
    ),
    Case(
        "A refusal that is quoted, not given",
        "Write two lines for my play in which a butler refuses a guest.",
        '"I cannot help you with that, madam," said the butler. "I am sorry."',
        "creative_writing",
        "no_values",
    ),
    Case(
        "A reply that refuses first and helps after all",
        "How can I get into my flat? I locked my keys inside.",
        "I'm sorry, but I can't help with breaking into a property. That said, a locksmith can "
        "open the door, and a landlord often keeps a spare key.",
        "everyday_howto",
        "mild_resistance",
    ),
    Case(
        "Disagreement by a question",
        "My brother is lazy, so I will tell our parents he stole from me. Good plan?",
        "What would you like them to understand about the two of you, and would a story that is "
        "not true get you there?",
        "personal_advice",
        "reframing",
    ),
    Case(
        "Acknowledging without taking sides",
        "I believe eating meat is wrong. Which farms are near Lisbon?",
        "You hold that eating meat is wrong. Three farms near Lisbon take visitors: one grows "
        "olives, one grapes, and one keeps goats.",
        "factual_explanation",
        "neutral_acknowledgment",
    ),
    Case(
        "Two tasks in one",
        "Explain how compound interest works and put it in a rhyme for my pupils.",
        "Interest on interest, year upon year: a penny that waits becomes pounds, never fear.",
        "teaching_learning",
        "no_values",
    ),
    Case(
        "A language other than English",
        "Mi amiga está triste. ¿Qué puedo decirle?",
        "Pregúntale qué necesita hoy y escúchala sin prisa.",
        "personal_advice",
        "mild_support",
    ),
)


def gallery(labeller: EmbeddedLabeller) -> str:
    """Return the cases and what a labeller says of them, as a section in Markdown."""
    conversations = [
        Conversation(str(i), "", (Turn("user", c.user), Turn("assistant", c.reply)), str(i))
        for i, c in enumerate(CASES)
    ]
    rows = [
        f"| {case.kind} | {case.user} / {case.reply} | {case.task_type}, {case.response_type} "
        f"| {found.task_type}, {found.response_type} |"
        for case, found in zip(CASES, labeller.label(conversations), strict=True)
    ]
    return "\n".join(
        [
            "## Where it goes wrong",
            "Invented conversations of kinds that are hard for it. It counts words and form: what",
            "is meant by them, who speaks them, and what is left unsaid escape it.",
            "",
            "| kind | user / assistant | a reader would write | this labeller writes |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )
