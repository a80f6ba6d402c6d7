"""``valuescape label``: a file of conversations in, two tables of labels out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import DETECT, Tally, nothing_read, read_corpus
from valuescape.errors import InputError, OptionError
from valuescape.labelling.embedded import load_embedded
from valuescape.labelling.plugins import load_plugin, plugin_names
from valuescape.labelling.protocol import Label, Labeller
from valuescape.labelling.tables import expression_frame, label_frame, pair_of_tables
from valuescape.progress import steps
from valuescape.writing import write_together

LABELLERS: dict[str, Callable[[], Labeller]] = {"embedded": load_embedded}
BY_INTERFACE = ("anthropic", "endpoint")


def label_file(
    path: Path,
    labeller: str,
    output: Path,
    *,
    format: str = DETECT,  # noqa: A002
    tally: Tally | None = None,
) -> int:
    """Label a file of conversations and write ``labels.parquet`` and ``expressions.parquet``.

    Parameters
    ----------
    path : Path
        Conversations in any format that is read; a folder stands for the files in it.
    labeller : str
        A key of :data:`LABELLERS`, or the name of another package's entry point.
    output : Path
        Folder of the two tables; made if absent.  Both are written only when every conversation
        is labelled.
    format : str
        Name of the format, or ``auto``.
    tally : Tally or None
        Receives what is malformed or left out; None stops at the first malformed record.

    Returns
    -------
    int
        Number of conversations labelled.

    Raises
    ------
    InputError
        If the labeller is not known, the file cannot be read or is empty, or a record is
        malformed.
    """
    chosen = find_labeller(labeller)
    found = label_all(path, chosen, format, tally)
    write_labels(found, full_name(chosen), output)
    return len(found)


def write_labels(found: list[Label], name: str, output: Path) -> None:
    """Write ``labels.parquet`` and ``expressions.parquet`` into a folder, both or none."""
    write_together(pair_of_tables(label_frame(found, name), expression_frame(found, name), output))


def find_labeller(name: str) -> Labeller:
    """Load a labeller by name: ours, or one that an installed package registers.

    Raises
    ------
    InputError
        If there is none of that name, or another package's is none; see
        :func:`~valuescape.labelling.plugins.load_plugin`.
    """
    if name in LABELLERS:
        return LABELLERS[name]()
    found = load_plugin(name)
    if found is None:
        allowed = ", ".join((*LABELLERS, *BY_INTERFACE, *plugin_names()))
        raise OptionError(f"--labeller {name!r} is not known; allowed: {allowed}")
    return found


def full_name(labeller: Labeller) -> str:
    """Return the name that goes into the column ``labeller``."""
    return f"{labeller.name}-{labeller.version}"


def label_all(
    path: Path,
    labeller: Labeller,
    format: str = DETECT,  # noqa: A002
    tally: Tally | None = None,
    on_read: Callable[[Conversation], None] = lambda _: None,
) -> list[Label]:
    """Label every conversation of a file, with a progress bar on a terminal.

    ``on_read`` is called with each conversation before it is labelled.

    Raises
    ------
    InputError
        If the file holds no conversation, or as reading it raises.
    """
    found = []
    tally = tally or Tally(strict=True)
    conversations = read_corpus(
        [path], format, malformed=tally.on_malformed, skipped=tally.on_skipped
    )
    with steps(f"labelling {path.name}", None) as done:
        for label in labeller.label(_told(conversations, on_read)):
            found.append(label)
            done()
    if not found:
        raise InputError(nothing_read(path, tally))
    return found


def _told(
    conversations: Iterable[Conversation], on_read: Callable[[Conversation], None]
) -> Iterator[Conversation]:
    for conversation in conversations:
        on_read(conversation)
        yield conversation
