"""Labellers of other packages, found by their entry points and imported only when asked for."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from valuescape.errors import InputError
from valuescape.labelling.checking import CheckedLabeller

GROUP = "valuescape.labellers"
RESERVED = ("anthropic", "embedded", "endpoint", "reading")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}")


def plugin_names() -> tuple[str, ...]:
    """Return the names that installed packages register, without importing any."""
    return tuple(sorted(entry_points(group=GROUP).names - set(RESERVED)))


def load_plugin(name: str) -> CheckedLabeller | None:
    """Load a labeller of another package.

    Parameters
    ----------
    name : str
        Name of the entry point in the group ``valuescape.labellers``.

    Returns
    -------
    CheckedLabeller or None
        None if no package registers the name.

    Raises
    ------
    InputError
        If several packages register it, the package does not load, or what it gives is no
        labeller.  The message names the package.
    """
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    if len(found) > 1:
        packages = " and ".join(sorted({_package(point) for point in found}))
        raise InputError(f"--labeller {name!r}: registered by {packages}; remove one of them")
    package = _package(found[0])
    made = _made(found[0], package)
    _check(made, found[0], package)
    return CheckedLabeller(made, package)


def _package(point: EntryPoint) -> str:
    return f"package {point.dist.name} {point.dist.version}" if point.dist else "a package"


def _made(point: EntryPoint, package: str) -> Any:
    """Import the entry point and call it."""
    try:
        maker = point.load()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise InputError(
            f"--labeller {point.name!r}: {package} cannot be imported ({told})"
        ) from error
    if not callable(maker):
        raise InputError(
            f"--labeller {point.name!r}: {package} registers {point.value!r}, which cannot be "
            "called; needed is a class or function without arguments that gives a labeller"
        )
    try:
        return maker()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise InputError(
            f"--labeller {point.name!r}: {package} fails to make its labeller ({told}); needed is "
            "a class or function without arguments"
        ) from error


def _check(made: Any, point: EntryPoint, package: str) -> None:
    """Refuse what is no labeller."""
    where = f"--labeller {point.name!r}: {package}"
    if not callable(getattr(made, "label", None)):
        raise InputError(
            f"{where} gives a {type(made).__name__} without a method 'label'; needed are name, "
            "version and label(conversations)"
        )
    for attribute in ("name", "version"):
        found = getattr(made, attribute, None)
        if not isinstance(found, str) or _NAME.fullmatch(found) is None:
            raise InputError(
                f"{where} has the {attribute} {found!r}; allowed are up to 41 small letters, "
                "digits, dots, hyphens and underscores"
            )
    if made.name.partition("-")[0] in RESERVED:
        raise InputError(
            f"{where} calls its labeller {made.name!r}; {', '.join(RESERVED)} are taken"
        )
