"""Names to pieces of words, as the uncased BERT models read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from valuescape.errors import InputError

UNKNOWN, FIRST, LAST = "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 100
LONGEST_NAME = 128
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@dataclass(frozen=True, slots=True)
class WordPieces:
    """A vocabulary of word pieces.

    Attributes
    ----------
    numbers : dict of str to int
        Number of each piece; pieces that go on within a word begin with ``##``.
    """

    numbers: dict[str, int]

    def pieces(self, name: str) -> list[str]:
        """Cut a name into the longest pieces of the vocabulary, from the left.

        References
        ----------
        Wu et al. (2016), arXiv:1609.08144; Devlin et al. (2019), doi:10.18653/v1/N19-1423.

        Examples
        --------
        >>> WordPieces({"un": 0, "##aff": 1, "##able": 2, "[UNK]": 3}).pieces("Unaffable Zeal")
        ['un', '##aff', '##able', '[UNK]']
        """
        return [piece for word in plain_words(name) for piece in self._cut(word)]

    def encode(self, name: str) -> list[int]:
        """Return the numbers of the pieces between the marks of beginning and end."""
        inside = self.pieces(name)[: LONGEST_NAME - 2]
        return [self.numbers[piece] for piece in (FIRST, *inside, LAST)]

    def _cut(self, word: str) -> list[str]:
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        found: list[str] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((e for e in ends if mark + word[start:e] in self.numbers), None)
            if end is None:
                return [UNKNOWN]
            found.append(mark + word[start:end])
            start = end
        return found


def plain_words(name: str) -> list[str]:
    """Split a name at spaces, punctuation and ideographs, in lower case and without accents.

    Examples
    --------
    >>> plain_words("Naïve self-trust 诚实")
    ['naive', 'self', '-', 'trust', '诚', '实']
    """
    text = "".join(map(_spaced, unicodedata.normalize("NFD", name.lower())))
    return text.split()


def _spaced(letter: str) -> str:
    category, code = unicodedata.category(letter), ord(letter)
    if letter.isspace():
        return " "
    if category in ("Mn", "Cc", "Cf") or code in (0, 0xFFFD):
        return ""
    ascii_sign = 33 <= code <= 126 and not letter.isalnum()
    alone = category.startswith("P") or any(low <= code <= high for low, high in _IDEOGRAPHS)
    return f" {letter} " if alone or ascii_sign else letter


def read_word_pieces(path: Path) -> WordPieces:
    """Read a vocabulary: one piece a line, numbered from 0.

    Raises
    ------
    InputError
        If the file lacks one of the marks that every encoding needs.
    """
    lines: Sequence[str] = path.read_text(encoding="utf-8").split("\n")
    found = WordPieces({piece: i for i, piece in enumerate(lines) if piece})
    missing = [mark for mark in (UNKNOWN, FIRST, LAST) if mark not in found.numbers]
    if missing:
        raise InputError(f"{path}: no piece {missing[0]}; a BERT vocabulary is needed")
    return found
