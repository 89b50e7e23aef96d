"""What one department says of a person and another does not: every one must be listed."""

from collections.abc import Callable

import numpy as np

from healthmon.simulate import words
from healthmon.simulate.households import DIED
from healthmon.simulate.months import NEVER
from healthmon.simulate.planting import DISAGREEMENT
from healthmon.simulate.spoiling.desk import Chosen, Desk
from healthmon.simulate.spoiling.links import NAME, NUMBER
from healthmon.simulate.visits import CHRONIC_OUTPATIENT

_ON_REGISTER, _EXTREME, _ALLOWANCE, _OTHER = words.PERSON_KINDS
_STOPPED = words.ASSISTANCE_CHANGES[2]


def disagree(desk: Desk) -> None:
    """Plant disagreements of every kind."""
    shares = desk.world.settings.table("planted_disagreement_shares")
    for kind, plant in KINDS.items():
        plant(desk, kind, desk.how_many(shares[kind]))


def _last_january(desk: Desk) -> range:
    januaries = desk.world.calendar.months_of_january()
    return range(januaries[-1], januaries[-1] + 1) if januaries else range(0)


def _missing_in_insurance(desk: Desk, kind: str, count: int) -> None:
    """Leave persons of the register off the insurance's last list."""
    stays = _staying(desk)
    suits = _is_registered(desk, lambda one: one.get(NUMBER) in stays)
    for one in desk.pick("insurance_enrolment", count, suits, _last_january(desk)):
        _leave_out(desk, one, kind)


def _not_insured(desk: Desk, kind: str, count: int) -> None:
    """Note who of the register is on the last list as not insured: nothing is spoilt."""
    world, stays = desk.world, _staying(desk)
    households, persons = world.households, world.persons
    for month in _last_january(desk):
        first = int(world.calendar.starts[month])
        year = int(world.calendar.months[month][:4]) - world.calendar.years[0]
        here = (persons.joined_day <= first) & (persons.left_day > first) & ~world.insured[year]
        county = households.county[persons.household]
        prefectures = world.places.counties["prefecture_code"].to_numpy()[county]
        paths = desk.files_of("insurance_enrolment", range(month, month + 1))
        for person in np.flatnonzero(here).tolist():
            number = world.identity.person_numbers[person].as_py()
            path = next((p for p in paths if f"_{prefectures[person]}_" in p), None)
            if number in stays and path is not None:
                desk.note(path, kind, DISAGREEMENT, right=number)


def _status_differs(desk: Desk, kind: str, count: int) -> None:
    """Let the insurance know persons of the register as anybody."""
    stays = _staying(desk)
    suits = _is_registered(
        desk, lambda one: one.get("人员类别") == _ON_REGISTER and one.get(NUMBER) in stays
    )
    for one in desk.pick("insurance_enrolment", count, suits, _last_january(desk)):
        desk.spoil_cell(one, kind, DISAGREEMENT, "人员类别", _OTHER)


def _not_on_register(desk: Desk, kind: str, count: int) -> None:
    """Let the insurance take persons on assistance alone for persons of the register."""

    def suits(one: Chosen) -> bool:
        is_outside = one.get(NUMBER) not in desk.on_register
        return is_outside and one.get("人员类别") in (_EXTREME, _ALLOWANCE)

    for one in desk.pick("insurance_enrolment", count, suits, _last_january(desk)):
        desk.spoil_cell(one, kind, DISAGREEMENT, "人员类别", _ON_REGISTER)


def _household_differs(desk: Desk, kind: str, count: int) -> None:
    """Let the team know persons under another household's number."""
    numbers = desk.world.identity.household_numbers
    for one in desk.pick("family_doctor_contracts", count, _is_registered(desk)):
        other = numbers[int(desk.rng.integers(len(numbers)))].as_py()
        desk.spoil_cell(one, kind, DISAGREEMENT, "户编号", other)


def _village_differs(desk: Desk, kind: str, count: int) -> None:
    """Let the health department know persons in another village of their county."""
    codes = np.array(desk.world.places.villages["code"])
    suits = _is_registered(desk, lambda one: one.get("变动类型") != words.CHRONIC_CHANGES[2])
    for one in desk.pick("chronic_patients", count, suits):
        right = one.get("行政村代码")
        others = codes[(codes.astype("U6") == right[:6]) & (codes != right)]
        if len(others):
            other = str(others[desk.rng.integers(len(others))])
            desk.spoil_cell(one, kind, DISAGREEMENT, "行政村代码", other)


def _paid_after_death(desk: Desk, kind: str, count: int) -> None:
    """Leave out that assistance stops, of persons whose death the register knows."""
    world = desk.world
    table = world.assistance.recipients
    person, stop = table["person"].to_numpy(), table["stop_day"].to_numpy()
    known = np.flatnonzero((person < len(world.persons)) & (stop < world.calendar.end - 31))
    rows = known[world.persons.left_how[person[known]] == DIED]
    rows = rows[stop[rows] > world.persons.left_day[person[rows]]]
    for row in desk.rng.permutation(rows).tolist():
        month = int(world.calendar.month_of(stop[row : row + 1])[0])
        county = world.places.counties["code"].iloc[int(table["county"].iloc[row])]
        number = world.identity.person_numbers[int(person[row])].as_py()
        for path in desk.files_of("social_assistance", range(month, month + 1)):
            if f"_{county}_" in path:
                count -= _leave_stop_out(desk, path, number, kind)
        if count == 0:
            break


def _leave_stop_out(desk: Desk, path: str, number: str, kind: str) -> bool:
    file = desk.open(path)
    for row in file.sheets[0].rows if number not in desk.spared else ():
        one = Chosen(file, file.sheets[0], row)
        is_it = one.get(NUMBER) == number and one.get("变动类型") == _STOPPED
        if is_it and id(row) not in file.used:
            _leave_out(desk, one, kind)
            return True
    return False


def _visited_after_death(desk: Desk, kind: str, count: int) -> None:
    """Write follow-up visits of patients who had died a month and more before."""
    world = desk.world
    table = world.illness.chronic
    person = table["person"].to_numpy()
    day = world.persons.left_day[person] + 40
    is_dead = (world.persons.left_how[person] == DIED) & (day < world.calendar.end)
    rows = desk.rng.permutation(np.flatnonzero(is_dead)).tolist()
    for row in rows:
        month = int(world.calendar.month_of(day[row : row + 1])[0])
        paths = desk.files_of("follow_up_visits", range(month, month + 1))
        number = world.identity.person_numbers[int(person[row])].as_py()
        if not paths or number in desk.spared:
            continue
        if count == 0:
            break
        count -= 1
        file = desk.open(paths[0])
        name = world.identity.names.utf8[int(person[row])].as_py()
        disease = words.CHRONIC[int(table["disease"].iloc[row])]
        date = str(np.datetime64(int(day[row]), "D"))
        new = [name, number, disease, date, words.VISIT_MODES[0]]
        file.sheets[0].rows.append(new)
        desk.note(file, kind, DISAGREEMENT, row=new, value=date, right=number)


def _not_on_chronic_list(desk: Desk, kind: str, count: int) -> None:
    """Leave patients off the health department's list whose chronic visits the insurance pays."""
    paid = _paid_chronic(desk)

    def is_paid(one: Chosen) -> bool:
        is_existing = one.get("变动类型") == words.CHRONIC_CHANGES[0]
        return is_existing and (one.get(NUMBER), one.get("病种")) in paid

    for one in desk.pick("chronic_patients", count, _is_registered(desk, is_paid), range(1)):
        _leave_out(desk, one, kind, value=one.get("病种"))


def _untreated_past_plan(desk: Desk, kind: str, count: int) -> None:
    """Move the day by which a plan has a person treated, who never is, into the past."""
    months = range(len(desk.world.calendar.months) - 2)
    untreated = _untreated(desk)

    def suits(one: Chosen) -> bool:
        is_planned = one.get("救治日期") == "" and one.get("计划救治日期") != ""
        return is_planned and one.get(NUMBER) in untreated

    for one in desk.pick("major_disease_cases", count, suits, months):
        day = np.datetime64(one.get("变动日期"), "D") + int(desk.rng.integers(5, 30))
        desk.spoil_cell(one, kind, DISAGREEMENT, "计划救治日期", str(day))


KINDS: dict[str, Callable[[Desk, str, int], None]] = {
    "missing_in_insurance": _missing_in_insurance,
    "not_insured": _not_insured,
    "insurance_status_differs": _status_differs,
    "not_on_register": _not_on_register,
    "household_differs": _household_differs,
    "village_differs": _village_differs,
    "paid_after_death": _paid_after_death,
    "visited_after_death": _visited_after_death,
    "not_on_chronic_list": _not_on_chronic_list,
    "untreated_past_plan": _untreated_past_plan,
}


def _leave_out(desk: Desk, one: Chosen, kind: str, value: object = None) -> None:
    """Remove a row; a row that is not there has no number."""
    number = one.get(NUMBER)
    one.sheet.rows[:] = [row for row in one.sheet.rows if row is not one.row]
    desk.note(
        one.file, kind, DISAGREEMENT, sheet=one.sheet.name, value=value, right=number
    )  # fmt: skip


def _is_registered(
    desk: Desk, suits: Callable[[Chosen], bool] = lambda one: True
) -> Callable[[Chosen], bool]:
    return lambda one: one.get(NUMBER) in desk.on_register and one.get(NAME) != "" and suits(one)


def _staying(desk: Desk) -> set[str]:
    """Numbers of the persons who stay on the register to the end."""
    persons = desk.world.persons
    removed = desk.world.households.removed_day[persons.household]
    stays = (persons.left_day >= NEVER) & (removed >= NEVER)
    return {number for number, place in desk.on_register.items() if stays[place]}


def _paid_chronic(desk: Desk) -> set[tuple[str, str]]:
    """Numbers and diseases of whom the insurance pays chronic visits to the end of the run."""
    world = desk.world
    visits = world.visits
    late = visits.settled_day >= world.calendar.end - 200
    rows = np.flatnonzero((visits.kind == CHRONIC_OUTPATIENT) & late)
    rows = rows[world.delivered[rows] < len(world.calendar.months)]
    pairs = np.unique(np.c_[visits.person[rows], visits.chronic[rows]], axis=0)
    staying, numbers = _staying(desk), world.identity.person_numbers
    named = ((numbers[int(p)].as_py(), words.CHRONIC[int(d)]) for p, d in pairs)
    return {pair for pair in named if pair[0] in staying}


def _untreated(desk: Desk) -> set[str]:
    """Numbers of the persons on the register who have a major disease never treated."""
    cases = desk.world.illness.major
    persons = cases.loc[cases["treated_day"] >= desk.world.calendar.end, "person"]
    numbers, staying = desk.world.identity.person_numbers, _staying(desk)
    return {number for p in persons if (number := numbers[int(p)].as_py()) in staying}
