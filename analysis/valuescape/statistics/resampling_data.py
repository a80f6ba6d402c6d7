"""Integer codes of who expresses what where, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import IntArray, as_counts, refuse
from valuescape.statistics.groups import label_codes

LARGEST_CODE = 60_000


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Which conversation has which context and expresses which values.

    Attributes
    ----------
    context : ndarray of int64, shape (n_conversations,)
        Context of each conversation.
    conversation, value : ndarray of int64, shape (n_occurrences,)
        Which conversation expresses which value; each pair once.
    n_contexts, n_values : int
        One more than the largest code.
    """

    context: IntArray
    conversation: IntArray
    value: IntArray
    n_contexts: int
    n_values: int

    @classmethod
    def of(cls, context: ArrayLike, conversation: ArrayLike, value: ArrayLike) -> Occurrences:
        """Check the codes.

        Raises
        ------
        ValueError
            If there is no conversation or occurrence, only one context, a code is negative, not
            whole or 60,000 and more, a conversation is unknown, lengths differ, or a pair occurs
            twice.

        Examples
        --------
        >>> Occurrences.of([0, 1, 1], [0, 2], [4, 4]).n_values
        5
        """
        x = _flat("context", context)
        rows, values = _flat("conversation", conversation), _flat("value", value)
        if rows.size != values.size:
            raise ValueError(
                f"conversation has {rows.size} entries and value {values.size}; allowed is as many"
            )
        for name, codes in (("context", x), ("value", values)):
            refuse(codes >= LARGEST_CODE, name, f"codes are below {LARGEST_CODE:,}", codes)
        refuse(rows >= x.size, "conversation", f"there are {x.size} conversations", rows)
        if x.min() == x.max():
            raise ValueError(f"context: all are {x[0]}; at least two contexts are needed")
        found = cls(x, rows, values, int(x.max()) + 1, int(values.max()) + 1)
        refuse_repeated(rows * found.n_values + values, values)
        return found

    def counts(self) -> IntArray:
        """Conversations of each context that express each value, shape (n_contexts, n_values)."""
        table = np.bincount(self.cells(), minlength=self.n_contexts * self.n_values)
        return np.asarray(table.reshape(self.n_contexts, self.n_values))

    def cells(self) -> IntArray:
        """Cell of each occurrence, numbered row by row, shape (n_occurrences,)."""
        cell = (self.context * self.n_values)[self.conversation]
        cell += self.value
        return cell


def _flat(name: str, values: ArrayLike) -> IntArray:
    codes = as_counts(name, values)
    if codes.ndim != 1 or codes.size == 0:
        raise ValueError(f"{name}: shape {codes.shape}; allowed is one dimension, not empty")
    return codes


@dataclass(frozen=True, slots=True)
class Layout:
    """Conversations in order of context, and where each of their values is counted.

    Attributes
    ----------
    context_ptr : ndarray, shape (n_contexts + 1,)
        First conversation of each context.
    conv_ptr : ndarray, shape (n_conversations + 1,)
        First occurrence of each conversation.
    cluster : ndarray, shape (n_conversations,)
        Cluster codes.
    cell, value : ndarray of int32, shape (n_occurrences,)
        Non-empty cell that each occurrence counts in, and its value.
    cell_ptr : ndarray, shape (n_contexts + 1,)
        First cell of each context.
    cell_context, cell_value, cell_count : ndarray, shape (n_cells,)
        Codes and counts of the non-empty cells.
    """

    context_ptr: IntArray
    conv_ptr: IntArray
    cluster: IntArray
    cell: NDArray[np.int32]
    value: NDArray[np.int32]
    cell_ptr: IntArray
    cell_context: IntArray
    cell_value: IntArray
    cell_count: IntArray

    @classmethod
    def of(cls, data: Occurrences, cluster: IntArray) -> Layout:
        """Sort the data; long arrays are narrow, as they decide the peak of memory."""
        order = np.argsort(data.context, kind="stable")
        place = np.empty(order.size, dtype=np.int32)
        place[order] = np.arange(order.size)
        rows = place[data.conversation]
        conv_ptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=order.size))])
        by_row = np.argsort(rows, kind="stable").astype(np.int32)
        cell = data.cells()
        counts = np.bincount(cell, minlength=data.n_contexts * data.n_values)
        cells = np.flatnonzero(counts)
        number = np.cumsum(counts > 0, dtype=np.int32) - np.int32(1)
        cell_context, cell_value = np.divmod(cells, data.n_values)
        return cls(
            _starts(data.context[order], data.n_contexts),
            conv_ptr,
            cluster[order],
            number[cell][by_row],
            data.value.astype(np.int32)[by_row],
            _starts(cell_context, data.n_contexts),
            cell_context,
            cell_value,
            counts[cells],
        )


def _starts(ordered: IntArray, n: int) -> IntArray:
    """First position of each code among ordered codes, and their number at the end."""
    return np.asarray(np.searchsorted(ordered, np.arange(n + 1)))


def refuse_repeated(pairs: IntArray, values: IntArray) -> None:
    """Raise if a pair of conversation and value, coded as one number, occurs twice.

    Raises
    ------
    ValueError
        Naming the value's first entry that repeats an earlier one.

    Examples
    --------
    >>> refuse_repeated(np.array([3, 5, 3]), np.array([0, 2, 0]))
    Traceback (most recent call last):
        ...
    ValueError: value[2] = 0: the conversation has this value in an earlier entry
    """
    ordered = np.sort(pairs)
    if np.any(ordered[1:] == ordered[:-1]):
        again = np.ones(pairs.size, dtype=bool)
        again[np.unique(pairs, return_index=True)[1]] = False
        refuse(again, "value", "the conversation has this value in an earlier entry", values)


def group_codes(name: str, labels: ArrayLike | None, n: int) -> IntArray:
    """Code groups of conversations from 0; each its own group where there are no labels.

    Raises
    ------
    ValueError
        If the length is not `n` or a label is missing.

    Examples
    --------
    >>> group_codes("cluster", ["b", "a", "b"], 3).tolist()
    [1, 0, 1]
    """
    if labels is None:
        return np.arange(n)
    return label_codes(name, labels, n)[1].astype(np.int64)


def check_replicates(name: str, n: int, seed: int) -> None:
    """Raise unless there is at least one replicate and the seed is not negative.

    Raises
    ------
    ValueError
        If not.

    Examples
    --------
    >>> check_replicates("n_boot", 0, 1)
    Traceback (most recent call last):
        ...
    ValueError: n_boot = 0: at least one is needed
    """
    if n < 1:
        raise ValueError(f"{name} = {n}: at least one is needed")
    if seed < 0:
        raise ValueError(f"seed = {seed}: must not be negative")


def stream_key(seed: int, stream: int) -> np.uint64:
    """Return a 64-bit key of one stream of random numbers.

    Examples
    --------
    >>> bool(stream_key(1, 0) != stream_key(1, 1))
    True
    """
    sequence = np.random.SeedSequence([seed, stream])
    return np.uint64(sequence.generate_state(1, np.uint64)[0])
