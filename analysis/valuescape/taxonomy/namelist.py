"""Lists of value names: read from a file, checked, counted."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.parquet import read_parquet
from valuescape.parsing import check_head
from valuescape.taxonomy.names import words

LONGEST_NAME = 200
MOST_NAMES = 100_000
MOST_TIMES = 10**12
_LONGEST_LINE = 1 << 16


def read_names(path: Path) -> pd.Series:
    """Read value names: a text file with one a line, or a table with a column ``value``.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.parquet`` with ``value`` and, if there is one, ``n`` (how often); any other
        file is read as lines of UTF-8.

    Returns
    -------
    Series of int
        How often each name occurs, indexed by name, sorted.

    Raises
    ------
    InputError
        If the file is absent or not readable, holds no name, or a name or count is not allowed;
        the message names the line.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix in (".csv", ".parquet"):
        return _from_table(path)
    try:
        return counted(_from_lines(path), f"{path}: no name")
    except OSError as error:
        raise InputError(f"{path}: not readable ({error})") from None


def _from_lines(path: Path) -> Iterator[tuple[str, str, int]]:
    with path.open("rb") as stream:
        for i, raw in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b""), start=1):
            where = f"{path}, line {i}"
            if len(raw) == _LONGEST_LINE:
                raise InputError(
                    f"{where}: over {_LONGEST_LINE:,} bytes; at most {LONGEST_NAME} characters "
                    "are allowed in a name"
                )
            try:
                name = raw.decode("utf-8-sig" if i == 1 else "utf-8").strip(" \t\r\n")
            except UnicodeDecodeError:
                raise InputError(f"{where}: not UTF-8") from None
            if name:
                yield where, name, 1


def _from_csv(path: Path) -> pd.DataFrame:
    check_head(path)
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _from_table(path: Path) -> pd.Series:
    try:
        table = read_parquet(path) if path.suffix == ".parquet" else _from_csv(path)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable ({' '.join(str(error).split())})") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path}, line 2: more cells than the header has columns")
    if "value" not in table.columns:
        raise InputError(f"{path}: column 'value' is missing; needed are value and, perhaps, n")
    often = pd.to_numeric(table["n"], errors="coerce") if "n" in table.columns else 1
    rows = table.assign(often=often)
    given = []
    for line, (name, n) in enumerate(zip(rows["value"], rows["often"], strict=True), start=2):
        if pd.isna(name):
            raise InputError(f"{path}, line {line}: value is missing; needed is a name")
        if not (1 <= n <= MOST_TIMES and n == int(n)):
            raise InputError(
                f"{path}, line {line}: n is not a whole number of at least 1 and at most "
                f"{MOST_TIMES:,}"
            )
        given.append((f"{path}, line {line}", str(name), int(n)))
    return counted(given, f"{path}: no name")


def counted(given: Iterable[tuple[str, str, int]], nothing: str) -> pd.Series:
    """Check names and count them.

    Parameters
    ----------
    given : iterable of (str, str, int)
        Where each stands, for the message; the name; how often.
    nothing : str
        What to say if there is none.

    Returns
    -------
    Series of int
        Indexed by name, sorted.

    Raises
    ------
    InputError
        If a name is not allowed, or there are none or over 100,000.

    Examples
    --------
    >>> counted([("line 1", "hope", 1), ("line 2", "hope", 2)], "none").to_dict()
    {'hope': 3}
    """
    often: Counter[str] = Counter()
    for where, name, n in given:
        check_name(name, where)
        often[" ".join(name.split())] += n
        if len(often) > MOST_NAMES:
            raise InputError(f"{where}: over {MOST_NAMES:,} names; no more are allowed")
    if not often:
        raise InputError(f"{nothing}; at least one value name is needed")
    return pd.Series(dict(sorted(often.items())), dtype="int64")


def check_name(name: str, where: str) -> None:
    """Refuse a name that is too long, holds a control character or no letter or digit.

    Raises
    ------
    InputError
        Naming the place.

    Examples
    --------
    >>> check_name("...", "line 3")
    Traceback (most recent call last):
    ...
    valuescape.errors.InputError: line 3: value name '...': expected at least one letter or digit
    """
    if len(name) > LONGEST_NAME:
        raise InputError(
            f"{where}: a name of {len(name):,} characters; at most {LONGEST_NAME} are allowed"
        )
    wrong = next((c for c in name if unicodedata.category(c) in ("Cc", "Cs")), None)
    if wrong is not None:
        raise InputError(f"{where}: value name {name!r} holds the control character {wrong!r}")
    try:
        words(name)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def as_frequencies(names: Iterable[str] | Mapping[str, int]) -> pd.Series:
    """Count names given in a program: repeats, or a mapping of name to number.

    Raises
    ------
    InputError
        As :func:`counted`, or if a number is not a whole one of at least 1.

    Examples
    --------
    >>> as_frequencies(["zeal", "hope", "zeal"]).to_dict()
    {'hope': 1, 'zeal': 2}
    """
    pairs = list(names.items()) if isinstance(names, Mapping) else [(name, 1) for name in names]
    wrong = [name for name, n in pairs if not 1 <= n <= MOST_TIMES or n != int(n)]
    if wrong:
        raise InputError(
            f"names: the number of {wrong[0]!r} is not a whole one of at least 1 and at most "
            f"{MOST_TIMES:,}"
        )
    return counted(
        [(f"name {i}", name, int(n)) for i, (name, n) in enumerate(pairs, start=1)],
        "names: none given",
    )
