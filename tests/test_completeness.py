"""What must come and what came: the grid, outliers, shares; expectations by hand."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from healthmon.completeness.grid import fill_grid
from healthmon.completeness.outliers import find_outliers
from healthmon.completeness.robust import least_spread, robust_scores
from healthmon.completeness.shares import count_set_aside, share_complete
from healthmon.places import read_places
from healthmon.project import Project

from clean_tables import deliver, household, make_project, person, settlement

MONTH = "2022-06"
MONTHS = [str(m) for m in pd.period_range("2021-06", MONTH, freq="M")]
COUNTY, NEIGHBOUR, FAR = "632801", "632802", "630102"
FORM = "卫生健康/医疗机构监测表_{prefecture}_{month}.xlsx"
HELP = "民政/社会救助_{county}_{month}.xlsx"


def hospital(code: str, county: str, patients: int) -> dict:
    return {
        "facility_code": code, "township_code": f"{county}100", "drug_kind_count": 40,
        "all_hypertension_patient_count": patients, "all_diabetes_patient_count": 8,
    }  # fmt: skip


def files_of(month: str) -> dict[str, list[str]]:
    """Every file of a month in which all departments delivered, with the tables read from it."""
    files = {
        f"乡村振兴/建档立卡户_{month}.csv": ["registered_households"],
        f"乡村振兴/建档立卡人口_{month}.csv": ["registered_persons"],
        f"卫生健康/慢病随访_{month}.csv": ["follow_up_visits"],
        f"卫生健康/转诊登记_{month}.csv": ["referrals"],
        f"卫生健康/电话抽查_{month}.csv": ["telephone_checks"],
    }
    for code in read_places("prefectures")["code"]:
        forms = ["county_hospitals", "township_hospitals", "village_clinics"]
        files[FORM.format(prefecture=code, month=month)] = forms
        files[f"医保/医保结算_{code}_{month}.csv"] = ["settlements"]
    for code in read_places("counties")["code"]:
        files[HELP.format(county=code, month=month)] = ["social_assistance"]
    return files


def write_manifest(project: Project, months: dict[str, dict[str, list[str]]]) -> None:
    counts = {"rows_read": 10, "rows_taken": 9, "rows_set_aside": 1}
    entries = {
        month: {
            "files": {
                f"{month}/{file}": {**counts, "tables": dict.fromkeys(tables, counts)}
                for file, tables in files.items()
            },
            "problems": [],
        }
        for month, files in months.items()
    }
    path = project.processed / "intake.json"
    path.write_text(json.dumps({"months": entries}), encoding="utf-8")


def build(root) -> Project:
    """A year in which two counties sent forms and settlements; June went wrong in several ways.

    The neighbour's forms of June are those of May; the county's settlements of June are two
    where forty are usual.
    """
    project = make_project(root)
    homes = [household(n, village_code=f"{c}100201") for n, c in ((1, COUNTY), (2, NEIGHBOUR))]
    deliver(project, "registered_households", "2021-06", homes)
    deliver(project, "registered_persons", "2021-06", [person(1, 1), person(2, 2), person(3, 99)])
    for number, month in enumerate(MONTHS):
        still = min(number, len(MONTHS) - 2)
        rows = [hospital(f"A{n}", COUNTY, 100 + number) for n in range(3)]
        rows += [hospital(f"B{n}", NEIGHBOUR, 50 + still) for n in range(3)]
        deliver(project, "township_hospitals", month, rows)
        day, count = pd.Period(month, freq="M").start_time.date(), 2 if month == MONTH else 40
        paid = [settlement(f"{month}-{n}", 1, day, 10_000) for n in range(count)]
        paid += [settlement(f"{month}-x{n}", 2, day, 10_000) for n in range(20)]
        paid += [settlement(f"{month}-y", 3, day, 10_000)]
        deliver(project, "settlements", month, paid)
    everything = {month: files_of(month) for month in MONTHS}
    june = everything[MONTH]
    del june[HELP.format(county=FAR, month=MONTH)]
    del june[f"卫生健康/慢病随访_{MONTH}.csv"]
    june[FORM.format(prefecture="630100", month=MONTH)] = ["county_hospitals"]
    june[f"医保/结算 630200（补）_{MONTH}.csv"] = june.pop(f"医保/医保结算_630200_{MONTH}.csv")
    write_manifest(project, everything)
    receipts = [
        {"file_name": f"社会救助_{COUNTY}_{MONTH}.xls", "received_date": date(2022, 7, 10)},
        {"file_name": f"社会救助_{NEIGHBOUR}_{MONTH}.xlsx", "received_date": date(2022, 7, 11)},
        {"file_name": f"医保结算_632800_{MONTH}.csv", "received_date": date(2022, 7, 16)},
        {"file_name": f"医保结算_632800_{MONTH}.csv", "received_date": date(2022, 7, 15)},
        {"file_name": f"医保结算_630100_{MONTH}.csv", "received_date": date(2022, 7, 16)},
    ]
    deliver(project, "receipts", MONTH, receipts)
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build(tmp_path_factory.mktemp("grid"))


@pytest.fixture(scope="module")
def grid(project: Project) -> pd.DataFrame:
    return fill_grid(project, MONTH)


STATES = [
    ("forms that moved came", "township_hospitals", COUNTY, "came"),
    ("forms as last month are asked about", "township_hospitals", NEIGHBOUR, "same"),
    ("a file without the county's rows", "township_hospitals", "632822", "no_rows"),
    ("a sheet that could not be read", "township_hospitals", FAR, "unreadable"),
    ("far fewer settlements than usual", "settlements", COUNTY, "small"),
    ("as many settlements as usual", "settlements", NEIGHBOUR, "came"),
    ("a file under another name, read all the same", "settlements", "630202", "no_rows"),
    ("a county's file that did not come", "social_assistance", FAR, "missing"),
    ("no changes in a table of changes", "social_assistance", COUNTY, "no_changes"),
    ("nobody referred from a county", "referrals", COUNTY, "no_changes"),
    ("nobody called in a county", "telephone_checks", COUNTY, "no_rows"),
    ("the province's file that did not come", "follow_up_visits", COUNTY, "missing"),
    ("a table nobody ever sent", "chronic_patients", COUNTY, "missing"),
]


@pytest.mark.parametrize(
    ("table", "county", "state"), [c[1:] for c in STATES], ids=[c[0] for c in STATES]
)
def test_the_grid_says(grid: pd.DataFrame, table: str, county: str, state: str) -> None:
    now = grid[grid["delivered_month"] == MONTH].set_index(["table", "county_code"])
    assert now.loc[(table, county), "state"] == state


LATE = [
    ("on the 10th, sent as another format", "social_assistance", COUNTY, False),
    ("on the 11th", "social_assistance", NEIGHBOUR, True),
    ("without a receipt", "social_assistance", "632822", None),
    ("first on the 15th, again on the 16th", "settlements", COUNTY, False),
    ("on the 16th", "settlements", FAR, True),
    ("without a deadline", "township_hospitals", COUNTY, None),
    ("missing altogether", "social_assistance", FAR, None),
]


@pytest.mark.parametrize(
    ("table", "county", "late"), [c[1:] for c in LATE], ids=[c[0] for c in LATE]
)
def test_a_file_that_came(grid: pd.DataFrame, table: str, county: str, late: bool | None) -> None:
    now = grid[grid["delivered_month"] == MONTH].set_index(["table", "county_code"])
    said = now.loc[(table, county), "is_late"]
    assert (None if pd.isna(said) else bool(said)) == late


def test_every_county_and_table_due_has_a_cell(grid: pd.DataFrame) -> None:
    counties = len(read_places("counties"))
    per_month = grid.groupby("delivered_month").size()
    # 17 tables a month; incomes and enrolment in January alone; receipts are never due
    assert per_month["2022-06"] == 17 * counties
    assert per_month["2022-01"] == 19 * counties
    assert len(per_month) == 12
    assert "receipts" not in set(grid["table"])


def test_the_grid_begins_with_the_first_month_delivered(project: Project) -> None:
    early = fill_grid(project, "2021-08")
    assert sorted(early["delivered_month"].unique()) == ["2021-06", "2021-07", "2021-08"]


def test_rows_of_persons_off_the_register_are_in_no_county(grid: pd.DataFrame) -> None:
    now = grid[(grid["delivered_month"] == MONTH) & (grid["table"] == "settlements")]
    assert now["row_count"].sum() == 22


def test_outliers_are_the_rows_that_fell(project: Project) -> None:
    found = find_outliers(project, MONTH)
    rows = found[(found["county_code"] == COUNTY) & (found["column"] == "rows")]
    assert rows[["table", "against"]].to_numpy().tolist() == [["settlements", "past"]]
    assert (rows["value"].item(), rows["usual"].item()) == (2, 40)
    # 0.6745 x (2 - 40) / (0.6745 x root of 40)
    assert rows["score"].item() == pytest.approx(-38 / 40**0.5)
    assert not (found["county_code"] == NEIGHBOUR).any()


def test_the_modified_z_score_by_hand() -> None:
    # median 3, deviations 2 1 0 1 2: median deviation 1
    centre, scores = robust_scores(np.array([8.0]), np.array([[1.0, 2, 3, 4, 5]]))
    assert (centre[0], scores[0]) == (3, pytest.approx(0.6745 * 5))


def test_a_series_that_never_moved_has_the_floor_as_spread() -> None:
    past = np.array([[20.0] * 6])
    _, scores = robust_scores(np.array([22.0]), past, least_spread(past, 0.05, are_events=False))
    assert scores[0] == pytest.approx(0.6745 * 2 / 1)
    _, open_ended = robust_scores(np.array([22.0]), past)
    assert np.isnan(open_ended[0])


def make_grid(lost: dict[str, int], due: int = 13) -> pd.DataFrame:
    rows = [
        {
            "county_code": code, "prefecture_code": code[:4] + "00", "delivered_month": month,
            "state": "missing" if n < lost.get(code, 0) else "came", "is_late": pd.NA,
        }
        for code in read_places("counties")["code"]
        for month in ("2022-05", MONTH)
        for n in range(due)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"is_late": "boolean"})


def test_one_table_missing_does_not_rank_a_county_last() -> None:
    shares = share_complete(make_grid({FAR: 1}), MONTH, "county_code", 90).set_index("county_code")
    row = shares.loc[FAR]
    assert (row["due_count"], row["came_count"], row["missing_count"]) == (13, 12, 1)
    assert row["complete_share"] == pytest.approx(12 / 13)
    assert row["pooled_due_count"] == 26
    # Wilson with z 1.645: 24 of 26 gives 0.792 to 0.974, 26 of 26 0.906 to 1: they overlap
    assert row["lower"] == pytest.approx(0.7922, abs=5e-4)
    assert row["upper"] == pytest.approx(0.9743, abs=5e-4)
    assert (row["rank_best"], row["rank_worst"]) == (1, len(shares))


def test_a_county_that_sends_nothing_is_last_for_certain() -> None:
    shares = share_complete(make_grid({FAR: 13}), MONTH, "county_code", 90).set_index("county_code")
    assert (shares.loc[FAR, "rank_best"], shares.loc[FAR, "rank_worst"]) == (45, 45)
    assert shares.loc[COUNTY, "rank_worst"] == 44


def test_prefectures_add_up_their_counties() -> None:
    grid = make_grid({FAR: 2})
    shares = share_complete(grid, MONTH, "prefecture_code", 90).set_index("prefecture_code")
    counties = read_places("counties").groupby("prefecture_code").size()
    assert shares.loc["630100", "due_count"] == 13 * counties["630100"]
    assert shares["missing_count"].to_dict() == {c: 2 * (c == "630100") for c in counties.index}


def test_rows_read_are_rows_taken_and_set_aside(project: Project) -> None:
    files = count_set_aside(project, MONTH)
    assert (files["rows_read"] == files["rows_taken"] + files["rows_set_aside"]).all()
    places = files.set_index("file")["place"]
    assert places[f"{MONTH}/{HELP.format(county=COUNTY, month=MONTH)}"] == COUNTY
    assert places.isna().sum() == 4  # of the province: households, persons, referrals, calls
