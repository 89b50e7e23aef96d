"""The manifest beside the pages: what they were made from, by what, asked for what."""

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat

from healthmon import __version__
from healthmon.project import Project
from healthmon.show.bulletin import Results

_LIBRARIES = (
    "duckdb", "great-tables", "narwhals", "numpy", "pandas", "papermill", "plotly", "pyarrow",
    "scikit-learn",
)  # fmt: skip
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PAIR = re.compile(r"[a-z]+: ")
_OF_A_MONTH = re.compile(r"\d{4}-\d{2}")
_EFFECTIVE = re.compile(r"^effective_from:\s*(\d{4}-\d{2}-\d{2})", re.M)


def make_manifest(
    month: Results,
    executed: Iterable[Path],
    publisher: dict[str, str],
    created: datetime,
    downloads: Mapping[str, bytes] = MappingProxyType({}),
) -> dict[str, Any]:
    """Make the manifest of a month.

    Parameters
    ----------
    month : Month
        The month published.
    executed : iterable of Path
        Executed notebooks, for the parameters that they ran with.
    publisher : dict
        ``name`` and ``version``.
    created : datetime
        When the pages are made; passed in, never read from the clock here.
    downloads : mapping
        Files beside the pages, by name: only their hashes are noted.

    Returns
    -------
    dict
        Ready for JSON; no path in it begins outside the checkout.
    """
    project = month.project
    return {
        "month": month.month,
        "created": created.isoformat(timespec="seconds"),
        "simulated": _read_marker(project) if month.is_simulated else None,
        "publisher": publisher,
        "code": {"version": __version__, "commit": read_commit(project.root)},
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "notebooks": {path.stem: _read_asked(path) for path in executed},
        "downloads": {
            name: hashlib.sha256(content).hexdigest() for name, content in sorted(downloads.items())
        },
        "rules": list(_list_rules(project, month.month)),
        "inputs": _read_inputs(project, month.month),
    }


def write_manifest(manifest: dict[str, Any], folder: Path) -> str:
    """Write ``manifest.json`` into a folder; return its SHA-256."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_commit(root: Path) -> str | None:
    """Return the git commit of a checkout with ``+`` where it was changed, None without git."""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changes = _git(root, "status", "--porcelain", "--", "healthmon", "params", "notebooks")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+" if changes else "") if _COMMIT.fullmatch(commit) else None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


def _read_asked(path: Path) -> dict[str, Any]:
    metadata = nbformat.read(path, as_version=4).metadata
    return dict(metadata.get("papermill", {}).get("parameters", {}))


def _list_rules(project: Project, month: str) -> Iterable[dict[str, Any]]:
    """List every parameter file with its date and hash; of the months' own files only this one."""
    for path in sorted(project.params.rglob("*.yml")):
        if _OF_A_MONTH.fullmatch(path.stem) and path.stem != month:
            continue
        content = path.read_bytes()
        # the files were loaded strictly when they were applied; here one line of each is enough
        effective = _EFFECTIVE.search(content.decode("utf-8"))
        yield {
            "file": path.relative_to(project.params).as_posix(),
            "effective_from": effective[1] if effective else None,
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def _read_inputs(project: Project, month: str) -> dict[str, Any]:
    """Return file to hash, of what had been delivered by the month and was taken in.

    No counts: a county's list of one person is a count of persons. They are in ``intake.json``.
    """
    path = project.processed / "intake.json"
    taken = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {
        file: about["sha256"]
        for delivered, entry in sorted(taken.get("months", {}).items())
        if delivered <= month
        for file, about in sorted(entry["files"].items())
        if about["tables"]
    }


def _read_marker(project: Project) -> dict[str, str]:
    """Read ``key: value`` lines of the simulator's marker (seed, scale, version)."""
    path = project.raw / "SIMULATED"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = (line.split(":", 1) for line in lines if _PAIR.match(line))
    return {key.strip(): value.strip() for key, value in pairs}
