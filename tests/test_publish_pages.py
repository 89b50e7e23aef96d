"""The built-in publisher: each convention of a notebook and what becomes of it."""

import nbformat
import pytest
from nbformat.v4 import new_output

from healthmon.errors import NotebookError
from healthmon.project import open_project
from healthmon.publish.builtin import render_body
from healthmon.publish.pages import read_page
from healthmon.show.publish_terms import load_publish_terms

from published import PLOT, code, front, text, write_notebook

TERMS = load_publish_terms(open_project().params)


def page(tmp_path, *cells, title="标题"):
    return read_page(write_notebook(tmp_path / "p.ipynb", front(title), *cells), TERMS, "2022-06")


def body(tmp_path, *cells):
    return render_body(page(tmp_path, *cells))


def test_code_is_left_out_unless_it_asks_to_be_shown(tmp_path):
    html = body(tmp_path, code("secret = 1", plain="seen"), code("#| echo: true\nshown = 2"))
    assert "seen" in html
    assert "secret" not in html
    assert "shown" in html


@pytest.mark.parametrize(("fold", "is_open"), [("true", False), ("false", True)])
def test_shown_code_is_folded_where_asked(tmp_path, fold, is_open):
    html = body(tmp_path, code(f"#| echo: true\n#| code-fold: {fold}\nx = 2"))
    assert ('<details class="hm-code" open>' in html) == is_open


@pytest.mark.parametrize("tag", ["remove-cell", "parameters", "injected-parameters"])
def test_tagged_cells_leave_nothing(tmp_path, tag):
    assert body(tmp_path, code("x", tag, plain="hidden"), text("left")) == "<p>left</p>\n"


def test_a_cell_not_included_leaves_nothing(tmp_path):
    assert "hidden" not in body(tmp_path, code("#| include: false\nx", plain="hidden"))


def test_figures_and_tables_are_numbered_apart_and_referred_to(tmp_path):
    html = body(
        tmp_path,
        text("见 @fig-b 和 @tbl-t，邮箱 a@fig-b.cn"),
        code("#| label: fig-a\n#| fig-cap: 甲\nx", html=PLOT),
        code("#| label: tbl-t\n#| tbl-cap: 丙\nx", html="<table></table>"),
        code("#| label: fig-b\n#| fig-cap: 乙，同 @fig-a\nx", html=PLOT),
    )
    assert '见<a href="#fig-b">图 2</a> 和<a href="#tbl-t">表 1</a>，' in html
    assert "a@fig-b.cn" in html
    assert '<figcaption><b>图 2</b>　乙，同<a href="#fig-a">图 1</a></figcaption></figure>' in html
    assert (
        '<figure id="tbl-t" class="hm-tbl"><figcaption><b>表 1</b>　丙</figcaption><table>' in html
    )


def test_a_reference_to_nothing_is_an_error(tmp_path):
    with pytest.raises(NotebookError, match="notebook p: @fig-lost"):
        body(tmp_path, text("见 @fig-lost"))


def test_a_figure_without_its_own_words_takes_those_of_its_cell(tmp_path):
    cell = code('#| label: fig-a\n#| fig-cap: 甲\n#| fig-alt: 三根"柱"\nx', html=PLOT)
    assert 'role="img" aria-label="三根&quot;柱&quot;"' in body(tmp_path, cell)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("{.callout-note}", '<p class="callout-title">说明</p>'),
        ('{.callout-warning title="小心"}', '<p class="callout-title">小心</p>'),
        ("{.hm-source}", '<div class="hm-source">'),
    ],
)
def test_callouts_and_boxes(tmp_path, opening, expected):
    html = body(tmp_path, text(f"::: {opening}\n**里面**\n:::\n\n外面"))
    assert expected in html
    assert html.index("<strong>里面</strong>") < html.index("</div>") < html.index("外面")


def test_computed_markdown_is_rendered_and_warnings_are_not(tmp_path):
    warned = code("x", markdown="共 **3** 个")
    warned.outputs.append(new_output("stream", name="stderr", text="FutureWarning"))
    html = body(tmp_path, warned)
    assert "<strong>3</strong>" in html
    assert "FutureWarning" not in html


def test_placeholders_of_the_title_are_filled(tmp_path):
    # as a flow mapping, whose braces are no placeholder
    cells = [front("{prefecture}月报 {month}", execute={"echo": False}), code("x", "parameters")]
    path = write_notebook(tmp_path / "p.ipynb", *cells)
    notebook = nbformat.read(path, 4)
    notebook.metadata["papermill"] = {"parameters": {"prefecture_code": "632700"}}
    nbformat.write(notebook, path)
    assert read_page(path, TERMS, "2022-06").title == "玉树藏族自治州月报 2022 年 6 月"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([text("words")], "first cell is not raw"),
        ([front(""), text("words")], "no title"),
        ([front(), code("#| label: [\nx")], "cell 2: options are not YAML"),
    ],
    ids=["no front matter", "empty title", "broken options"],
)
def test_what_cannot_become_a_page_is_named(tmp_path, cells, message):
    path = write_notebook(tmp_path / "p.ipynb", *cells)
    with pytest.raises(NotebookError, match=message):
        render_body(read_page(path, TERMS, "2022-06"))
