"""Check a published month: its pages are all there, and the counts of the intake add up."""

import json
import sys
from pathlib import Path

from healthmon.places import read_places
from healthmon.project import open_project


def main(month: str) -> None:
    """Exit with a message where something does not hold."""
    project = open_project()
    site = project.reports / "site" / month
    expected = {"index.html"} | {
        f"prefecture-{code}.html" for code in read_places("prefectures")["code"]
    }
    missing = sorted(name for name in expected if not (site / name).is_file())
    if missing:
        sys.exit(f"pages missing in {site}: {missing}")
    check_counts(project.processed / "intake.json")
    sys.stdout.write(f"{len(expected)} pages of {month} are there; counts add up\n")


def check_counts(manifest: Path) -> None:
    """Compare rows read with rows taken and set aside, file by file."""
    files = json.loads(manifest.read_text(encoding="utf-8"))
    raise SystemExit(f"not read yet: {files.keys()}")


if __name__ == "__main__":
    main(sys.argv[1])
