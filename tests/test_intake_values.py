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

from small_exports import identity

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
    "sex": {
        "type": "category",
        "values": {"男": "male", "女": "female"},
        "word_aliases": {"男性": "男"},
    },
    "capacity": {"type": "category", "values": {"普通": "ordinary", "无": "none"}},
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
AS_WRITTEN = [
    ("count", "１，２００人", 1200, {"full_width", "thousands_separator", "unit_word"}),
    ("count", "60种", 60, {"unit_word"}),
    ("count", "1.2万", 12000, {"ten_thousand"}),
    ("money", "12,345.60", 1234560, {"thousands_separator"}),
    ("money", "１２，３４５", 1234500, {"full_width", "thousands_separator"}),
    ("money", "12 345.60", 1234560, {"thousands_separator"}),
    ("money", "350元", 35000, {"unit_word"}),
    ("money", "¥350.00", 35000, {"unit_word"}),
    ("money", "1.2万元", 1200000, {"ten_thousand_yuan"}),
    ("money", "0.123456万元", 123456, {"ten_thousand_yuan"}),
    ("money", "3 千元", 300000, {"larger_unit"}),
    ("money", "12.3400", 1234, set()),
    ("percent", "85%", 8500, {"percent_sign"}),
    ("percent", "0.85", 8500, {"share_for_percent"}),
    ("percent", "百分之85", 8500, {"percent_sign"}),
    ("date", "2022年6月5日", datetime.date(2022, 6, 5), {"chinese_date"}),
    ("date", "２０２２年６月５日", datetime.date(2022, 6, 5), {"chinese_date", "full_width"}),
    ("date", "二〇二二年六月十五日", datetime.date(2022, 6, 15), {"chinese_date"}),
    ("date", "二〇二二年十二月二十日", datetime.date(2022, 12, 20), {"chinese_date"}),
    ("date", "2022.6.5", datetime.date(2022, 6, 5), {"date_form"}),
    ("date", "20220605", datetime.date(2022, 6, 5), {"date_form"}),
    ("date", "44713", datetime.date(2022, 6, 1), {"excel_serial_date"}),
    ("date", "44713.0", datetime.date(2022, 6, 1), {"excel_serial_date"}),
    ("date", "2022-06-05", datetime.date(2022, 6, 5), set()),
    ("year", "2022年", 2022, {"year_word"}),
    ("year", "2022年度", 2022, {"year_word"}),
    ("boolean", "有", True, {"yes_no_word"}),
    ("boolean", "无", False, {"yes_no_word"}),
    ("boolean", "不能", False, {"yes_no_word"}),
    ("boolean", "√", True, {"yes_no_word"}),
    ("boolean", "×", False, {"yes_no_word"}),
    ("boolean", "Ｙ", True, {"full_width", "yes_no_word"}),
    ("boolean", "n", False, {"yes_no_word"}),
    ("boolean", "1", True, {"yes_no_word"}),
    ("boolean", "0", False, {"yes_no_word"}),
    ("sex", "男性", "male", {"other_word"}),
    ("capacity", "无", "none", set()),
    ("text", "'0012", "0012", {"text_mark"}),
    ("text", '="0012"', "0012", {"text_mark"}),
    ("county", "`630121", "630121", {"text_mark"}),
    ("county", "630121.0", "630121", {"decimal_zeros"}),
    ("village", "630121 100208", "630121100208", {"spaces"}),
]
BLANKS = ["-", "—", "——", "/", "无", "N/A", "null", "NULL", "空", "－", "不详", "\\"]
BAD = [
    ("money", "约1200元", "is not an amount in yuan"),
    ("money", "0.1234567万元", "has more than two decimals"),
    ("money", "12美元", "is not an amount in yuan"),
    ("count", "12个月", "is not a whole number"),
    ("boolean", "也许", "is neither 是 nor 否"),
    ("boolean", "2", "is neither 是 nor 否"),
    (
        "text",
        "6.39900196001021E+17",
        "was stored as a number and has lost its last digits: format the column as text",
    ),
    ("count", "三", "is not a whole number"),
    ("count", "1.5", "is not a whole number"),
    ("count", "1,20", "is not a whole number"),
    ("count", "-1", "is below 0"),
    ("money", "12.345", "has more than two decimals"),
    ("money", "1,234,56.00", "is not an amount in yuan"),
    ("money", "1e3", "is not an amount in yuan"),
    ("money", "-0.01", "is below 0"),
    ("percent", "1", "may be 1 % or 100 %"),
    ("percent", "1.0", "may be 1 % or 100 %"),
    ("percent", "100.1", "is not between 0 and 100 %"),
    ("percent", "-1", "is not between 0 and 100 %"),
    ("percent", "八成", "is not a percentage"),
    ("date", "2021-02-29", "is not a date"),
    ("date", "2021-13-01", "is not a date"),
    ("date", "2021-03", "is a month, and a day is asked for"),
    ("date", "2022年6月", "is a month, and a day is asked for"),
    ("date", "2022年6月份", "is a month, and a day is asked for"),
    ("date", "202206", "is a month, and a day is asked for"),
    ("date", "2022", "is a year, and a day is asked for"),
    ("date", "2022年", "is a year, and a day is asked for"),
    ("date", "99999", "is not a date"),
    ("date", "2022年2月30日", "is not a date"),
    ("date", "2022.6/5", "is not a date"),
    ("date", "21-03-05", "is not a date"),
    ("date", "2021-03/05", "is not a date"),
    ("date", "2021-03-05 08:00:00", "is not a date"),
    ("year", "21", "is not a year"),
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


@pytest.mark.parametrize(
    ("kind", "text", "value", "said"), AS_WRITTEN, ids=[f"{k} {t!r}" for k, t, _, _ in AS_WRITTEN]
)
def test_what_is_understood_is_said(kind: str, text: str, value: object, said: set[str]) -> None:
    column = Column.model_validate({"header": "x", "label": "x", "type": kind} | TYPES[kind])
    texts = pa.array([text, "", text])
    result = convert(column, texts, Pseudonyms(DEMONSTRATION_KEY, simulated=True), WORDS)
    assert result.bad == {}
    assert result.values.to_pylist() == [value, None, value]
    assert {kind: positions.tolist() for kind, positions in result.kinds.items()} == {
        kind: [0, 2] for kind in said
    }


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "capacity"])
@pytest.mark.parametrize("text", BLANKS)
def test_a_word_for_nothing_is_missing(kind: str, text: str) -> None:
    if (kind, text) != ("boolean", "无"):
        assert parse(kind, text) is None


def test_identity_numbers_lose_their_marks_before_they_are_checked() -> None:
    column = Column(header="x", label="x", type="identity_number")
    pseudonyms = Pseudonyms(DEMONSTRATION_KEY, simulated=True)
    texts = pa.array(
        [
            f"'{identity()}",
            identity(),
            "无",
            f"{identity()[:6]} {identity()[6:].lower()}",
            "6.39900196001021E+17",
        ]
    )
    result = convert(column, texts, pseudonyms, WORDS)
    who = pseudonyms.person_id(identity())
    assert result.values.to_pylist() == [who, who, None, who, None]
    assert {row: problem.code for row, (_, problem) in result.bad.items()} == {4: "lost_digits"}
    assert result.texts[0].as_py() == identity()


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


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        pytest.param(f"肺癌 {identity()}", True, id="an identity number in a text"),
        pytest.param(f"肺癌（{identity()}）", True, id="one in brackets"),
        pytest.param("人民医院 13900000001", True, id="a mobile number in a text"),
        pytest.param(identity()[:17] + ("1" if identity()[17] != "1" else "2"), False,
                     id="eighteen digits of which the check does not fit"),
        pytest.param("2022061513900000001", False, id="the digits of a mobile inside a number"),
        pytest.param("S13900000001", False, id="a number with a letter before it"),
    ],
)  # fmt: skip
def test_numbers_of_persons_do_not_stay_in_texts(text: str, is_personal: bool) -> None:
    column = Column(header="病种", type="text", label="disease")
    converted = convert(column, pa.array([text]), Pseudonyms(DEMONSTRATION_KEY, True), WORDS)
    assert bool(converted.bad) == is_personal
