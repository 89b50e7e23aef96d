"""What is not as the documents ask, in the finished world: planted or come about by itself.

Read from the world's own arrays. Errors planted in files later are not counted in.
"""

import numpy as np
import pandas as pd

from healthmon.simulate import words
from healthmon.simulate.caps import WHOLE_BP, protected, stay_caps
from healthmon.simulate.care import is_poor
from healthmon.simulate.case_files import case_words
from healthmon.simulate.health_tables import settlement_numbers
from healthmon.simulate.monitored import WEEK
from healthmon.simulate.months import NEVER, same_day_next_month
from healthmon.simulate.referrals import WINDOW, stays_outside
from healthmon.simulate.teams import LIMIT, team_codes
from healthmon.simulate.telephone_checks import NO_ANSWER, VALID
from healthmon.simulate.world import World

_TEXTS = ("person_no", "household_no", "disease", "settlement_no", "team_code")
COLUMNS = ("kind", "month", *_TEXTS, "day", "amount_fen")


def list_breaches(world: World) -> pd.DataFrame:
    """List every breach that the exports of all months hold.

    Returns
    -------
    DataFrame
        ``kind``; ``month`` and ``day`` of the event; ``person_no``, ``household_no``, ``disease``,
        ``settlement_no``, ``team_code`` as written in the files and ``amount_fen``, null where a
        kind does not speak of them. Kinds, with the day of the event:

        over_cap
            stays of persons whom KF-3 protects, above the cap; day settled, amount over it
        unreferred
            stays outside the county without a referral in the 30 days before; day settled
        late_verification, late_measures
            listings verified or helped too late, or still open past the day (unless the household
            left the register before it); day listed
        untreated, no_plan
            cases of listed diseases, of persons on the register at the end; day verified
        team_over_150
            teams with more poor persons under contract and on the register at the end; the last day
        unclassed, no_action
            persons in the ledger at the end without a class, or classed and without the class's
            own action; day entered
        unvisited
            patients on the list before the last full quarter and at the end, without a visit in
            it; its last day
        bad_telephone
            calls to an unassigned, suspended or other household's number; day called
    """
    makers = (_stays, _late, _untreated, _teams, _ledger, _unvisited, _bad_telephone)
    return pd.concat([part for make in makers for part in make(world)], ignore_index=True)


def _part(kind: str, day: np.ndarray, **columns: object) -> pd.DataFrame:
    days = np.asarray(day).astype("datetime64[D]")
    frame = pd.DataFrame({"kind": kind, "month": days.astype("datetime64[M]").astype("U7")})
    for name in _TEXTS:
        frame[name] = pd.Series(columns.get(name), index=frame.index, dtype="str")
    frame["day"] = days.astype("datetime64[s]")
    frame["amount_fen"] = pd.Series(columns.get("amount_fen"), index=frame.index, dtype="Int64")
    return frame


def _persons(world: World, person: np.ndarray) -> np.ndarray:
    return world.identity.person_numbers.take(person).to_numpy(zero_copy_only=False)


def _households(world: World, household: np.ndarray) -> np.ndarray:
    return world.identity.household_numbers.take(household).to_numpy(zero_copy_only=False)


def _is_present(world: World) -> np.ndarray:
    """Say who is on the register on the last day."""
    persons, end = world.persons, world.calendar.end
    return (persons.joined_day < end) & (persons.left_day >= end)


def _stays(world: World) -> list[pd.DataFrame]:
    """List the stays that cost too much out of scope, and those that nobody referred."""
    visits = world.visits
    numbers = settlement_numbers(world.places, world.households, world.persons, visits)
    is_delivered = world.delivered < len(world.calendar.months)
    over, excess = _over_cap(world)
    parts = []
    for kind, rows, fen in (
        ("over_cap", over, excess),
        ("unreferred", _unreferred(world), None),
    ):
        came = is_delivered[rows]
        kept = rows[came]
        part = _part(
            kind, visits.settled_day[kept], person_no=_persons(world, visits.person[kept]),
            settlement_no=numbers[kept].astype(str), amount_fen=None if fen is None else fen[came],
        )  # fmt: skip
        parts.append(part)
    return parts


def _over_cap(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Find the stays above the cap, and by how much in fen."""
    visits, money = world.visits, world.money
    cap = stay_caps(world.settings, visits)
    is_over = (cap >= 0) & (money.out_of_scope * WHOLE_BP > money.total * cap)
    rows = np.flatnonzero(is_over)
    people = (world.households, world.persons, world.assistance)
    rows = rows[protected(*people, visits, rows)]
    return rows, money.out_of_scope[rows] - money.total[rows] * cap[rows] // WHOLE_BP


def _unreferred(world: World) -> np.ndarray:
    visits, table = world.visits, world.services.referrals
    rows = stays_outside(world.places, world.facilities, world.households, world.persons, visits)
    known = np.sort(table["person"].to_numpy() * NEVER + table["day"].to_numpy())
    known = np.r_[-NEVER, known]
    wanted = visits.person[rows].astype(np.int64) * NEVER + visits.visit_day[rows]
    latest = known[np.searchsorted(known, wanted, side="right") - 1]
    return rows[wanted - latest > WINDOW]


def _late(world: World) -> list[pd.DataFrame]:
    table = world.services.monitored
    household, listed = table["household"].to_numpy(), table["listed_day"].to_numpy()
    end = np.minimum(world.calendar.end - 1, world.households.removed_day[household])
    parts = []
    for kind, name, due in (
        ("late_verification", "verified_day", listed + WEEK),
        ("late_measures", "measures_day", same_day_next_month(listed)),
    ):
        done = table[name].to_numpy()
        is_late = np.where(done < world.calendar.end, done > due, end > due)
        numbers = _households(world, household[is_late])
        parts.append(_part(kind, listed[is_late], household_no=numbers))
    return parts


def _untreated(world: World) -> list[pd.DataFrame]:
    cases = world.illness.major
    cases = cases[_is_present(world)[cases["person"]] & cases["is_on_a_list"]]
    names = np.array(case_words(world.settings))
    return [
        _part(
            kind, rows["verified_day"], person_no=_persons(world, rows["person"].to_numpy()),
            disease=names[rows["word"]],
        )
        for kind, rows in (
            ("untreated", cases[cases["treated_day"] >= world.calendar.end]),
            ("no_plan", cases[~cases["has_plan"]]),
        )
    ]  # fmt: skip


def _teams(world: World) -> list[pd.DataFrame]:
    care = world.care
    is_served = _is_present(world) & is_poor(world.households, world.persons)
    person = np.flatnonzero(is_served & (care.signed_day < world.calendar.end))
    codes, place = team_codes(world.facilities, care.hospital[person], care.team[person])
    over = np.flatnonzero(np.bincount(place, minlength=len(codes)) > LIMIT)
    last = np.full(len(over), world.calendar.end - 1)
    return [_part("team_over_150", last, team_code=codes.take(over).to_numpy(False))]


def _ledger(world: World) -> list[pd.DataFrame]:
    ledger, end = world.services.unsigned, world.calendar.end
    ledger = ledger[_is_present(world)[ledger["person"]] & (ledger["removed_day"] >= end)]
    is_done = ledger["acted_day"] < end
    is_classed = is_done | (ledger["first_class"] >= 0)
    is_own = is_done & (ledger["action"] == ledger["class"])
    return [
        _part(kind, rows["listed_day"], person_no=_persons(world, rows["person"].to_numpy()))
        for kind, rows in (
            ("unclassed", ledger[~is_classed]), ("no_action", ledger[is_classed & ~is_own]),
        )
    ]  # fmt: skip


def _unvisited(world: World) -> list[pd.DataFrame]:
    table, calendar = world.illness.chronic, world.calendar
    ends = np.datetime64(calendar.end, "D").astype("datetime64[M]").astype(int) // 3 * 3
    first, after = (
        int(np.datetime64(int(month), "M").astype("datetime64[D]").astype(int))
        for month in (ends - 3, ends)
    )
    if first < calendar.start:
        return []
    visits = world.care.visits
    is_inside = (visits["visit_day"] >= first) & (visits["visit_day"] < after)
    is_visited = np.zeros(len(table), bool)
    is_visited[visits.loc[is_inside, "patient"]] = True
    person = table["person"].to_numpy()
    known = np.maximum(table["known_day"].to_numpy(), world.persons.joined_day[person])
    is_listed = (known < first) & (table["removed_day"].to_numpy() >= calendar.end)
    rows = np.flatnonzero(is_listed & _is_present(world)[person] & ~is_visited)
    diseases = np.array(words.CHRONIC)[table["disease"].to_numpy()[rows]]
    part = _part(
        "unvisited", np.full(len(rows), after - 1), person_no=_persons(world, person[rows]),
        disease=diseases,
    )  # fmt: skip
    return [part]


def _bad_telephone(world: World) -> list[pd.DataFrame]:
    checks = world.services.checks
    checks = checks[(checks["result"] > VALID) & (checks["result"] < NO_ANSWER)]
    person, care = checks["person"].to_numpy(), world.care
    codes, place = team_codes(world.facilities, care.hospital[person], care.team[person])
    part = _part(
        "bad_telephone", checks["day"].to_numpy(),
        household_no=_households(world, checks["household"].to_numpy()),
        team_code=codes.take(place).to_numpy(False),
    )  # fmt: skip
    return [part]
