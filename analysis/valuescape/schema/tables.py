"""Every table that passes between stages: its columns in order and its key."""

from __future__ import annotations

from dataclasses import dataclass, replace

from valuescape.schema.columns import COLUMNS, RESPONSE_TYPES, TASK_TYPES, Column, share, text


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
    f"p_{name}": share(f"probability of {name}") for name in (*TASK_TYPES, *RESPONSE_TYPES)
}
# Empty where labelling did not end well: no answer is not an answer.
_UNLESS_OK = ("subjective", "task_type", "response_type")
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
            ("key", text("identifier of the claim")),
            ("published_key", text("row of published.csv that makes it")),
            ("question", text("research question")),
            ("primed", Column("boolean", "whether the codebook names the value as an example")),
            (
                "context_kind",
                text("table to look in", ("task_type", "response_type", "stance", "user_value")),
            ),
            ("context", text("where the value is said to be more frequent", missing=True)),
            ("why_not", text("why it cannot be tested, if it cannot", missing=True)),
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
        own=tuple((name, replace(COLUMNS[name], missing=True)) for name in _UNLESS_OK),
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
        own=(("task", text("the purpose in a few words")),),
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
            ("context", text("the context; empty for a margin", missing=True)),
            ("value", text("the value; empty for a margin", missing=True)),
        ),
    ),
    Table(
        "contexts",
        ("group", "context_kind", "context", "n", "n_clusters", "in_family"),
        ("group", "context_kind", "context"),
    ),
)
TABLES: dict[str, Table] = {table.name: table for table in (*_GIVEN, *_REFERENCE, *_FLOWING)}
