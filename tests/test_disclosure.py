"""Small counts of persons and households: withheld, not recoverable, and never charted."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.show.disclosure import (
    require_withheld,
    show_count,
    withhold_counts,
    withhold_parts,
)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (1, "<10"), (9, "<10"), (10, "10"), (12345, "12,345"), (None, "—"), (pd.NA, "—")],
)
def test_one_to_nine_are_shown_as_under_ten(count, shown):
    assert show_count(count) == shown


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-1"):
        show_count(-1)
    with pytest.raises(ValueError, match="household_count"):
        withhold_counts(pd.DataFrame({"household_count": [-1]}), ["household_count"])


def counties(*counts, prefecture="a"):
    return pd.DataFrame({"prefecture_code": prefecture, "household_count": counts})


def test_a_single_withheld_county_takes_the_next_smallest_with_it():
    gated = withhold_counts(counties(4, 300, 25, 0), ["household_count"], by="prefecture_code")
    assert gated["household_count_shown"].tolist() == ["<10", "300", "*", "0"]
    assert gated["household_count"].isna().tolist() == [True, False, True, False]


def test_two_withheld_counties_hide_each_other():
    gated = withhold_counts(counties(4, 300, 8), ["household_count"], by="prefecture_code")
    assert gated["household_count_shown"].tolist() == ["<10", "300", "<10"]


def test_nothing_is_withheld_where_nothing_is_small():
    gated = withhold_counts(counties(10, 0, 11), ["household_count"], by="prefecture_code")
    assert gated["household_count_shown"].tolist() == ["10", "0", "11"]


def test_each_prefecture_is_its_own_group():
    frame = pd.concat([counties(4, 50), counties(60, 70, prefecture="b")], ignore_index=True)
    gated = withhold_counts(frame, ["household_count"], by="prefecture_code")
    assert gated["household_count_shown"].tolist() == ["<10", "*", "60", "70"]


def test_a_rate_goes_with_its_numerator_and_its_denominator():
    frame = pd.DataFrame(
        {
            "flagged_household_count": [3, 20, 30, 40],
            "household_count": [100, 100, 100, 8],
            "rate_pct": [3.0, 20.0, 30.0, 500.0],
        }
    )
    parts = ("flagged_household_count", "household_count")
    gated = withhold_counts(frame, parts, rates={"rate_pct": parts})
    # 20 hides the 3, the first 100 hides the 8
    assert gated["rate_pct"].isna().tolist() == [True, True, False, True]


def test_a_missing_count_is_not_called_withheld():
    frame = pd.DataFrame({"household_count": pd.array([None, 20], "Int64"), "rate_pct": [1.0, 2.0]})
    gated = withhold_counts(frame, ["household_count"], rates={"rate_pct": "household_count"})
    assert gated["household_count_shown"].tolist() == ["—", "20"]
    assert gated["rate_pct"].tolist() == [1.0, 2.0]


def test_another_threshold_is_followed():
    gated = withhold_counts(counties(10, 14, 15, 30), ["household_count"], threshold=15)
    assert gated["household_count_shown"].tolist() == ["<15", "<15", "15", "30"]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_no_small_count_can_be_subtracted_from_the_total(counts):
    gated = withhold_counts(counties(*counts), ["household_count"])["household_count"]
    hidden = [count for count, value in zip(counts, gated, strict=True) if pd.isna(value)]
    assert all(count >= 10 or count == 0 for count in gated.dropna())
    positive = [count for count in counts if count > 0]
    # alone only where there is nothing else to hide it behind: the total is then small itself
    assert len(hidden) != 1 or len(positive) == 1


@given(st.lists(st.integers(0, 40), min_size=2, max_size=10), st.randoms())
def test_the_order_of_rows_changes_nothing_but_ties(counts, random):
    shuffled = random.sample(counts, len(counts))
    gated = [withhold_counts(counties(*rows), ["household_count"]) for rows in (counts, shuffled)]
    first, second = (sorted(frame["household_count"].dropna()) for frame in gated)
    assert first == second


@pytest.mark.parametrize("column", ["household_count", "rule_household_count", "person_count"])
def test_a_frame_with_a_small_count_of_people_may_not_be_shown(column):
    with pytest.raises(ValueError, match=column):
        require_withheld(pd.DataFrame({column: [100, 9]}))
    require_withheld(pd.DataFrame({column: [100, 0, 10]}))


def test_a_frame_is_held_to_the_threshold_it_was_withheld_with():
    gated = withhold_counts(counties(6, 3, 4), ["household_count"], threshold=5)
    assert require_withheld(gated.head(1))["household_count"].item() == 6
    stricter = withhold_counts(counties(30, 12, 14), ["household_count"], threshold=20)
    with pytest.raises(ValueError, match="under 20"):
        require_withheld(stricter.fillna(12))


def test_facilities_and_villages_are_not_people():
    facilities = pd.DataFrame({"village_count": [3], "township_fail_count": [1]})
    assert require_withheld(facilities).equals(facilities)


def parts(rows: list, prefecture: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["yes_count", "no_count", "open_count"])
    return frame.assign(all_count=frame.sum(axis=1), prefecture_code=prefecture)


def shown(frame: pd.DataFrame) -> list[list[str]]:
    names = ["yes_count", "no_count", "open_count"]
    gated = withhold_parts(frame, "all_count", names, by="prefecture_code")
    return gated[[f"{name}_shown" for name in names]].to_numpy().tolist()


def test_a_small_part_takes_another_of_its_row_and_of_its_column_with_it():
    # 4 alone in its row and column: 20 beside it and 30 below it; then 60 is alone no longer
    assert shown(parts([(4, 20, 50), (30, 60, 70), (90, 91, 92)])) == [
        ["<10", "*", "50"], ["*", "*", "70"], ["90", "91", "92"],
    ]  # fmt: skip


def test_zeros_are_shown_and_a_small_total_hides_its_parts():
    assert shown(parts([(3, 0, 4), (2, 5, 0)])) == [["<10", "0", "<10"], ["<10", "<10", "0"]]


def test_parts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="all_count"):
        withhold_parts(parts([(1, 2, 3)]).assign(all_count=7), "all_count", ["yes_count"])


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 3), min_size=1, max_size=6))
def test_no_line_of_parts_has_one_cell_that_can_be_worked_out(rows: list):
    frame = parts(rows)
    names = ["yes_count", "no_count", "open_count"]
    gated = withhold_parts(frame, "all_count", names, by="prefecture_code")
    hidden = gated[names].isna()
    known = frame[names].where(~hidden)
    for lines, totals in ((hidden, gated["all_count"].notna()), (hidden.T, None)):
        for place, line in lines.iterrows():
            if line.sum() == 1 and (totals is None or totals[place]):
                rest = known.loc[place] if totals is not None else known[place]
                # everything else is 0: the total that is shown says it anyway
                assert rest.fillna(0).sum() == 0
