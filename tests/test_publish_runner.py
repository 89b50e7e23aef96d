"""Running notebooks: parameters, failures, and what stays when something fails."""

import sys

import nbformat
import pytest

from healthmon.errors import NotebookError, ParameterError, UserError
from healthmon.publish.notebooks import execute_notebooks, plan_jobs
from healthmon.publish.runner import Job, read_parameters, run_all, run_notebook

from published import code, front, make_home, text, write_notebook

PARAMETERS = '#| include: false\nmonth = "2022-06"  # month of the report\nlimit: int = 3'


def notebook(path, *cells, parameters=PARAMETERS):
    return write_notebook(path, front(), code(parameters, "parameters"), *cells)


def test_parameters_are_read_with_their_defaults(tmp_path):
    source = notebook(tmp_path / "a.ipynb")
    assert read_parameters(source) == {"month": "2022-06", "limit": 3}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: write_notebook(path, front(), code("x = 1")), "no cell is tagged"),
        (lambda path: notebook(path, parameters="month = today()"), "a.ipynb, cell 2: not a plain"),
        (lambda path: notebook(path, parameters="import os"), "only assignments"),
        (lambda path: path.write_text("no notebook"), "not a notebook"),
        (lambda path: None, "no such notebook"),
    ],
    ids=["no parameters cell", "computed default", "an import", "not a notebook", "missing"],
)
def test_a_notebook_that_cannot_be_asked_is_refused(tmp_path, make, message):
    make(tmp_path / "a.ipynb")
    with pytest.raises(UserError, match=message):
        read_parameters(tmp_path / "a.ipynb")


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path):
    good = notebook(tmp_path / "good.ipynb", code("open('ran', 'w')"))
    jobs = [
        Job(good, tmp_path / "out/good.ipynb", {"month": "2022-05"}),
        Job(good, tmp_path / "out/bad.ipynb", {"monht": "2022-05"}),
    ]
    with pytest.raises(UserError, match="does not know the parameter monht"):
        run_all(jobs, tmp_path)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "ran").exists()


def test_two_notebooks_run_with_their_parameters_in_their_own_folder(tmp_path):
    shown = "import os, sys; print(month, limit, os.path.basename(os.getcwd()), sys.executable)"
    source = notebook(tmp_path / "folder/a.ipynb", code(shown))
    jobs = [
        Job(source, tmp_path / f"out/{month}.ipynb", {"month": month})
        for month in ("2021-11", "2021-12")
    ]
    seen = []
    done = run_all(jobs, tmp_path, progress=lambda name, share: seen.append((name, share)))
    assert done == [job.target for job in jobs]
    assert sorted(share for _, share in seen) == [0.5, 1]
    for job in jobs:
        output = nbformat.read(job.target, 4).cells[-1].outputs[0].text
        assert output.split() == [job.parameters["month"], "3", "folder", sys.executable]


def test_a_failed_cell_is_named_and_leaves_the_earlier_copy(tmp_path):
    target = tmp_path / "out/a.ipynb"
    target.parent.mkdir()
    target.write_text("the one before")
    failing = code("#| label: tbl-risk\nraise ValueError('seven\\nmore')")
    source = notebook(tmp_path / "a.ipynb", text("words"), failing)
    with pytest.raises(NotebookError) as caught:
        run_notebook(source, target, {"limit": 1}, tmp_path)
    # front matter, parameters, words, then the fourth cell as the author sees it
    assert str(caught.value) == "notebook a, cell 4 (tbl-risk): ValueError: seven"
    assert target.read_text() == "the one before"
    assert [path.name for path in target.parent.iterdir()] == ["a.ipynb"]


def test_a_dead_kernel_is_named_though_papermill_calls_it_completed(tmp_path):
    dying = code("import os; os._exit(3)")
    source = notebook(tmp_path / "a.ipynb", dying, code("print('after')"))
    with pytest.raises(NotebookError, match=r"notebook \w+ \(page out\), cell 3: DeadKernelError"):
        run_notebook(source, tmp_path / "out.ipynb", {"limit": 1}, tmp_path)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_months_file_is_made_from_the_template_and_then_kept(tmp_path):
    project = make_home(tmp_path, ("80_prefecture_report", "90_province_report"))
    jobs = plan_jobs(project, "2021-12")
    assert [job.name for job in jobs][:2] == ["index", "prefecture-630100"]
    assert len(jobs) == 9
    assert jobs[1].parameters == {"month": "2021-12", "prefecture_code": "630100"}
    own = project.params / "2021-12.yml"
    own.write_text(own.read_text().replace("prefectures: all", 'prefectures: ["632700"]'))
    assert [job.name for job in plan_jobs(project, "2021-12")] == ["index", "prefecture-632700"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("prefectures: all", 'prefectures: ["999999"]'), "no such prefecture: 999999"),
        (('month: "2022-06"', 'month: "2022-07"'), "says month 2022-07, expected 2022-06"),
        (("notebooks:", "notebook:"), "2022-06.yml, line"),
        (("90_province_report: {}", "99_nothing: {}"), "from the notebook 99_nothing"),
        (
            ("90_province_report: {}", "90_province_report: {top: 5}"),
            "does not know the parameter top",
        ),
    ],
)
def test_mistakes_in_a_months_file_are_named(tmp_path, change, message):
    project = make_home(tmp_path, ("80_prefecture_report", "90_province_report"))
    plan_jobs(project, "2022-06")
    path = project.params / "2022-06.yml"
    assert change[0] in path.read_text()
    path.write_text(path.read_text().replace(*change))
    with pytest.raises((UserError, ParameterError), match=message):
        run_all(plan_jobs(project, "2022-06"), project.root)


def test_a_failure_leaves_the_executed_copies_of_the_run_before(tmp_path):
    project = make_home(tmp_path, ("90_province_report",))
    notebook(project.notebooks / "90_province_report.ipynb", code("1 / 0"))
    before = project.reports / "executed/2022-06/index.ipynb"
    before.parent.mkdir(parents=True)
    before.write_text("the one before")

    class Month:
        pass

    month = Month()
    month.project, month.month = project, "2022-06"
    with pytest.raises(NotebookError, match=r"90_province_report \(page index\), cell 3: ZeroDiv"):
        execute_notebooks(month)
    assert before.read_text() == "the one before"
    assert [path.name for path in before.parent.parent.iterdir()] == ["2022-06"]
