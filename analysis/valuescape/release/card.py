"""The data card as a Hugging Face dataset card."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SIZE_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M")


def dataset_card(title: str, tables: Sequence[str], n_rows: int, body: str) -> str:
    """Put the header that the hub reads before the data card.

    Parameters
    ----------
    title : str
        Printed name.
    tables : sequence of str
        Names of the Parquet files, the first one shown by default.
    n_rows : int
        Rows of the largest table.
    body : str
        The data card, Markdown.

    Returns
    -------
    str
        YAML between two lines of dashes, then the card.

    Examples
    --------
    >>> print(dataset_card("Values", ["labels"], 2000, "# Data card").split("---")[1].strip())
    ...     # doctest: +ELLIPSIS
    annotations_creators:
    - machine-generated
    configs:
    - config_name: labels
      data_files: parquet/labels.parquet
      default: true
    ...
    """
    header = {
        "pretty_name": title,
        "license": "cc-by-4.0",
        "language": ["en"],
        "annotations_creators": ["machine-generated"],
        "language_creators": ["found"],
        "size_categories": [size_category(n_rows)],
        "task_categories": ["text-classification"],
        "tags": ["values", "alignment", "computational social science", "croissant"],
        "configs": [
            {"config_name": name, "data_files": f"parquet/{name}.parquet"} | ({} if i else _FIRST)
            for i, name in enumerate(tables)
        ],
    }
    text = yaml.safe_dump(header, sort_keys=True, allow_unicode=True, width=100)
    return f"---\n{text}---\n\n{body}"


_FIRST = {"default": True}


def size_category(n_rows: int) -> str:
    """Name the size as the hub does.

    Examples
    --------
    >>> size_category(999), size_category(33_705)
    ('n<1K', '10K<n<100K')
    """
    return SIZE_NAMES[sum(n_rows >= size for size in SIZES)]
