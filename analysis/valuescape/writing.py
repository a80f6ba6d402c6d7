"""Files and folders written whole or not at all.

What is being written lies beside its place under a hidden name, ``.NAME.new.XXXXXXXX.tmp``, and is
locked by the run that writes it.  A run that was killed leaves such names behind without a lock;
the next one that writes to the same place takes them away.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from valuescape.errors import WriteError

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not on Windows, where two runs at once are the user's affair
    fcntl = None

_ENDING, _OLD = ".tmp", ".old"
_WITHOUT_NAME = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file could not be written and what to do, where the system refuses.

    Parameters
    ----------
    path : Path
        What is written.

    Raises
    ------
    WriteError
        In place of an ``OSError`` that concerns the file, its folder or one above.
    """
    try:
        yield
    except OSError as error:
        if not _concerns(error, path):
            raise
        raise WriteError(path, error) from error


def _concerns(error: OSError, path: Path) -> bool:
    if error.filename is None:
        return error.errno in _WITHOUT_NAME
    named, place = Path(os.fsdecode(error.filename)).absolute(), path.absolute()
    return named.parent == place.parent or place.is_relative_to(named)


def write_text(text: str, path: Path) -> None:
    """Write text beside its place and rename it, so that no reader sees half a file."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write bytes beside their place and rename them.

    Raises
    ------
    WriteError
        If the system refuses; what was there before stays.
    """
    with replaced_file(path) as stream:
        stream.write(content)


@contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the place of ``path`` only if nothing fails.

    Raises
    ------
    WriteError
        If the system refuses; what was there before stays.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "a.bin"
    >>> with replaced_file(place) as stream:
    ...     _ = stream.write(b"whole")
    >>> place.read_bytes()
    b'whole'
    """
    with writing(path), ExitStack() as held:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = _fresh_file(path)
        held.callback(beside.unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            _put(stream, beside, path)


def _put(stream: BinaryIO, beside: Path, path: Path) -> None:
    """Close what is written and rename it; its lock goes with closing, so nobody may tidy."""
    with alone_in(path.parent):
        stream.close()
        beside.chmod(0o644)
        beside.replace(path)


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files that belong together: a reader that finds the last finds its own others.

    All are written beside their places first.  Only then those of before are taken away and the new
    ones renamed in the order given, while no other run does so in the folder of the last.

    Parameters
    ----------
    contents : mapping of Path to bytes
        At least one file.

    Raises
    ------
    WriteError
        If the system refuses; the files of before stay.
    """
    *_, last = contents
    with ExitStack() as held:
        written = [(path, *_held_file(path, content, held)) for path, content in contents.items()]
        with writing(last), alone_in(last.parent):
            for path, stream, _ in reversed(written):
                stream.close()
                path.unlink(missing_ok=True)
            for path, _, beside in written:
                beside.replace(path)


def _held_file(path: Path, content: bytes, held: ExitStack) -> tuple[BinaryIO, Path]:
    """Write a file beside its place and keep it open, so that it stays locked."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = _fresh_file(path)
        held.callback(beside.unlink, missing_ok=True)
        stream = os.fdopen(handle, "wb")
        held.callback(_let_go, stream)
        stream.write(content)
        stream.flush()
        beside.chmod(0o644)
    return stream, beside


def _let_go(stream: BinaryIO) -> None:
    """Close a stream whose content is kept no longer, though it may be refused once more."""
    with suppress(OSError):
        stream.close()


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the place of ``folder`` only if nothing fails.

    Of two runs at once each puts its own folder there whole; the one that ends last stays.

    Raises
    ------
    WriteError
        If the system refuses; what was there before stays.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> with replaced_folder(home / "out") as out:
    ...     write_text("whole", out / "a.txt")
    >>> (home / "out" / "a.txt").read_text()
    'whole'
    """
    with ExitStack() as held:
        with writing(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            fresh = _fresh_folder(folder, held)
        with _told_of(fresh, folder):
            yield fresh
        with writing(folder), alone_in(folder.parent):
            fresh.chmod(0o755)
            _swap_in(fresh, folder)


@contextmanager
def _told_of(fresh: Path, folder: Path) -> Iterator[None]:
    """Name what fails in the fresh folder by the place that it was to have."""
    try:
        yield
    except WriteError as error:
        if not error.path.is_relative_to(fresh):
            raise
        raise WriteError(folder / error.path.relative_to(fresh), error.reason) from error
    except OSError as error:
        if error.filename is None and error.errno in _WITHOUT_NAME:
            raise WriteError(folder, error) from error
        within = Path(os.fsdecode(error.filename or "")).absolute()
        if not within.is_relative_to(fresh):
            raise
        raise WriteError(folder / within.relative_to(fresh), error) from error


def _swap_in(fresh: Path, folder: Path) -> None:
    old = fresh.with_name(_OLD)
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise


def _fresh_folder(folder: Path, held: ExitStack) -> Path:
    """Make a locked folder beside a place, and in it the one to fill."""
    with alone_in(folder.parent):
        _take_away_leftovers(folder)
        made = Path(tempfile.mkdtemp(_ENDING, f".{folder.name}.new.", folder.parent))
        held.callback(_take_away, made, folder)
        if fcntl is not None:
            handle = os.open(made, os.O_RDONLY)
            held.callback(os.close, handle)
            lock(handle, wait=False)
        fresh = made.absolute() / folder.name
        fresh.mkdir()
    return fresh


def _fresh_file(path: Path) -> tuple[int, Path]:
    with alone_in(path.parent):
        _take_away_leftovers(path)
        handle, made = tempfile.mkstemp(_ENDING, f".{path.name}.new.", path.parent)
        lock(handle, wait=False)
    return handle, Path(made)


def _take_away_leftovers(path: Path) -> None:
    """Remove what killed runs left beside a place, and put back what one had moved away."""
    name = re.compile(rf"\.{re.escape(path.name)}\.new\.\w{{8}}\{_ENDING}")
    for left in sorted(path.parent.iterdir()):
        if not name.fullmatch(left.name) or not _is_forsaken(left):
            continue
        if not left.is_dir():
            left.unlink()
            continue
        if (left / _OLD).exists() and not path.exists():
            (left / _OLD).rename(path)
        _take_away(left, path)


def _take_away(made: Path, folder: Path) -> None:
    """Remove a folder of a run, unless it holds the only one of before."""
    if folder.exists() or not (made / _OLD).exists():
        shutil.rmtree(made, ignore_errors=True)


def _is_forsaken(left: Path) -> bool:
    """Tell whether no run holds a name that was being written."""
    try:
        handle = os.open(left, os.O_RDONLY)
    except OSError:
        return False
    try:
        return lock(handle, wait=False) is True
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs from renaming in a folder; they wait, and a run that is killed lets go.

    Parameters
    ----------
    folder : Path
        A folder that exists.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        lock(handle, wait=True)
        yield
    finally:
        os.close(handle)


def lock(handle: int, *, wait: bool) -> bool | None:
    """Lock an open file or folder for as long as it is open.

    Parameters
    ----------
    handle : int
        Its descriptor.
    wait : bool
        Whether to wait while another run holds it.

    Returns
    -------
    bool or None
        False where another run holds it; None where the system or the disk knows no locks.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
