"""What a command may end with: one message, and the exit code that goes with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import ClassVar

_MAKE_ROOM = "make room there and run the same command again"
_ELSEWHERE = "name another place, or change its permissions"
_REMEDIES = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EFBIG: "files of that size are not allowed there; raise the limit or name another place",
    errno.EROFS: _ELSEWHERE,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EBUSY: "a disk is mounted there; name a folder inside it",
    errno.ENAMETOOLONG: "name a shorter one",
    errno.ENOTDIR: "a part of that path is a file, where a folder is needed",
    errno.EEXIST: "a part of that path is a file, where a folder is needed",
    errno.EISDIR: "a folder is there, where a file is to be written",
}
_AROUND = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


class InputError(ValueError):
    """Input that cannot be used; the message names the file, row or option and what is allowed."""

    exit_code: ClassVar[int] = 1


class OptionError(InputError):
    """An option that does not go with the others, or a value that it does not take."""

    exit_code = 2


class StoppedError(InputError):
    """The user's own stop: a plan that was not confirmed, or a budget that is reached."""

    exit_code = 3


class ServiceError(InputError):
    """An interface that cannot be reached, refuses, or gives no answer; repeating may help."""

    exit_code = 4


class WriteError(InputError):
    """A file or folder that cannot be written; what was there before is as it was.

    Parameters
    ----------
    path : Path
        What was to be written.
    reason : OSError
        Why it was not.
    """

    def __init__(self, path: Path, reason: OSError) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: cannot be written: {told_of(reason)}")


def told_of(error: OSError) -> str:
    """Say what the system refused, and what to do where that is known.

    Examples
    --------
    >>> told_of(OSError(28, "No space left on device"))
    'No space left on device; make room there and run the same command again'
    """
    remedy = _REMEDIES.get(error.errno or 0, "")
    said = error.strerror or " ".join(str(error).split()) or type(error).__name__
    return f"{said}; {remedy}" if remedy else said


def explained(error: Exception) -> InputError | None:
    """Return what a failure around the program means to its user; None if it is the program's own.

    Parameters
    ----------
    error : Exception
        What was raised and not handled.

    Examples
    --------
    >>> print(explained(ModuleNotFoundError("No module named 'typst'", name="typst")))
    the Python package 'typst' is not installed; install the packages again (make install, or pip \
install valuescape)
    >>> explained(KeyError("a")) is None
    True
    """
    if isinstance(error, InputError):
        return error
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("valuescape"):
        return InputError(
            f"the Python package {error.name!r} is not installed; install the packages again "
            "(make install, or pip install valuescape)"
        )
    if isinstance(error, OSError) and error.errno in _AROUND:
        named = os.fsdecode(error.filename) if error.filename else "a file or folder"
        return InputError(f"{named}: {told_of(error)}")
    return None
