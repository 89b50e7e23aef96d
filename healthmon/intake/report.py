"""What an intake did, for the person who runs it."""

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 20
_NOTES = ("unexpected_file", "unexpected_sheet", "unexpected_column")


@dataclass(frozen=True)
class FileReport:
    """Rows of one delivered file: read = taken + set aside."""

    path: str
    month: str
    sha256: str
    tables: tuple[str, ...]
    rows_read: int
    rows_taken: int
    rows_set_aside: int


@dataclass(frozen=True)
class IntakeReport:
    """What is taken in up to a month.

    Parameters
    ----------
    until : str
        Last month looked at.
    months : tuple of str
        Every month taken in.
    months_read : tuple of str
        Those that were read now; the others had not changed.
    files : tuple of FileReport
        Every file found.
    problems : tuple of str
        Messages about whole files, sheets and columns: unreadable, missing, unexpected.
    reasons : Counter
        Reason code to how often a row was set aside for it.
    conversions : Counter
        Kind of what was understood although it is written otherwise, to how often.
    """

    until: str
    months: tuple[str, ...]
    months_read: tuple[str, ...]
    files: tuple[FileReport, ...]
    problems: tuple[str, ...]
    reasons: Counter = field(default_factory=Counter)
    conversions: Counter = field(default_factory=Counter)

    @property
    def rows_read(self) -> int:
        """Rows in all files."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_taken(self) -> int:
        """Rows in the clean tables."""
        return sum(file.rows_taken for file in self.files)

    @property
    def rows_set_aside(self) -> int:
        """Rows set aside for any reason."""
        return sum(file.rows_set_aside for file in self.files)

    def summary(self) -> str:
        """Say it in a few lines."""
        lines = [
            f"months up to {self.until}: {len(self.months)}, read now: {len(self.months_read)}; "
            f"files: {len(self.files):,}; rows: {self.rows_read:,} = {self.rows_taken:,} taken "
            f"+ {self.rows_set_aside:,} set aside"
        ]
        if self.reasons:
            most = ", ".join(f"{code} {count:,}" for code, count in self.reasons.most_common(6))
            lines.append(f"set aside (data/processed/set_aside): {most}")
        if self.conversions:
            most = ", ".join(f"{kind} {count:,}" for kind, count in self.conversions.most_common(6))
            lines.append(f"understood although written otherwise (intake.json): {most}")
        lines += self.problems[:_SHOWN]
        if (more := len(self.problems) - _SHOWN) > 0:
            lines.append(f"and {more:,} more such messages in data/processed/intake.json")
        return "\n".join(lines)


def report_of(entries: dict[str, dict], until: str, months_read: list[str]) -> IntakeReport:
    """Make the report from the manifest's entries of the months up to `until`."""
    files = tuple(
        FileReport(
            path=path,
            month=month,
            sha256=about["sha256"],
            tables=tuple(about["tables"]),
            rows_read=about["rows_read"],
            rows_taken=about["rows_taken"],
            rows_set_aside=about["rows_set_aside"],
        )
        for month, entry in entries.items()
        for path, about in entry["files"].items()
    )
    problems = [problem for entry in entries.values() for problem in entry["problems"]]
    # what was not read at all comes before what nobody asked for
    problems.sort(key=lambda problem: problem["code"] in _NOTES)
    reasons: Counter = Counter()
    for entry in entries.values():
        reasons.update(entry["reasons"])
    conversions: Counter = Counter()
    for about in (about for entry in entries.values() for about in entry["files"].values()):
        for conversion in about["conversions"]:
            conversions[conversion["kind"]] += conversion["count"]
    return IntakeReport(
        until, tuple(entries), tuple(months_read), files,
        tuple(problem["message"] for problem in problems), reasons, conversions,
    )  # fmt: skip
