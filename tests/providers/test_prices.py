"""Prices: the published example by hand, the bound above every bill."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.providers.exchange import Usage
from valuescape.providers.prices import find_price, price_table

TOKENS = st.integers(0, 10**6)


def test_the_table_has_a_date_a_source_and_positive_prices() -> None:
    table = price_table()
    assert dt.date.fromisoformat(table["as_of"]) < dt.date(2100, 1, 1)
    assert table["source"].startswith("https://")
    assert list(table["models"]) == sorted(table["models"])
    for row in table["models"].values():
        assert 0 < row["input"] < row["output"]
        assert 0 < row["cache_read_factor"] < 1


def test_each_kind_of_token_has_its_price() -> None:
    price = find_price("claude-opus-4-8")
    assert price is not None
    million = 1_000_000
    assert price.dollars(Usage(input=million), "message") == pytest.approx(5.0)
    assert price.dollars(Usage(cache_write=million), "message") == pytest.approx(10.0)
    assert price.dollars(Usage(cache_read=million), "message") == pytest.approx(0.5)
    assert price.dollars(Usage(output=million), "message") == pytest.approx(25.0)
    assert price.dollars(Usage(output=million), "batch") == pytest.approx(12.5)


def test_long_prompts_cost_more_where_the_table_says_so() -> None:
    price = find_price("claude-haiku-5-5")
    assert price is not None
    assert price.dollars(Usage(input=100_000), "message") == pytest.approx(0.01)
    assert price.dollars(Usage(input=100_001), "message") == pytest.approx(0.05, rel=1e-4)
    assert price.dollars(Usage(input=100_001), "message", n=2) == pytest.approx(0.01, rel=1e-4)


def test_names_with_a_date_and_unknown_names() -> None:
    dated, plain = find_price("claude-haiku-4-5-20251001"), find_price("claude-haiku-4-5")
    assert dated is not None
    assert plain is not None
    assert dated.input == plain.input
    assert find_price("claude-haiku-4") is None
    assert find_price("") is None


@given(st.sampled_from(sorted(price_table()["models"])), TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)
def test_no_bill_is_above_the_bound(
    model: str, n: int, write: int, read: int, more: int, output: int
) -> None:
    """Whatever share of the bytes are tokens, and wherever they are read from."""
    price = find_price(model)
    assert price is not None
    n_bytes = n + write + read + more
    for kind in ("batch", "message"):
        bill = price.dollars(Usage(n, write, read, output), kind)  # type: ignore[arg-type]
        assert bill <= price.at_most(n_bytes, output, kind) + 1e-12  # type: ignore[arg-type]
