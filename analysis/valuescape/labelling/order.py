"""What is to be labelled by a language model, and what of it leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import DETECT, Tally, read_corpus
from valuescape.errors import OptionError
from valuescape.labelling.prompt import VOCABULARIES, Vocabulary
from valuescape.privacy.redaction import RedactionTally, redact_conversation
from valuescape.providers.account import check_budget
from valuescape.providers.dispatch import Manner
from valuescape.providers.prices import Price

LEDGER = "ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be labelled, and how.

    Attributes
    ----------
    conversations : Path
        Conversations in any known format.
    output : Path or None
        Folder of the tables; None where only a plan is wanted.
    model : str
        Name of a model.
    vocabulary : str
        ``closed`` or ``open``.
    limit : int or None
        The first so many conversations; None for all.
    ledger : Path or None
        The ledger; None for one in the output folder.
    redact : bool
        Whether personal data are hidden before a text is hashed, counted or sent.
    manner : Manner
        In batches or not, budget, waiting times.
    format : str
        Format of the file; ``auto`` looks into it.
    tally : Tally or None
        Counts what could not be read; None to stop at the first malformed record.
    """

    conversations: Path
    output: Path | None
    model: str
    vocabulary: Vocabulary = "closed"
    limit: int | None = None
    ledger: Path | None = None
    redact: bool = True
    manner: Manner = field(default_factory=Manner)
    format: str = DETECT
    tally: Tally | None = None

    @property
    def ledger_path(self) -> Path | None:
        """Where the ledger is; None without a folder."""
        return self.ledger or (self.output / LEDGER if self.output else None)

    def read(self, hidden: RedactionTally) -> Iterator[Conversation]:
        """Read the conversations as they may leave the machine, and count what was hidden."""
        tally = self.tally or Tally(strict=True)
        found = read_corpus(
            [self.conversations],
            self.format,
            malformed=tally.on_malformed,
            skipped=tally.on_skipped,
        )
        for conversation in islice(found, self.limit):
            if self.redact:
                redacted, counts = redact_conversation(conversation)
                hidden.add(counts)
                yield redacted
            else:
                yield conversation

    def check(self, price: Price | None) -> None:
        """Refuse options that cannot be, before anything is read.

        Parameters
        ----------
        price : Price or None
            Price of the model, where it is known.

        Raises
        ------
        OptionError
            Naming the option and what is allowed.
        """
        if self.vocabulary not in VOCABULARIES:
            allowed = ", ".join(VOCABULARIES)
            raise OptionError(f"--vocabulary {self.vocabulary!r} is not known; allowed: {allowed}")
        if self.limit is not None and self.limit < 1:
            raise OptionError(f"--limit {self.limit} is not allowed; at least 1 is")
        if self.manner.workers < 1:
            raise OptionError(f"--workers {self.manner.workers} is not allowed; at least 1 is")
        check_budget(self.manner.budget, self.model, price)
