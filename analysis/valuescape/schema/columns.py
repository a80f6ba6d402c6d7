"""One vocabulary of columns: a name means the same thing wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TASK_TYPES: tuple[str, ...] = (
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
)
RESPONSE_TYPES: tuple[str, ...] = (
    "strong_support",
    "mild_support",
    "neutral_acknowledgment",
    "reframing",
    "mild_resistance",
    "strong_resistance",
    "no_values",
)
GROUPS: tuple[str, ...] = ("ordinary", "adversarial", "over_refusal", "human_reference")
PARTIES: tuple[str, ...] = ("assistant", "user")
CODEBOOKS: tuple[str, ...] = ("closed", "open", "unprimed")
POLARITIES: tuple[str, ...] = ("desirable", "undesirable", "contested", "fault")
STATUSES: tuple[str, ...] = ("ok", "invalid", "refused", "truncated", "failed")
CONTEXT_KINDS: tuple[str, ...] = (
    "task_type",
    "task_cluster",
    "run",
    "user_value",
    "response_type",
)

Kind = Literal["string", "boolean", "integer", "number", "timestamp"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what it means and what it may hold.

    Attributes
    ----------
    kind : {"string", "boolean", "integer", "number", "timestamp"}
        Type of the cells.
    meaning : str
        What the column holds, in words.
    unit : str
        Unit of a number; empty for the rest.
    allowed : tuple of str
        The closed list of values; empty when the column is free.
    minimum, maximum : float or None
        Inclusive bounds of a number.
    above : float or None
        Exclusive lower bound of a number.
    missing : bool
        Whether a cell may be empty.
    """

    kind: Kind
    meaning: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    missing: bool = False


def text(meaning: str, allowed: tuple[str, ...] = (), *, missing: bool = False) -> Column:
    """Define a column of text."""
    return Column("string", meaning, allowed=allowed, missing=missing)


def count(meaning: str, unit: str = "conversations", *, missing: bool = False) -> Column:
    """Define a column of counts."""
    return Column("integer", meaning, unit, minimum=0, missing=missing)


def share(meaning: str, *, missing: bool = False) -> Column:
    """Define a column of shares."""
    return Column("number", meaning, "share", minimum=0.0, maximum=1.0, missing=missing)


def number(meaning: str, unit: str = "", *, missing: bool = True) -> Column:
    """Define a column of real numbers."""
    return Column("number", meaning, unit, missing=missing)


_IDENTITY = {
    "conversation_id": text("identifier of the conversation"),
    "source": text("public corpus the conversation comes from"),
    "file": text("file of the corpus"),
    "stratum": text("sampling stratum"),
    "group": text("kind of material; groups are never pooled", GROUPS),
    "in_frame": Column("boolean", "whether the conversation could have been drawn"),
    "model": text("assistant as the source names it"),
    "prompt_id": text("digest of all turns but the last"),
    "prompt_group": text("near-equal prompts, one tree or contrast pair: the cluster"),
    "user_id": text("pseudonym of the user", missing=True),
    "started_at": Column("timestamp", "time of the first turn (UTC)", missing=True),
    "n_turns": Column("integer", "messages in the conversation", "messages", minimum=1),
    "n_characters": Column("integer", "length of all turns", "characters", minimum=0),
    "system": text("assistant under one name across sources"),
    "developer": text("who made the assistant; empty for human volunteers", missing=True),
    "variant": text("version or setting", missing=True),
    "certain": Column("boolean", "false where the system is inferred from the name"),
    "run": text("source and model label: the unit of comparison"),
}
_LABEL = {
    "codebook": text("rules the reader followed", CODEBOOKS),
    "reading": Column("integer", "1, or 2 for a second reader", minimum=1, maximum=2),
    "reader": text("which reader"),
    "labeller": text("who or what labelled"),
    "subjective": Column("boolean", "a good answer depends on judgement"),
    "task_type": text("what the user wants", TASK_TYPES),
    "task": text("the purpose in a few words", missing=True),
    "response_type": text("stance towards the user's values", RESPONSE_TYPES),
    "fold": Column("integer", "fold whose labeller saw no reading of the group", minimum=0),
    "status": text("how labelling ended", STATUSES),
    "party": text("whose value", PARTIES),
    "value": text("name of the value"),
    "value_raw": text("name as the labeller wrote it"),
    "explicit": Column("boolean", "named or argued for in words"),
    "rank": Column("integer", "order of importance, from 1", minimum=1),
    "probability": share("probability that the label holds"),
    "p_subjective": share("probability of being subjective"),
    "wave": Column("integer", "wave of sampling", minimum=1, maximum=2),
    "psu_id": text("primary sampling unit"),
    "inclusion_probability": Column(
        "number", "chance of being read", "probability", above=0.0, maximum=1.0
    ),
    "second_reading_probability": share("chance of a second reading, given the first"),
    "open_reading_probability": share("chance of an open reading, given the first"),
    "unprimed_reading_probability": share("chance of an unprimed reading, given the first"),
}
_TAXONOMY = {
    "node_id": text("identifier of the node"),
    "name": text("printed name of the node"),
    "level": Column("integer", "0 single value to 3 heading", minimum=0, maximum=3),
    "parent_id": text("node above", missing=True),
    "description": text("what the node gathers", missing=True),
    "polarity": text("how the value is judged", POLARITIES),
    "n": count("conversations it rests on"),
}
_COUNTS = {
    "n_conversations": count("conversations"),
    "n_psu": count("primary sampling units", "units"),
    "n_read": count("conversations read"),
    "context_kind": text("what divides the conversations", CONTEXT_KINDS),
    "context": text("the part compared with the rest"),
    "n_both": count("conversations in the context expressing the value"),
    "n_context": count("conversations in the context"),
    "n_value": count("conversations expressing the value"),
    "n_total": count("conversations in the group"),
    "n_clusters_context": count("prompt groups in the context", "prompt groups"),
    "n_clusters_value": count("prompt groups with the value", "prompt groups"),
    "expected": number("expected, were context and value independent", missing=False),
    "prevalence_inside": share("weighted share expressing the value, in the context", missing=True),
    "prevalence_outside": share("the same in the rest, at the context's strata", missing=True),
    "effective_inside": number("independent conversations the share inside is worth"),
    "effective_outside": number("independent conversations the share outside is worth"),
    "score": number("stratified weighted score of the cell (observed less expected)"),
    "score_variance": number("cluster-robust variance of the score"),
    "score_variance_independent": number(
        "variance of the score by its margins, were conversations independent"
    ),
    "design_effect": Column("number", "variance over that of independence", "ratio", minimum=1.0),
    "n_clusters": count("prompt groups", "prompt groups"),
    "in_family": Column("boolean", "whether the context is tested"),
}
_RESULTS = {
    "estimate": number("the estimate", "as unit says"),
    "ci_low": number("lower end of the interval"),
    "ci_high": number("upper end of the interval"),
    "log10_p": number("log10 of the p-value of the primary test"),
    "q_value": share("Benjamini-Hochberg q within the family", missing=True),
    "method": text("how the estimate or test was made"),
    "unit": text("unit of the estimate"),
    "quantity": text("what is estimated"),
}
COLUMNS: dict[str, Column] = {**_IDENTITY, **_LABEL, **_TAXONOMY, **_COUNTS, **_RESULTS}
