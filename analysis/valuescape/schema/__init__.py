"""Every table that passes between stages: columns, types, units and keys.

One vocabulary of columns (:data:`COLUMNS`) serves every table (:data:`TABLES`).
``data/codebook.yaml`` documents the columns of the released files in full.
"""

from valuescape.schema.columns import (
    CODEBOOKS,
    COLUMNS,
    CONTEXT_KINDS,
    GROUPS,
    PARTIES,
    POLARITIES,
    RESPONSE_TYPES,
    STATUSES,
    TASK_TYPES,
    Column,
)
from valuescape.schema.tables import TABLES, Table

__all__ = [
    "CODEBOOKS",
    "COLUMNS",
    "CONTEXT_KINDS",
    "GROUPS",
    "PARTIES",
    "POLARITIES",
    "RESPONSE_TYPES",
    "STATUSES",
    "TABLES",
    "TASK_TYPES",
    "Column",
    "Table",
]
