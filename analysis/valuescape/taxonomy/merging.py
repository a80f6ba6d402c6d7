"""Merge spellings and synonyms of one value, and refuse two spellings in one conversation."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from valuescape.errors import InputError
from valuescape.taxonomy.names import normal_key, read_rules


@lru_cache(maxsize=1)
def synonyms() -> dict[str, tuple[str, str]]:
    """Return the judged synonyms: key of the variant to canonical name and reason.

    Examples
    --------
    >>> synonyms()[normal_key("harm enabling")][0]
    'enabling harm'
    """
    return {
        normal_key(row["variant"]): (row["canonical"], row["reason"])
        for row in read_rules("synonyms.csv")
    }


def canonical_key(name: str) -> str:
    """Return the key of the value that a name stands for, after spelling and synonyms.

    Parameters
    ----------
    name : str
        A value name as somebody wrote it.

    Returns
    -------
    str
        The key shared by all names of the value.

    Raises
    ------
    InputError
        If the name holds no letter or digit.

    Examples
    --------
    >>> canonical_key("Harm-Enablement") == canonical_key("enabling harm")
    True
    """
    key = normal_key(name)
    return normal_key(synonyms()[key][0]) if key in synonyms() else key


def merge_names(frequencies: pd.Series) -> pd.DataFrame:
    """Give every raw name the printed name of its value.

    The commonest spelling is printed, the first in the alphabet among equals.  Of synonyms the
    rule file's canonical name is printed, in its commonest spelling.

    Parameters
    ----------
    frequencies : Series of int
        Number of conversations, indexed by raw name.

    Returns
    -------
    DataFrame
        ``value_raw``, ``value``, ``reason`` (empty, ``spelling`` or ``synonym: …``) and ``n``
        (conversations), sorted by ``value_raw``.

    Examples
    --------
    >>> merge_names(pd.Series({"humour": 16, "humor": 14, "hope": 3}))
      value_raw   value    reason   n
    0      hope    hope             3
    1     humor  humour  spelling  14
    2    humour  humour            16
    """
    table = pd.DataFrame(
        {"value_raw": frequencies.index.astype(str), "n": frequencies.to_numpy(dtype="int64")}
    )
    table["own_key"] = table["value_raw"].map(normal_key)
    ranked = table.sort_values(["n", "value_raw"], ascending=[False, True])
    ranked = ranked.drop_duplicates("own_key")
    printed = dict(zip(ranked["own_key"], ranked["value_raw"], strict=True))
    table["value"] = [_printed(key, printed) for key in table["own_key"]]
    table["reason"] = [
        _reason(raw, value, key)
        for raw, value, key in zip(
            table["value_raw"], table["value"], table["own_key"], strict=True
        )
    ]
    columns = ["value_raw", "value", "reason", "n"]
    return table.sort_values("value_raw")[columns].reset_index(drop=True)


def _printed(key: str, printed: dict[str, str]) -> str:
    if key not in synonyms():
        return printed[key]
    canonical = synonyms()[key][0]
    return printed.get(normal_key(canonical), canonical)


def _reason(raw: str, value: str, key: str) -> str:
    if raw == value:
        return ""
    return f"synonym: {synonyms()[key][1]}" if key in synonyms() else "spelling"


def check_spellings(expressions: pd.DataFrame, source: str) -> None:
    """Refuse a table in which one conversation carries one value in two spellings.

    Parameters
    ----------
    expressions : DataFrame
        Rows in the order of the file, with ``conversation_id``, ``party``, the raw name
        (``value_raw``, else ``value``) and ``labeller`` or ``codebook`` and ``reading``.
    source : str
        The file, for the message.

    Raises
    ------
    InputError
        Naming file, line and both spellings.

    Examples
    --------
    >>> check_spellings(
    ...     pd.DataFrame({"conversation_id": ["a", "a"], "party": ["user"] * 2,
    ...                   "labeller": ["r"] * 2, "value": ["humor", "humour"]}), "x.csv")
    Traceback (most recent call last):
    ...
    valuescape.errors.InputError: x.csv, line 3: 'humour' and 'humor' (line 2) are two spellings \
of one value of the user in conversation 'a'; one is allowed
    """
    raw = raw_names(expressions)
    labelled_by = [c for c in ("labeller", "codebook", "reading") if c in expressions.columns]
    rows = expressions[["conversation_id", *labelled_by, "party"]].assign(
        own_key=raw.map({name: normal_key(name) for name in raw.unique()}).to_numpy()
    )
    twins = rows.duplicated(keep=False).to_numpy()
    if not twins.any():
        return
    second = int(rows.reset_index(drop=True).duplicated().to_numpy().argmax())
    same = (rows.to_numpy() == rows.iloc[second].to_numpy()).all(axis=1)
    first = int(same.argmax())
    raise InputError(
        f"{source}, line {second + 2}: {raw.iloc[second]!r} and {raw.iloc[first]!r} "
        f"(line {first + 2}) are two spellings of one value of the "
        f"{rows['party'].iloc[second]} in conversation "
        f"{rows['conversation_id'].iloc[second]!r}; one is allowed"
    )


def raw_names(expressions: pd.DataFrame) -> pd.Series:
    """Return the names as the labellers wrote them: ``value_raw``, else ``value``.

    Examples
    --------
    >>> raw_names(pd.DataFrame({"value": ["humour"], "value_raw": ["humor"]})).tolist()
    ['humor']
    """
    return expressions["value_raw" if "value_raw" in expressions.columns else "value"]
