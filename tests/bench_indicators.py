"""Measure the indicators of all places and 12 months on data already taken in.

    make bench                                 as part of it
    python tests/bench_indicators.py HOME      a checkout with processed data

The figure asked for, on 2 cores: under 20 s for the whole province.
"""

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from healthmon.indicators import engine
from healthmon.project import Project, open_project
from healthmon.rules.indicators import load_indicators

MONTH = "2022-06"


def main(home: Path | None) -> None:
    """Measure each frame by itself, then everything at once, and print seconds and rows."""
    project = open_project(home)
    table = Table("indicators", "seconds", "rows")
    frames: dict[str, list[str]] = {}
    for name, indicator in load_indicators(project.params).items():
        frames.setdefault(indicator.frame, []).append(name)
    for frame, names in frames.items():
        table.add_row(f"rows of {frame}", *_measure(project, names))
    table.add_row("all places, 12 months (under 20 s)", *_measure(project, None))
    Console().print(table)


def _measure(project: Project, only: list[str] | None) -> tuple[str, str]:
    start = time.perf_counter()
    found = engine.measure_indicators(project, MONTH, only=only)
    return f"{time.perf_counter() - start:.1f}", f"{len(found):,}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
