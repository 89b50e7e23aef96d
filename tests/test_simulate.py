"""The simulated province: what it promises of its files, its people and its figures."""

import csv
import hashlib
import shutil
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import healthmon.simulate as simulator
from healthmon.errors import UserError
from healthmon.exports import list_tables, load_exports
from healthmon.places import read_places
from healthmon.project import Project
from healthmon.simulate import SimulationReport, simulate
from healthmon.simulate.calibration import render_calibration
from healthmon.simulate.forms import visit_shares
from healthmon.simulate.health_tables import facility_counties
from healthmon.simulate.months import make_calendar
from healthmon.simulate.planting import CLASSES, HOMES
from healthmon.simulate.settings import load_settings
from healthmon.simulate.spoiling import (
    cells,
    disagreements,
    layouts,
    links,
    receipts,
    repeats,
    whole_files,
)
from healthmon.simulate.world import World, make_world

pytestmark = pytest.mark.xdist_group("simulate")
MONTHS = ["2020-11", "2020-12", "2021-01", "2021-02"]
SPOILING = (cells, disagreements, layouts, links, receipts, repeats, whole_files)
LAYERS = ["基本医保支付(元)", "大病保险支付(元)", "医疗救助支付(元)", "个人自付(元)"]


def make_project(root: Path, checkout: Project) -> Project:
    shutil.copytree(checkout.params, root / "params")
    (root / "data" / "raw").mkdir(parents=True)
    (root / "data" / "raw" / "README.md").write_text("what belongs here", encoding="utf-8")
    return Project(root)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, checkout: Project) -> Project:
    return make_project(tmp_path_factory.mktemp("province"), checkout)


@pytest.fixture(scope="module")
def report(project: Project) -> SimulationReport:
    return simulate(project, scale=0.02, months=MONTHS)


@pytest.fixture(scope="module")
def planted(project: Project, report: SimulationReport) -> pd.DataFrame:
    return pd.read_parquet(project.raw / "truth" / "planted_errors.parquet")


@pytest.fixture(scope="module")
def world(checkout: Project) -> World:
    """A tenth of the province over all months, nothing written."""
    settings = load_settings(checkout.params)
    return make_world(settings, 20200518, 0.1, make_calendar(None), lambda what, share: None)


def read_sheet(path: Path, sheet: str | None, encoding: str | None) -> list[list]:
    """All rows of a CSV file or a sheet, the header first."""
    if sheet is None:
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.reader(file))
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def read_rows(project: Project, name: str, months: list[str] = MONTHS) -> list[dict]:
    """Rows of a table as delivered, with the file and row (header is row 1) they came from."""
    rows = []
    for department in load_exports(project.params).values():
        if name not in department.tables:
            continue
        table = department.tables[name]
        for month in months:
            for file in table.file_names(month):
                path = f"{month}/{department.label.zh and department.folder}/{file}"
                header, *body = read_sheet(project.raw / path, table.sheet, table.encoding)
                rows += [
                    dict(zip(header, row, strict=True)) | {"file": path, "row": number}
                    for number, row in enumerate(body, 2)
                ]
    return rows


def without_planted(rows: list[dict], planted: pd.DataFrame) -> list[dict]:
    places = set(zip(planted["file"], planted["row"], strict=True))
    return [row for row in rows if (row["file"], row["row"]) not in places]


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_listed_file_is_there_and_no_other(project: Project, report: object) -> None:
    listed = {
        f"{month}/{department.folder}/{file}"
        for department in load_exports(project.params).values()
        for table in department.tables.values()
        for month in MONTHS
        for file in table.file_names(month)
    }
    truth = {
        f"truth/{name}.parquet"
        for name in ("households", "outcomes", "planted_errors", "exact_burden", "breaches")
    }
    assert set(fingerprint(project.raw)) == listed | truth | {"SIMULATED", "README.md"}


@pytest.mark.parametrize(
    "name",
    list(simulator.words.HEADERS),
)
def test_headers_and_words_are_those_of_the_list_of_exports(
    name: str, project: Project, report: object, planted: pd.DataFrame
) -> None:
    table = list_tables(project.params)[name]
    rows = read_rows(project, name)
    assert rows
    headers = [column.header for column in table.columns.values()]
    assert set(rows[0]) - {"file", "row"} == set(headers)
    assert [key for key in rows[0] if key not in ("file", "row")] == headers
    good = without_planted(rows, planted)
    for column in table.columns.values():
        words = {row[column.header] for row in good} - {""}
        if column.type == "category":
            assert words <= set(column.values)
        if column.type == "boolean":
            assert words <= {"是", "否"}
        if column.type == "code":
            assert all(len(word) == column.digits for word in words)
        if column.required:
            assert all(row[column.header] != "" for row in good)


def test_change_tables_begin_with_everything_and_go_on_with_changes(
    project: Project, report: object, planted: pd.DataFrame
) -> None:
    for name in ("registered_households", "registered_persons", "chronic_patients",
                 "social_assistance"):  # fmt: skip
        for month in MONTHS:
            good = without_planted(read_rows(project, name, [month]), planted)
            is_first = month == MONTHS[0]
            snapshot = [row for row in good if row["变动类型"] == "存量"]
            assert bool(snapshot) == is_first, (name, month)
            assert all(row["变动日期"][:7] == month for row in good), (name, month)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path, checkout: Project
) -> None:
    prints = []
    for number, seed in enumerate((7, 7, 8)):
        project = make_project(tmp_path / str(number), checkout)
        simulate(project, seed=seed, scale=0.005, months=["2020-12", "2021-01"])
        prints.append(fingerprint(project.raw))
    assert prints[0] == prints[1]
    assert set(prints[0]) == set(prints[2])
    differing = {name for name in prints[0] if prints[0][name] != prints[2][name]}
    assert {name.rsplit(".", 1)[1] for name in differing if "." in name} >= {"csv", "xlsx"}


def check_digit(first_17: str) -> str:
    """GB 11643-1999: ISO 7064 MOD 11-2."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first_17))
    return "10X98765432"[total % 11]


@pytest.mark.parametrize("name", ["registered_persons", "social_assistance", "village_doctors"])
def test_identity_numbers_are_well_formed_and_nobodys(
    name: str, project: Project, report: object, planted: pd.DataFrame
) -> None:
    for row in without_planted(read_rows(project, name), planted):
        number = row["证件号码"]
        assert len(number) == 18
        assert number.startswith("639900")
        assert number[17] == check_digit(number[:17])
        date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")


def test_the_check_digit_of_the_standards_own_example() -> None:
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


def test_a_number_belongs_to_one_person_and_agrees_with_birth_and_sex(
    project: Project, report: object, planted: pd.DataFrame
) -> None:
    owners = defaultdict(set)
    for row in without_planted(read_rows(project, "registered_persons"), planted):
        number = row["证件号码"]
        owners[number].add((row["姓名"], row["户编号"]))
        assert number[6:14] == row["出生日期"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (row["性别"] == "男")
    assert max(map(len, owners.values())) == 1
    outside = {row["证件号码"] for row in read_rows(project, "village_doctors")}
    assert not outside & set(owners)


def test_telephone_numbers_are_no_operators(project: Project, report: object) -> None:
    numbers = {row["联系电话"] for row in read_rows(project, "registered_households")}
    assert all(number.startswith("100") and len(number) == 11 for number in numbers)


def test_the_layers_and_the_out_of_pocket_add_up_to_the_total(
    project: Project, report: object, planted: pd.DataFrame
) -> None:
    good = without_planted(read_rows(project, "settlements"), planted)
    assert len(good) > 5_000
    for row in good:
        parts = [fen(row[header]) for header in LAYERS]
        assert fen(row["总费用(元)"]) == sum(parts)
        assert min(parts) >= 0
        assert 0 <= fen(row["政策范围外费用(元)"]) <= fen(row["个人自付(元)"])


def test_a_file_carries_settlements_of_its_month_and_a_few_late_ones(
    project: Project, report: object, planted: pd.DataFrame
) -> None:
    months = pd.period_range(MONTHS[0], MONTHS[-1], freq="M").astype(str).tolist()
    lags = Counter()
    for row in without_planted(read_rows(project, "settlements"), planted):
        lag = months.index(row["file"][:7]) - months.index(row["结算日期"][:7])
        assert 0 <= lag <= 3
        lags[lag] += 1
    late = sum(lags[lag] for lag in (1, 2, 3)) / sum(lags.values())
    assert 0.01 < late < 0.04


def test_some_households_stand_exactly_on_the_line(
    project: Project, report: object, planted: pd.DataFrame
) -> None:
    exact = pd.read_parquet(project.raw / "truth" / "exact_burden.parquet")
    assert set(exact["year"]) == {2020, 2021}
    people = without_planted(read_rows(project, "registered_persons"), planted)
    home = {row["证件号码"]: row["户编号"] for row in people}
    spent = Counter()
    for row in without_planted(read_rows(project, "settlements"), planted):
        year = int(row["结算日期"][:4])
        spent[home.get(row["证件号码"]), year] += fen(row["个人自付(元)"])
    for row in exact.itertuples():
        first, last = f"{row.year}-01-01", f"{row.year}-12-31"
        own = [person for person in people if person["户编号"] == row.household_no]
        joined = {p["证件号码"] for p in own if p["变动类型"] in ("存量", "新增", "出生")
                  and p["变动日期"] <= last}  # fmt: skip
        gone = {p["证件号码"] for p in own if p["变动类型"] in ("死亡", "迁出")
                and p["变动日期"] < first}  # fmt: skip
        assert spent[row.household_no, row.year] == 156_000 * len(joined - gone)


def test_every_error_in_a_row_stands_where_the_truth_says(
    project: Project, report: SimulationReport, planted: pd.DataFrame
) -> None:
    assert len(planted) == report.planted_error_count
    in_rows = planted[planted["row"].notna()]
    assert not in_rows.duplicated(["file", "sheet", "row"]).any()
    assert len(in_rows) > 80
    for error in in_rows.itertuples():
        encoding = "gb18030" if "/医保/" in error.file else "utf-8-sig"
        sheet = error.sheet if isinstance(error.sheet, str) else None
        rows = read_sheet(project.raw / error.file, sheet, encoding)
        row = rows[int(error.row) - 1]
        if error.kind == "duplicated_row":
            assert rows.count(row) == 2
        elif error.kind in ("row_in_two_files", "row_in_a_later_month"):
            assert row in read_sheet(project.raw / error.right, None, encoding)
        elif isinstance(error.column, str):
            value = row[rows[0].index(error.column)]
            wanted = error.value if isinstance(error.value, str) else ""
            assert str(value) in (wanted, f"{wanted}.0")
            assert str(value) != error.right


def test_every_kind_of_error_is_planted_however_small_the_province(sample: Project) -> None:
    planted = pd.read_parquet(sample.raw / "truth" / "planted_errors.parquet")
    kinds = set().union(*(module.KINDS for module in SPOILING))
    assert set(planted["kind"]) == set(HOMES) | kinds
    assert set(planted["class"]) == set(CLASSES)


def test_no_error_touches_a_household_exactly_on_the_line(
    project: Project, planted: pd.DataFrame
) -> None:
    exact = set(pd.read_parquet(project.raw / "truth" / "exact_burden.parquet")["household_no"])
    people = read_rows(project, "registered_persons")
    numbers = {row["证件号码"] for row in people if row["户编号"] in exact}
    assert exact
    spoilt = planted[planted["kind"] != "not_insured"]  # these are so drawn, not spoilt
    assert not set(spoilt["right"].dropna()) & (exact | numbers)


def test_errors_are_few(planted: pd.DataFrame, report: SimulationReport) -> None:
    kinds = set().union(*(module.KINDS for module in SPOILING))
    least = len(HOMES) + 12 * len(kinds)
    assert (planted["kind"] != "not_insured").sum() <= least + 40 * sum(
        report.rows.values()
    ) / 100_000


def test_real_exports_are_never_overwritten(tmp_path: Path, checkout: Project) -> None:
    project = make_project(tmp_path, checkout)
    (project.raw / "2021-03").mkdir()
    (project.raw / "2021-03" / "real.csv").write_text("1", encoding="utf-8")
    before = fingerprint(tmp_path)
    with pytest.raises(UserError, match=r"2021-03 and is not marked as simulated"):
        simulate(project, scale=0.005, months=["2021-01"])
    assert fingerprint(tmp_path) == before


def test_a_run_that_breaks_off_leaves_the_old_exports_whole(
    tmp_path: Path, checkout: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path, checkout)
    (project.raw / "notes").mkdir()
    (project.raw / "notes" / "mine.txt").write_text("kept", encoding="utf-8")
    simulate(project, scale=0.005, months=["2021-01"])
    before = fingerprint(tmp_path)
    assert {"data/raw/notes/mine.txt", "data/raw/README.md"} <= set(before)

    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simulator, "write_truth", fail)
    with pytest.raises(KeyboardInterrupt):
        simulate(project, scale=0.005, months=["2021-02"])
    assert fingerprint(tmp_path) == before


def test_the_marker_says_simulated_and_with_what(project: Project, report: object) -> None:
    text = (project.raw / "SIMULATED").read_text(encoding="utf-8")
    assert project.is_simulated
    for words in ("模拟数据", "SIMULATED", "seed: 20200518", "scale: 0.02", "2020-11 to 2021-02"):
        assert words in text


@pytest.mark.parametrize(
    "months", [["2021-01", "2021-03"], [], ["2021-13"], ["2021-02", "2021-01"]]
)
def test_months_with_a_gap_or_none_are_refused(project: Project, months: list[str]) -> None:
    with pytest.raises(UserError):
        simulate(project, scale=0.005, months=months)


def test_every_county_keeps_a_hospital_a_township_hospital_and_a_clinic(
    project: Project, report: object
) -> None:
    counties = set(read_places("counties")["code"])
    hospitals = read_rows(project, "county_hospitals", ["2020-11"])
    general = {h["县级代码"] for h in hospitals
               if h["机构类别"] == "综合医院" and h["是否公立"] == "是"}  # fmt: skip
    assert general == counties
    for name, header in (("township_hospitals", "乡镇代码"), ("village_clinics", "行政村代码"),
                         ("monitored_villages", "行政村代码")):  # fmt: skip
        rows = read_rows(project, name, ["2020-11"])
        assert {row[header][:6] for row in rows} == counties, name


def test_households_live_in_monitored_villages(project: Project, report: object) -> None:
    monitored = {row["行政村代码"] for row in read_rows(project, "monitored_villages")}
    homes = {row["行政村代码"] for row in read_rows(project, "registered_households")}
    assert homes - {""} <= monitored


def test_the_targets_are_met(project: Project, world: World, report: SimulationReport) -> None:
    """Counts of a fiftieth scatter; facilities are only comparable in the whole province."""
    targets = world.settings.targets
    for name in ("registered_households", "registered_persons", "cause_illness"):
        assert report.achieved[name] == pytest.approx(targets[name].aim, rel=0.06), name
    for name in ("rural_allowance_2020", "urban_allowance_2020"):
        assert report.achieved[name] == pytest.approx(targets[name].aim, rel=0.08), name
    assert {"township_hospitals", "hypertension_tibetans"} <= set(report.achieved)


def test_settlements_come_to_some_four_million(world: World) -> None:
    assert len(world.visits) / 0.1 == pytest.approx(4_000_000, rel=0.06)


def test_household_size_and_ages_follow_the_census(world: World) -> None:
    persons = world.persons
    first = persons.joined_day < world.calendar.start
    assert first.sum() / 16_000 == pytest.approx(3.375, rel=0.02)
    age = persons.age_at(world.calendar.start)
    county = world.households.county[persons.household]
    counties = world.places.counties
    weights = np.bincount(county[first], minlength=len(counties))
    for column, band in (("share_0_14", age < 15), ("share_65_up", age >= 65)):
        wanted = np.average(counties[column], weights=weights)
        assert band[first].mean() == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("year", [2019, 2020, 2021])
def test_the_rule_flags_a_plausible_share(world: World, year: int) -> None:
    outcomes, place = world.outcomes, year - 2018
    members = outcomes.members[place]
    on_register = (members > 0) & (world.households.kind <= 2)
    flagged = (outcomes.household_oop[place] > 156_000 * members)[on_register]
    assert 0.06 <= flagged.mean() <= 0.125


@pytest.mark.parametrize("year", [2019, 2020, 2021])
def test_a_few_percent_fall_below_the_line(world: World, year: int) -> None:
    outcomes = world.outcomes
    place = outcomes.years.index(year)
    above = outcomes.is_above_before[place] & outcomes.is_listed[place]
    assert 0.03 <= outcomes.is_fallen_without[place][above].mean() <= 0.06


def test_help_begins_in_2021_and_only_lifts(world: World) -> None:
    outcomes = world.outcomes
    helped = dict(zip(outcomes.years, outcomes.is_helped.sum(axis=1), strict=True))
    assert helped[2019] == helped[2020] == 0
    assert helped[2021] > 500
    assert (outcomes.income >= outcomes.income_without).all()
    assert not (outcomes.is_fallen & ~outcomes.is_fallen_without & outcomes.is_above_before)[
        :-1
    ].any()
    place = outcomes.years.index(2021)
    assert outcomes.is_fallen[place].sum() < outcomes.is_fallen_without[place].sum()


def test_visit_shares_spread_over_counties_and_the_south_west_is_weaker(world: World) -> None:
    counties = facility_counties(world.places, world.facilities, world.visits)
    in_county, grassroots = visit_shares(
        world.places, world.households, world.persons, world.visits, counties, world.calendar
    )
    assert in_county[0].min() < 0.5
    assert in_county[0].max() > 0.9
    assert np.nanmin(grassroots[0]) < 0.3
    assert np.nanmax(grassroots[0]) > 0.55
    prefecture = world.places.counties["prefecture_code"]
    weak = prefecture.isin(["632600", "632700"])
    assert in_county[0][weak].mean() < in_county[0][~weak].mean() - 0.15
    assert in_county[2].mean() > in_county[0].mean()


def test_the_written_page_holds_the_parameters_of_today(checkout: Project) -> None:
    """What was got needs the whole province drawn; aims and shape must agree at any time."""
    written = (checkout.root / "docs" / "calibration.md").read_text(encoding="utf-8")
    page = render_calibration(load_settings(checkout.params), {})
    assert written.split("## Shape")[1] == page.split("## Shape")[1]
    aims = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("|")]
    assert [line.split("|")[1:3] for line in written.splitlines() if line.startswith("|")] == aims


def test_the_page_on_calibration_lists_every_target_and_every_fact(world: World) -> None:
    page = render_calibration(world.settings, {"registered_households": 160000.0})
    assert "| registered households on the first day | 160,000 | 160,000 |" in page
    assert page.count("\n| `") == len(world.settings.facts)
    aimed = page.split("## Shape")[0]
    assert "| memory |" not in aimed
    assert "| assumed |" not in aimed
