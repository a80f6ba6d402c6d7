"""An interface to send to, and what is done before anything of the user's is sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from valuescape.providers.exchange import Batches, Messages, Request


@dataclass(frozen=True, slots=True)
class Service:
    """An interface to send to.

    Attributes
    ----------
    api : Messages
        The interface.
    batches : Batches or None
        The same if it takes batches.
    prepare : callable
        Called before the first question is sent, with one that holds nothing of the user's;
        returns what the user should know, or nothing.
    """

    api: Messages
    batches: Batches | None
    prepare: Callable[[Request], str]


def unprepared(_: Request) -> str:
    """Prepare nothing."""
    return ""
