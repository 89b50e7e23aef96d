"""Cases on money, percentages and counts: what can be converted, and what cannot."""

from dataclasses import replace

from blind_case import Case, Cell, Formula, Line, Sheet
from blind_facilities import (
    clinic_sheet,
    county_hospital,
    county_sheet,
    township_hospital,
    township_sheet,
    village_clinic,
)
from blind_files import deliver, parquet_bytes, send_book, send_csv
from blind_people import assistance, income, settlement, sheet_of

POINT = "1 numbers"
RATE = "上年度贫困人口县域内就诊率(%)"
AMOUNT = "月救助金额(元)"
DRUGS = "药品种类数"
MONEY = tuple(header for header in settlement(1).cells if header.endswith("(元)"))


def _bill(no: int, total: str, basic: str, total_fen: int) -> Line:
    """Return a settlement of another total; 400 yuan are paid by others than basic insurance."""
    return settlement(no).but(
        {"总费用(元)": total, "基本医保支付(元)": basic},
        total_fen=total_fen, basic_paid_fen=total_fen - 40000,
    )  # fmt: skip


def _bills(*lines: Line, **said):
    return (send_csv(Sheet("settlements", lines), **said),)


def _amounts(*cells, fate: str = "aside"):
    """Return a workbook whose amounts are these; each must meet the same fate."""
    lines = tuple(
        replace(assistance(no).but({AMOUNT: cell}), fate=fate) for no, cell in enumerate(cells, 1)
    )
    return (send_book(Sheet("social_assistance", lines)),)


def _paid(pairs, fate: str = "taken", **said):
    """Return a workbook with these cells and the fen that each must become."""
    lines = tuple(
        replace(assistance(no).but({AMOUNT: cell}, monthly_amount_fen=fen), fate=fate)
        for no, (cell, fen) in enumerate(pairs, 1)
    )
    return (send_book(Sheet("social_assistance", lines), **said),)


def _money_cases() -> list[Case]:
    return [
        Case("12,345.60 with thousands separators", POINT,
             _bills(settlement(1), _bill(2, "12,345.60", "11,945.60", 1234560),
                    said=("总费用(元)",))),
        Case("full-width digits, comma and point in money", POINT,
             _bills(settlement(1), _bill(2, "１２，３４５．６０", "１１９４５．６０", 1234560),
                    said=("总费用(元)",))),
        Case("blanks, tabs and no-break spaces around an amount", POINT,
             _bills(_bill(1, " 1234.50 ", "834.50\t", 123450),
                    _bill(2, "\u00a01234.50", "　834.50", 123450))),
        Case("amounts without fen, with one digit, with zeros in front", POINT,
             _bills(_bill(1, "1234", "834", 123400), _bill(2, "1234.5", "834.5", 123450),
                    _bill(3, "01234.50", "834.50", 123450))),
        Case("a currency sign or 元 in the cell", POINT,
             _paid([("￥1,234.50", 123450), ("¥380", 38000), ("380元", 38000)], "either")),
        Case("money headed 万元 is ten thousands of yuan", POINT, _ten_thousands(),),
        Case("万元 with more digits than a fen holds", POINT, _too_fine_ten_thousands()),
        Case("1.2万 under a header in 万元 could be either", POINT, _doubly_ten_thousand()),
        Case("0.12万元 under a header in 元 states its own unit", POINT,
             _paid([("0.12万元", 120000), ("1.2万", 1200000)], "either")),
        Case("Excel's binary fractions are the fen that were typed", POINT,
             _paid([(0.1 + 0.2, 30), (380.29999999999995, 38030), (1.005 * 1000, 100500),
                    (4.35 * 100, 43500)])),
        Case("a formula with its stored result", POINT,
             _paid([(Formula("=380+20.5", 400.5), 40050)])),
        Case("a formula that was never calculated is not 0", POINT,
             _paid([(Formula("=380+20.5"), None)], "either")),
        Case("three digits after the point are no whole fen", POINT,
             _amounts("380.505", 380.505)),
        Case("separators in the wrong place", POINT,
             _amounts("12,34", "1.234,56", "1,2345.00", "1234.5.6", "12,345,6")),
        Case("about, from-to and sums in words", POINT,
             _amounts("约380", "380左右", "300-400", "三百八十元整", "380+20", "300/400")),
        Case("error values of Excel are missing or undecided, never 0", POINT,
             _paid([("#N/A", None), ("#REF!", None), ("#DIV/0!", None),
                    (Formula("=1/0", "#DIV/0!"), None)], "either")),
        Case("negative amounts where none can be", POINT,
             _amounts(-380.5, "-380.50", "（380.50）", "－３８０．５")),
        Case("income may be negative", POINT, _incomes()),
        Case("parts that do not add up to the total", POINT,
             _bills(settlement(1), settlement(2).aside({"个人自付(元)": "200.01"}),
                    settlement(3).aside({"总费用(元)": "999.99"}), settlement(4))),
        Case("a required amount that is blank is not 0", POINT,
             _bills(settlement(1).aside({"大病保险支付(元)": ""}),
                    settlement(2).aside({"大病保险支付(元)": "/"}), settlement(3))),
        Case("an O for a 0 and an l for a 1", POINT, _amounts("38O", "38l")),
        Case("Parquet's NaN is missing, not a number", POINT, _nan()),
    ]  # fmt: skip


def _ten_thousands():
    lines = tuple(
        Line(
            {key.replace("(元)", "(万元)"): (f"{float(cell) / 10000:.6f}" if key in MONEY else cell)
             for key, cell in line.cells.items()},
            line.clean, who=line.who,
        )
        for line in (settlement(1), _bill(2, "12345.60", "11945.60", 1234560))
    )  # fmt: skip
    return (send_csv(Sheet("settlements", lines), said=("总费用(元)",)),)


def _in_ten_thousands(*amounts, fate: str):
    lines = tuple(
        Line({key.replace("(元)", "(万元)"): (cell if key != AMOUNT else amount)
              for key, cell in assistance(no).cells.items()},
             {**assistance(no).clean, "monthly_amount_fen": fen}, fate, assistance(no).who)
        for no, (amount, fen) in enumerate(amounts, 1)
    )  # fmt: skip
    return (send_book(Sheet("social_assistance", lines)),)


def _too_fine_ten_thousands():
    return _in_ten_thousands(("0.03805051", None), fate="aside")


def _doubly_ten_thousand():
    return _in_ten_thousands(("1.2万", None), fate="aside")


def _incomes():
    lines = (
        income(1).but({"人均纯收入(元)": "-1234.56"}, net_income_per_head_fen=-123456),
        income(2).but({"人均纯收入(元)": "－１２３４．５６"}, net_income_per_head_fen=-123456),
        income(3).either({"人均纯收入(元)": "(1,234.56)"}, net_income_per_head_fen=-123456),
        income(4).but({"人均纯收入(元)": "0"}, net_income_per_head_fen=0),
        income(5).aside({"人均纯收入(元)": ""}),
    )
    return (send_csv(Sheet("household_incomes", lines), month="2022-01"),)


def _nan():
    import pyarrow as pa

    line = settlement(1)
    lines = (
        line.but({"总费用(元)": 1000.0}),
        settlement(2).aside({"总费用(元)": float("nan")}),
    )
    sheet = Sheet("settlements", lines)
    content = parquet_bytes(sheet, {"总费用(元)": pa.float64()})
    return (deliver(sheet, content, "医保结算_630100_2022-06.parquet"),)


def _rates(pairs, fate: str = "taken", **said):
    lines = tuple(
        replace(county_hospital(no).but({RATE: cell}, in_county_visit_rate_bp=value), fate=fate)
        for no, (cell, value) in enumerate(pairs, 1)
    )
    return (send_book(county_sheet(*lines), **said),)


def _rate_cases() -> list[Case]:
    lone = county_hospital(1).either({RATE: 0.9}, in_county_visit_rate_bp=9000)
    mixed = [
        county_hospital(1),
        county_hospital(2).either({RATE: 0.85}, in_county_visit_rate_bp=8500),
    ]
    small = [county_hospital(1), county_hospital(2),
             county_hospital(3).either({RATE: 1}, in_county_visit_rate_bp=100)]  # fmt: skip
    return [
        Case("85% with its sign, full-width too", POINT,
             _rates([("85%", 8500), ("９０％", 9000), ("85.25 %", 8525), ("0.57%", 57)])),
        Case("plain percentages with and without digits after the point", POINT,
             _rates([(85, 8500), (90.5, 9050), ("77.25", 7725), (100, 10000), (0, 0)])),
        Case("a cell formatted as percent holds 0.85 and shows 85%", POINT,
             _rates([(Cell(0.85, "0%"), 8500), (Cell(0.57, "0%"), 5700),
                     (Cell(0.9025, "0.00%"), 9025)])),
        Case("a whole column of shares: 0.85 for 85%", POINT,
             _rates([(0.85, 8500), (0.9125, 9125), (0.57, 5700), (0.29, 2900)], said=(RATE,))),
        Case("binary fractions of percentages", POINT,
             _rates([(57.00000000000001, 5700), (28.999999999999996, 2900), (70.1, 7010)])),
        Case("0.85 among whole percentages is 85 % or undecided, never 0.85 %", POINT,
             (send_book(county_sheet(*mixed)),)),
        Case("1 among whole percentages is not 100 %", POINT, (send_book(county_sheet(*small)),)),
        Case("1 among shares is not 1 %", POINT,
             (send_book(county_sheet(lone, county_hospital(2).either(
                 {RATE: 1}, in_county_visit_rate_bp=10000))),)),
        Case("1 alone is 1 % or 100 %: undecided", POINT, _rates([(1, None)], "aside")),
        Case("above 100, below 0", POINT,
             _rates([(100.5, None), ("120%", None), (-5, None), (8500, None)], "aside")),
        Case("words for a rate", POINT,
             _rates([("约85%", None), ("八成五", None), ("80%-90%", None)], "aside")),
        Case("a rate with no end is rounded or set aside, nothing else", POINT,
             _rates([(6 / 7 * 100, 8571)], "either")),
        Case("a rate that is blank stays missing", POINT,
             _rates([(None, None), ("", None), ("/", None), ("—", None), ("　", None)])),
    ]  # fmt: skip


def _counted(pairs, fate: str = "taken", **said):
    lines = tuple(
        replace(village_clinic(no).but({DRUGS: cell}, drug_kind_count=value), fate=fate)
        for no, (cell, value) in enumerate(pairs, 1)
    )
    return (send_book(clinic_sheet(*lines), **said),)


def _count_cases() -> list[Case]:
    people = [township_hospital(1).but({"乡镇常住人口": "12,345"}, resident_count=12345),
              township_hospital(2).but({"乡镇常住人口": "１２３４５"}, resident_count=12345),
              township_hospital(3).aside({"乡镇常住人口": "1.2万"}),
              township_hospital(4).aside({"执业医师人数": "3（含助理1人）"})]  # fmt: skip
    return [
        Case("counts in full-width digits, as text, as 60.0", POINT,
             _counted([("６０", 60), ("60", 60), (60.0, 60), (" 60 ", 60), (0, 0), ("０", 0)])),
        Case("1.5 of something counted", POINT,
             _counted([(1.5, None), ("1.5", None), ("六十", None), ("三", None)], "aside")),
        Case("about, at least, from-to", POINT,
             _counted([("约60", None), ("60余", None), ("60+", None), ("50-60", None),
                       ("≥60", None), ("60?", None)], "aside")),
        Case("a unit behind a count", POINT, _counted([("60种", 60), ("60 种", 60)], "either")),
        Case("negative counts", POINT, _counted([(-1, None), ("-60", None)], "aside")),
        Case("a count that is blank stays missing and never becomes 0", POINT,
             _counted([(None, None), ("", None), (" ", None), ("　", None), ("\u00a0", None),
                       ("-", None), ("——", None), ("／", None), ("\\", None)])),
        Case("无 and 不详 are missing or undecided, never 0", POINT,
             _counted([("无", None), ("不详", None), ("未统计", None), ("N/A", None),
                       ("NULL", None)], "either")),
        Case("residents: separators and full width convert, 1.2万 and remarks do not", POINT,
             (send_book(township_sheet(*people)),)),
        Case("a date where a count should stand", POINT,
             _counted([("2022-06-05", None), ("6月5日", None)], "aside")),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases on numbers."""
    untouched = sheet_of("settlements", settlement, 4)
    nothing = {key: 0 for key in settlement(5).clean if key.endswith("_fen")}
    zero = settlement(5).but(dict.fromkeys(MONEY, "0.00"), **nothing)
    good = Case("a settlement of nothing but zeros is good", "good files",
                _bills(*untouched.lines, zero, is_good=True))  # fmt: skip
    return [*_money_cases(), *_rate_cases(), *_count_cases(), good]
