"""Compare the labeller that ships with others that were tried, sentence embeddings among them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.jsonl import read_jsonl
from valuescape.labelling.comparison import KEY, Candidate, bent, compare
from valuescape.labelling.fitting import RIDGE_PENALTY, Targets, indicators
from valuescape.labelling.space import Placed, fit_space, placed
from valuescape.labelling.training import (
    build_targets,
    corpus_features,
    first_readings,
    learnable_values,
)
from valuescape.paths import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import corpora_folder, load_choices
from valuescape.stages.acquire.fit import allowed_texts
from valuescape.store import write_table
from valuescape.taxonomy.encoders import Encoder, universal_encoder

Array = npt.NDArray[np.float32]
DEFAULT = "as shipped"
_BEGINNING = 600
_BATCH = 32
_DIGITS = 5


def embedded_beginnings(corpora: Path, ids: Iterable[str], encode: Encoder) -> tuple[Array, Array]:
    """Embed the beginning of the user's turns and of the last reply of conversations.

    Parameters
    ----------
    corpora : Path
        Folder of texts.
    ids : iterable of str
        Conversations, in the order wanted.
    encode : callable
        Texts to an array of shape (n_texts, n_features).

    Returns
    -------
    user, reply : ndarray of float32, shape (n, n_features)
        One row a conversation.
    """
    place = {name: i for i, name in enumerate(ids)}
    texts = [("", "")] * len(place)
    for path in sorted(corpora.glob("*.jsonl.gz")):
        for conversation in read_jsonl(path):
            if conversation.id in place:
                texts[place[conversation.id]] = _beginnings(conversation)
    user, reply = zip(*texts, strict=True)
    return _embedded(user, encode), _embedded(reply, encode)


def _beginnings(conversation: Conversation) -> tuple[str, str]:
    user = "\n".join(t.content for t in conversation.messages if t.role == "user")
    replies = [t.content for t in conversation.messages if t.role == "assistant"]
    return user[:_BEGINNING], replies[-1][:_BEGINNING] if replies else ""


def _embedded(texts: tuple[str, ...], encode: Encoder) -> Array:
    """Encode each different text once, texts of like length together."""
    unique = sorted(set(texts), key=lambda text: (len(text), text))
    parts = [encode(unique[i : i + _BATCH]) for i in range(0, len(unique), _BATCH)]
    row = {text: i for i, text in enumerate(unique)}
    found: Array = np.vstack(parts).astype(np.float32)[[row[text] for text in texts]]
    return found


def candidates(read: Placed, targets: Targets, user: Array, reply: Array) -> dict[str, Candidate]:
    """Return what is compared: each step from flat n-grams to sentence embeddings."""
    first = indicators(targets.subjective, targets.task_type, targets.response_type, targets.values)
    flat, kernel = read.products + read.form @ read.form.T, read.kernel()
    user_near, both = bent(user), bent(user) + bent(reply)

    def taught_all(of: Array) -> Candidate:
        return Candidate(of, targets.taught, RIDGE_PENALTY)

    return {
        "n-grams and form, first readings": Candidate(flat, first, RIDGE_PENALTY),
        "and latent directions, first readings": Candidate(kernel, first, RIDGE_PENALTY),
        DEFAULT: taught_all(kernel),
        "sentence embeddings alone": taught_all(both),
        "as shipped and embedded user's turns": taught_all(kernel + user_near),
        "as shipped and embedded turns and reply": taught_all(kernel + both),
    }


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    options, corpora = load_choices(where).label_corpora, corpora_folder(where)
    readings = first_readings(where.labels, where.results / "taxonomy")
    targets = build_targets(readings, learnable_values(readings.expressions))
    ids = readings.labels["conversation_id"].tolist()
    space = fit_space(corpus_features(corpora, allowed_texts(where.labels, [])))
    read = placed(corpus_features(corpora, ids), space)
    embedded = embedded_beginnings(corpora, ids, universal_encoder())
    table = compare(
        candidates(read, targets, *embedded), DEFAULT, targets, options.n_boot, options.seed
    )
    write_table(table, where.labels / "labeller_comparison.csv", key=KEY, digits=_DIGITS)


if __name__ == "__main__":
    run(main)
