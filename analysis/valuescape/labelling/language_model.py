"""A language model that follows the codebook, asked through the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from valuescape.corpora.conversation import Conversation, batches
from valuescape.labelling.answers import is_open, to_label
from valuescape.labelling.prompt import Prompt
from valuescape.labelling.protocol import Label
from valuescape.providers.dispatch import Dispatcher
from valuescape.providers.exchange import Reply

_BLOCK = 20_000
_BLOCK_CHARACTERS = 50_000_000


def _nobody() -> None:
    pass


@dataclass(frozen=True, slots=True)
class ModelLabeller:
    """Labels by a language model behind an interface.

    Attributes
    ----------
    prompt : Prompt
        Codebook, schema and parameters.
    dispatcher : Dispatcher
        Sends the questions and keeps the ledger.
    done : callable
        Called once for each question that is settled.
    """

    prompt: Prompt
    dispatcher: Dispatcher
    done: Callable[[], None] = _nobody

    @property
    def name(self) -> str:
        """Name in the ``labeller`` column, without the version: that of the provider."""
        return self.dispatcher.api.provider

    @property
    def version(self) -> str:
        """Model, vocabulary and the first digits of the prompt's hash."""
        return self.prompt.version

    def label(self, conversations: Iterable[Conversation]) -> Iterator[Label]:
        """Label conversations in the order given.

        What the ledger has an answer for is not sent; equal conversations are sent once.  After a
        crash the same call goes on where the last one ended.

        Raises
        ------
        BudgetError
            If the budget does not allow the next question.
        ServiceError
            If the interface cannot be reached, refuses, or gives no answer.
        """
        self.dispatcher.ledger.add_prompt(self.prompt.digest, self.prompt.model, self.prompt.fixed)
        for block in batches(conversations, _BLOCK, _BLOCK_CHARACTERS):
            yield from self._labelled(block)

    def _labelled(self, block: Sequence[Conversation]) -> Iterator[Label]:
        requests = [self.prompt.request(conversation) for conversation in block]
        distinct = {request.key: request for request in requests}
        warming = self.prompt.warming() if len(distinct) > 1 else None
        self.dispatcher.settle(list(distinct.values()), self.asks, warming=warming, done=self.done)
        for conversation, request in zip(block, requests, strict=True):
            replies = self.dispatcher.ledger.replies(request.key)
            yield to_label(conversation.id, replies, self.prompt.vocabulary)

    def asks(self, replies: Sequence[Reply]) -> bool:
        """Return whether a question with these answers is to be asked (again)."""
        return is_open(replies, self.prompt.vocabulary)
