"""The numbers of the paper's text that describe the material."""

from __future__ import annotations

from typing import Any

import pandas as pd

from valuescape.errors import InputError
from valuescape.report.printing import count
from valuescape.report.results import one
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

Numbers = dict[str, Any]


def data_numbers(
    conversations: pd.DataFrame,
    frame: pd.DataFrame,
    labels: pd.DataFrame,
    vocabulary: int,
    characters: tuple[int, int],
) -> Numbers:
    """Count the material.

    Parameters
    ----------
    conversations, frame, labels : DataFrame
        Released tables ``conversations``, ``frame``, ``labels``.
    vocabulary : int
        Names offered by the closed codebook.
    characters : tuple of int
        Shortest and longest conversation that could be drawn.

    Raises
    ------
    InputError
        If a conversation of the frame is outside these bounds.
    """
    lengths = conversations.loc[conversations["in_frame"], "n_characters"]
    if not lengths.between(*characters).all():
        raise InputError(
            f"params.yaml: write.frame_characters is {list(characters)}; the frame holds "
            f"conversations of {lengths.min()} to {lengths.max()} characters"
        )
    closed = labels[(labels["codebook"] == "closed") & (labels["reading"] == 1)]
    human = conversations["group"] == "human_reference"
    runs = conversations[~human][["source", "model"]].drop_duplicates()
    read = set(closed["conversation_id"])
    read_human = conversations.loc[human, "conversation_id"].isin(read).sum()
    alpaca = one(frame, stratum="alpaca_eval")
    readers = closed["reader"].nunique()
    return {
        "min_characters": count(characters[0]),
        "max_characters": count(characters[1]),
        "n_conversations": count(len(conversations)),
        "n_frame": count(int(conversations["in_frame"].sum())),
        "n_frame_assistants": count(int((conversations["in_frame"] & ~human).sum())),
        "n_read": count(len(closed)),
        "n_read_assistants": count(len(closed) - read_human),
        "n_sources": count(conversations["source"].nunique()),
        "n_runs": count(len(runs)),
        "n_prompt_groups": count(conversations["prompt_group"].nunique()),
        "n_human_written": count(int(human.sum())),
        "n_alpaca_prompts": count(alpaca["n_psu"]),
        "n_alpaca_assistants": count(alpaca["n_conversations"] / alpaca["n_psu"]),
        "n_task_types": count(len(TASK_TYPES)),
        "n_response_types": count(len(RESPONSE_TYPES)),
        "n_vocabulary": count(vocabulary),
        "n_second": count(((labels["codebook"] == "closed") & (labels["reading"] == 2)).sum()),
        "n_open": count((labels["codebook"] == "open").sum()),
        "n_unprimed": count((labels["codebook"] == "unprimed").sum()),
        "n_readers": count(readers),
        "readings_per_reader": count(round(len(closed) / readers, -1)),
    }


def published_numbers(published: pd.DataFrame) -> Numbers:
    """Sizes of the 2025 study."""
    wanted = {
        "n_conversations": "sample_conversations",
        "n_subjective": "sample_subjective",
        "n_values": "values_ai_distinct",
    }
    return {name: count(float(one(published, key=key)["value"])) for name, key in wanted.items()}
