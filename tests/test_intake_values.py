"""Text as departments write it, and the value it stands for."""

import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.exports import Column
from healthmon.intake.faults import BadValue
from healthmon.intake.identity import DEMONSTRATION_KEY, Pseudonyms
from healthmon.intake.values import convert
from healthmon.intake.words import load_words
from healthmon.project import open_project

WORDS = load_words(open_project().params)

TYPES = {
    "count": {},
    "money": {},
    "income": {"type": "money", "minimum": None},
    "percent": {},
    "date": {},
    "year": {},
    "boolean": {},
    "text": {},
    "county": {"type": "code", "digits": 6},
    "county anywhere": {"type": "code", "digits": 6, "beyond_province": True},
    "township": {"type": "code", "digits": 9},
    "village": {"type": "code", "digits": 12},
    "sex": {"type": "category", "values": {"男": "male", "女": "female"}},
    "household_number": {},
}


def parse(kind: str, text: str):
    """Convert one text the way a whole column is converted."""
    column = Column.model_validate({"header": "x", "label": "x", "type": kind} | TYPES[kind])
    result = convert(column, pa.array([text]), Pseudonyms(DEMONSTRATION_KEY, simulated=True), WORDS)
    if result.bad:
        shown, problem = result.bad[0]
        assert shown == text
        raise problem
    return result.values[0].as_py()


GOOD = [
    ("count", "12", 12),
    ("count", " 12 ", 12),
    ("count", "１２", 12),
    ("count", "0", 0),
    ("count", "12.0", 12),
    ("count", "1,200", 1200),
    ("money", "123.45", 12345),
    ("money", "0.07", 7),
    ("money", "0.29", 29),
    ("money", "12", 1200),
    ("money", "12.5", 1250),
    ("money", "1,234,567.89", 123456789),
    ("money", "１２．３４", 1234),
    ("money", "9007199254740993.00", 900719925474099300),
    ("income", "-35.10", -3510),
    ("percent", "85.3%", 8530),
    ("percent", "85.3", 8530),
    ("percent", "85.3％", 8530),
    ("percent", "0.57", 5700),
    ("percent", "0.57%", 57),
    ("percent", "1%", 100),
    ("percent", "1.01", 101),
    ("percent", "0", 0),
    ("percent", "100", 10000),
    ("percent", "89.999", 8999),
    ("percent", "0.8999999", 8999),
    ("date", "2021-03-05", datetime.date(2021, 3, 5)),
    ("date", "2021/3/5", datetime.date(2021, 3, 5)),
    ("date", "20210305", datetime.date(2021, 3, 5)),
    ("date", "2020-02-29", datetime.date(2020, 2, 29)),
    ("date", "2021-03-05 00:00:00", datetime.date(2021, 3, 5)),
    ("year", "2021", 2021),
    ("boolean", "是", True),
    ("boolean", " 否", False),
    ("text", " Ｆ１０ ", "F10"),
    ("text", "西宁（东）", "西宁（东）"),
    ("county", "630121", "630121"),
    ("county anywhere", "620102", "620102"),
    ("township", "630121100", "630121100"),
    ("village", "630121100208", "630121100208"),
    ("sex", " 男", "male"),
]
BAD = [
    ("count", "三", "is not a whole number"),
    ("count", "1.5", "is not a whole number"),
    ("count", "1,20", "is not a whole number"),
    ("count", "-1", "is below 0"),
    ("money", "12.345", "has more than two decimals"),
    ("money", "1,234,56.00", "is not an amount in yuan"),
    ("money", "1e3", "is not an amount in yuan"),
    ("money", "12元", "is not an amount in yuan"),
    ("money", "-0.01", "is below 0"),
    ("percent", "1", "may be 1 % or 100 %"),
    ("percent", "1.0", "may be 1 % or 100 %"),
    ("percent", "100.1", "is not between 0 and 100 %"),
    ("percent", "-1", "is not between 0 and 100 %"),
    ("percent", "八成", "is not a percentage"),
    ("date", "2021-02-29", "is not a date"),
    ("date", "2021-13-01", "is not a date"),
    ("date", "2021-03", "is not a date"),
    ("date", "21-03-05", "is not a date"),
    ("date", "2021-03/05", "is not a date"),
    ("date", "2021-03-05 08:00:00", "is not a date"),
    ("date", "44260", "is not a date"),
    ("year", "21", "is not a year"),
    ("boolean", "有", "is neither 是 nor 否"),
    ("boolean", "1", "is neither 是 nor 否"),
    ("county", "6301210", "is not a code of 6 digits"),
    ("county", "639999", "is no known division"),
    ("county", "620102", "is no known division"),
    ("county anywhere", "639999", "is no known division"),
    ("county anywhere", "990102", "is no known division"),
    ("township", "630121999", "is no known division"),
    ("village", "630121100999", "is no known division"),
    ("village", "63012110020", "is not a code of 12 digits"),
    ("sex", "南", "is none of: 男, 女"),
    ("household_number", "户 1", "is not 1 to 32 digits, letters or hyphens"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD, ids=[f"{k} {t!r}" for k, t, _ in GOOD])
def test_a_good_value_is_read(kind: str, text: str, value: object) -> None:
    assert parse(kind, text) == value


@pytest.mark.parametrize(("kind", "text", "reason"), BAD, ids=[f"{k} {t!r}" for k, t, _ in BAD])
def test_a_bad_value_is_named(kind: str, text: str, reason: str) -> None:
    with pytest.raises(BadValue) as raised:
        parse(kind, text)
    assert str(raised.value) == reason


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("text", ["", "  ", "　"])
def test_nothing_is_missing(kind: str, text: str) -> None:
    assert parse(kind, text) is None


@given(st.integers(0, 10**14), st.sampled_from(["{y}.{f:02d}", " {y}.{f:02d}", "{y:,}.{f:02d}"]))
def test_money_is_exact_however_it_is_written(fen: int, form: str) -> None:
    assert parse("money", form.format(y=fen // 100, f=fen % 100)) == fen


@given(st.integers(0, 10000).filter(lambda bp: not 0 < bp <= 100))
def test_a_rate_with_two_decimals_is_exact(bp: int) -> None:
    assert parse("percent", f"{bp // 100}.{bp % 100:02d}") == bp


def test_each_row_with_a_repeated_bad_value_is_found() -> None:
    column = Column(header="x", label="x", type="count")
    texts = pa.array(["1", "三", "2", "三", ""])
    result = convert(column, texts, Pseudonyms(DEMONSTRATION_KEY, simulated=True), WORDS)
    assert sorted(result.bad) == [1, 3]
    assert result.values.to_pylist() == [1, None, 2, None, None]
