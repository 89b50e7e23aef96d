"""Who is under supervision since when, followed by hand over four months."""

import pandas as pd
import pytest

from healthmon.supervision import follow_states

MONTHS = ("2020-05", "2020-06", "2020-07", "2020-08")


def followed(*states: str) -> list[dict]:
    """Follow one township through months of listed, clear or undetermined."""
    frames = {
        month: pd.DataFrame(
            [{"kind": "township", "code": "630121100", "county_code": "630121",
              "prefecture_code": "630100", "state": state, "why": f"T1 in {month}"}]
        )
        for month, state in zip(MONTHS, states, strict=False)
    }  # fmt: skip
    return follow_states(frames).to_dict("records")


CASES = {
    "listed from the first month on": (("listed",), ("2020-05", 1, "new", True)),
    "listed and stays": (("listed", "listed"), ("2020-05", 2, "stays", True)),
    "listed, then solved": (("listed", "clear"), ("2020-05", 1, "left", True)),
    "solved, then listed again: counted anew": (
        ("listed", "clear", "listed"), ("2020-07", 1, "new", True)),
    "nothing known keeps it listed": (
        ("listed", "undetermined"), ("2020-05", 2, "stays", False)),
    "known again after a month without input": (
        ("listed", "undetermined", "listed"), ("2020-05", 3, "stays", True)),
}  # fmt: skip


@pytest.mark.parametrize(("states", "expected"), CASES.values(), ids=CASES.keys())
def test_a_unit_is_followed(states: tuple[str, ...], expected: tuple) -> None:
    (row,) = followed(*states)
    got = tuple(row[name] for name in ("since", "month_count", "change", "is_determined"))
    assert got == expected


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(("clear",), id="clear"),
        pytest.param(("undetermined",), id="nothing known does not list"),
        pytest.param(("clear", "undetermined"), id="clear, then nothing known"),
        pytest.param(("listed", "clear", "clear"), id="left two months ago"),
    ],
)
def test_a_unit_is_not_on_the_list(states: tuple[str, ...]) -> None:
    assert followed(*states) == []


def test_reasons_are_those_of_the_last_month_that_was_determined() -> None:
    (row,) = followed("listed", "listed", "undetermined")
    assert row["why"] == "T1 in 2020-06"


def test_what_is_no_longer_monitored_has_left_without_a_judgement() -> None:
    rows = [{"kind": "village", "code": code, "county_code": "630121",
             "prefecture_code": "630100", "state": "listed", "why": "V0"}
            for code in ("630121100201", "630121100202")]  # fmt: skip
    followed = follow_states({"2020-05": pd.DataFrame(rows), "2020-06": pd.DataFrame(rows[:1])})
    found = followed.set_index("code")[["change", "is_determined"]].to_dict("index")
    assert found["630121100202"] == {"change": "left", "is_determined": False}
    assert found["630121100201"]["change"] == "stays"


def test_what_was_listed_in_the_first_month_may_have_begun_earlier() -> None:
    assert followed("listed", "listed")[0]["is_from_start"]
    assert not followed("clear", "listed")[0]["is_from_start"]


def test_the_reasons_of_the_month_before_stand_beside() -> None:
    (row,) = followed("listed", "listed")
    assert (row["why_before"], row["why"]) == ("T1 in 2020-05", "T1 in 2020-06")
