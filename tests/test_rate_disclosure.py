"""Rates withheld with the small counts they are made of: by hand, and against subtraction."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from healthmon.show.rate_disclosure import withhold_rates


def withhold(frame: pd.DataFrame, **groups: object) -> pd.DataFrame:
    return withhold_rates(frame, 10, **groups)


def places(*rows: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["numerator", "denominator", "undetermined"])


def shown(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Withhold places beside two of which everything is small, so that none stands alone."""
    count = len(rows)
    frame = places(*rows, *[(2, 6, 2)] * 2 * count).assign(group=[*range(count)] * 3)
    return withhold(frame, by="group").head(count)


@pytest.mark.parametrize(
    ("place", "rate", "left"),
    [
        ((400, 500, 0), "80.0%", "100"),
        ((400, 500, 50), "80.0–90.0%", "50"),
        ((3, 500, 0), "<2.0%", "*"),  # 10 of 500
        ((495, 500, 0), ">98.0%", "<10"),  # 490 of 500
        ((0, 500, 0), "0.0%", "500"),
        ((500, 500, 0), "100.0%", "0"),
        ((9999, 10009, 0), "99.9%", "10"),  # 99.90, and never 100 where some are left
        ((199999, 200019, 0), "99.9%", "20"),
        ((20, 200020, 0), "0.1%", "200,000"),
        ((3, 500, 40), "<10.0%", "*"),  # fewer than 10 and 40 of 500
        ((455, 500, 40), ">90.0%", "<10"),  # more than 500 - 40 - 10 of 500
        ((300, 500, 5), "59.0–61.0%", "195"),  # 195 are left, and 1 to 9 open
        ((9, 18, 0), "*", "<10"),  # 18 would be 9 and 9
        ((3, 4, 0), "*", "<10"),
        ((0, 0, 0), "—", "0"),
    ],
)
def test_a_rate_tells_no_more_than_under_ten(place, rate, left):
    row = shown(place).iloc[0]
    assert (row["rate_shown"], row["left_shown"]) == (rate, left)


def test_a_rate_withheld_alone_takes_another_one_with_it():
    gated = withhold(places((495, 500, 0), (400, 600, 0), (590, 610, 0)))
    assert gated["left_shown"].tolist() == ["<10", "200", "*"]
    assert gated["rate_shown"].tolist() == [">98.0%", "66.7%", "*"]
    assert gated["is_open"].tolist() == [False, True, False]
    assert gated["known_highest"].tolist() == [pytest.approx(499 / 500), pytest.approx(2 / 3), 1]


def test_a_small_place_hides_the_size_of_the_next_one():
    gated = withhold(places((3, 4, 0), (30, 60, 0), (300, 600, 0)))
    assert gated["denominator_shown"].tolist() == ["<10", "*", "600"]
    assert gated["rate_shown"].tolist() == ["*", "*", "50.0%"]


def test_each_group_is_withheld_by_itself():
    frame = pd.concat([places((495, 500, 0), (400, 600, 0)).assign(group=g) for g in "ab"])
    frame = frame.reset_index(drop=True)
    frame.loc[2:, "numerator"] = 300
    gated = withhold(frame, by="group")
    assert gated["is_open"].tolist() == [False, False, True, True]


def test_parts_of_a_whole_hide_each_other_as_places_do():
    frame = places((31, 62, 0), (12, 36, 0), (5, 40, 0)).assign(part=list("abc"), code="x")
    other = places((30, 60, 0), (20, 60, 0), (30, 60, 0)).assign(part=list("abc"), code="y")
    frame = pd.concat([frame, other], ignore_index=True)
    alone = withhold(frame, by="part")
    assert alone["is_open"].tolist() == [True, True, False, True, True, False]
    both = withhold(frame, by="part", across=["code"])
    # c of y hides c of x; b hides c in each of the two places
    assert both["is_open"].tolist() == [True, False, False, True, False, False]


def test_a_negative_part_of_a_rate_is_refused():
    with pytest.raises(ValueError, match="negative"):
        withhold(places((8, 10, 3)))


counts_of_a_place = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 15))


def compatible(row: pd.Series, threshold: int = 10) -> np.ndarray:
    """List all counts that a reader of one row holds possible: done, left, undetermined."""

    def values(text: str, most: int = 40) -> range:
        if text == "*":
            return range(most + 1)
        return range(1, threshold) if text.startswith("<") else range(int(text), int(text) + 1)

    names = ("numerator_shown", "left_shown", "undetermined_shown")
    grid = np.meshgrid(*(values(row[name]) for name in names), indexing="ij")
    parts = np.stack([axis.ravel() for axis in grid], axis=1)
    return parts[np.isin(parts.sum(axis=1), values(row["denominator_shown"], 95))]


@example([(0, 1, 10)])  # one determined: without the 10 it is not known to be the one left
@example([(5, 0, 10), (20, 20, 12)])
@example([(9, 9, 0)])
@example([(0, 0, 1), (5, 40, 15)])  # 60 in all
@settings(deadline=None, max_examples=60)
@given(st.lists(counts_of_a_place, min_size=1, max_size=5))
def test_no_small_part_is_known_and_the_bounds_hold(counts):
    rows = [(done, done + left + unknown, unknown) for done, left, unknown in counts]
    gated = withhold(places(*rows))
    for (done, left, unknown), (_, row) in zip(counts, gated.iterrows(), strict=True):
        total = done + left + unknown
        possible = compatible(row)
        assert (possible == (done, left, unknown)).all(axis=1).any()
        for part, count in enumerate((done, left, unknown)):
            others = np.unique(possible[:, part])
            assert not 0 < count < 10 or len(others) > 1 or total == 1
        if total:
            assert row["known_lowest"] <= done / total + 1e-12
            assert row["known_highest"] >= (done + unknown) / total - 1e-12
    masked = (~gated["is_open"] & (gated["denominator"] > 0)).sum()
    assert masked != 1 or (gated["denominator"] > 0).sum() == 1
