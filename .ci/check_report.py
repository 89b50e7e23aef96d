"""Check a published month: its pages are all there, and the counts of the intake add up.

The counts are held against the files themselves: lines of each CSV, rows of each Parquet table.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from healthmon.places import read_places
from healthmon.project import Project, open_project

NOT_ROWS = ("title_row", "two_row_header", "totals_row", "note_row", "repeated_header", "empty_row")
"""Lines that the intake says it left out, beside the header."""


def main(month: str) -> None:
    """Exit with a message where something does not hold."""
    project = open_project()
    problems = [*check_pages(project, month), *check_counts(project)]
    if problems:
        sys.exit("\n".join(problems[:20]))
    sys.stdout.write(f"pages of {month} are there; counts add up\n")


def check_pages(project: Project, month: str) -> list[str]:
    """Look for the province page and a page for each prefecture."""
    site = project.reports / "site" / month
    codes = read_places("prefectures")["code"]
    expected = ["index.html", "manifest.json", *(f"prefecture-{code}.html" for code in codes)]
    return [f"missing: {name}" for name in expected if not (site / name).is_file()]


def check_counts(project: Project) -> list[str]:
    """Compare rows read, taken and set aside with the files and tables themselves."""
    manifest = json.loads((project.processed / "intake.json").read_text(encoding="utf-8"))
    problems, taken = [], Counter()
    for entry in manifest["months"].values():
        # what was cut short, empty or not asked for is named, and not counted here
        named = {problem["file"] for problem in entry["problems"]}
        for name, file in entry["files"].items():
            if file["rows_read"] != file["rows_taken"] + file["rows_set_aside"]:
                problems.append(f"{name}: read is not taken and set aside")
            if name.endswith(".csv") and name not in named:
                said = sum(c["count"] for c in file["conversions"] if c["kind"] in NOT_ROWS)
                there = lines(project.raw / name) - 1 - said
                if file["rows_read"] != there:
                    problems.append(f"{name}: {file['rows_read']} rows read of {there} in the file")
            for table, counts in file["tables"].items():
                taken[table] += counts["rows_taken"]
    for table, count in taken.items():
        files = (project.processed / table).glob("????-??.parquet")
        there = sum(pq.read_metadata(file).num_rows for file in files)
        if there != count:
            problems.append(f"{table}: {count} rows taken, {there} in the table")
    return problems


def lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


if __name__ == "__main__":
    main(sys.argv[1])
