"""The labeller that ships with the package and runs offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from valuescape.corpora.conversation import Conversation, batches
from valuescape.labelling.decisions import decided, labels
from valuescape.labelling.features import count_features
from valuescape.labelling.model import EmbeddedModel, load_model, probabilities
from valuescape.labelling.protocol import Label

VERSION = "2"


@dataclass(frozen=True, slots=True)
class EmbeddedLabeller:
    """Hashed features and logistic heads fitted to readings.

    Attributes
    ----------
    model : EmbeddedModel
        The fitted weights.
    """

    model: EmbeddedModel

    @property
    def name(self) -> str:
        """Name in the ``labeller`` column, without the version."""
        return "embedded"

    @property
    def version(self) -> str:
        """Version in the ``labeller`` column."""
        return self.model.version

    def label(self, conversations: Iterable[Conversation]) -> Iterator[Label]:
        """Label conversations in the order given, a batch at a time in memory.

        A conversation's label depends on its own text alone: neither on the order nor on what
        else is in the corpus.
        """
        for batch in batches(conversations):
            p = probabilities(self.model, count_features(batch))
            ids = [conversation.id for conversation in batch]
            yield from labels(self.model.value_names, ids, p, decided(self.model, p))


def shipped_weights() -> Path:
    """Return where the package keeps the fitted weights."""
    folder = resources.files("valuescape.resources") / "labeller"
    return Path(str(folder / f"embedded-{VERSION}.npz"))


def load_embedded() -> EmbeddedLabeller:
    """Load the labeller that ships with the package.

    Raises
    ------
    InputError
        If its weights are absent or damaged.
    """
    return EmbeddedLabeller(load_model(shipped_weights()))
