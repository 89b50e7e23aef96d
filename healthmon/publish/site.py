"""A month's site: built aside, checked, then put in place in one step."""

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from healthmon import __version__
from healthmon.errors import UserError
from healthmon.publish import builtin, quarto
from healthmon.publish.figures import write_libraries
from healthmon.publish.frame import Frame, make_frame
from healthmon.publish.manifest import make_manifest, write_manifest
from healthmon.publish.pages import list_links, read_page
from healthmon.show.bulletin import Results, terms_of

PUBLISHERS = ("auto", "quarto", "builtin")
_MONTH = re.compile(r"20\d\d-\d\d")


def publish_month(
    month: Results,
    executed: Sequence[Path],
    *,
    publisher: str = "auto",
    created: datetime,
    downloads: Mapping[str, bytes] = MappingProxyType({}),
    check: Callable[[Path], None] = lambda folder: None,
) -> Path:
    """Publish a month's executed notebooks.

    Parameters
    ----------
    month : Month
        The month.
    executed : sequence of Path
        Executed notebooks, each named as its page; ``index`` is the province.
    publisher : {"auto", "quarto", "builtin"}
        "auto" takes Quarto where it is found.
    created : datetime
        Written on the pages and into the manifest.
    downloads : mapping
        Files that pages link to, by name; they lie beside the pages and in the manifest.
    check : callable
        Called with the folder of the new site before anybody can see it; what it raises stops the
        publication.

    Returns
    -------
    Path
        ``reports/site/<month>/index.html``.

    Raises
    ------
    UserError
        When the publisher is unknown, not there or fails; the site published before stays whole.
    """
    program = choose_publisher(publisher)
    sites = month.project.reports / "site"
    making = sites / f"{month.month}.making-{os.getpid()}"
    _restore_interrupted(sites / month.month)
    making.mkdir(parents=True)
    try:
        _build(month, executed, program, created, downloads, making)
        check(making)
        _put_in_place(making, sites / month.month)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _list_months(month, sites)
    return sites / month.month / "index.html"


def choose_publisher(publisher: str) -> Path | None:
    """Return the Quarto program to use, or None for the built-in publisher.

    Raises
    ------
    UserError
        When Quarto is asked for and not found, or the name is unknown.
    """
    if publisher not in PUBLISHERS:
        raise UserError(f"no publisher '{publisher}': choose one of {', '.join(PUBLISHERS)}")
    if publisher == "builtin":
        return None
    program = quarto.find_quarto()
    if program is None and publisher == "quarto":
        raise UserError(
            "Quarto was not found on PATH or at QUARTO_PATH: run `make quarto`, "
            "or leave out --publisher to use the built-in one"
        )
    return program


def describe_publisher(program: Path | None) -> dict[str, str]:
    """Name the publisher and its version, for pages and manifest."""
    if program is None:
        return {"name": "内置发布器（built-in）", "version": __version__}
    return {"name": "Quarto", "version": quarto.read_version(program)}


def _build(
    month: Results,
    executed: Sequence[Path],
    program: Path | None,
    created: datetime,
    downloads: Mapping[str, bytes],
    folder: Path,
) -> None:
    terms = terms_of(month)
    pages = [read_page(path, terms, month.month) for path in executed]
    if "index" not in {page.name for page in pages}:
        raise UserError("no notebook makes the page index: see pages in params/publish.yml")
    manifest = make_manifest(month, executed, describe_publisher(program), created, downloads)
    digest = write_manifest(manifest, folder)
    frame = make_frame(terms, month.month, manifest, digest, is_simulated=month.is_simulated)
    if program is None:
        builtin.render_site(pages, list_links(pages, terms), frame, folder)
    else:
        settings = month.project.reports / "_quarto.yml"
        quarto.render_site(program, pages, frame, settings, folder)
    write_libraries(folder)
    for name, content in downloads.items():
        (folder / name).write_bytes(content)


def _restore_interrupted(target: Path) -> None:
    """Put back a site whose exchange was broken off, and clear what such runs left.

    Only one run is at work at a time, so that what lies here belongs to nobody.
    """
    for old in sorted(target.parent.glob(f"{target.name}.making-*.old")):
        if not target.exists():
            old.rename(target)
    for left in target.parent.glob(f"{target.name}.making-*"):
        shutil.rmtree(left, ignore_errors=True)


def _put_in_place(made: Path, target: Path) -> None:
    """Swap folders: readers see the old site or the new one, never a part."""
    old = target.with_name(f"{made.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _list_months(month: Results, sites: Path) -> None:
    """Write the page that lists the months published, latest first."""
    months = [
        folder.name
        for folder in sorted(sites.iterdir(), reverse=True)
        if _MONTH.fullmatch(folder.name) and (folder / "index.html").is_file()
    ]
    terms = terms_of(month)
    banner = terms.texts.simulated if month.is_simulated else ""
    frame = Frame(terms.site.province, terms.site.title, "", banner, ())
    making = sites / "index.html.making"
    making.write_text(builtin.render_months(months, frame), encoding="utf-8")
    making.replace(sites / "index.html")
    builtin.write_style(sites)
