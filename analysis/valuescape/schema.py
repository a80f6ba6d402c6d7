"""Every table that passes between stages: columns, types, units and keys.

One vocabulary of columns (:data:`COLUMNS`) serves every table (:data:`TABLES`), so that a name
means the same thing wherever it stands.  ``data/codebook.yaml`` documents the columns of the
released files in full.
"""

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


def _text(meaning: str, allowed: tuple[str, ...] = (), *, missing: bool = False) -> Column:
    return Column("string", meaning, allowed=allowed, missing=missing)


def _count(meaning: str, unit: str = "conversations", *, missing: bool = False) -> Column:
    return Column("integer", meaning, unit, minimum=0, missing=missing)


def _share(meaning: str, *, missing: bool = False) -> Column:
    return Column("number", meaning, "share", minimum=0.0, maximum=1.0, missing=missing)


def _number(meaning: str, unit: str = "", *, missing: bool = True) -> Column:
    return Column("number", meaning, unit, missing=missing)


_IDENTITY = {
    "conversation_id": _text("identifier of the conversation"),
    "source": _text("public corpus the conversation comes from"),
    "file": _text("file of the corpus"),
    "stratum": _text("sampling stratum"),
    "group": _text("kind of material; groups are never pooled", GROUPS),
    "in_frame": Column("boolean", "whether the conversation could have been drawn"),
    "model": _text("assistant as the source names it"),
    "prompt_id": _text("digest of all turns but the last"),
    "prompt_group": _text("near-equal prompts, one tree or contrast pair: the cluster"),
    "user_id": _text("pseudonym of the user", missing=True),
    "started_at": Column("timestamp", "time of the first turn (UTC)", missing=True),
    "n_turns": Column("integer", "messages in the conversation", "messages", minimum=1),
    "n_characters": Column("integer", "length of all turns", "characters", minimum=0),
    "system": _text("assistant under one name across sources"),
    "developer": _text("who made the assistant; empty for human volunteers", missing=True),
    "variant": _text("version or setting", missing=True),
    "certain": Column("boolean", "false where the system is inferred from the name"),
    "run": _text("source and model label: the unit of comparison"),
}
_LABEL = {
    "codebook": _text("rules the reader followed", CODEBOOKS),
    "reading": Column("integer", "1, or 2 for a second reader", minimum=1, maximum=2),
    "reader": _text("which reader"),
    "labeller": _text("who or what labelled"),
    "subjective": Column("boolean", "a good answer depends on judgement"),
    "task_type": _text("what the user wants", TASK_TYPES),
    "task": _text("the purpose in a few words", missing=True),
    "response_type": _text("stance towards the user's values", RESPONSE_TYPES),
    "fold": Column("integer", "fold whose labeller saw no reading of the group", minimum=0),
    "status": _text("how labelling ended", STATUSES),
    "party": _text("whose value", PARTIES),
    "value": _text("name of the value"),
    "value_raw": _text("name as the labeller wrote it"),
    "explicit": Column("boolean", "named or argued for in words"),
    "rank": Column("integer", "order of importance, from 1", minimum=1),
    "probability": _share("probability that the label holds"),
    "p_subjective": _share("probability of being subjective"),
    "wave": Column("integer", "wave of sampling", minimum=1, maximum=2),
    "psu_id": _text("primary sampling unit"),
    "inclusion_probability": Column(
        "number", "chance of being read", "probability", above=0.0, maximum=1.0
    ),
    "second_reading_probability": _share("chance of a second reading, given the first"),
    "open_reading_probability": _share("chance of an open reading, given the first"),
    "unprimed_reading_probability": _share("chance of an unprimed reading, given the first"),
}
_TAXONOMY = {
    "node_id": _text("identifier of the node"),
    "name": _text("printed name of the node"),
    "level": Column("integer", "0 single value to 3 heading", minimum=0, maximum=3),
    "parent_id": _text("node above", missing=True),
    "description": _text("what the node gathers", missing=True),
    "polarity": _text("how the value is judged", POLARITIES),
    "n": _count("conversations it rests on"),
}
_COUNTS = {
    "n_conversations": _count("conversations"),
    "n_psu": _count("primary sampling units", "units"),
    "n_read": _count("conversations read"),
    "context_kind": _text("what divides the conversations", CONTEXT_KINDS),
    "context": _text("the part compared with the rest"),
    "n_both": _count("conversations in the context expressing the value"),
    "n_context": _count("conversations in the context"),
    "n_value": _count("conversations expressing the value"),
    "n_total": _count("conversations in the group"),
    "n_clusters_context": _count("prompt groups in the context", "prompt groups"),
    "n_clusters_value": _count("prompt groups with the value", "prompt groups"),
    "expected": _number("expected, were context and value independent", missing=False),
    "prevalence_inside": _share(
        "weighted share expressing the value, in the context", missing=True
    ),
    "prevalence_outside": _share("the same in the rest, at the context's strata", missing=True),
    "effective_inside": _number("independent conversations the share inside is worth"),
    "effective_outside": _number("independent conversations the share outside is worth"),
    "score": _number("stratified weighted score of the cell (observed less expected)"),
    "score_variance": _number("cluster-robust variance of the score"),
    "score_variance_independent": _number(
        "variance of the score by its margins, were conversations independent"
    ),
    "design_effect": Column("number", "variance over that of independence", "ratio", minimum=1.0),
    "n_clusters": _count("prompt groups", "prompt groups"),
    "in_family": Column("boolean", "whether the context is tested"),
}
_RESULTS = {
    "estimate": _number("the estimate", "as unit says"),
    "ci_low": _number("lower end of the interval"),
    "ci_high": _number("upper end of the interval"),
    "log10_p": _number("log10 of the p-value of the primary test"),
    "q_value": _share("Benjamini-Hochberg q within the family", missing=True),
    "method": _text("how the estimate or test was made"),
    "unit": _text("unit of the estimate"),
    "quantity": _text("what is estimated"),
}
COLUMNS: dict[str, Column] = {**_IDENTITY, **_LABEL, **_TAXONOMY, **_COUNTS, **_RESULTS}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order and the columns that identify a row."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    own: tuple[tuple[str, Column], ...] = ()

    def column(self, name: str) -> Column:
        """Return the definition of a column of this table."""
        return dict(self.own).get(name) or COLUMNS[name]


_PROBABILITIES: dict[str, Column] = {
    f"p_{name}": _share(f"probability of {name}") for name in (*TASK_TYPES, *RESPONSE_TYPES)
}
_GIVEN = (
    Table(
        "conversations",
        (
            "conversation_id",
            "source",
            "file",
            "stratum",
            "group",
            "in_frame",
            "model",
            "prompt_id",
            "prompt_group",
            "n_turns",
            "n_characters",
        ),
        ("conversation_id",),
    ),
    Table(
        "readings",
        (
            "conversation_id",
            "codebook",
            "reading",
            "reader",
            "subjective",
            "task_type",
            "task",
            "response_type",
        ),
        ("conversation_id", "codebook", "reading"),
    ),
    Table(
        "reading_expressions",
        ("conversation_id", "codebook", "reading", "party", "value", "explicit", "rank"),
        ("conversation_id", "codebook", "reading", "party", "value"),
    ),
    Table(
        "sample",
        (
            "conversation_id",
            "stratum",
            "wave",
            "psu_id",
            "inclusion_probability",
            "second_reading_probability",
            "open_reading_probability",
            "unprimed_reading_probability",
        ),
        ("conversation_id",),
    ),
    Table("frame", ("stratum", "n_conversations", "n_psu", "n_read"), ("stratum",)),
    Table(
        "assistants",
        (
            "source",
            "model",
            "system",
            "developer",
            "variant",
            "certain",
            "n_conversations",
            "n_read",
        ),
        ("source", "model"),
    ),
)
_REFERENCE = (
    Table(
        "claims",
        (
            "key",
            "published_key",
            "question",
            "primed",
            "group",
            "context_kind",
            "context",
            "value",
            "why_not",
        ),
        ("key",),
        own=(
            ("key", _text("identifier of the claim")),
            ("published_key", _text("row of published.csv that makes it")),
            ("question", _text("research question")),
            ("primed", Column("boolean", "whether the codebook names the value as an example")),
            (
                "context_kind",
                _text("table to look in", ("task_type", "response_type", "stance", "user_value")),
            ),
            ("context", _text("where the value is said to be more frequent", missing=True)),
            ("why_not", _text("why it cannot be tested, if it cannot", missing=True)),
        ),
    ),
)
_FLOWING = (
    Table(
        "labels",
        (
            "conversation_id",
            "labeller",
            "status",
            "subjective",
            "task_type",
            "task",
            "response_type",
        ),
        ("conversation_id", "labeller"),
    ),
    Table(
        "machine_labels",
        (
            "conversation_id",
            "labeller",
            "fold",
            "status",
            "subjective",
            "task_type",
            "response_type",
            "p_subjective",
            *_PROBABILITIES,
        ),
        ("conversation_id", "labeller"),
        own=tuple(_PROBABILITIES.items()),
    ),
    Table(
        "expressions",
        ("conversation_id", "labeller", "party", "value", "value_raw", "explicit", "rank"),
        ("conversation_id", "labeller", "party", "value"),
        own=(("explicit", Column("boolean", "named or argued for in words", missing=True)),),
    ),
    Table(
        "machine_expressions",
        (
            "conversation_id",
            "labeller",
            "party",
            "value",
            "value_raw",
            "explicit",
            "rank",
            "probability",
        ),
        ("conversation_id", "labeller", "party", "value"),
        own=(("explicit", Column("boolean", "named or argued for in words", missing=True)),),
    ),
    Table(
        "taxonomy",
        ("node_id", "name", "level", "parent_id", "description", "polarity", "n"),
        ("node_id",),
    ),
    Table(
        "task_taxonomy",
        ("node_id", "name", "level", "parent_id", "description", "n"),
        ("node_id",),
        own=(("level", Column("integer", "1 fine kind, 2 coarse kind", minimum=1, maximum=2)),),
    ),
    Table(
        "tasks",
        ("task", "node_id", "name"),
        ("task",),
        own=(("task", _text("the purpose in a few words")),),
    ),
    Table(
        "counts",
        (
            "group",
            "context_kind",
            "level",
            "context",
            "value",
            "n_both",
            "n_context",
            "n_value",
            "n_total",
            "n_clusters_context",
            "n_clusters_value",
            "expected",
            "prevalence_inside",
            "prevalence_outside",
            "effective_inside",
            "effective_outside",
            "score",
            "score_variance",
            "score_variance_independent",
            "design_effect",
        ),
        ("group", "context_kind", "level", "context", "value"),
    ),
    Table(
        "stratum_counts",
        ("group", "context_kind", "level", "stratum", "context", "value", "n"),
        ("group", "context_kind", "level", "stratum", "context", "value"),
        own=(
            ("context", _text("the context; empty for a margin", missing=True)),
            ("value", _text("the value; empty for a margin", missing=True)),
        ),
    ),
    Table(
        "contexts",
        ("group", "context_kind", "context", "n", "n_clusters", "in_family"),
        ("group", "context_kind", "context"),
    ),
)
TABLES: dict[str, Table] = {table.name: table for table in (*_GIVEN, *_REFERENCE, *_FLOWING)}
