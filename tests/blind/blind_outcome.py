"""Lay out a case in a folder of its own, have it taken in, and gather what intake left behind."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import yaml
from blind_case import Case
from blind_returned import gather_returned, list_open_folders

from healthmon.exports import list_tables
from healthmon.intake import take_in
from healthmon.project import Project
from healthmon.tables import read_table

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What intake left behind."""

    taken: dict[tuple[str, str, int], dict[str, Any]]
    """(file, table, row) to clean values."""
    aside: set[tuple[str, str, int]]
    problems: tuple[dict[str, Any], ...]
    counts: dict[str, dict[str, Any]]
    """File to its entry of intake.json."""
    links: dict[tuple[str, int], dict[str, Any]]
    texts: tuple[str, ...]
    readable_by_others: tuple[str, ...]
    """Keys and folders of returned files that others may look into."""
    returned: dict[str, bytes]
    """Path below ``data/private/returns`` to content."""


def run_intake(case: Case, root: Path) -> None:
    """Lay out the files of a case below `root` and have them taken in.

    The home folder is one below `root`, so that no key of this machine is used or made.
    """
    shutil.copytree(CHECKOUT / "params", root / "params")
    if case.alias:
        _add_alias(root / "params" / "exports" / case.alias[0], *case.alias[1:])
    for delivery in case.deliveries:
        place = root / "data" / "raw" / delivery.month / delivery.folder
        place.mkdir(parents=True, exist_ok=True)
        (place / delivery.name).write_bytes(delivery.content)
    if case.is_simulated:
        (root / "data" / "raw" / "SIMULATED").write_text("simulated\n")
    home, before = root / "home", dict(os.environ)
    home.mkdir()
    os.environ.update({"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
    try:
        take_in(Project(root), case.until)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _add_alias(path: Path, header: str, alias: str) -> None:
    exports = yaml.safe_load(path.read_text(encoding="utf-8"))
    for table in exports["tables"].values():
        for column in table["columns"].values():
            if column["header"] == header and alias not in column.get("aliases", ()):
                column["aliases"] = [*column.get("aliases", ()), alias]
    path.write_text(yaml.safe_dump(exports, allow_unicode=True, sort_keys=False), "utf-8")


def gather_outcome(root: Path) -> Outcome:
    """Read what intake left below `root`."""
    project, taken = Project(root), {}
    for table in list_tables(project.params):
        for row in read_table(project, table).to_dict("records"):
            taken[row["delivered_month"] + "/" + base_name(row["source_file"]), table,
                  int(row["source_row"])] = row  # fmt: skip
    aside = read_table(project, "set_aside")
    rows = zip(aside["source_file"], aside["table"], aside["source_row"], strict=True)
    report = json.loads((project.processed / "intake.json").read_text(encoding="utf-8"))
    counts, problems = {}, []
    _walk(report, "", counts, problems)
    return Outcome(
        taken,
        {(_month_file(f), t, int(r)) for f, t, r in rows if not pd.isna(r)},
        tuple(problems),
        counts,
        _links(project),
        tuple(_texts(project.processed)),
        (*_open_files(root / "home"), *list_open_folders(root)),
        gather_returned(root),
    )


def _open_files(home: Path) -> Iterator[str]:
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield path.name


def base_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rsplit("/", 1)[-1]


def _month_file(path: str) -> str:
    """Return '2022-06/name' of '2022-06/folder/name'."""
    return f"{path.split('/', 1)[0]}/{base_name(path)}"


def _walk(node: Any, key: str, counts: dict, problems: list) -> None:
    """Collect file entries and problems wherever the report keeps them."""
    if isinstance(node, list):
        for item in node:
            _walk(item, key, counts, problems)
    elif isinstance(node, dict):
        if "rows_read" in node:
            counts[_month_file(str(node.get("file", key)))] = node
        elif "message" in node:
            problems.append(node)
        for name, item in node.items():
            _walk(item, name, counts, problems)


def _links(project: Project) -> dict[tuple[str, int], dict[str, Any]]:
    found = {}
    for path in sorted((project.processed / "links").glob("????-??.parquet")):
        for row in pq.read_table(path).to_pylist():
            found[_month_file(row["source_file"]), int(row["source_row"])] = row
    return found


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for name in table.column_names:
                if str(table.schema.field(name).type) in ("string", "large_string"):
                    yield from (cell for cell in table[name].to_pylist() if cell)
        elif path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")
