"""From conversations to features: six hashed families and a few measures of form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from valuescape.corpora.conversation import Conversation
from valuescape.labelling.hashing import (
    bucket_counts,
    character_hashes,
    word_codes,
    word_hashes,
)

Array = npt.NDArray[np.float32]
Part = Literal["whole", "user", "opening", "last"]
BITS = 14
FORM_WEIGHT = 0.3
FORM_LIMIT = 3.0
_OPENING = 200


@dataclass(frozen=True, slots=True)
class Family:
    """One table of buckets: which part of a conversation it counts, and what in it."""

    name: str
    part: Part
    unit: Literal["words", "characters"]
    sizes: tuple[int, ...]


FAMILIES: tuple[Family, ...] = (
    Family("whole_words", "whole", "words", (1,)),
    Family("whole_pairs", "whole", "words", (2,)),
    Family("whole_characters", "whole", "characters", (3, 4, 5)),
    Family("user_words", "user", "words", (1,)),
    Family("opening_words", "opening", "words", (1, 2, 3)),
    Family("last_words", "last", "words", (1,)),
)
FORM: tuple[str, ...] = (
    "turns",
    "user_characters",
    "assistant_characters",
    "last_characters",
    "assistant_code_blocks",
    "assistant_list_items",
    "user_questions",
    "assistant_questions",
    "user_digits",
    "assistant_digits",
    "user_lines",
    "assistant_lines",
    "assistant_exclamations",
    "user_symbols",
    "assistant_symbols",
    "user_quotes",
    "assistant_quotes",
    "user_capitals",
)
_LIST_ITEM = re.compile(r"\n[ \t]*(?:[0-9]{1,3}[.)]|[-*\u2022])[ \t]")
_DIGIT = re.compile("[0-9]")
_SYMBOL = re.compile("[{}<>=_;]")
_QUOTE = re.compile('["\u201c\u201d]')
_CAPITAL = re.compile("[A-Z]")


@dataclass(frozen=True, slots=True)
class Counts:
    """Raw features of ``n`` conversations.

    Attributes
    ----------
    families : tuple of csr_matrix
        One per family of :data:`FAMILIES`, shape (n, 2**BITS): occurrences.
    form : ndarray of float32, shape (n, len(FORM))
        log(1 + count) of each measure of form; the share of capitals as it is.
    """

    families: tuple[sparse.csr_matrix, ...]
    form: Array

    def __len__(self) -> int:
        """Return the number of conversations."""
        return len(self.form)

    def rows(self, index: npt.NDArray[np.int64]) -> Counts:
        """Return the features of some conversations."""
        return Counts(tuple(f[index] for f in self.families), self.form[index])


def count_features(conversations: Sequence[Conversation]) -> Counts:
    """Count the hashed n-grams and the measures of form of each conversation."""
    parts = [_parts(c) for c in conversations]
    codes = {part: word_codes([p[part] for p in parts]) for part in ("whole", *_OTHERS)}
    families = []
    for family in FAMILIES:
        hashes = word_hashes if family.unit == "words" else character_hashes
        found, owners = hashes(*codes[family.part], family.sizes)
        families.append(bucket_counts(found, owners, len(parts), BITS))
    form = [_form(c, p["user"], p["last"]) for c, p in zip(conversations, parts, strict=True)]
    return Counts(tuple(families), np.array(form, dtype=np.float32).reshape(len(parts), len(FORM)))


_OTHERS: tuple[Part, ...] = ("user", "opening", "last")


def _parts(conversation: Conversation) -> dict[Part, str]:
    user = "\n".join(t.content for t in conversation.messages if t.role == "user")
    replies = [t.content for t in conversation.messages if t.role == "assistant"]
    return {
        "whole": "\n".join((user, *replies)),
        "user": user,
        "opening": "\n".join(reply[:_OPENING] for reply in replies),
        "last": replies[-1] if replies else "",
    }


def _form(conversation: Conversation, user: str, last: str) -> list[float]:
    replies = "\n".join(t.content for t in conversation.messages if t.role == "assistant")
    counts = (
        len(conversation.messages),
        len(user),
        len(replies),
        len(last),
        replies.count("```"),
        len(_LIST_ITEM.findall(replies)),
        user.count("?"),
        replies.count("?"),
        len(_DIGIT.findall(user)),
        len(_DIGIT.findall(replies)),
        user.count("\n"),
        replies.count("\n"),
        replies.count("!"),
        len(_SYMBOL.findall(user)),
        len(_SYMBOL.findall(replies)),
        len(_QUOTE.findall(user)),
        len(_QUOTE.findall(replies)),
    )
    capitals = len(_CAPITAL.findall(user)) / max(len(user), 1)
    return [*np.log1p(counts), capitals]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How raw features become comparable numbers; fitted on the conversations of one fold.

    Attributes
    ----------
    idf : ndarray of float32, shape (len(FAMILIES), 2**BITS)
        Smoothed inverse document frequency, 1 + log((1 + n) / (1 + df)).
    centre, spread : ndarray of float32, shape (len(FORM),)
        Mean and standard deviation of the measures of form.
    """

    idf: Array
    centre: Array
    spread: Array


def fit_scaling(counts: Counts) -> Scaling:
    """Fit :class:`Scaling` to raw features."""
    n = len(counts)
    seen = [np.bincount(f.indices, minlength=f.shape[1]) for f in counts.families]
    idf = 1.0 + np.log((1.0 + n) / (1.0 + np.array(seen, dtype=float)))
    spread = counts.form.std(axis=0, dtype=float)
    return Scaling(
        idf=idf.astype(np.float16).astype(np.float32),
        centre=counts.form.mean(axis=0, dtype=float).astype(np.float32),
        spread=np.where(spread > 0, spread, 1.0).astype(np.float32),
    )


def scaled_families(counts: Counts, scaling: Scaling) -> sparse.csr_matrix:
    """Return (1 + log tf) × idf, each family of unit length, side by side.

    Returns
    -------
    csr_matrix of float32, shape (n, len(FAMILIES) * 2**BITS)
        Every family weighs 1 / len(FAMILIES) in the squared length of a row.
    """
    blocks = [_unit_rows(f, idf) for f, idf in zip(counts.families, scaling.idf, strict=True)]
    joined = sparse.csr_matrix(sparse.hstack(blocks, format="csr", dtype=np.float32))
    joined.data *= np.float32(len(FAMILIES) ** -0.5)
    return joined


def _unit_rows(family: sparse.csr_matrix, idf: Array) -> sparse.csr_matrix:
    data = (1.0 + np.log(family.data)) * idf[family.indices]
    row = np.repeat(np.arange(family.shape[0]), np.diff(family.indptr))
    length = np.sqrt(np.bincount(row, weights=data.astype(float) ** 2, minlength=family.shape[0]))
    data = (data / np.where(length > 0, length, 1.0)[row]).astype(np.float32)
    return sparse.csr_matrix((data, family.indices, family.indptr), shape=family.shape)


def scaled_form(counts: Counts, scaling: Scaling) -> Array:
    """Return the measures of form, standardised, held within three spreads, weighted."""
    z = np.clip((counts.form - scaling.centre) / scaling.spread, -FORM_LIMIT, FORM_LIMIT)
    weighted: Array = (z * np.sqrt(FORM_WEIGHT / len(FORM))).astype(np.float32)
    return weighted
