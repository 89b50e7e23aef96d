"""What the simulation aims at, what it came to, and the page that shows both."""

from pathlib import Path

import numpy as np

from healthmon.places import read_places
from healthmon.project import Project
from healthmon.simulate.assistance import EXTREME, RURAL, URBAN
from healthmon.simulate.delivery import make_sheets
from healthmon.simulate.geography import HOSPITAL_KINDS
from healthmon.simulate.illness import DIABETES, HYPERTENSION, MENTAL, TIBETAN, TUBERCULOSIS
from healthmon.simulate.months import day, make_calendar
from healthmon.simulate.settings import Fact, Settings, Target, load_settings
from healthmon.simulate.words import HEADERS
from healthmon.simulate.workbooks import Sheet
from healthmon.simulate.world import World, make_world

SOUTH_WEST = ("632600", "632700")


def measure(world: World, sheets: dict[str, Sheet], scale: float) -> dict[str, float]:
    """Measure what every target of ``params/simulation.yml`` came to.

    Counts are blown up to the whole province: persons by `scale`, facilities by the share of
    townships and villages that are simulated.

    Parameters
    ----------
    sheets : dict
        The facility forms by table.

    Returns
    -------
    dict
        Name of the target to what was got, in its unit; none where the months do not reach it.
    """
    return {
        **_people(world, scale),
        **_diseases(world),
        **_facilities(world, sheets),
        **_assistance(world, scale),
    }


def _people(world: World, scale: float) -> dict[str, float]:
    households, persons = world.households, world.persons
    is_first = persons.joined_day < world.calendar.start
    listed = households.added_day < world.calendar.start
    age = persons.age_at(world.calendar.start)
    county = households.county[persons.household]
    census = world.places.counties
    size = np.maximum(np.bincount(county[is_first], minlength=len(census)), 1)
    gaps = {}
    for name, in_band in (("share_0_14", age < 15), ("share_65_up", age >= 65)):
        share = np.bincount(county[is_first & in_band], minlength=len(census)) / size
        gaps[name] = 100 * float(np.average(np.abs(share - census[name]), weights=size))
    return {
        "registered_households": float(listed.sum()) / scale,
        "registered_persons": float(is_first.sum()) / scale,
        "cause_illness": 100 * float(np.mean(households.cause == 0)),
        **gaps,
    }


def _diseases(world: World) -> dict[str, float]:
    settings, persons, calendar = world.settings, world.persons, world.calendar
    here = persons.joined_day < calendar.start
    adult = here & (persons.age_at(calendar.start) >= 18)
    groups = settings.list_words("ethnic_groups")
    group = world.households.ethnic_group[persons.household]
    tibetan = group == groups.index(TIBETAN)
    chronic = world.illness.chronic
    is_known = (chronic["known_day"] <= calendar.start).to_numpy()

    def known(disease: int, among: np.ndarray) -> float:
        patients = chronic["person"].to_numpy()[is_known & (chronic["disease"] == disease)]
        return float(among[patients].sum() / max(among.sum(), 1))

    hypertension, diabetes = (
        100 / settings.number(f"{name}_awareness") for name in ("hypertension", "diabetes")
    )
    return {
        "hypertension_tibetans": hypertension * known(HYPERTENSION, adult & tibetan),
        "diabetes_tibetans": diabetes * known(DIABETES, adult & tibetan),
        "diabetes_others": diabetes * known(DIABETES, adult & ~tibetan),
        "severe_mental": 1000 * known(MENTAL, here),
        "tuberculosis_south_west": _tuberculosis(world),
    }


def _tuberculosis(world: World) -> float:
    prefecture = world.places.counties["prefecture_code"].to_numpy()
    county = world.households.county[world.persons.household]
    south_west = np.isin(prefecture[county], SOUTH_WEST)
    chronic, calendar = world.illness.chronic, world.calendar
    is_case = (chronic["disease"] == TUBERCULOSIS) & (chronic["diagnosed_day"] >= calendar.start)
    cases = south_west[chronic["person"][is_case]].sum()
    years = (calendar.end - calendar.start) / 365.25
    return float(cases / max(south_west.sum(), 1) / years * 100_000)


def _facilities(world: World, sheets: dict[str, Sheet]) -> dict[str, float]:
    kinds = read_places("townships")["kind"].isin(HOSPITAL_KINDS)
    townships = kinds.sum() / len(world.places.townships)
    villages = (read_places("villages")["rural"] == 1).sum() / len(world.places.villages)
    got = {
        "township_hospitals": townships * len(world.facilities.township),
        "village_clinics": villages * sheets["village_clinics"].present[-1].sum(),
    }
    if "2021-12" in world.calendar.months:
        month = world.calendar.months.index("2021-12")
        for name, header in (("physicians", "执业医师人数"), ("assistants", "执业助理医师人数")):
            place = HEADERS["township_hospitals"].index(header)
            cells = sheets["township_hospitals"].columns[place].values[month]
            got[f"township_{name}"] = townships * cells[cells >= 0].mean() * len(cells)
    return {name: float(value) for name, value in got.items()}


def _assistance(world: World, scale: float) -> dict[str, float]:
    table = world.assistance.recipients
    got = {}
    names = {RURAL: "rural_allowance", URBAN: "urban_allowance", EXTREME: "extreme_poverty"}
    for year in (2020, 2021):
        end = day(f"{year + 1}-01-01")
        if not world.calendar.start < end <= world.calendar.end:
            continue
        is_paid = (table["start_day"] < end) & (table["stop_day"] >= end)
        for kind, name in names.items():
            got[f"{name}_{year}"] = float((is_paid & (table["kind"] == kind)).sum() / scale)
    return got


def write_calibration(project: Project, seed: int = 20200518, scale: float = 1.0) -> Path:
    """Draw the province, writing no exports, and write ``docs/calibration.md`` from it.

    Returns
    -------
    Path
        The page.
    """
    settings = load_settings(project.params)
    world = make_world(settings, seed, scale, make_calendar(None), lambda what, share: None)
    sheets = {name: sheet for name, (sheet, _) in make_sheets(world).items()}
    path = project.root / "docs" / "calibration.md"
    page = render_calibration(settings, measure(world, sheets, scale))
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def render_calibration(settings: Settings, achieved: dict[str, float]) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    achieved : dict
        What `measure` returned, at scale 1.
    """
    aims = [
        f"| {target.label} | {target.aim:,.{target.decimals}f} | {_got(achieved, name, target)} | "
        f"{target.unit} | {target.status} | {target.source} |"
        for name, target in settings.targets.items()
    ]
    shapes = [
        f"| `{name}` | {_value(fact)} | {fact.unit} | {fact.status} | {fact.source} |"
        for name, fact in settings.facts.items()
    ]
    return _PAGE.format(aims="\n".join(aims), shapes="\n".join(shapes))


def _got(achieved: dict[str, float], name: str, target: Target) -> str:
    return f"{achieved[name]:,.{target.decimals}f}" if name in achieved else "—"


def _value(fact: Fact) -> str:
    if isinstance(fact.value, dict):
        return "; ".join(f"{key}: {_plain(value)}" for key, value in fact.value.items())
    return _plain(fact.value)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"{one:g}" for one in value)
    return f"{value:,.10g}"


_PAGE = """\
# Calibration of the simulated province

Generated from `params/simulation.yml` by `healthmon.simulate.calibration.write_calibration`; do
not edit. All figures in the column *got* are **simulated**: the whole province (scale 1), all
months, the default seed.

## Aimed at

Only figures that were seen in a source, or computed from such, are aimed at.

| what | aimed at | got | unit | status | source |
|---|---|---|---|---|---|
{aims}

## Shape

What the simulation draws from. Nothing here is aimed at for its own sake: `memory` is recalled
and unverified, `assumed` is set for plausibility; neither says anything about Qinghai.

| name | value | unit | status | source |
|---|---|---|---|---|
{shapes}
"""
