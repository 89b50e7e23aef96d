"""Exports written by hand: a checkout with a few rows, for tests of intake and registers."""

from pathlib import Path

import xlsxwriter

from healthmon.project import Project, open_project

HOUSEHOLDS = "户编号,户主姓名,联系电话,行政村代码,户类型,主要致贫原因,变动类型,变动日期"
PERSONS = (
    "户编号,姓名,证件号码,与户主关系,性别,出生日期,民族,文化程度,劳动能力,"
    "是否残疾,变动类型,变动日期"
)
SETTLEMENTS = (
    "结算单号,姓名,证件号码,就诊机构编码,机构级别,机构所在县代码,医疗类别,就诊日期,出院日期,"
    "结算日期,主要诊断编码,总费用(元),基本医保支付(元),大病保险支付(元),医疗救助支付(元),"
    "政策范围外费用(元),个人自付(元)"
)
_CLINICS = "机构编码,机构名称,行政村代码,是否公有产权,是否流动卫生室,药品种类数"
_DOCTORS = "姓名,证件号码,行政村代码,机构编码,出生日期,是否合格,来源,服务常住居民数"
_HOSPITALS = (
    "机构编码,机构名称,县级代码,机构类别,是否公立,医院级别,CT是否配备,CT能否使用,彩超是否配备,"
    "彩超能否使用,内科,外科,妇产科,儿科,急诊科,一站式结算,远程医疗,帮扶团队人数,"
    "上年度贫困人口县域内就诊率(%)"
)
CLINICS, DOCTORS, HOSPITALS = (text.split(",") for text in (_CLINICS, _DOCTORS, _HOSPITALS))
VILLAGE, OTHER_VILLAGE = "630121100208", "632822100201"


def identity(born: str = "19600102", serial: int = 1, region: str = "639900") -> str:
    """Make an identity number; the check character by the definition in ISO 7064, MOD 11-2."""
    digits = f"{region}{born}{serial:03d}"
    weighted = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits))
    check = next(c for c in range(11) if (weighted + c) % 11 == 1)
    return digits + ("X" if check == 10 else str(check))


def household(number: str = "H1", village: str = VILLAGE, kind: str = "脱贫户",
              change: str = "存量", date: str = "2019-01-01") -> str:  # fmt: skip
    return f"{number},卓玛,13900000001,{village},{kind},因病,{change},{date}"


def person(number: str | None = None, home: str = "H1", change: str = "存量",
           date: str = "2019-01-01", sex: str = "女", born: str = "1960-01-02",
           education: str = "小学") -> str:  # fmt: skip
    number = number or identity()
    return f"{home},卓玛,{number},户主,{sex},{born},藏族,{education},普通劳动力,否,{change},{date}"


def settlement(number: str = "S1", who: str | None = None, date: str = "2019-01-15",
               total: str = "100.00", basic: str = "60.00", own: str = "40.00") -> str:  # fmt: skip
    return (
        f"{number},卓玛,{who or identity()},F1,二级,630121,住院,2019-01-10,2019-01-14,{date},I10,"
        f"{total},{basic},0.00,0.00,5.00,{own}"
    )


class SmallProject(Project):
    """A folder of its own for data, with the parameters of the checkout."""

    @property
    def params(self) -> Path:
        return open_project().params


class SmallExports:
    """A checkout in a folder, whose exports are written line by line."""

    def __init__(self, root: Path, simulated: bool = True) -> None:
        self.project = SmallProject(root)
        self.project.raw.mkdir(parents=True)
        if simulated:
            (self.project.raw / "SIMULATED").write_text("seed: 1\n")

    def path(self, month: str, folder: str, name: str) -> Path:
        path = self.project.raw / month / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def households(self, month: str, *lines: str, header: str = HOUSEHOLDS) -> Path:
        path = self.path(month, "乡村振兴", f"建档立卡户_{month}.csv")
        path.write_text("\r\n".join([header, *lines, ""]), encoding="utf-8-sig", newline="")
        return path

    def persons(self, month: str, *lines: str) -> Path:
        path = self.path(month, "乡村振兴", f"建档立卡人口_{month}.csv")
        path.write_text("\r\n".join([PERSONS, *lines, ""]), encoding="utf-8-sig", newline="")
        return path

    def settlements(self, month: str, *lines: str, prefecture: str = "630100") -> Path:
        path = self.path(month, "医保", f"医保结算_{prefecture}_{month}.csv")
        path.write_text("\r\n".join([SETTLEMENTS, *lines, ""]), encoding="gb18030", newline="")
        return path

    def workbook(self, month: str, sheets: dict[str, list], prefecture: str = "630100") -> Path:
        path = self.path(month, "卫生健康", f"医疗机构监测表_{prefecture}_{month}.xlsx")
        with xlsxwriter.Workbook(str(path)) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path
