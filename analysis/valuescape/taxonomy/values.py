"""What other rooms use: normalised expressions and their roll-up to any level of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.parsing import check_head
from valuescape.schema import CODEBOOKS
from valuescape.taxonomy.merging import canonical_key, raw_names

LEVELS = (0, 1, 2, 3)
VALUE_COLUMNS = (
    "value_raw",
    "value",
    "node_id",
    "level1",
    "level2",
    "level3",
    "polarity",
    "judged",
    "placed",
    "score",
    "margin",
    "n",
    *(f"n_{codebook}" for codebook in CODEBOOKS),
    "n_user",
)
_UNIT = ["conversation_id", "labeller", "party"]
_NOT_PLAIN = re.compile(r"[^\w]+")


def value_id(name: str) -> str:
    """Return the node of a single value.

    Examples
    --------
    >>> value_id("respect for others' views")
    'value-respect-for-others-views'
    """
    return "value-" + _NOT_PLAIN.sub("-", name)


def load_values(path: Path) -> pd.DataFrame:
    """Read ``values.csv`` as the stage ``taxonomy`` wrote it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    DataFrame
        One row a raw name, with the columns :data:`VALUE_COLUMNS`.

    Raises
    ------
    InputError
        If the file is absent, empty, or its columns are not :data:`VALUE_COLUMNS`.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; the stage taxonomy writes it")
    check_head(path)
    try:
        table = pd.read_csv(path, dtype={"value_raw": str, "value": str}, keep_default_na=False,
                            na_values={"score": [""], "margin": [""]})  # fmt: skip
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable CSV file in UTF-8 ({error})") from error
    if tuple(table.columns) != VALUE_COLUMNS:
        raise InputError(
            f"{path}: columns are {', '.join(table.columns)}; needed are {', '.join(VALUE_COLUMNS)}"
        )
    if table.empty:
        raise InputError(f"{path}: no rows; at least one value is needed")
    return table


def normalise_values(expressions: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Give expressions the printed names of their values, one row a value a conversation.

    Where merging makes two rows one, the lower ``rank`` and its ``value_raw`` stay, ``explicit``
    is true if it was in either, and ``probability`` is the higher.

    Parameters
    ----------
    expressions : DataFrame
        ``conversation_id``, ``labeller``, ``party``, ``value`` or ``value_raw`` (as written) and,
        where there, ``rank``, ``explicit``, ``probability``.
    values : DataFrame
        From :func:`load_values`.

    Returns
    -------
    DataFrame
        The same columns, ``value`` normalised and ``value_raw`` as written.

    Raises
    ------
    InputError
        If a name is in no spelling among ``values``.

    Examples
    --------
    >>> values = pd.DataFrame({"value_raw": ["humor", "humour"], "value": ["humour"] * 2})
    >>> said = pd.DataFrame({"conversation_id": ["a"], "labeller": ["r"], "party": ["user"],
    ...                      "value": ["Humor"], "rank": [1]})
    >>> normalise_values(said, values)[["value", "value_raw"]].values.tolist()
    [['humour', 'Humor']]
    """
    raw = raw_names(expressions)
    table = expressions.assign(value_raw=raw, value=raw.map(_printed(raw, values)))
    return _one_row_each(table, [*_UNIT, "value"])


def _printed(raw: pd.Series, values: pd.DataFrame) -> dict[str, str]:
    exact = dict(zip(values["value_raw"], values["value"], strict=True))
    by_key = {canonical_key(name): value for name, value in exact.items()}
    found: dict[str, str] = {}
    for name in raw.unique():
        value = exact.get(name) or by_key.get(canonical_key(name))
        if value is None:
            raise InputError(
                f"value {name!r} is not in the taxonomy; allowed are the {len(exact)} names of "
                "values.csv, in any spelling"
            )
        found[name] = value
    return found


def roll_up(expressions: pd.DataFrame, values: pd.DataFrame, level: int) -> pd.DataFrame:
    """Turn normalised expressions into nodes of one level, each once a conversation.

    Parameters
    ----------
    expressions : DataFrame
        From :func:`normalise_values`.
    values : DataFrame
        From :func:`load_values`.
    level : int
        0 (values) to 3 (headings).

    Returns
    -------
    DataFrame
        ``conversation_id``, ``labeller``, ``party``, ``node_id``: one row each; ``value``, the
        printed name of the value at level 0 and the node above; and, where the expressions have
        them, ``explicit`` (any), ``rank`` (lowest), ``probability`` (highest) over the values of
        the node.

    Raises
    ------
    InputError
        If the level is not one of 0 to 3 or a value is not among ``values``.

    Examples
    --------
    >>> values = pd.DataFrame({"value": ["hope", "joy"], "level3": ["personal-values"] * 2})
    >>> said = pd.DataFrame({"conversation_id": ["a"] * 2, "labeller": ["r"] * 2,
    ...                      "party": ["user"] * 2, "value": ["hope", "joy"]})
    >>> roll_up(said, values, 3)["node_id"].tolist()
    ['personal-values']
    """
    if level not in LEVELS:
        raise InputError(f"level is {level!r}; allowed are {', '.join(map(str, LEVELS))}")
    column = "node_id" if level == 0 else f"level{level}"
    node = values.drop_duplicates("value").set_index("value")[column]
    table = expressions.assign(node_id=expressions["value"].map(node))
    unknown = table.loc[table["node_id"].isna(), "value"]
    if not unknown.empty:
        raise InputError(
            f"value {unknown.iloc[0]!r} is not in the taxonomy; normalise the expressions first"
        )
    if level > 0:
        table["value"] = table["node_id"]
    kept = [c for c in ("explicit", "rank", "probability") if c in table.columns]
    return _one_row_each(table[[*_UNIT, "node_id", "value", *kept]], [*_UNIT, "node_id"])


def _one_row_each(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Keep one row a key: that of the lowest rank, explicit if any, of the highest probability."""
    repeated = table.duplicated(key, keep=False)
    if not repeated.any():
        return table.reset_index(drop=True)
    ordered = table.sort_values("rank", kind="stable") if "rank" in table.columns else table
    kept = ordered.drop_duplicates(key).sort_index()
    place = pd.MultiIndex.from_frame(kept[key])
    for column in ("explicit", "probability"):
        if column in table.columns:
            highest = table.groupby(key, sort=False)[column].max()
            kept[column] = highest.reindex(place).to_numpy()
    return kept.reset_index(drop=True)
