"""People and good rows of every table: what a case changes one cell of."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from blind_case import Line, Sheet, iso

VILLAGES = ("630102003203", "630102003204", "630121100200", "630121100201", "630121100202")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NAMES = (
    "扎西措毛", "李守业", "韩阿依舍", "王雪梅", "才让多杰", "祁连英", "马如海", "东主才旦",
    "赵桂芳", "冶买燕", "拉毛才让", "陈国庆",
)  # fmt: skip


def identity_number(birth: datetime.date, order: int) -> str:
    """Return a number with the region code 639900 that nobody has (GB 11643, ISO 7064 MOD 11-2).

    An odd `order` (1 to 999) is a man's, an even one a woman's.
    """
    return with_check(f"639900{birth:%Y%m%d}{order:03d}")


def with_check(body: str) -> str:
    """Return 17 digits and the check digit that fits them, whatever they mean."""
    rest = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


@dataclass(frozen=True)
class Person:
    """One person as all departments should know them."""

    no: int
    name: str
    birth: datetime.date
    number: str
    village: str
    household: str

    @property
    def sex(self) -> str:
        """Return the sex that the number tells."""
        return "男" if int(self.number[16]) % 2 else "女"


def person(no: int, order: int | None = None, **known: Any) -> Person:
    """Return the person with this running number (1 to 99)."""
    birth = known.get("birth", datetime.date(1950 + no, 1 + no % 12, 1 + no % 28))
    return Person(
        no,
        known.get("name", _NAMES[no % len(_NAMES)]),
        birth,
        identity_number(birth, order or 100 + no),
        known.get("village", VILLAGES[no % len(VILLAGES)]),
        known.get("household", f"6301020032{no:06d}"),
    )


def person_with_x() -> Person:
    """Return a person whose number ends in X."""
    return next(found for order in range(101, 999) if (found := person(7, order)).number[-1] == "X")


def broken(number: str) -> str:
    """Return the number with a check digit that does not fit."""
    return number[:17] + ("5" if number[17] != "5" else "6")


def settlement(no: int, who: Person | None = None) -> Line:
    """Return an inpatient settlement of 1,000.00 yuan."""
    who = who or person(no)
    cells = {
        "结算单号": f"JS202206{no:06d}", "姓名": who.name, "证件号码": who.number,
        "就诊机构编码": f"H6301{no:04d}", "机构级别": "二级", "机构所在县代码": "630102",
        "医疗类别": "住院", "就诊日期": "2022-06-01", "出院日期": "2022-06-09",
        "结算日期": "2022-06-10", "主要诊断编码": "I10", "总费用(元)": "1000.00",
        "基本医保支付(元)": "600.00", "大病保险支付(元)": "100.00", "医疗救助支付(元)": "100.00",
        "政策范围外费用(元)": "50.00", "个人自付(元)": "200.00",
    }  # fmt: skip
    clean = {
        "settlement_no": cells["结算单号"], "facility_code": cells["就诊机构编码"],
        "facility_level": "level_2", "facility_county_code": "630102",
        "visit_type": "inpatient", "visit_date": "2022-06-01", "discharge_date": "2022-06-09",
        "settled_date": "2022-06-10", "diagnosis_code": "I10", "total_fen": 100000,
        "basic_paid_fen": 60000, "major_illness_paid_fen": 10000, "assistance_paid_fen": 10000,
        "out_of_scope_fen": 5000, "out_of_pocket_fen": 20000,
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def assistance(no: int, who: Person | None = None) -> Line:
    """Return a person who came onto the rural allowance."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "出生日期": iso(who.birth),
        "行政村代码": who.village, "救助类别": "农村低保", "月救助金额(元)": 380.5,
        "变动类型": "新增", "变动日期": "2022-06-08",
    }  # fmt: skip
    clean = {
        "birth_date": iso(who.birth), "village_code": who.village, "kind": "rural_allowance",
        "monthly_amount_fen": 38050, "change": "added", "change_date": "2022-06-08",
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def household(no: int, who: Person | None = None) -> Line:
    """Return a household that is new on the register."""
    who = who or person(no)
    cells = {
        "户编号": who.household, "户主姓名": who.name, "联系电话": f"1990000{no:04d}",
        "行政村代码": who.village, "户类型": "脱贫户", "主要致贫原因": "因病",
        "变动类型": "新增", "变动日期": "2022-06-02",
    }  # fmt: skip
    clean = {
        "village_code": who.village, "household_kind": "lifted", "main_cause": "illness",
        "change": "added", "change_date": "2022-06-02",
    }  # fmt: skip
    return Line(cells, clean)


def registered(no: int, who: Person | None = None) -> Line:
    """Return a person who is new on the register."""
    who = who or person(no)
    cells = {
        "户编号": who.household, "姓名": who.name, "证件号码": who.number, "与户主关系": "户主",
        "性别": who.sex, "出生日期": iso(who.birth), "民族": "藏族", "文化程度": "小学",
        "劳动能力": "普通劳动力", "是否残疾": "否", "变动类型": "新增", "变动日期": "2022-06-02",
    }  # fmt: skip
    clean = {
        "relation": "head", "sex": {"男": "male", "女": "female"}[who.sex],
        "birth_date": iso(who.birth), "ethnic_group": "藏族", "education": "primary",
        "labour_capacity": "ordinary", "is_disabled": False, "change": "added",
        "change_date": "2022-06-02",
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def income(no: int) -> Line:
    """Return a household's income of 2021."""
    cells = {
        "户编号": person(no).household,
        "年度": "2021",
        "人均纯收入(元)": "9876.50",
        "是否返贫": "否",
    }
    clean = {"year": 2021, "net_income_per_head_fen": 987650, "is_returned_to_poverty": False}
    return Line(cells, clean)


def chronic(no: int, who: Person | None = None) -> Line:
    """Return a new hypertension patient."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "出生日期": iso(who.birth),
        "行政村代码": who.village, "病种": "高血压", "确诊日期": "2019-03-05",
        "变动类型": "新增", "变动日期": "2022-06-07",
    }  # fmt: skip
    clean = {
        "birth_date": iso(who.birth), "village_code": who.village, "disease": "hypertension",
        "diagnosed_date": "2019-03-05", "change": "added", "change_date": "2022-06-07",
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def major_case(no: int, who: Person | None = None) -> Line:
    """Return a case of lung cancer that was verified and treated."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "病种": "肺癌", "确诊日期": "2022-05-06",
        "制定方案日期": "2022-05-12", "计划救治日期": "2022-06-10",
        "核实日期": "2022-05-10", "救治日期": "2022-06-01", "填报日期": "2022-06-03",
        "销号日期": "", "变动日期": "2022-06-03",
    }  # fmt: skip
    clean = {
        "disease": "肺癌", "diagnosed_date": "2022-05-06",
        "plan_date": "2022-05-12", "planned_treatment_date": "2022-06-10",
        "verified_date": "2022-05-10",
        "treated_date": "2022-06-01", "reported_date": "2022-06-03", "closed_date": None,
        "change_date": "2022-06-03",
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def contract(no: int, who: Person | None = None) -> Line:
    """Return a contract with a family doctor team."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "户编号": who.household, "团队编码": "T0012",
        "签约日期": "2022-06-14",
    }  # fmt: skip
    return Line(cells, {"team_code": "T0012", "signed_date": "2022-06-14"}, who=who.number)


def visit(no: int, who: Person | None = None) -> Line:
    """Return a visit at home."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "病种": "糖尿病", "随访日期": "2022-06-15",
        "随访方式": "入户",
    }  # fmt: skip
    clean = {"disease": "diabetes", "visit_date": "2022-06-15", "visit_mode": "home"}
    return Line(cells, clean, who=who.number)


def enrolment(no: int, who: Person | None = None) -> Line:
    """Return a person's enrolment of 2022."""
    who = who or person(no)
    cells = {
        "姓名": who.name, "证件号码": who.number, "年度": "2022", "人员类别": "建档立卡",
        "基本医保": "是", "大病保险": "是", "医疗救助": "否",
    }  # fmt: skip
    clean = {
        "year": 2022, "person_kind": "poverty_register", "has_basic_insurance": True,
        "has_major_illness_insurance": True, "has_medical_assistance": False,
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def sheet_of(table: str, make: Callable[[int], Line], count: int = 3, **layout: Any) -> Sheet:
    """Return a table of good rows."""
    return Sheet(table, tuple(make(no) for no in range(1, count + 1)), **layout)
