"""Where everything is: one object that knows the folders of a checkout."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from healthmon.errors import UserError

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Project:
    """The folders of one checkout; every path in healthmon starts here."""

    root: Path

    @property
    def raw(self) -> Path:
        """Department exports as delivered, never edited."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """Clean tables and results; can be deleted and made again."""
        return self.root / "data" / "processed"

    @property
    def private(self) -> Path:
        """What may be seen by few: the vault, files returned to departments; never published."""
        return self.root / "data" / "private"

    @property
    def identities(self) -> Path:
        """The vault: who the persons are, encrypted, one file a month."""
        return self.private / "identities"

    @property
    def params(self) -> Path:
        """Everything a policy person would change."""
        return self.root / "params"

    @property
    def notebooks(self) -> Path:
        """Notebooks as written, without outputs."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """Quarto project, executed notebooks and the published site."""
        return self.root / "reports"

    @property
    def is_simulated(self) -> bool:
        """Whether the raw data carries the marker of the simulator."""
        return (self.raw / "SIMULATED").exists()


def open_project(root: Path | str | None = None) -> Project:
    """Find the checkout to work in.

    Parameters
    ----------
    root : path, optional
        The checkout. Without it the environment variable ``HEALTHMON_HOME``, else the folder
        that this package lies in.

    Raises
    ------
    UserError
        When the folder holds no ``params/exports``.
    """
    chosen = Path(root or os.environ.get("HEALTHMON_HOME") or Path(__file__).parents[1]).resolve()
    if not (chosen / "params" / "exports").is_dir():
        raise UserError(
            f"{chosen} is not a healthmon checkout (no params/exports in it): "
            "run from a clone, or set HEALTHMON_HOME to one"
        )
    return Project(chosen)


def check_month(month: str) -> str:
    """Return a month written as YYYY-MM, or raise UserError."""
    if not _MONTH.fullmatch(month):
        raise UserError(f"'{month}' is not a month: write it as 2022-06")
    return month


def list_raw_months(project: Project, until: str | None = None) -> list[str]:
    """List the months that have a folder in ``data/raw``, oldest first, up to and with `until`."""
    if not project.raw.is_dir():
        return []
    months = sorted(
        folder.name
        for folder in project.raw.iterdir()
        if folder.is_dir() and _MONTH.fullmatch(folder.name)
    )
    return [month for month in months if until is None or month <= until]
