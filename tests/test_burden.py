"""Spending per member and the rule of QH-5, on hand-made households and two engines."""

from datetime import datetime

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.burden import (
    AMOUNTS,
    SpendingRule,
    flag_by_rule,
    household_year_burden,
    last_day,
    list_member_years,
    load_rule,
)
from healthmon.errors import ParameterError, UserError
from healthmon.project import open_project
from healthmon.tables import connection

PARAMS = open_project().params
RULE = load_rule(PARAMS)
END = datetime(2022, 6, 30)
ENGINES = {
    "pandas": nw.from_native,
    "duckdb": lambda frame: nw.from_native(
        connection().from_arrow(pa.Table.from_pandas(frame, preserve_index=False))
    ),
}


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


def make_members(*rows) -> pd.DataFrame:
    """Rows of person, household, joined, left."""
    frame = pd.DataFrame(rows, columns=["person_id", "household_id", "joined_date", "left_date"])
    for column in ("joined_date", "left_date"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.astype({"person_id": "Int64", "household_id": "Int64"})


def make_settlements(*rows) -> pd.DataFrame:
    """Rows of person, day, out of pocket and, optionally, out of scope in fen.

    Insurance pays three times what is left, in three unequal parts.
    """
    full = [(*row, 0)[:4] for row in rows]
    frame = pd.DataFrame(
        full, columns=["person_id", "settled_date", "out_of_pocket_fen", "out_of_scope_fen"]
    )
    frame["settled_date"] = pd.to_datetime(frame["settled_date"])
    own = frame["out_of_pocket_fen"]
    frame["basic_paid_fen"], frame["major_illness_paid_fen"] = own * 2, own - 100
    frame["assistance_paid_fen"], frame["total_fen"] = 100, own * 4
    numbers = [name for name in frame if name.endswith("_fen")]
    return frame.astype(dict.fromkeys(["person_id", *numbers], "Int64"))


def make_households(*ids, kind="lifted") -> pd.DataFrame:
    code = "632801100201"
    frame = pd.DataFrame({"household_id": ids, "household_kind": kind, "village_code": code})
    frame["township_code"], frame["county_code"] = code[:9], code[:6]
    return frame.assign(prefecture_code="632800").astype({"household_id": "Int64"})


def add_up(engine, settlements, members, households, years=(2019, 2020, 2021, 2022), end=END):
    frames = [engine(frame) for frame in (settlements, members, households)]
    burden = household_year_burden(*frames, years, end)
    burden = flag_by_rule(burden, RULE).sort("household_id", "year")
    frame = burden.collect("pandas").to_native()
    return frame.set_index(["household_id", "year"])


def test_a_household_s_year_by_hand(engine) -> None:
    """Two members: 1,000.00 + 500.00 in 2020, one visit of 20.00 in 2021."""
    members = make_members((1, 10, None, None), (2, 10, None, None))
    settlements = make_settlements(
        (1, "2020-01-01", 100_000, 7_000), (2, "2020-12-31", 50_000), (2, "2021-01-01", 2_000)
    )
    burden = add_up(engine, settlements, members, make_households(10))
    amounts = [list(burden.loc[(10, year), list(AMOUNTS)]) for year in (2019, 2020, 2021)]
    assert amounts == [[0, 0, 0, 0], [600_000, 450_000, 7_000, 150_000], [8_000, 6_000, 0, 2_000]]
    assert list(burden["member_count"]) == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("member_count", "oop_fen", "flagged"),
    [
        pytest.param(1, 156_000, False, id="one member at exactly 1,560.00"),
        pytest.param(1, 156_001, True, id="one member one fen above"),
        pytest.param(1, 155_999, False, id="one member one fen below"),
        pytest.param(3, 468_000, False, id="three members at exactly 1,560.00 each"),
        pytest.param(3, 468_001, True, id="three members a third of a fen above"),
        pytest.param(7, 1_091_999, False, id="seven members a seventh of a fen below"),
    ],
)
def test_1560_yuan_itself_is_not_above(engine, member_count, oop_fen, flagged) -> None:
    members = make_members(*((person, 10, None, None) for person in range(1, member_count + 1)))
    settlements = make_settlements((1, "2021-05-04", oop_fen))
    burden = add_up(engine, settlements, members, make_households(10))
    assert burden.loc[(10, 2021), "is_flagged_by_rule"] == flagged
    assert not burden.loc[(10, 2020), "is_flagged_by_rule"]


def test_each_year_stands_by_itself(engine) -> None:
    """Twice 1,500 yuan in a row is not 3,000 yuan in a year."""
    members = make_members((1, 10, None, None))
    settlements = make_settlements((1, "2019-12-31", 150_000), (1, "2020-01-01", 150_000))
    burden = add_up(engine, settlements, members, make_households(10))
    assert not burden["is_flagged_by_rule"].any()


def test_a_household_without_settlements_has_zero_and_is_there(engine) -> None:
    members = make_members((1, 10, None, None), (2, 20, None, None))
    burden = add_up(
        engine, make_settlements((1, "2020-03-01", 500)), members, make_households(10, 20)
    )
    assert len(burden) == 8
    assert burden.loc[(20, 2020), "oop_fen"] == 0
    assert not burden[list(AMOUNTS)].isna().any(axis=None)


@pytest.mark.parametrize(
    ("joined", "left", "years"),
    [
        pytest.param(None, None, [2019, 2020, 2021, 2022], id="there all the time"),
        pytest.param("2020-12-31", None, [2020, 2021, 2022], id="born on the year's last day"),
        pytest.param(None, "2020-01-01", [2019, 2020], id="died on New Year's Day"),
        pytest.param(None, "2019-12-31", [2019], id="died on New Year's Eve"),
        pytest.param("2022-06-30", None, [2022], id="born on the month's last day"),
        pytest.param("2022-07-01", None, [], id="born after the month"),
        pytest.param("2020-02-01", "2020-02-02", [2020], id="there for a day"),
    ],
)
def test_members_are_all_who_belonged_at_any_time_in_the_year(engine, joined, left, years) -> None:
    members = engine(make_members((1, 10, joined, left)))
    listed = list_member_years(members, (2019, 2020, 2021, 2022), END).collect("pandas")
    assert sorted(listed.to_native()["year"]) == years


def test_a_death_does_not_raise_spending_per_head(engine) -> None:
    members = make_members((1, 10, None, "2020-03-01"), (2, 10, None, None))
    settlements = make_settlements((1, "2020-03-20", 312_000))
    burden = add_up(engine, settlements, members, make_households(10))
    assert burden.loc[(10, 2020), "member_count"] == 2
    assert burden.loc[(10, 2020), "oop_fen"] == 312_000
    assert not burden.loc[(10, 2020), "is_flagged_by_rule"]
    assert burden.loc[(10, 2021), "member_count"] == 1


def test_spending_follows_a_person_from_one_household_to_the_next(engine) -> None:
    """Moved on 1 May 2020: both households count the person in 2020, each its own spending."""
    members = make_members(
        (1, 10, None, "2020-05-01"), (1, 20, "2020-05-01", None), (2, 20, None, None)
    )
    settlements = make_settlements(
        (1, "2019-08-01", 1_000),
        (1, "2020-04-30", 2_000),
        (1, "2020-05-01", 4_000),
        (1, "2021-01-05", 8_000),
    )
    burden = add_up(engine, settlements, members, make_households(10, 20))
    spent = burden["oop_fen"]
    assert spent.to_dict() == {
        (10, 2019): 1_000, (10, 2020): 2_000,
        (20, 2019): 0, (20, 2020): 4_000, (20, 2021): 8_000, (20, 2022): 0,
    }  # fmt: skip
    assert burden.loc[(20, 2020), "member_count"] == 2


def test_a_person_back_in_the_same_household_is_one_member(engine) -> None:
    members = make_members((1, 10, None, "2020-02-01"), (1, 10, "2020-11-01", None))
    settlements = make_settlements((1, "2020-01-05", 1_000), (1, "2020-12-05", 2_000))
    burden = add_up(engine, settlements, members, make_households(10))
    assert burden.loc[(10, 2020), "member_count"] == 1
    assert burden.loc[(10, 2020), "oop_fen"] == 3_000


def test_strangers_and_days_after_the_month_do_not_count(engine) -> None:
    members = make_members((1, 10, None, None))
    settlements = make_settlements(
        (1, "2022-06-30", 1_000), (1, "2022-07-01", 2_000), (99, "2022-01-01", 4_000)
    )
    burden = add_up(engine, settlements, members, make_households(10))
    assert burden["oop_fen"].sum() == 1_000


def test_sums_of_very_large_amounts_stay_exact(engine) -> None:
    """Above 2^53, where floats lose fen."""
    members = make_members((1, 10, None, None))
    settlements = make_settlements((1, "2021-02-01", 2**53), (1, "2021-03-01", 1))
    burden = add_up(engine, settlements, members, make_households(10))
    assert burden.loc[(10, 2021), "oop_fen"] == 2**53 + 1


def test_the_other_reading_leaves_out_what_is_outside_the_catalogue(engine) -> None:
    """2,000.00 out of pocket, of which 500.00 out of scope: 1,500.00 inside."""
    members = make_members((1, 10, None, None))
    frames = [make_settlements((1, "2021-02-01", 200_000, 50_000)), members, make_households(10)]
    burden = household_year_burden(*map(engine, frames), (2021,), END)
    inside = load_rule(PARAMS, ("inside_catalogue",))
    flags = [
        flag_by_rule(burden, rule).collect("pandas").to_native()["is_flagged_by_rule"].item()
        for rule in (RULE, inside)
    ]
    assert flags == [True, False]


ROWS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.dates(datetime(2019, 1, 1).date(), datetime(2022, 6, 30).date()),
        st.integers(100, 400_000),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_both_engines_agree_in_any_order_and_lose_nothing(rows, seed) -> None:
    members = make_members(*((person, 10 * (person % 3 + 1), None, None) for person in range(1, 7)))
    settlements, households = make_settlements(*rows), make_households(10, 20, 30)
    shuffled = settlements.sample(frac=1, random_state=seed)
    one = add_up(ENGINES["pandas"], settlements, members, households)
    other = add_up(ENGINES["duckdb"], shuffled, members.iloc[::-1], households)
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_index_type=False)
    assert one["oop_fen"].sum() == settlements["out_of_pocket_fen"].sum()
    assert (one["total_fen"] == one["reimbursed_fen"] + one["oop_fen"]).all()


def test_the_rule_is_the_one_in_the_document() -> None:
    text = "2019 或者 2020 年度家庭医疗费用自付支出人均超过 1560 元"
    assert text in RULE.source.quote
    assert RULE.threshold_fen == 156_000
    assert RULE.years("2020-05") == (2019, 2020)
    assert RULE.years("2022-06") == (2021, 2022)


def test_a_reading_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="no reading outside_catalogue"):
        load_rule(PARAMS, ("outside_catalogue",))


def test_a_rule_may_not_look_ahead() -> None:
    values = RULE.model_dump() | {"year_offsets": [0, 1]}
    with pytest.raises(ValueError, match="before it"):
        SpendingRule.model_validate(values)


def test_an_unknown_key_in_the_rule_names_its_line(tmp_path) -> None:
    folder = tmp_path / "standards" / "QH"
    folder.mkdir(parents=True)
    text = (PARAMS / "standards/QH/rule_1560.yml").read_text("utf-8")
    (folder / "rule_1560.yml").write_text(text + "treshold: 1600\n", "utf-8")
    last = text.count("\n") + 1
    with pytest.raises(ParameterError, match=f"line {last}: treshold"):
        load_rule(tmp_path)


@pytest.mark.parametrize(
    ("month", "day"), [("2020-02", (2020, 2, 29)), ("2021-12", (2021, 12, 31))]
)
def test_last_day(month, day) -> None:
    assert last_day(month) == datetime(*day)
