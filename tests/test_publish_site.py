"""A month's site: whole or not at all, by either publisher, with its manifest."""

import hashlib
import json
import os
import re
import sys
from datetime import datetime
from types import SimpleNamespace

import nbformat
import pytest

from healthmon.errors import NotebookError, UserError
from healthmon.parameters import read_yaml
from healthmon.places import read_places
from healthmon.project import open_project
from healthmon.publish.site import publish_month

from published import code, front, make_home, text, write_notebook

CREATED = datetime(2022, 7, 3, 8, 0)
INTAKE = {"rows_read": 10, "rows_taken": 9, "rows_set_aside": 1}


@pytest.fixture
def month(tmp_path):
    project = make_home(tmp_path)
    (project.processed).mkdir(parents=True)
    listed = {"tables": {"settlements": INTAKE}, **INTAKE}
    entry = {
        "files": {
            "2022-06/x.csv": {"sha256": "ab", **listed},
            "2022-06/卓玛.docx": {"sha256": "ef", "tables": {}, **INTAKE},
        }
    }
    later = {"files": {"2022-07/x.csv": {"sha256": "cd", **listed}}}
    taken = {"months": {"2022-06": entry, "2022-07": later}}
    (project.processed / "intake.json").write_text(json.dumps(taken))
    return SimpleNamespace(project=project, month="2022-06", is_simulated=True)


def executed(month, words="正文", broken=False):
    folder = month.project.reports / "executed/2022-06"
    reference = text("见 @fig-lost") if broken else text(words)
    paths = [
        write_notebook(
            folder / "index.ipynb", front("{province}月报"), code("x", plain=words), reference
        ),
        write_notebook(folder / "prefecture-630100.ipynb", front("{prefecture}月报"), text(words)),
    ]
    notebook = nbformat.read(paths[1], 4)
    notebook.metadata["papermill"] = {
        "parameters": {"month": "2022-06", "prefecture_code": "630100"},
        "input_path": "/somewhere/on/this/machine.ipynb",
    }
    nbformat.write(notebook, paths[1])
    return paths


def publish(month, publisher="builtin", **options):
    return publish_month(month, executed(month, **options), publisher=publisher, created=CREATED)


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_a_site_has_its_pages_one_library_and_a_manifest(month):
    index = publish(month)
    assert index == month.project.reports / "site/2022-06/index.html"
    names = set(files(index.parent))
    assert names == {
        "index.html", "prefecture-630100.html", "healthmon.css", "manifest.json",
        "site_libs/plotly.min.js", "site_libs/healthmon.js",
    }  # fmt: skip
    html = index.read_text(encoding="utf-8")
    assert "<h1>青海省月报</h1>" in html
    assert '<a href="prefecture-630100.html">西宁市</a>' in html
    assert "海东市" not in html  # no page, no link


def test_a_download_lies_beside_the_pages_and_in_the_manifest(month):
    downloads = {"figures-2022-06.xlsx": b"numbers"}
    folder = publish_month(
        month, executed(month), publisher="builtin", created=CREATED, downloads=downloads
    ).parent
    assert (folder / "figures-2022-06.xlsx").read_bytes() == b"numbers"
    noted = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["downloads"]
    assert noted == {"figures-2022-06.xlsx": hashlib.sha256(b"numbers").hexdigest()}


def test_pages_ask_nobody_for_anything(month):
    for page in publish(month).parent.glob("*.html"):
        links = re.findall(r'(?:src|href)="([^"]*)"', page.read_text(encoding="utf-8"))
        assert not [link for link in links if "//" in link or link.startswith("/")]
    style = (month.project.reports / "site/2022-06/healthmon.css").read_text()
    assert not re.search(r"@import|url\(", style)


@pytest.mark.parametrize("is_simulated", [True, False])
def test_simulated_pages_say_so_and_others_do_not(month, is_simulated):
    month.is_simulated = is_simulated
    folder = publish(month).parent
    for page in (*folder.glob("*.html"), folder.parent / "index.html"):
        assert ("模拟数据" in page.read_text(encoding="utf-8")) == is_simulated
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["simulated"] == ({"seed": "7", "scale": "0.01"} if is_simulated else None)


def test_the_manifest_says_from_what_and_the_footer_names_it(month):
    folder = publish(month).parent
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    # no counts, which may be counts of persons, and no stray file, whose name may be a person's
    assert manifest["inputs"] == {"2022-06/x.csv": "ab"}
    assert manifest["created"] == "2022-07-03T08:00:00"
    assert manifest["notebooks"]["prefecture-630100"]["prefecture_code"] == "630100"
    rule = {rule["file"]: rule for rule in manifest["rules"]}["standards/QH/rule_1560.yml"]
    source = month.project.params / "standards/QH/rule_1560.yml"
    assert rule["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert rule["effective_from"] == "2020-01-01"
    assert str(month.project.root) not in text
    assert '"/' not in text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert f"manifest.json {digest}" in (folder / "index.html").read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes(month):
    first = files(publish(month).parent)
    assert files(publish(month).parent) == first


def test_a_failure_leaves_the_old_site_whole(month):
    before = files(publish(month).parent)
    with pytest.raises(NotebookError):
        publish(month, words="new", broken=True)
    sites = month.project.reports / "site"
    assert files(sites / "2022-06") == before
    assert sorted(p.name for p in sites.iterdir()) == ["2022-06", "healthmon.css", "index.html"]


def test_an_exchange_that_was_broken_off_is_mended_by_the_next_run(month):
    folder = publish(month).parent
    before = files(folder)
    # killed between the two renames: the old site stands aside, the new one is not there yet
    folder.rename(folder.with_name("2022-06.making-99.old"))
    (folder.parent / "2022-06.making-99").mkdir()
    with pytest.raises(NotebookError):
        publish(month, words="new", broken=True)
    assert files(folder) == before
    publish(month)
    assert not list(folder.parent.glob("*.making-*"))


def test_a_new_site_replaces_the_old_one_and_the_list_names_every_month(month):
    publish(month, words="old")
    (month.project.reports / "site/2021-12").mkdir()
    (month.project.reports / "site/2021-12/index.html").touch()
    (month.project.reports / "site/2022-05.making-1").mkdir()
    index = publish(month, words="new")
    assert "new" in index.read_text(encoding="utf-8")
    assert "old" not in index.read_text(encoding="utf-8")
    listed = (month.project.reports / "site/index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="(\S+)/index.html"', listed) == ["2022-06", "2021-12"]


QUARTO = """#!{python}
import json, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("1.7.0")
    sys.exit(0)
log = pathlib.Path("{log}")
work = pathlib.Path(sys.argv[2])
laid_out = sorted(p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file())
log.write_text(json.dumps([sys.argv[1:2] + sys.argv[3:], laid_out]))
for notebook in work.glob("*.ipynb"):
    if notebook.stem == "{leave_out}":
        continue
    target = work / "_site" / (notebook.stem + ".html")
    target.parent.mkdir(exist_ok=True)
    target.write_text("by quarto " + (work / "_before.html").read_text() + notebook.read_text())
if {code}:
    print("ERROR: something in the filter chain", file=sys.stderr)
sys.exit({code})
"""


@pytest.fixture
def fake_quarto(tmp_path, monkeypatch):
    """Put a program named quarto on PATH that notes how it was called."""

    def make(code=0, leave_out=""):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "quarto"
        log = tmp_path / "quarto.log"
        program.write_text(
            QUARTO.format(python=sys.executable, log=log, code=code, leave_out=leave_out)
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return log

    monkeypatch.delenv("QUARTO_PATH", raising=False)
    return make


def test_quarto_renders_where_it_is_found_and_never_executes(month, fake_quarto):
    log = fake_quarto()
    folder = publish(month, "auto").parent
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert html.startswith("by quarto")
    assert "模拟数据" in html
    assert "青海省月报" in html  # the title's placeholder was filled in what Quarto got
    assert "subtitle" in html
    called, laid_out = json.loads(log.read_text())
    assert called == ["render"]
    wanted = ["_quarto.yml", "_head.html", "_before.html", "_after.html", "healthmon.css"]
    wanted += ["index.ipynb", "prefecture-630100.ipynb", "site_libs/plotly.min.js"]
    assert set(wanted) <= set(laid_out)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["publisher"] == {"name": "Quarto", "version": "1.7.0"}
    assert (folder / "site_libs/plotly.min.js").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"code": 3}, "exit code 3: ERROR: something in the filter chain"),
        ({"leave_out": "index"}, "left out: index"),
    ],
    ids=["non-zero exit", "a page left out"],
)
def test_a_failed_quarto_run_leaves_the_old_site(month, fake_quarto, options, message):
    before = files(publish(month, "builtin").parent)
    fake_quarto(**options)
    with pytest.raises(UserError, match=message):
        publish(month, "quarto", words="new")
    assert files(month.project.reports / "site/2022-06") == before


def test_quarto_path_leads_to_the_program_or_is_an_error(month, fake_quarto, monkeypatch, tmp_path):
    fake_quarto()
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "bin"))
    assert "by quarto" in publish(month, "auto").read_text(encoding="utf-8")
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="QUARTO_PATH"):
        publish(month, "auto")


def test_without_quarto_auto_takes_the_built_in_publisher(month, monkeypatch):
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setattr("healthmon.publish.quarto.shutil.which", lambda _: None)
    manifest = json.loads((publish(month, "auto").parent / "manifest.json").read_text())
    assert "built-in" in manifest["publisher"]["name"]
    with pytest.raises(UserError, match="Quarto was not found"):
        publish(month, "quarto")
    with pytest.raises(UserError, match="no publisher 'word'"):
        publish(month, "word")


def test_the_quarto_settings_agree_with_the_pages():
    project = open_project()
    settings = read_yaml(project.reports / "_quarto.yml")
    assert settings["execute"]["enabled"] is False
    assert settings["format"]["html"]["theme"] == "default"  # others fetch fonts
    navbar = settings["website"]["navbar"]
    prefectures = next(entry["menu"] for entry in navbar["left"] if "menu" in entry)
    places = read_places("prefectures")
    assert [(entry["text"], entry["href"]) for entry in prefectures] == [
        (name, f"prefecture-{code}.ipynb")
        for code, name in zip(places["code"], places["short_name"], strict=True)
    ]
    pages = read_yaml(project.params / "publish.yml")["pages"]
    methods = [(page["nav"], f"{page['page']}.ipynb") for page in pages if "nav" in page]
    linked = [(e["text"], e["href"]) for e in (*navbar["left"], *navbar["right"]) if "href" in e]
    assert sorted(linked) == sorted(methods)
