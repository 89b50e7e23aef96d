"""Writing the province as the departments would deliver it, month by month."""

import gc
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from healthmon.processes import end_with_parent
from healthmon.simulate import words
from healthmon.simulate.assistance_sheets import assistance_sheet
from healthmon.simulate.csv_tables import Planted, Table, write_table
from healthmon.simulate.enrolment import enrolment_table
from healthmon.simulate.forms import county_sheet, township_sheet, visit_shares
from healthmon.simulate.health_tables import (
    chronic_table,
    contract_table,
    facility_counties,
    follow_up_table,
    major_table,
    settlement_table,
)
from healthmon.simulate.planting import DUPLICATE, Error, Log, by_month, choose_errors, spoil
from healthmon.simulate.register_tables import household_table, income_table, person_table
from healthmon.simulate.service_tables import (
    check_table,
    monitored_table,
    referral_table,
    unsigned_table,
)
from healthmon.simulate.village_forms import clinic_sheet, doctor_sheet, village_sheet
from healthmon.simulate.workbooks import Job, Sheet, Workbook, write_job
from healthmon.simulate.workbooks import Planted as PlantedCell
from healthmon.simulate.world import World

_COLLECT_AFTER = 1_000_000
"""Cells are many small objects that live to the end of a workbook: looking for garbage among
them takes a sixth of the time."""
YEARLY = ("household_incomes", "insurance_enrolment")


def open_workers(count: int) -> ProcessPoolExecutor:
    """Start worker processes for the workbooks, before memory grows."""
    method = "fork" if sys.platform == "linux" else "spawn"
    pool = ProcessPoolExecutor(count, get_context(method), _start_worker)
    for future in [pool.submit(os.getpid) for _ in range(count)]:
        future.result()
    return pool


def _start_worker() -> None:
    end_with_parent()
    gc.set_threshold(_COLLECT_AFTER)


def deliver(
    world: World,
    folder: Path,
    pool: ProcessPoolExecutor,
    progress: Callable[[str, float], None],
) -> tuple[dict[str, int], Log, dict[str, Sheet]]:
    """Write every export of every month below a folder.

    Returns
    -------
    tuple
        Rows written by table, the errors planted, and the sheets of the workbooks by table.
    """
    for month in world.calendar.months:
        for department in (words.RURAL, words.CIVIL, words.HEALTH, words.INSURANCE, words.OFFICE):
            (folder / month / department).mkdir(parents=True)
    log = Log()
    sheets = make_sheets(world)
    tables, services = _tables(world), _service_tables(world)
    errors = _choose(world, tables, sheets, services)
    tables |= services
    rows = {name: int(sheet.present.sum()) for name, (sheet, _) in sheets.items()}
    jobs = _workbooks(world, folder, sheets, errors, log)
    futures: list[Future] = [pool.submit(write_job, job) for job in jobs]
    for done, (name, table) in enumerate(tables.items()):
        progress(f"files: {words.FILES[name][1].split('_')[0]}", done / len(tables))
        rows[name] = _write_months(world, folder, table, errors[name], log)
    for future in futures:
        future.result()
    return rows, log, {name: sheet for name, (sheet, _) in sheets.items()}


def _tables(world: World) -> dict[str, Table]:
    w, people = world, (world.households, world.persons)
    tables = [
        settlement_table(
            w.settings, w.places, w.facilities, *people, w.visits, w.money, w.delivered,
            w.identity, w.calendar,
        ),
        enrolment_table(
            w.settings, w.streams, w.places, *people, w.assistance, w.insured, w.identity,
            w.calendar,
        ),
        household_table(w.streams, w.places, *people, w.identity, w.calendar),
        person_table(*people, w.traits, w.settings, w.identity, w.calendar),
        income_table(w.outcomes, w.identity, w.calendar),
        chronic_table(w.places, *people, w.illness, w.identity, w.calendar),
        major_table(w.settings, w.streams, w.persons, w.illness, w.identity, w.calendar),
        contract_table(
            w.persons, w.care, w.services.outside, w.identity, w.facilities, w.calendar
        ),
        follow_up_table(w.persons, w.illness, w.care, w.identity, w.calendar),
    ]  # fmt: skip
    return {table.name: table for table in tables}


def _service_tables(world: World) -> dict[str, Table]:
    w, services = world, world.services
    tables = [
        unsigned_table(w.persons, services.unsigned, w.identity, w.calendar),
        check_table(services.checks, w.care, w.facilities, w.identity, w.calendar),
        referral_table(
            w.places, w.facilities, w.persons, services.referrals, w.identity, w.calendar
        ),
        monitored_table(services.monitored, w.identity, w.calendar),
    ]
    return {table.name: table for table in tables}


def make_sheets(world: World) -> dict[str, tuple[Sheet, np.ndarray]]:
    """Make all sheets of the province, each with the code of the file that its rows belong to."""
    w = world
    in_county, grassroots = visit_shares(
        w.places, w.households, w.persons, w.visits,
        facility_counties(w.places, w.facilities, w.visits), w.calendar,
    )  # fmt: skip
    first = len(w.persons) + len(w.assistance.outsiders)
    names = w.identity.names.utf8.slice(first).to_numpy(zero_copy_only=False).astype(object)
    numbers = w.identity.person_numbers.slice(first).to_numpy(zero_copy_only=False)
    common = (w.settings, w.streams, w.places, w.facilities)
    prefecture = w.places.counties["prefecture_code"].to_numpy()
    villages = w.places.villages["county"].to_numpy()
    return {
        "county_hospitals": (
            county_sheet(*common, in_county, w.calendar), prefecture[w.facilities.county["county"]],
        ),
        "township_hospitals": (
            township_sheet(*common, w.care, w.illness, grassroots, w.calendar),
            prefecture[w.facilities.township["county"]],
        ),
        "village_clinics": (
            clinic_sheet(*common, w.calendar), prefecture[w.facilities.clinics["county"]],
        ),
        "village_doctors": (
            doctor_sheet(*common, w.doctors, names, numbers.astype(object), w.calendar),
            prefecture[villages[w.doctors.posts["village"]]],
        ),
        "monitored_villages": (village_sheet(w.places, w.calendar), prefecture[villages]),
        "social_assistance": assistance_sheet(w.assistance, w.places, w.identity, w.calendar),
    }  # fmt: skip


def _choose(
    world: World,
    tables: dict[str, Table],
    sheets: dict[str, tuple[Sheet, np.ndarray]],
    services: dict[str, Table],
) -> dict[str, list[Error]]:
    """Choose errors, none where a household stands exactly on the line.

    Drawn in this order, so that a table that comes to the last ones moves no error of the others.
    """
    spared = np.zeros(len(world.households) + 1, bool)
    spared[world.exact["household"]] = True
    counts = {name: (len(table.month), spared[table.household]) for name, table in tables.items()}
    counts |= {name: (int(sheet.present.sum()), None) for name, (sheet, _) in sheets.items()}
    counts |= {name: (len(one.month), spared[one.household]) for name, one in services.items()}
    return choose_errors(world.settings, world.streams, counts)


def _write_months(world: World, folder: Path, table: Table, errors: list[Error], log: Log) -> int:
    department, pattern = words.FILES[table.name]
    sorted_errors = by_month(errors, table.month)
    count = 0
    for number, month in enumerate(world.calendar.months):
        year = int(month[:4]) - (table.name == "household_incomes")
        if table.name in YEARLY and not month.endswith("-01"):
            continue
        places = [None] if table.place is None else list(range(len(world.places.prefectures)))
        for place in places:
            code = "" if place is None else world.places.prefectures[place]
            name = pattern.format(month=month, year=year, prefecture=code)
            rows = table.rows_of(number, place)
            own = [e for e in sorted_errors[number] if len(rows) and rows[0] <= e.row <= rows[-1]]
            path = folder / month / department / name
            planted = _plant(table, rows, own, log, month, f"{department}/{name}")
            count += write_table(path, table, rows, planted)
    return count


def _plant(
    table: Table, rows: np.ndarray, errors: list[Error], log: Log, month: str, file: str
) -> list[Planted]:
    planted, twice = [], 0
    for error in errors:
        at = int(error.row - rows[0])
        if error.kind == DUPLICATE:
            planted.append(Planted(at, None, None))
            row, value, right = len(rows) + twice, None, None
            twice += 1
        else:
            column = table.headers.index(error.header)
            cell = table.columns[column](rows[at : at + 1]).cast("string")
            right = _text(cell, table.encoding)
            value = spoil(error.kind, right)
            planted.append(Planted(at, column, value))
            row = at
        header = error.header or None
        log.note(
            month=month, file=f"{month}/{file}", sheet=None, row=row + 2, column=header,
            kind=error.kind, value=value, right=right,
        )  # fmt: skip
    return planted


def _text(cell: object, encoding: str) -> str:
    raw = cell.view("binary")[0].as_py()
    return "" if raw is None else raw.decode(encoding.removesuffix("-sig"))


def _workbooks(
    world: World,
    folder: Path,
    sheets: dict[str, tuple[Sheet, np.ndarray]],
    errors: dict[str, list[Error]],
    log: Log,
) -> list[Job]:
    """Make the jobs for the workers: forms by prefecture in pieces, assistance by county."""
    months = len(world.calendar.months)
    thirds = [range(part, months, 3) for part in range(3)]
    forms = [name for name in sheets if name != "social_assistance"]
    jobs = []
    for code in world.places.prefectures:
        own = {name: _part(*sheets[name], code, errors[name]) for name in forms}
        for part in thirds:
            jobs.append(_job(world, folder, "facility_forms", code, own, part, log))
    for code in world.places.counties["code"]:
        own = {
            "social_assistance": _part(
                *sheets["social_assistance"], code, errors["social_assistance"]
            )
        }
        jobs.append(_job(world, folder, "social_assistance", code, own, range(months), log))
    return [job for job in jobs if job.workbooks]


def _part(
    sheet: Sheet, belongs: np.ndarray, code: str, errors: list[Error]
) -> tuple[Sheet, list[tuple[int, int, Error]]]:
    """Cut out one file's rows; errors as (month, row on the sheet in that month, error)."""
    rows = np.flatnonzero(belongs == code)
    columns = tuple(replace(c, values=c.values[..., rows]) for c in sheet.columns)
    part = Sheet(sheet.name, sheet.headers, columns, sheet.present[:, rows])
    per_month = np.r_[0, np.cumsum(sheet.present.sum(axis=1))]
    found = []
    for error in errors:
        month = int(np.searchsorted(per_month, error.row, side="right") - 1)
        row = np.flatnonzero(sheet.present[month])[error.row - per_month[month]]
        if belongs[row] == code:
            at = int(np.searchsorted(part.rows_of(month), np.searchsorted(rows, row)))
            found.append((month, at, error))
    return part, found


def _job(
    world: World, folder: Path, file: str, code: str, own: dict, months: range, log: Log
) -> Job:
    department, pattern = words.FILES[file]
    workbooks = []
    for number in months:
        month = world.calendar.months[number]
        name = pattern.format(month=month, prefecture=code, county=code)
        planted = []
        for sheet, found in own.values():
            for at, error in [(at, e) for m, at, e in found if m == number]:
                cell, right = _plant_cell(sheet, number, at, error)
                planted.append(cell)
                log.note(
                    month=month, file=f"{month}/{department}/{name}", sheet=sheet.name, row=at + 2,
                    column=error.header, kind=error.kind, value=cell.text, right=right,
                )  # fmt: skip
        path = folder / month / department / name
        workbooks.append(Workbook(path, number, tuple(planted)))
    return Job(tuple(sheet for sheet, _ in own.values()), tuple(workbooks))


def _plant_cell(
    sheet: Sheet, month: int, at: int, error: Error
) -> tuple[PlantedCell, str | float | None]:
    column = sheet.headers.index(error.header)
    row = sheet.rows_of(month)[at : at + 1]
    right = sheet.columns[column].list_month(month, row)[0]
    return PlantedCell(sheet.name, at, column, spoil(error.kind, right)), right
