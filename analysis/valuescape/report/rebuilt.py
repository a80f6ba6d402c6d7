"""Whether what a pipeline run rebuilt equals what is committed."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from valuescape.errors import InputError

Verdict = Literal["identical", "equal within 1e-6", "different"]
REBUILT = (
    "data/release.sha256",
    "data/results",
    "figures",
    "paper/_variables.yml",
    "paper/claims.yaml",
    "paper/tables",
    "paper/explorer.html",
    "dvc.lock",
)
TOLERANCE = 1e-6
LAST_DIGIT = 1e-4
"""A last digit may tip where it is at most so much of the number: from five digits on."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_HASH_LINE = re.compile(r"^[ \t]*(?:md5|size|nfiles):.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of each committed file.

    Attributes
    ----------
    verdicts : dict of str to {"identical", "equal within 1e-6", "different"}
        By path from the root.
    exact : bool
        Whether only identical bytes are accepted.
    """

    verdicts: dict[str, Verdict]
    exact: bool

    @property
    def accepted(self) -> bool:
        """Whether the rebuild reproduces the commit."""
        passing = {"identical"} if self.exact else {"identical", "equal within 1e-6"}
        return set(self.verdicts.values()) <= passing

    @property
    def text(self) -> str:
        """The comparison in words, with the paths that are not identical."""
        count = {v: sum(1 for w in self.verdicts.values() if w == v) for v in _VERDICTS}
        lines = [
            f"rebuilt against the commit: {count['identical']} files identical, "
            f"{count['equal within 1e-6']} equal within 1e-6, {count['different']} different"
        ]
        lines += [f"  {v}: {p}" for p, v in sorted(self.verdicts.items()) if v != "identical"]
        return "\n".join(lines)


_VERDICTS: tuple[Verdict, ...] = ("identical", "equal within 1e-6", "different")


def compare_with_commit(root: Path, *, exact: bool = False) -> Comparison:
    """Compare every rebuilt file with the version in the last commit.

    Parameters
    ----------
    root : Path
        A Git checkout.
    exact : bool
        Accept identical bytes only.

    Returns
    -------
    Comparison
        A file that is committed and missing, or new, is "different"; a text is "equal" when its
        words are the same and its numbers are within 1e-6 (relative, or absolute near 0) or, if
        they are fractions of five digits or more, within one unit of the last: another
        processor's rounding may tip it.  Pictures of a figure whose data are equal count as equal.

    Raises
    ------
    InputError
        If the root is not a Git checkout with a commit.
    """
    committed = set(_git(root, "ls-tree", "-r", "--name-only", "HEAD", "--", *REBUILT).split("\n"))
    present = set(_git(root, "ls-files", "-co", "--exclude-standard", "--", *REBUILT).split("\n"))
    verdicts: dict[str, Verdict] = {}
    for path in sorted((committed | present) - {""}):
        if path not in committed or not (root / path).is_file():
            verdicts[path] = "different"
            continue
        verdicts[path] = compare_bytes(_committed_bytes(root, path), (root / path).read_bytes())
    return Comparison(_pictures_follow_data(verdicts), exact)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.quotepath=off", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False, text=True)  # noqa: S603
    if done.returncode:
        raise InputError(f"{root}: not a Git checkout with a commit ({done.stderr.strip()})")
    return done.stdout


def _committed_bytes(root: Path, path: str) -> bytes:
    command = ["git", "show", f"HEAD:{path}"]
    return subprocess.run(command, cwd=root, capture_output=True, check=True).stdout  # noqa: S603


def compare_bytes(before: bytes, after: bytes) -> Verdict:
    """Compare two versions of a file.

    Examples
    --------
    >>> compare_bytes(b"a,1.0000001", b"a,1.0")
    'equal within 1e-6'
    >>> compare_bytes(b"a,0.0035989", b"a,0.003599")
    'equal within 1e-6'
    >>> compare_bytes(b"a,1.2", b"a,1.0"), compare_bytes(b"a,11", b"a,12")
    ('different', 'different')
    """
    if before == after:
        return "identical"
    try:
        first, second = before.decode("utf-8"), after.decode("utf-8")
    except UnicodeDecodeError:
        return "different"
    if _HASH_LINE.search(first) and _HASH_LINE.search(second):
        first, second = (_HASH_LINE.sub("", t) for t in (first, second))
    if _NUMBER.sub("#", first) != _NUMBER.sub("#", second):
        return "different"
    pairs = zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=True)
    return "equal within 1e-6" if all(_close(a, b) for a, b in pairs) else "different"


def _close(first: str, second: str) -> bool:
    """Tell whether two written numbers are equal but for rounding."""
    if first == second:
        return True
    apart, size = abs(float(first) - float(second)), abs(float(first))
    last_digit = min(_last_digit(first), _last_digit(second), LAST_DIGIT * size)
    return apart <= max(TOLERANCE * max(1.0, size), 1.001 * last_digit)


def _last_digit(number: str) -> float:
    """Worth of the last digit written, nothing for a whole number: counts are equal or not."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0


def _pictures_follow_data(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    settled = dict(verdicts)
    for path, verdict in verdicts.items():
        stem, _, ending = path.rpartition(".")
        if verdict == "different" and ending in ("png", "svg"):
            behind = verdicts.get(f"{stem}.csv", "different")
            if behind != "different":
                settled[path] = "equal within 1e-6"
    return settled
