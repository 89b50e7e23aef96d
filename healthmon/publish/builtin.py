"""The built-in publisher: executed notebooks to HTML pages, without any program beside Python.

Follows the conventions that Quarto follows, as far as the notebooks use them, so that one
notebook gives the same content by either.
"""

import re
from html import escape
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat import NotebookNode

from healthmon.publish.frame import Frame
from healthmon.publish.markdown import number_labels, render_markdown
from healthmon.publish.pages import Cell, Link, Page

_HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.S)
_TAG = re.compile(r"<[^>]+>")


def render_site(pages: list[Page], links: list[Link], frame: Frame, folder: Path) -> None:
    """Write every page and the style sheet into a folder.

    Parameters
    ----------
    pages : list of Page
        Executed notebooks.
    links : list of Link
        The navigation.
    frame : Frame
        What stands around every page.
    folder : Path
        Exists and is empty.
    """
    template = _environment().get_template("page.html")
    for page in pages:
        body, contents = _add_anchors(render_body(page))
        html = template.render(page=page, body=body, contents=contents, links=links, frame=frame)
        (folder / f"{page.name}.html").write_text(html, encoding="utf-8")
    write_style(folder)


def write_style(folder: Path) -> Path:
    """Write the style sheet that both publishers share, and what only the built-in one needs."""
    template = files("healthmon.publish") / "template"
    sheets = [(template / name).read_text(encoding="utf-8") for name in ("site.css", "content.css")]
    path = folder / "healthmon.css"
    path.write_text("\n".join(sheets), encoding="utf-8")
    return path


def render_months(months: list[str], frame: Frame) -> str:
    """Render the list of months published."""
    return _environment().get_template("months.html").render(months=months, frame=frame)


def render_body(page: Page) -> str:
    """Render the cells of a page.

    Raises
    ------
    NotebookError
        When a reference leads nowhere.
    """
    shown = [cell for cell in page.cells if not cell.is_hidden]
    numbers = number_labels([cell.label for cell in shown if cell.label])
    return "\n".join(_render_cell(cell, numbers, f"notebook {page.name}") for cell in shown)


def _render_cell(cell: Cell, numbers: dict[str, str], where: str) -> str:
    if cell.kind == "markdown":
        return render_markdown(cell.source, numbers, where)
    if cell.kind != "code":
        return ""
    parts = [_render_code(cell)] if cell.options.get("echo") is True else []
    content = "\n".join(filter(None, (_render_output(o, numbers, where) for o in cell.outputs)))
    if content and cell.label in numbers:
        content = _render_captioned(cell, content, numbers[cell.label], numbers, where)
    return "\n".join([*parts, content])


def _render_captioned(
    cell: Cell, content: str, number: str, numbers: dict[str, str], where: str
) -> str:
    """Set a figure above its caption, or a table below it."""
    kind = cell.label[:3]
    said = render_markdown(str(cell.options.get(f"{kind}-cap", "")), numbers, where).strip()
    said = said.removeprefix("<p>").removesuffix("</p>")
    caption = f"<figcaption><b>{number}</b>　{said}</figcaption>"
    alt = escape(str(cell.options.get("fig-alt") or _TAG.sub("", said)), quote=True)
    content = content.replace(
        '<div class="hm-plot">', f'<div class="hm-plot" role="img" aria-label="{alt}">'
    )
    content = content.replace(
        'aria-label="表格，可左右滚动"',
        f'aria-label="{number} {escape(_TAG.sub("", said), quote=True)}"',
    )
    inside = content + caption if kind == "fig" else caption + content
    return f'<figure id="{cell.label}" class="hm-{kind}">{inside}</figure>'


def _render_code(cell: Cell) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    shown = highlight(cell.source, PythonLexer(), HtmlFormatter(nowrap=True))
    is_open = "" if cell.options.get("code-fold") in (True, "true", "hide") else " open"
    return (
        f'<details class="hm-code"{is_open}><summary>代码</summary>'
        f'<pre tabindex="0"><code>{shown}</code></pre></details>'
    )


def _render_output(output: NotebookNode, numbers: dict[str, str], where: str) -> str:
    """Render the richest form of one output; warnings on stderr are left out."""
    if output.output_type == "stream":
        return f"<pre>{escape(output.text)}</pre>" if output.name == "stdout" else ""
    data = output.get("data", {})
    if "text/html" in data:
        # the corner of a pandas table heads nothing
        return data["text/html"].replace("<th></th>", "<td></td>")
    if "text/markdown" in data:
        return render_markdown(data["text/markdown"], numbers, where)
    if "image/png" in data:
        return f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{escape(data['text/plain'])}</pre>" if "text/plain" in data else ""


def _add_anchors(body: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Give headings anchors; returns the body and the contents: level, anchor, text."""
    contents: list[tuple[int, str, str]] = []

    def anchor(match: re.Match[str]) -> str:
        level, inner = int(match[1]), match[2]
        name = f"s{len(contents) + 1}"
        contents.append((level, name, _TAG.sub("", inner)))
        return f'<h{level} id="{name}">{inner}</h{level}>'

    return _HEADING.sub(anchor, body), contents


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("healthmon.publish", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
