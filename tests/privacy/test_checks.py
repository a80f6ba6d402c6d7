"""Check digits against their definitions, and against published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.privacy.checks import cards_in, is_card, is_host_address, is_iban, luhn

CARDS = ("378282246310005", "371449635398431", "30569309025904", "6011111111111117",
         "3530111333300000", "5555555555554444", "4111111111111111", "4222222222222")  # fmt: skip
IBANS = ("DE89370400440532013000", "FR1420041010050500013M02606", "GB29NWBK60161331926819",
         "NL91ABNA0417164300", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
         "SA0380000000608010167519", "BR1800360305000010009795493C1")  # fmt: skip


@pytest.mark.parametrize("number", CARDS)
def test_the_networks_own_test_numbers_are_cards(number: str) -> None:
    assert is_card(number)
    assert cards_in(["7", *number]) == [(1, 1 + len(number))]


@pytest.mark.parametrize("number", IBANS)
def test_the_registrys_examples_are_ibans(number: str) -> None:
    assert is_iban(number)
    assert is_iban(number.lower())
    assert not is_iban(number[:-1])
    assert not is_iban(number[:-1] + ("1" if number[-1] != "1" else "2"))


@given(st.from_regex(r"[0-9]{12,18}", fullmatch=True))
def test_one_check_digit_in_ten_fits_and_one_wrong_digit_is_noticed(body: str) -> None:
    fitting = [c for c in "0123456789" if luhn(body + c)]
    assert len(fitting) == 1
    changed = str((int(body[0]) + 1) % 10) + body[1:]
    assert not luhn(changed + fitting[0])


@pytest.mark.parametrize("text", ["127.0.0.1", "::", "::1", "256.1.1.1", "ff02::1", "x"])
def test_addresses_that_point_to_nobody(text: str) -> None:
    assert not is_host_address(text)
