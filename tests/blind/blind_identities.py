"""Cases on who is who: numbers, names, links; and on what may not be seen afterwards."""

import datetime
from dataclasses import replace

from blind_case import Case, Line, Sheet
from blind_facilities import county_hospital, county_sheet
from blind_files import send_book, send_csv
from blind_people import (
    Person,
    assistance,
    broken,
    chronic,
    contract,
    enrolment,
    household,
    major_case,
    person,
    person_with_x,
    registered,
    settlement,
    sheet_of,
    visit,
    with_check,
)

POINT = "3 numbers"
LINKS = "3 links"
HIDDEN = "6 exposure"
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
BORN = datetime.date(1968, 3, 14)


def _numbers(*written: str, fate: str = "aside"):
    lines = tuple(
        replace(contract(no).but({"证件号码": cell}), fate=fate)
        for no, cell in enumerate(written, 1)
    )
    return (send_csv(Sheet("family_doctor_contracts", lines)),)


def _number_cases() -> list[Case]:
    x = person_with_x()
    n = [person(no).number for no in range(7)]
    old = n[1][:6] + n[1][8:17]
    region = "999999" + n[6][6:17]
    return [
        Case("a number that ends in x, written small and in full width", POINT, (_small_x(x),)),
        Case("a number with blanks, tabs, an apostrophe in front, in groups", POINT,
             _numbers(f" {n[1]}", f"{n[2]}\t", f"\u00a0{n[3]}　", n[4].translate(WIDE),
                      fate="taken")),
        Case("marks that keep Excel from rounding are no part of the number, or undecided", POINT,
             _numbers(f"'{n[1]}", f'="{n[2]}"', f"{n[3][:6]} {n[3][6:14]} {n[3][14:]}",
                      fate="either")),
        Case("a check digit that does not fit, without a birth date to link by", POINT,
             _numbers(broken(n[1]), broken(n[2]))),
        Case("two digits swapped", POINT, _numbers(_swapped(n[1]), _swapped(n[2]))),
        Case("a digit too few, a digit too many", POINT, _numbers(n[1][:-1], n[2] + "0")),
        Case("an old number of fifteen digits has no check digit", POINT, _numbers(old)),
        Case("an impossible day of birth with a check digit that fits", POINT,
             _numbers(with_check("63990019900230101"), with_check("63990019901301101"))),
        Case("a region that does not exist", POINT, _numbers(with_check(region))),
        Case("a telephone number in place of the number", POINT,
             _numbers("19900000001", "0971-8230000")),
        Case("a number that Excel rounded, as text and as a number", POINT, (_rounded(n),)),
        Case("no number: blank, 无, 不详, a disability certificate", POINT,
             _numbers("", "无", "不详", "/", n[5] + "42", "622101********1234")),
        Case("O for 0 and l for 1 in a number", POINT,
             _numbers(n[1].replace("0", "O"), n[2].replace("1", "l"))),
        Case("the simulated region in a month that is not simulated", POINT,
             _numbers(n[1], n[2]), is_simulated=False),
        Case("name and number in each other's column", POINT,
             (send_csv(Sheet("family_doctor_contracts", (
                 contract(1), contract(2).aside({"姓名": n[2], "证件号码": person(2).name})))),)),
    ]  # fmt: skip


def _small_x(x: Person):
    lines = (contract(1, x).but({"证件号码": x.number.lower()}),
             contract(2, x).but({"证件号码": x.number.translate(WIDE), "签约日期": "2022-06-15"},
                                signed_date="2022-06-15"),
             contract(3, x).but({"签约日期": "2022-06-16"}, signed_date="2022-06-16"))  # fmt: skip
    return send_csv(Sheet("family_doctor_contracts", lines))


def _swapped(number: str) -> str:
    at = next(at for at in range(14, 16) if number[at] != number[at + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _rounded(n: list[str]):
    lines = (
        assistance(1).aside({"证件号码": f"{float(n[1]):.5E}", "行政村代码": None}),
        assistance(2).aside({"证件号码": float(n[2][:15] + "000"), "出生日期": None}),
        assistance(3),
    )
    return send_book(Sheet("social_assistance", lines))


def _register(*people: Person, month: str = "2022-06"):
    """Return the register's two files with these persons."""
    homes = Sheet("registered_households", tuple(household(who.no, who) for who in people))
    members = Sheet("registered_persons", tuple(registered(who.no, who) for who in people))
    return send_csv(homes, month=month), send_csv(members, month=month)


def _link(line: Line, number: str, to: Person, **cells) -> Line:
    """Return a row whose number is no good but which must be found to be this person's."""
    return replace(line.but({"证件号码": number, **cells}, who=to.number), is_linked=True)


def _link_cases() -> list[Case]:
    one = person(1)
    minority = person(3, name="阿依努尔·买买提", birth=BORN)
    dots = ("阿依努尔•买买提", "阿依努尔．买买提", "阿依努尔・买买提", "阿依努尔.买买提",
            "阿依努尔 · 买买提")  # fmt: skip
    dotted = tuple(
        _link(chronic(3, minority), broken(minority.number), minority, 姓名=name, 病种=disease)
        for name, disease in zip(dots, ("高血压", "糖尿病", "严重精神障碍", "肺结核", "高血压"),
                                 strict=True)
    )  # fmt: skip
    kinds = ("hypertension", "diabetes", "severe_mental_disorder", "tuberculosis", "hypertension")
    dotted = tuple(
        line.but({"变动日期": f"2022-06-{10 + at}"}, disease=kind, change_date=f"2022-06-{10 + at}")
        for at, (line, kind) in enumerate(zip(dotted, kinds, strict=True))
    )
    return [
        Case("a broken number, but name, birth date and village of one registered person", LINKS,
             (*_register(one, person(2)), _ill(_link(chronic(1), broken(one.number), one)))),
        Case("the same from civil affairs", LINKS,
             (*_register(one, person(2)), send_book(Sheet("social_assistance", (
                 _link(assistance(1), broken(one.number), one), assistance(2)))))),
        Case("no number at all, but name, birth date and village of one registered person", LINKS,
             (*_register(one, person(2)), _ill(_link(chronic(1), "", one)))),
        Case("the register came a month earlier", LINKS,
             (*_register(one, person(2), month="2022-05"),
              _ill(_link(chronic(1), broken(one.number), one)))),
        Case("names with every kind of middle dot", LINKS,
             (*_register(minority, person(2)), _ill(*dotted))),
        Case("a blank inside a name of two characters", LINKS,
             (*_register(_lee(), person(2)),
              _ill(_link(chronic(4, _lee()), broken(_lee().number), _lee(), 姓名="李　明")))),
        Case("two registered persons of one name, birth date and village: undecided", LINKS,
             (*_register(*_namesakes()),
              _ill(chronic(1), chronic(5, _namesakes()[0]).aside(
                  {"证件号码": broken(_namesakes()[0].number)})))),
        Case("name and birth date agree, the village does not", LINKS,
             (*_register(one), _ill(chronic(1).aside(
                 {"证件号码": broken(one.number), "行政村代码": "630121100202"})))),
        Case("name and village agree, the birth date does not", LINKS,
             (*_register(one), _ill(chronic(1).aside(
                 {"证件号码": broken(one.number), "出生日期": "1971-01-01"})))),
        Case("the birth date is blank: nothing to link by", LINKS,
             (*_register(one), _ill(chronic(1).aside(
                 {"证件号码": broken(one.number), "出生日期": ""})))),
        Case("another name at the same birth date and village is another person", LINKS,
             (*_register(one), _ill(chronic(1).aside(
                 {"证件号码": broken(one.number), "姓名": "完么措"})))),
        Case("nobody on the register: a broken number is nobody's", LINKS,
             (*_register(person(2)), _ill(chronic(2), chronic(1).aside(
                 {"证件号码": broken(one.number)})))),
        Case("a valid number wins over a name that another person bears", LINKS,
             (*_register(one, person(2)), _ill(chronic(1).but({"姓名": person(2).name})))),
        Case("one number in five departments is one person", LINKS, _everywhere()),
    ]  # fmt: skip


def _ill(*lines: Line):
    return send_csv(Sheet("chronic_patients", lines))


def _lee() -> Person:
    return person(4, name="李明", birth=BORN)


def _namesakes() -> tuple[Person, Person]:
    village = "630121100200"
    return (
        person(5, 205, name="马文秀", birth=BORN, village=village),
        person(6, 206, name="马文秀", birth=BORN, village=village),
    )


def _everywhere():
    return (
        *_register(person(1), person(2)),
        send_book(Sheet("social_assistance", (assistance(1), assistance(2)))),
        _ill(chronic(1), chronic(2)),
        send_csv(Sheet("settlements", (settlement(1), settlement(2)))),
        send_csv(Sheet("follow_up_visits", (visit(1), visit(2)))),
        send_csv(sheet_of("insurance_enrolment", enrolment, 2), month="2022-01"),
    )


def _trap_cases() -> list[Case]:
    total = person(8, name="合计")
    return [
        Case("a person called 合计 is a person", POINT,
             (send_book(Sheet("social_assistance", (assistance(1), assistance(8, total),
                                                    assistance(2)))),)),
        Case("a person called 合计 in the last row of a CSV", POINT,
             (send_csv(Sheet("family_doctor_contracts", (contract(1), contract(8, total)))),)),
        Case("an identity number in the text of a disease stays nowhere", HIDDEN,
             (send_csv(Sheet("major_disease_cases", (
                 major_case(1),
                 _loose(major_case(2), {"病种": f"肺癌（{person(2).number}）"}, "disease")))),)),
        Case("a name and telephone number in the name of a hospital stay nowhere", HIDDEN,
             (send_book(county_sheet(county_hospital(1), _loose(
                 county_hospital(2), {"机构名称": "人民医院 联系人19900000077"},
                 "facility_name"))),)),
        Case("a bad row's number, name and telephone number are withheld", HIDDEN,
             (send_csv(Sheet("registered_households", (
                 household(1), household(2).aside({"行政村代码": person(2).number}),
                 household(3).aside({"户类型": "19900000003"}),
                 household(4).aside({"变动日期": person(4).name})))),)),
        Case("a row shifted by one column shows nobody", HIDDEN, (_shifted(),)),
    ]  # fmt: skip


def _loose(line: Line, cells: dict[str, str], column: str) -> Line:
    """Return a row that may be set aside or taken, whatever becomes of this one column."""
    clean = {key: value for key, value in line.clean.items() if key != column}
    return replace(line.either(cells), clean=clean)


def _shifted():
    line = chronic(2)
    values = ["", *list(line.cells.values())[:-1]]
    moved = line.aside(dict(zip(line.cells, values, strict=True)))
    return _ill(chronic(1), moved)


def cases() -> list[Case]:
    """Return the cases on identities."""
    return [*_number_cases(), *_link_cases(), *_trap_cases()]
