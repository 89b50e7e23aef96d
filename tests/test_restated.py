"""What later deliveries changed, by hand."""

import pandas as pd

from healthmon.indicators.restated import compare_reports

COLUMNS = ["indicator", "part", "month", "level", "code", "numerator", "denominator",
           "undetermined"]  # fmt: skip


def report(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def test_only_what_changed_in_months_of_both_reports() -> None:
    before = report(
        ("a", "", "2022-04", "province", "630000", 5, 9, 0),
        ("a", "", "2022-04", "county", "630102", 2, 3, 0),
        ("a", "", "2022-04", "county", "630103", 3, 6, 0),
        ("b", "", "2022-04", "province", "630000", 1, 1, 0),
        ("a", "", "2021-05", "province", "630000", 4, 9, 0),
    )
    now = report(
        ("a", "", "2022-04", "province", "630000", 5, 10, 0),
        ("a", "", "2022-04", "county", "630102", 3, 3, 0),
        ("a", "", "2022-04", "county", "630103", 2, 7, 0),
        ("a", "x", "2022-04", "county", "630103", 9, 9, 0),
        ("b", "", "2022-04", "province", "630000", 1, 1, 0),
        ("a", "", "2022-05", "province", "630000", 6, 9, 0),
    )
    found = compare_reports(now, before)
    assert found.to_dict("records") == [
        {
            "indicator": "a", "month": "2022-04", "numerator_now": 5, "denominator_now": 10,
            "undetermined_now": 0, "numerator_before": 5, "denominator_before": 9,
            "undetermined_before": 0, "county_count": 2,
        }
    ]  # fmt: skip


def test_counties_that_cancel_out_are_told() -> None:
    before = report(
        ("a", "", "2022-04", "province", "630000", 5, 9, 0),
        ("a", "", "2022-04", "county", "630102", 2, 3, 0),
        ("a", "", "2022-04", "county", "630103", 3, 6, 0),
    )
    now = before.assign(numerator=[5, 3, 2])
    assert compare_reports(now, before)["county_count"].tolist() == [2]


def test_nothing_changed() -> None:
    same = report(("a", "", "2022-04", "province", "630000", 5, 9, 0))
    assert compare_reports(same, same).empty
