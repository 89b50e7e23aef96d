"""Markdown as Quarto writes it, as far as the notebooks use it: callouts, references, tables."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from healthmon.errors import NotebookError

_CALLOUTS = {
    "note": "说明",
    "tip": "提示",
    "warning": "注意",
    "important": "重要",
    "caution": "警告",
}
_DIV = re.compile(r"\{\s*\.(?P<name>[\w-]+)(?:\s+title=\"(?P<title>[^\"]*)\")?[^}]*\}")
# Pandoc wants a space between a Chinese character and a reference; on the page it goes
_REFERENCE = re.compile(
    r"(?:(?<=[\u4e00-\u9fff]) )?(?<![\w/.\[])@(?P<label>(?:fig|tbl)-[a-zA-Z0-9_-]+)"
)
_KINDS = {"fig": "图", "tbl": "表"}


def number_labels(labels: list[str]) -> dict[str, str]:
    """Number figures and tables in the order of their labels: ``fig-map`` to 图 1."""
    numbers = {}
    for kind, word in _KINDS.items():
        own = [label for label in labels if label.startswith(f"{kind}-")]
        numbers |= {label: f"{word} {number}" for number, label in enumerate(own, start=1)}
    return numbers


def render_markdown(text: str, numbers: Mapping[str, str], where: str) -> str:
    """Render Markdown with callouts and references.

    Raises
    ------
    NotebookError
        When a reference leads nowhere.
    """

    def link(match: re.Match[str]) -> str:
        label = match["label"].rstrip("-")
        if label not in numbers:
            raise NotebookError(f"{where}: @{label} refers to no figure or table")
        return f"[{numbers[label]}](#{label})"

    return _MARKDOWN.render(_REFERENCE.sub(link, text))


def _is_div(parameters: str, *_: object) -> bool:
    return _DIV.fullmatch(parameters.strip()) is not None


def _open_or_close_div(
    _self: RendererHTML, tokens: list[Token], index: int, _options: object, _env: object
) -> str:
    token = tokens[index]
    if token.nesting != 1:
        return "</div>\n"
    found = _DIV.fullmatch(token.info.strip())
    name = found["name"]
    kind = name.removeprefix("callout-")
    if kind not in _CALLOUTS:
        return f'<div class="{name}">\n'
    title = found["title"] or _CALLOUTS[kind]
    return f'<div class="callout callout-{kind}"><p class="callout-title">{title}</p>\n'


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return markdown.use(
        container_plugin, "div", marker=":", validate=_is_div, render=_open_or_close_div
    )


_MARKDOWN = _make_markdown()
