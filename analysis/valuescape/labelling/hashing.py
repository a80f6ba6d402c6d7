"""Hashed n-grams: texts in, counts per bucket out, with no list of n-grams anywhere.

A bucket is the top bits of a 64-bit hash (polynomial over code points or words, finished by the
mixer of SplitMix64, Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195), so a fitted model
holds numbers for buckets and no piece of any text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

Codes = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_SPACE = np.uint64(32)
_APOSTROPHE = 39


def mixed(h: Codes) -> Codes:
    """Return 64-bit values with their bits spread evenly (the finish of SplitMix64)."""
    h = h ^ (h >> np.uint64(30))
    h = h * _MIX_A
    h = h ^ (h >> np.uint64(27))
    h = h * _MIX_B
    return h ^ (h >> np.uint64(31))


def word_codes(texts: Sequence[str]) -> tuple[Codes, Index]:
    """Turn texts into one run of code points, words parted by single spaces.

    Parameters
    ----------
    texts : sequence of str
        Any text: unpaired surrogates and control characters included.

    Returns
    -------
    codes : ndarray of uint64, shape (n,)
        Lower-case word characters and spaces; every text begins and ends with a space.
    owners : ndarray of int64, shape (n,)
        Index of the text each code belongs to.

    Examples
    --------
    >>> codes, owners = word_codes(["Be kind!", ""])
    >>> "".join(map(chr, codes.tolist())), owners.tolist()
    (' be kind  ', [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    """
    framed = [f" {text.lower().replace(chr(0x2019), chr(39))} " for text in texts]
    raw = [np.frombuffer(t.encode("utf-32-le", "surrogatepass"), dtype="<u4") for t in framed]
    lengths = [len(r) for r in raw]
    codes = np.concatenate(raw) if raw else np.zeros(0, dtype="<u4")
    owners = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    is_word = _is_word(codes)
    first = np.ones(len(codes), dtype=bool)
    first[1:] = is_word[:-1] | (owners[1:] != owners[:-1])
    kept = is_word | first
    return np.where(is_word, codes, 32)[kept].astype(np.uint64), owners[kept]


def _is_word(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Mark letters, digits, apostrophes and everything beyond Latin-1 but blanks and signs."""
    low = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57))
    high = (codes >= 0xAA) & (codes != 0xAB) & (codes != 0xBB)
    signs = ((codes >= 0x2000) & (codes <= 0x206F)) | ((codes >= 0x3000) & (codes <= 0x303F))
    surrogates = (codes >= 0xD800) & (codes <= 0xDFFF)
    marks: npt.NDArray[np.bool_] = low | (codes == _APOSTROPHE) | (high & ~signs & ~surrogates)
    return marks


def character_hashes(codes: Codes, owners: Index, sizes: Sequence[int]) -> tuple[Codes, Index]:
    """Hash the character n-grams inside words, a space on each side counted as part of the word.

    Parameters
    ----------
    codes, owners : ndarray, shape (n,)
        As :func:`word_codes` gives them.
    sizes : sequence of int
        Lengths of the n-grams.

    Returns
    -------
    hashes : ndarray of uint64
        One hash an occurrence.
    owners : ndarray of int64
        The text of each.
    """
    found, of = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    spaces = codes == _SPACE
    for size in sizes:
        n = len(codes) - size + 1
        if n < 1:
            continue
        h = np.full(n, size, dtype=np.uint64)
        inside = owners[:n] == owners[size - 1 :]
        for k in range(size):
            h = h * _MULTIPLIER + codes[k : n + k]
            if 0 < k < size - 1:
                inside &= ~spaces[k : n + k]
        found.append(mixed(h[inside]))
        of.append(owners[:n][inside])
    return np.concatenate(found), np.concatenate(of)


def word_hashes(codes: Codes, owners: Index, sizes: Sequence[int]) -> tuple[Codes, Index]:
    """Hash runs of whole words; arguments and results as in :func:`character_hashes`."""
    words, of_word = _whole_words(codes, owners)
    found, of = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for size in sizes:
        n = len(words) - size + 1
        if n < 1:
            continue
        h = np.full(n, size, dtype=np.uint64)
        for k in range(size):
            h = h * _MULTIPLIER + words[k : n + k]
        inside = of_word[:n] == of_word[size - 1 :]
        found.append(mixed(h[inside]))
        of.append(of_word[:n][inside])
    return np.concatenate(found), np.concatenate(of)


def _whole_words(codes: Codes, owners: Index) -> tuple[Codes, Index]:
    solid = codes != _SPACE
    starts = solid.copy()
    starts[1:] &= ~solid[:-1]
    at = np.flatnonzero(starts)
    if not len(at):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    place = np.arange(len(codes)) - at[np.maximum(np.cumsum(starts) - 1, 0)]
    place[~solid] = 0
    powers = np.cumprod(np.full(int(place.max()) + 1, _MULTIPLIER, dtype=np.uint64))
    terms = np.where(solid, mixed(codes) * powers[place], np.uint64(0))
    return mixed(np.add.reduceat(terms, at)), owners[at]


def bucket_counts(hashes: Codes, owners: Index, n_texts: int, bits: int) -> sparse.csr_matrix:
    """Count hashes per text and bucket.

    Parameters
    ----------
    hashes : ndarray of uint64
        One an occurrence.
    owners : ndarray of int64
        The text of each.
    n_texts : int
        Number of texts.
    bits : int
        A table of ``2**bits`` buckets.

    Returns
    -------
    csr_matrix of float32, shape (n_texts, 2**bits)
        Occurrences, column indices sorted.
    """
    buckets = (hashes >> np.uint64(64 - bits)).astype(np.int64)
    cells, counts = np.unique((owners << bits) | buckets, return_counts=True)
    rows = np.searchsorted(cells >> bits, np.arange(n_texts + 1))
    return sparse.csr_matrix(
        (counts.astype(np.float32), cells & ((1 << bits) - 1), rows), shape=(n_texts, 1 << bits)
    )
