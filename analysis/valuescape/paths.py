"""Every path of a checkout, once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from valuescape.errors import InputError


@dataclass(frozen=True)
class Paths:
    """Every path of a checkout, from its root."""

    root: Path

    @property
    def params(self) -> Path:
        """The study's choices."""
        return self.root / "params.yaml"

    @property
    def data(self) -> Path:
        """Labels, references and results, with their card and codebook."""
        return self.root / "data"

    @property
    def release(self) -> Path:
        """The data set as it is published; not in Git."""
        return self.data / "release"

    @property
    def release_checksums(self) -> Path:
        """SHA-256 of every file of the published data set."""
        return self.data / "release.sha256"

    @property
    def labels(self) -> Path:
        """Released readings."""
        return self.root / "data" / "labels"

    @property
    def machine(self) -> Path:
        """Cross-fitted labels of the embedded labeller."""
        return self.labels / "machine"

    @property
    def task_embeddings(self) -> Path:
        """Sentence embeddings of the task phrases."""
        return self.labels / "embeddings" / "tasks.parquet"

    @property
    def value_embeddings(self) -> Path:
        """Sentence embeddings of the value names."""
        return self.labels / "embeddings" / "values.parquet"

    @property
    def tree_agreement(self) -> Path:
        """Agreement of trees with the released one."""
        return self.root / "data" / "reference" / "released_tree_agreement.csv"

    @property
    def published(self) -> Path:
        """Figures of the 2025 study and its follow-ups."""
        return self.root / "data" / "reference" / "published.csv"

    @property
    def claims(self) -> Path:
        """Published claims and the cells that test them."""
        return self.root / "data" / "reference" / "claims.csv"

    @property
    def calibration(self) -> Path:
        """Tables of the full calibration run."""
        return self.root / "data" / "reference" / "calibration"

    @property
    def monitoring(self) -> Path:
        """Tables of the full run of monitors on simulated streams."""
        return self.root / "data" / "reference" / "monitoring"

    @property
    def results(self) -> Path:
        """Results, one folder a stage."""
        return self.root / "data" / "results"

    @property
    def figures(self) -> Path:
        """Drawn figures and the data behind them."""
        return self.root / "figures"

    @property
    def paper(self) -> Path:
        """The manuscript and what it includes."""
        return self.root / "paper"

    @property
    def explorer(self) -> Path:
        """The page on which to look values up."""
        return self.paper / "explorer.html"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above ``start`` that holds ``params.yaml`` and ``dvc.yaml``.

    Raises
    ------
    InputError
        If there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise InputError(
        f"{start}: not inside a valuescape checkout (no params.yaml and dvc.yaml); "
        "go to a clone of the repository"
    )


def paths() -> Paths:
    """Return the paths of the checkout that the working directory is in."""
    return Paths(find_root(Path.cwd()))
