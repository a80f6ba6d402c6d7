"""What a command may end with: one message, and the exit code that goes with it."""

from typing import ClassVar


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
