"""The pages in a browser: nothing fetched, nothing broken, readable on a phone and by ear."""

import os
import re
from datetime import datetime

import pytest

from healthmon.month import Month
from healthmon.publish.notebooks import plan_jobs
from healthmon.publish.site import publish_month
from healthmon.show import case_details, supervision_tables
from healthmon.supervision import follow_states, unit_states

from fake_month import open_month
from published import make_home, run_cells

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]
NOTEBOOKS = ("00_start", "80_prefecture_report", "90_province_report")
PAGES = ("index", "prefecture-630100", "supervision-630100", "start")
WIDTHS = {"desk": 1280, "phone": 390}


def publish(root, state, pages=NOTEBOOKS, sample=None):
    """Run the real notebooks on a fake month in one state of the model, and publish them."""
    project = make_home(root, pages)
    template = project.params / "template.yml"
    asked = template.read_text(encoding="utf-8")
    asked = asked.replace("prefectures: all", 'prefectures: ["630100"]')
    template.write_text(asked, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHMON_HOME", str(root))
        patch.setenv("FAKE_STATE", state)
        executed = [run_cells(*job) for job in plan_jobs(project, "2022-06")]
        month = open_month("2022-06")
        if sample is not None:
            executed.append(run_supervision(sample, project, patch))
    created = datetime(2022, 7, 3, 8, 0)
    return publish_month(month, executed, publisher="builtin", created=created).parent


def run_supervision(sample, project, patch):
    """Run the page of a prefecture's supervision list on the sample, followed for one month."""
    listed = follow_states({"2022-06": unit_states(Month(sample, "2022-06"))})
    for module in (case_details, supervision_tables):
        patch.setattr(module, "list_supervision", lambda _: listed)
    patch.setenv("HEALTHMON_HOME", str(sample.root))
    target = project.reports / "executed/2022-06/supervision-630100.ipynb"
    source = sample.notebooks / "85_supervision_list.ipynb"
    return run_cells(source, target, {"month": "2022-06", "prefecture_code": "630100"})


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory, sample):
    return publish(tmp_path_factory.mktemp("site"), "tested", sample=sample)


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(browser, site):
    """Every page at both widths, with what it asked for and complained of."""
    found = {}
    for width, pixels in WIDTHS.items():
        context = browser.new_context(viewport={"width": pixels, "height": 900})
        for name in PAGES:
            page, asked, complaints = context.new_page(), [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda said, to=complaints: to.append(said.text))
            page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_function(
                "[...document.querySelectorAll('.hm-figure')].every(box => box.dataset.drawn)"
            )
            found[name, width] = page, asked, complaints
    return found


every_page = pytest.mark.parametrize("width", WIDTHS)
each_name = pytest.mark.parametrize("name", PAGES)


@each_name
@every_page
def test_nothing_is_fetched_and_nothing_complains(opened, name, width):
    _, asked, complaints = opened[name, width]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert sum(url.endswith("plotly.min.js") for url in asked) == 1
    assert complaints == []


@each_name
@every_page
def test_a_page_never_scrolls_sideways(opened, name, width):
    page = opened[name, width][0]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]


@each_name
@every_page
def test_axe_finds_no_violation(opened, name, width):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(opened[name, width][0]).response["violations"]
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []


@every_page
def test_every_figure_is_drawn_and_has_words(opened, width):
    page = opened["index", width][0]
    figures = page.locator(".hm-plot")
    assert figures.count() == 6
    for number in range(figures.count()):
        figure = figures.nth(number)
        assert figure.locator("svg.main-svg").count() > 0
        assert len(figure.get_attribute("aria-label")) > 15
        box = figure.bounding_box()
        assert box["width"] <= WIDTHS[width] and box["height"] > 150


def test_a_county_says_its_name_and_value_where_one_points(opened):
    page = opened["prefecture-630100", "desk"][0]
    drawn = page.locator("#fig-map-hospitals .hm-plot")
    drawn.scroll_into_view_if_needed()
    place = drawn.locator(".annotation", has_text="大通县").first.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] + 25)
    hover = drawn.locator(".hoverlayer .hovertext")
    hover.first.wait_for(timeout=5000)
    assert re.search(r"大通县.*县级医院得分：", hover.first.text_content())


def test_the_headline_figures_come_before_everything_else(opened):
    page = opened["index", "phone"][0]
    top = page.locator(".hm-card").first.bounding_box()["y"]
    assert top < page.locator(".hm-figure").first.bounding_box()["y"]
    assert top < page.locator("table").first.bounding_box()["y"]
    assert top < 900  # on the first screen of a phone


def test_every_page_says_that_it_is_simulated_and_a_sketch(opened):
    for page, _, _ in opened.values():
        assert page.locator(".hm-banner").is_visible()
        assert "不作划界依据" in page.locator("footer").inner_text()


def test_links_lead_somewhere(opened, site):
    for name in PAGES:
        for link in opened[name, "desk"][0].locator("a").all():
            target, _, anchor = link.get_attribute("href").partition("#")
            path = site / target if target else site / f"{name}.html"
            assert path.is_file()
            assert not anchor or f'id="{anchor}"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("state", ["no_outcome", "one_cohort"])
def test_a_month_without_a_tested_model_still_gives_a_whole_page(tmp_path, state):
    folder = publish(tmp_path, state, ("90_province_report",))
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert f"模型状态 {state}。" in html
    assert ("尚无可以检验的年度" in html) == (state == "no_outcome")
    model = re.search(r'模型预警.*?hm-value">(.*?)<', html, re.DOTALL)
    assert (model[1] == "—") == (state == "no_outcome")
