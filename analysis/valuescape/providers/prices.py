"""What tokens cost: a dated table, an estimate and never an invoice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from valuescape.providers.exchange import Usage
from valuescape.providers.ledger import Kind

BYTES_PER_TOKEN = 3.5
"""Taken for estimates where tokens are not counted."""


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one model.

    Attributes
    ----------
    model : str
        Name of the model.
    input, output : float
        Dollars a million tokens.
    long_over : int
        Prompts of more tokens than this pay ``long_input`` and ``long_output``; 0 for never.
    long_input, long_output : float
        Dollars a million tokens of such prompts.
    cache_write_factor, cache_read_factor : float
        Price of a token written to (for an hour), or read from, the cache, in input tokens.
    batch_factor : float
        What a batch pays of the price.
    as_of : str
        Day of the table.
    """

    model: str
    input: float
    output: float
    long_over: int
    long_input: float
    long_output: float
    cache_write_factor: float
    cache_read_factor: float
    batch_factor: float
    as_of: str

    def dollars(self, usage: Usage, kind: Kind, n: int = 1) -> float:
        """Return what tokens cost.

        Parameters
        ----------
        usage : Usage
            Tokens of all the answers together.
        kind : {"batch", "message", "warming"}
            How the questions were sent.
        n : int
            Number of answers; the prompts are taken to be equally long.

        Returns
        -------
        float
            Dollars.

        Examples
        --------
        >>> price = find_price("claude-sonnet-5-5")
        >>> price.dollars(Usage(input=1_000_000, output=100_000), "batch")
        1.5
        """
        long = 0 < self.long_over < usage.prompt / max(n, 1)
        per_input, per_output = (
            (self.long_input, self.long_output) if long else (self.input, self.output)
        )
        read = (
            usage.input
            + self.cache_write_factor * usage.cache_write
            + self.cache_read_factor * usage.cache_read
        )
        factor = self.batch_factor if kind == "batch" else 1.0
        return factor * (per_input * read + per_output * usage.output) / 1e6

    def at_most(self, n_bytes: int, max_tokens: int, kind: Kind) -> float:
        """Return what one question costs at most.

        Parameters
        ----------
        n_bytes : int
            Length of the whole question in UTF-8; no token is shorter than a byte.
        max_tokens : int
            Most tokens that may be generated.
        kind : {"batch", "message", "warming"}
            How it is sent.

        Returns
        -------
        float
            Dollars, were every byte a token written to the cache.
        """
        return self.dollars(Usage(cache_write=n_bytes, output=max_tokens), kind)


def find_price(model: str) -> Price | None:
    """Return the price of a model, None where the table does not list it.

    A dated name, such as ``claude-haiku-4-5-20251001``, has the price of its undated one.
    """
    table = price_table()
    base = model.removesuffix(f"-{model.rpartition('-')[2]}") if _is_dated(model) else model
    row = table["models"].get(base)
    if row is None:
        return None
    long = row.get("long", {"over": 0, "input": row["input"], "output": row["output"]})
    return Price(
        model=model,
        input=row["input"],
        output=row["output"],
        long_over=long["over"],
        long_input=long["input"],
        long_output=long["output"],
        cache_write_factor=table["cache_write_factor"],
        cache_read_factor=row["cache_read_factor"],
        batch_factor=table["batch_factor"],
        as_of=table["as_of"],
    )


def _is_dated(model: str) -> bool:
    last = model.rpartition("-")[2]
    return len(last) == len("20251001") and last.isdigit()


def price_table() -> dict[str, Any]:
    """Return the table as it is shipped, with its date and source."""
    path = resources.files("valuescape.resources") / "prices" / "anthropic.json"
    table: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return table
