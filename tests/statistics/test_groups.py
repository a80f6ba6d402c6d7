"""Labels as codes: order, kinds of missing entries, labels that numpy would turn into strings."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.statistics.groups import group_sums, label_codes, missing, stratum_factors


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "b"], r"choice: shape \(2,\) is not one label for each of 3 rows"),
        ([1.0, np.nan, 2.0], r"choice\[1\]: is missing"),
        (["a", "b", None], r"choice\[2\]: is missing"),
        (["a", float("nan"), "b"], r"choice\[1\]: is missing"),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), r"choice\[1\]: is missing"),
        (pd.Series([pd.NaT, pd.Timestamp(0), pd.Timestamp(1)]), r"choice\[0\]: is missing"),
        ([7, 7, 7], "choice: all are 7, at least 2 different ones"),
    ],
)
def test_bad_labels_are_named(labels: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        label_codes("choice", labels, 3, fewest=2)  # type: ignore[arg-type]


def test_labels_of_two_types_are_told_apart() -> None:
    names, codes = label_codes("choice", np.array(["b", 1, "b"], dtype=object), 3)
    assert names.tolist() == [1, "b"]
    assert codes.tolist() == [1, 0, 1]
    assert label_codes("choice", [1, "1", 1], 3)[1].tolist() == [0, 1, 0]


@given(st.lists(st.sampled_from(["a", "b", "c", "aa", ""]), min_size=1, max_size=20))
def test_names_and_codes_give_the_labels_back(labels: list[str]) -> None:
    names, codes = label_codes("choice", labels, len(labels))
    assert names[codes].tolist() == labels
    assert names.tolist() == sorted(set(labels))
    again = label_codes("choice", np.array(labels, dtype=object), len(labels))
    assert again[1].tolist() == codes.tolist()


def test_nothing_is_missing_among_whole_numbers() -> None:
    assert not missing(np.arange(3)).any()
    assert missing(np.array(["2026-01-01", "NaT"], dtype="datetime64[D]")).tolist() == [False, True]


def test_sums_of_groups_that_are_absent_are_zero() -> None:
    values, codes = np.arange(6.0).reshape(3, 2), np.array([3, 0, 3])
    assert group_sums(values, codes).tolist() == [[2, 3], [0, 0], [0, 0], [4, 6]]
    np.testing.assert_array_equal(group_sums(values[:, 0], codes), group_sums(values, codes)[:, 0])


def test_stratum_factors() -> None:
    found = stratum_factors(np.array([0, 0, 1, 1, 1]), np.array([4, 4, 0, 1, 2]))
    assert found.tolist() == [1, 1, 1.5, 1.5, 1.5]
