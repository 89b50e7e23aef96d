"""What was planted is found: by kind, and nothing else is accused."""

from pathlib import Path

import pandas as pd
import pytest

from healthmon.detection.evidence import Evidence, has_planted
from healthmon.detection.judge import count_by_kind, judge_errors, list_accused, measure_links
from healthmon.detection.terms import load_detection_terms
from healthmon.errors import UserError
from healthmon.month import Month
from healthmon.project import Project
from healthmon.show import detection_tables

MUST_BE_FOUND = [
    "full_width_digits", "thousands_separator", "percent_sign", "date_written_otherwise",
    "spaces_around", "number_as_text", "marks_in_headers", "columns_in_another_order",
    "packed_csv", "utf8_without_mark", "gb18030_for_utf8", "bad_date", "bad_check_digit",
    "unknown_category", "missing_value", "not_a_number", "negative_money", "sum_of_parts",
    "duplicated_row", "row_in_two_files", "row_in_a_later_month", "empty_file",
    "encrypted_workbook", "missing_file", "same_file_twice", "missing_required_column",
    "missing_optional_column", "changed_column",
]  # fmt: skip
"""Kinds of which none may be missed at scale 1/50; the page shows the others as they are."""


@pytest.fixture(scope="module")
def evidence(sample: Project) -> Evidence:
    return Evidence(sample, "2022-06")


@pytest.fixture(scope="module")
def counts(evidence: Evidence) -> pd.DataFrame:
    return count_by_kind(evidence).set_index("kind")


@pytest.mark.parametrize("kind", MUST_BE_FOUND)
def test_no_error_of_this_kind_is_missed(kind: str, counts: pd.DataFrame) -> None:
    assert counts.loc[kind, "found_count"] == counts.loc[kind, "planted_count"] > 0


def test_every_planted_kind_has_a_name_and_a_class(evidence: Evidence) -> None:
    terms = load_detection_terms(evidence.project.params)
    assert set(evidence.truth["kind"]) <= set(terms.kinds)
    assert set(evidence.truth["class"]) == set(terms.classes)


def test_found_missed_and_unjudged_add_up(counts: pd.DataFrame) -> None:
    parts = counts[["found_count", "missed_count", "unjudged_count"]].sum(axis=1)
    assert (parts == counts["planted_count"]).all()


def test_a_row_set_aside_without_a_planted_error_is_a_false_accusation(
    evidence: Evidence, sample: Project
) -> None:
    row = evidence.set_aside.iloc[[0]].assign(source_row=999_999, reason_code="invented")
    accused = Evidence(sample, "2022-06")
    accused.__dict__["set_aside"] = pd.concat([evidence.set_aside, row], ignore_index=True)
    found = list_accused(accused).set_index("code")
    assert found.loc["invented", ["accused_count", "false_count"]].tolist() == [1, 1]


def test_a_value_that_came_out_wrong_is_missed(evidence: Evidence, sample: Project) -> None:
    wrong = Evidence(sample, "2022-06")
    truth = evidence.truth.copy()
    is_money = (truth["kind"] == "thousands_separator").to_numpy()
    truth.loc[is_money, "right"] = "1.00"
    wrong.__dict__["truth"] = truth
    found = judge_errors(wrong)
    assert not found.loc[is_money, "is_found"].any()


def link_of(error: dict, person_id: int) -> dict:
    return {
        "source_file": error["file"], "source_sheet": error["sheet"], "source_row": error["row"],
        "person_id": person_id,
    }  # fmt: skip


def test_precision_and_recall_of_links_by_hand(evidence: Evidence, sample: Project) -> None:
    """Two of the planted rows linked rightly, one to another person, one nobody asked for."""
    truth = evidence.truth[evidence.truth["class"] == "link"].to_dict("records")
    rows = [link_of(error, evidence.person_id(error["right"])) for error in truth[:2]]
    rows.append(link_of(truth[2], 1))
    rows.append(link_of({**truth[3], "row": 999_999}, 1))
    linked = Evidence(sample, "2022-06")
    linked.__dict__["links"] = pd.DataFrame(rows)
    quality = measure_links(linked)
    assert (quality.link_count, quality.right_count, quality.unknown_count) == (4, 2, 1)
    assert quality.precision == pytest.approx(2 / 3)
    assert quality.recall == pytest.approx(2 / len(truth))


def test_a_difference_listed_is_found_and_another_one_accused(
    evidence: Evidence, sample: Project
) -> None:
    truth = evidence.truth
    error = truth[truth["kind"] == "missing_in_insurance"].iloc[0]
    listed = pd.DataFrame(
        {
            "comparison": "register_not_enrolled",
            "person_id": [evidence.person_id(error["right"]), 1],
            "left_file": None, "left_row": None, "right_file": None, "right_row": None,
        }
    )  # fmt: skip
    judged = Evidence(sample, "2022-06", differences=listed)
    counts = count_by_kind(judged).set_index("kind")
    assert counts.loc["missing_in_insurance", "found_count"] == 1
    assert counts.loc["missing_in_insurance", "unjudged_count"] == 0
    accused = list_accused(judged).set_index("code")
    assert accused.loc["register_not_enrolled", "false_count"] == 1


@pytest.mark.parametrize(
    ("state", "is_late", "kind"),
    [
        pytest.param("same", False, "same_as_last_month", id="the same as last month"),
        pytest.param("small", False, "suspiciously_small", id="suspiciously small"),
        pytest.param("came", True, "late_file", id="late"),
        pytest.param("came", None, "file_not_registered", id="without a receipt"),
    ],
)
def test_what_completeness_alone_can_see_is_judged_by_its_grid(
    state: str, is_late: bool | None, kind: str, evidence: Evidence, sample: Project
) -> None:
    error = evidence.truth[evidence.truth["kind"] == kind].iloc[0]
    code = error["file"].split("_")[1]
    table = evidence.table_of(error["file"], None) or "township_hospitals"
    grid = pd.DataFrame(
        {
            "county_code": [code], "prefecture_code": [code[:4] + "00"],
            "delivered_month": [error["month"]], "table": [table], "state": [state],
            "is_late": pd.array([is_late], "boolean"),
        }
    )  # fmt: skip
    if len(code) != 6:
        grid["county_code"] = "630100"
    counts = count_by_kind(Evidence(sample, "2022-06", grid=grid)).set_index("kind")
    assert counts.loc[kind, "found_count"] >= 1
    assert evidence.grid is None


def test_only_simulated_months_are_judged(tmp_path: Path, checkout: Project) -> None:
    project = Project(tmp_path)
    project.raw.mkdir(parents=True)
    assert not has_planted(project)
    with pytest.raises(UserError, match="only simulated"):
        _ = Evidence(project, "2022-06").truth


def test_the_tables_say_that_they_are_simulated(month: Month) -> None:
    evidence = detection_tables.evidence_of(month)
    for table in (detection_tables.show_found, detection_tables.show_accused):
        assert "模拟" in table(evidence).data
    assert "模拟" in detection_tables.say_links(evidence)
    assert "全角数字" in detection_tables.show_found(evidence).data
