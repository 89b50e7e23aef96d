"""The one renderer of figures: JupyterLab, Quarto and the built-in publisher show its output.

The bundle carries plotly's own media type for JupyterLab and plain HTML for the publishers. The
HTML holds the figure as JSON and no program; ``site_libs/healthmon.js`` draws it with the one
``plotly.min.js`` of the site. Nothing is fetched from anywhere.
"""

import json
import shutil
from html import escape
from importlib.resources import as_file, files
from pathlib import Path

import plotly.io as pio
from IPython import get_ipython
from IPython.display import HTML, display
from plotly.basedatatypes import BaseFigure

LIBRARY_FOLDER = "site_libs"
SCRIPTS = ("plotly.min.js", "healthmon.js")
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


def bundle_figure(figure: BaseFigure) -> dict:
    """Return a figure as plotly's media type and as HTML."""
    stated = {**figure.to_dict(), "config": _CONFIG}
    text = pio.to_json(stated, validate=False, remove_uids=False)
    return {
        "application/vnd.plotly.v1+json": json.loads(text),
        "text/html": figure_html(text, stated.get("layout", {})),
    }


def figure_html(figure_json: str, layout: dict) -> str:
    """Write one figure as HTML: its text alternative, its height and its data."""
    meta = layout.get("meta") or {}
    wide = int(layout.get("height") or 420)
    narrow = int(meta.get("narrow_height") or wide)
    alt = escape(str(meta.get("alt") or ""), quote=True)
    named = f' role="img" aria-label="{alt}"' if alt else ""
    # a closing tag inside the data would end the element
    data = figure_json.replace("<", "\\u003c")
    return (
        f'<div class="hm-figure" style="--wide:{wide}px;--narrow:{narrow}px">'
        f'<div class="hm-plot"{named}></div>'
        f'<script type="application/json">{data}</script></div>'
    )


def use_renderer() -> None:
    """Let this notebook show figures so; called in its set-up cell.

    Also gives JupyterLab the pages' style; the set-up cell itself is left out of the pages.
    """
    # told to IPython, not to plotly: its list of renderers brings a second and a half of imports
    if shell := get_ipython():
        shown = shell.display_formatter.ipython_display_formatter
        shown.for_type(BaseFigure, lambda figure: display(bundle_figure(figure), raw=True))
    style = (files("healthmon.publish") / "template" / "content.css").read_text(encoding="utf-8")
    display(HTML(f"<style>{style}</style>"))


def write_libraries(folder: Path) -> list[Path]:
    """Copy plotly and the drawing script into ``site_libs`` of a site."""
    target = folder / LIBRARY_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    sources = (
        files("plotly") / "package_data" / "plotly.min.js",
        files("healthmon.publish") / "template" / "healthmon.js",
    )
    for name, source in zip(SCRIPTS, sources, strict=True):
        with as_file(source) as path:
            shutil.copyfile(path, target / name)
    return [target / name for name in SCRIPTS]
