"""Hashed features agree with a plain count of the same n-grams."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from valuescape.labelling.hashing import (
    bucket_counts,
    character_hashes,
    word_codes,
    word_hashes,
)

TEXTS = st.lists(st.text(alphabet="ab c.\n", max_size=30), min_size=1, max_size=5)
PINNED_WORDS = [7460, 9451, 15083]
PINNED_CHARACTERS = [339, 5543, 6389, 6487, 7434, 9449, 9570, 10521, 14359]


def plain_words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def grouped(hashes: np.ndarray, owners: np.ndarray, n: int) -> list[list[int]]:
    """Return how often each distinct hash occurs in each text, hashes forgotten."""
    return [sorted(Counter(hashes[owners == i].tolist()).values()) for i in range(n)]


@given(TEXTS)
def test_word_pairs_are_those_of_a_plain_count(texts: list[str]) -> None:
    hashes, owners = word_hashes(*word_codes(texts), (1, 2))
    for i, text in enumerate(texts):
        words = plain_words(text)
        expected = Counter(words) + Counter(pairwise(words))
        assert grouped(hashes, owners, len(texts))[i] == sorted(expected.values())


@given(TEXTS)
def test_character_ngrams_are_those_inside_words(texts: list[str]) -> None:
    hashes, owners = character_hashes(*word_codes(texts), (3, 4))
    for i, text in enumerate(texts):
        framed = [f" {word} " for word in plain_words(text)]
        expected = Counter(
            w[k : k + size] for w in framed for size in (3, 4) for k in range(len(w) - size + 1)
        )
        assert grouped(hashes, owners, len(texts))[i] == sorted(expected.values())


def test_equal_words_hash_alike_wherever_they_stand() -> None:
    hashes, owners = word_hashes(*word_codes(["kind people", "be kind"]), (1,))
    assert hashes[0] == hashes[3]
    assert owners.tolist() == [0, 0, 1, 1]


def test_buckets_are_pinned_across_releases() -> None:
    """Shipped weights are tied to these numbers."""
    words, owners = word_hashes(*word_codes(["be kind"]), (1, 2))
    assert bucket_counts(words, owners, 1, 14).indices.tolist() == PINNED_WORDS
    characters, of = character_hashes(*word_codes(["kind"]), (3, 4, 5))
    assert bucket_counts(characters, of, 1, 14).indices.tolist() == PINNED_CHARACTERS
