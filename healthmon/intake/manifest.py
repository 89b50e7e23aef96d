"""What was taken in: ``data/processed/intake.json``, and whether it is still current.

A month is read again when its files, the code or list of exports, the key, or any earlier month
have changed: a settlement that came earlier must not count twice.
"""

import hashlib
import hmac
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from healthmon.intake.finding import list_files
from healthmon.intake.month import StagedMonth
from healthmon.intake.vault import vault_path
from healthmon.project import Project, list_raw_months
from healthmon.tables import SET_ASIDE

_PACKAGE = Path(__file__).parents[1]
_CODE = ("intake/*.py", "exports.py", "tables.py", "money.py", "places/data/*.csv")

FileHashes = dict[str, str]
"""Path below data/raw to SHA-256."""


def manifest_path(project: Project) -> Path:
    """Return where the manifest lies."""
    return project.processed / "intake.json"


def read_manifest(project: Project) -> dict:
    """Read the manifest; empty when nothing was taken in.

    Returns
    -------
    dict
        ``months``: month to its ``fingerprint``; ``files`` (path below data/raw to ``sha256``,
        ``rows_read``, ``rows_taken``, ``rows_set_aside``, the same by table in ``tables``;
        ``conversions`` lists what was understood although it is written otherwise), ``problems``
        (``file``, ``sheet``, ``table``, ``code``, ``reason``, ``message``), ``reasons`` (reason
        code to rows and values set aside), ``links`` (kind of link to rows), ``outputs`` (table
        to bytes) and ``vault`` (SHA-256 of the encrypted file).
    """
    path = manifest_path(project)
    if not path.is_file():
        return {"months": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def write_manifest(project: Project, manifest: dict) -> None:
    """Write the manifest whole or not at all."""
    write_json(manifest_path(project), manifest)


def write_json(path: Path, content: dict) -> None:
    """Write JSON under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.making")
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    making.write_text(text + "\n", encoding="utf-8")
    sync(making)
    making.replace(path)


def sync(path: Path) -> None:
    """Have the bytes of a file on the disk before going on."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def month_entry(staged: StagedMonth, fingerprint: str, hashes: FileHashes) -> dict:
    """Describe a month for the manifest."""
    files = {file: {"sha256": digest, **_no_rows()} for file, digest in hashes.items()}
    for item in staged.tallies:
        counts = {
            "rows_read": item.rows_read,
            "rows_taken": item.rows_taken,
            "rows_set_aside": item.rows_set_aside,
        }
        files[item.source_file]["tables"][item.table] = counts
        for name, count in counts.items():
            files[item.source_file][name] += count
    for place, key, (kind, header, count) in staged.conversions:
        files[place.source_file]["conversions"].append(
            {"table": place.table, "column": key, "header": header, "kind": kind, "count": count}
        )
    codes = [fault.reason_code for fault in staged.faults]
    return {
        "fingerprint": fingerprint,
        "files": files,
        "problems": [
            {"file": p.source_file, "sheet": p.source_sheet, "table": p.table, "code": p.code,
             "reason": p.reason, "message": p.message()}
            for p in staged.problems
        ],
        "reasons": {code: codes.count(code) for code in sorted(set(codes))},
        "links": dict(sorted(Counter(link.link_kind for link in staged.links).items())),
        "vault": hashlib.sha256(staged.vault.read_bytes()).hexdigest(),
        "outputs": {
            path.stem: path.stat().st_size for path in sorted(staged.folder.glob("*.parquet"))
        },
    }  # fmt: skip


def is_current(project: Project, month: str, entry: dict | None, fingerprint: str) -> bool:
    """Say whether a month's entry, Parquet files and vault are what they should be."""
    if entry is None or entry["fingerprint"] != fingerprint:
        return False
    vault = vault_path(project, month)
    if not vault.is_file() or hashlib.sha256(vault.read_bytes()).hexdigest() != entry["vault"]:
        return False
    outputs = ((output_path(project, name, month), size) for name, size in entry["outputs"].items())
    return all(path.is_file() and path.stat().st_size == size for path, size in outputs)


def output_path(project: Project, table: str, month: str) -> Path:
    """Return where a month of a table is published."""
    return project.processed / table / f"{month}.parquet"


def list_outputs(project: Project, month: str) -> list[Path]:
    """List the Parquet files of a month, whether an entry knows them or not."""
    return sorted(path for path in project.processed.glob(f"*/{month}.parquet"))


def published_months(project: Project) -> set[str]:
    """List the months of which any table lies in ``data/processed``."""
    return {path.stem for path in project.processed.glob("*/????-??.parquet")}


def fingerprints(
    project: Project, until: str, key: bytes, seen: "SeenFiles"
) -> Iterator[tuple[str, str, FileHashes]]:
    """Go through the months up to `until`, each with its fingerprint and the hashes of its files.

    `key` is whatever is secret in the tables and the vault: another one, and all is made anew.

    Each fingerprint holds the one of the month before.
    """
    chain = _base(project, key)
    for month in list_raw_months(project, until):
        hashes = {file: seen.sha256(file) for file in list_files(project.raw, month)}
        chain = _digest(chain, month, json.dumps(hashes, sort_keys=True))
        yield month, chain, hashes


class SeenFiles:
    """Hashes of raw files, kept by size and time of change so that few are computed again.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._raw = project.raw
        self._path = project.processed / "intake_seen.json"
        self._known: dict[str, list] = {}
        self._changed = False
        if self._path.is_file():
            self._known = json.loads(self._path.read_text(encoding="utf-8"))

    def sha256(self, file: str) -> str:
        """Return the hash of a file below data/raw."""
        about = (self._raw / file).stat()
        stamp = [about.st_size, about.st_mtime_ns]
        known = self._known.get(file)
        if known is None or known[:2] != stamp:
            with (self._raw / file).open("rb") as opened:
                known = [*stamp, hashlib.file_digest(opened, "sha256").hexdigest()]
            self._known[file] = known
            self._changed = True
        return known[2]

    def save(self) -> None:
        """Keep what is known for the next run."""
        if self._changed:
            write_json(self._path, self._known)


def _no_rows() -> dict:
    counts = {"rows_read": 0, "rows_taken": 0, "rows_set_aside": 0}
    return counts | {"tables": {}, "conversions": []}


def _base(project: Project, key: bytes) -> str:
    """Hash everything but the data that the tables depend on."""
    paths = [path for pattern in _CODE for path in sorted(_PACKAGE.glob(pattern))]
    paths += sorted((project.params / "exports").glob("*.yml"))
    paths += [project.params / name for name in ("intake.yml", "linkage.yml")]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    # tells keys apart, tells nothing about them
    mark = hmac.digest(key, b"fingerprint", "sha256").hex()
    return _digest(mark, str(project.is_simulated), SET_ASIDE, *contents)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
