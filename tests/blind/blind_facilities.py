"""The monthly facility workbook of a prefecture: five sheets of good rows."""

from blind_case import Line, Sheet
from blind_people import VILLAGES, person

_COUNTY_YES = {
    "是否公立": "is_public", "CT是否配备": "has_ct", "CT能否使用": "is_ct_operable",
    "彩超是否配备": "has_colour_ultrasound", "彩超能否使用": "is_colour_ultrasound_operable",
    "内科": "has_internal_medicine", "外科": "has_surgery",
    "妇产科": "has_obstetrics_gynaecology", "儿科": "has_paediatrics",
    "急诊科": "has_emergency", "一站式结算": "has_one_stop_settlement",
    "远程医疗": "has_telemedicine",
}  # fmt: skip
_TOWNSHIP_YES = {
    "心电图机是否配备": "has_ecg", "心电图机能否使用": "is_ecg_operable",
    "X光机是否配备": "has_xray", "X光机能否使用": "is_xray_operable",
    "生化分析仪是否配备": "has_biochemistry_analyser",
    "生化分析仪能否使用": "is_biochemistry_analyser_operable",
}  # fmt: skip
_PATIENTS = {
    "高血压": "hypertension",
    "糖尿病": "diabetes",
    "严重精神障碍": "severe_mental_disorder",
}
_COUNTS = {"患者数": "patient_count", "签约数": "contracted_count", "随访数": "followed_up_count"}


def county_hospital(no: int) -> Line:
    """Return a county general hospital with everything."""
    county = ("630102", "630121", "630103")[no % 3]
    cells = {
        "机构编码": f"X63010{no:02d}", "机构名称": f"第{no}人民医院", "县级代码": county,
        "机构类别": "综合医院", "医院级别": "二级", **dict.fromkeys(_COUNTY_YES, "是"),
        "帮扶团队人数": 5, "上年度贫困人口县域内就诊率(%)": 90,
    }  # fmt: skip
    clean = {
        "facility_code": cells["机构编码"], "facility_name": cells["机构名称"],
        "county_code": county, "hospital_type": "general", "hospital_level": "level_2",
        **dict.fromkeys(_COUNTY_YES.values(), True), "support_team_count": 5,
        "in_county_visit_rate_bp": 9000,
    }  # fmt: skip
    return Line(cells, clean)


def township_hospital(no: int) -> Line:
    """Return a township hospital with everything."""
    counts = {
        f"{who}{disease}{what}": (f"{key}_{name}_{count}", number)
        for who, key in (("贫困", "poor"), ("全部", "all"))
        for disease, name in _PATIENTS.items()
        for (what, count), number in zip(_COUNTS.items(), (20, 19, 18), strict=True)
    }
    cells = {
        "机构编码": f"W63010{no:02d}", "机构名称": f"第{no}中心卫生院", "乡镇代码": "630121100",
        "乡镇常住人口": 12000, **dict.fromkeys(_TOWNSHIP_YES, "是"), "全科医师人数": 1,
        "执业医师人数": 3, "执业助理医师人数": 2,
        **{header: number for header, (_, number) in counts.items()},
        "药品种类数": 120, "上年度乡村两级诊疗占比(%)": 50, "远程医疗": "是", "中医馆": "否",
    }  # fmt: skip
    clean = {
        "facility_code": cells["机构编码"], "facility_name": cells["机构名称"],
        "township_code": "630121100", "resident_count": 12000,
        **dict.fromkeys(_TOWNSHIP_YES.values(), True), "gp_count": 1, "physician_count": 3,
        "assistant_physician_count": 2, **dict(counts.values()), "drug_kind_count": 120,
        "grassroots_visit_share_bp": 5000, "has_telemedicine": True, "has_tcm_clinic": False,
    }  # fmt: skip
    return Line(cells, clean)


def village_clinic(no: int) -> Line:
    """Return a village clinic."""
    cells = {
        "机构编码": f"C63010{no:02d}", "机构名称": f"第{no}村卫生室",
        "行政村代码": VILLAGES[no % len(VILLAGES)], "是否公有产权": "是",
        "是否流动卫生室": "否", "药品种类数": 75,
    }  # fmt: skip
    clean = {
        "facility_code": cells["机构编码"], "facility_name": cells["机构名称"],
        "village_code": cells["行政村代码"], "is_public_owned": True, "is_mobile": False,
        "drug_kind_count": 75,
    }  # fmt: skip
    return Line(cells, clean)


def village_doctor(no: int) -> Line:
    """Return a village doctor."""
    who = person(no + 40)
    cells = {
        "姓名": who.name, "证件号码": who.number, "行政村代码": VILLAGES[no % len(VILLAGES)],
        "机构编码": f"C63010{no:02d}", "出生日期": who.birth, "是否合格": "是", "来源": "本地",
        "服务常住居民数": 640,
    }  # fmt: skip
    clean = {
        "village_code": cells["行政村代码"], "facility_code": cells["机构编码"],
        "birth_date": who.birth.isoformat(), "is_qualified": True, "origin": "local",
        "served_resident_count": 640,
    }  # fmt: skip
    return Line(cells, clean, who=who.number)


def village(no: int) -> Line:
    """Return a village under monitoring."""
    code = VILLAGES[no % len(VILLAGES)]
    cells = {"行政村代码": code, "行政村名称": f"第{no}村", "常住人口": 812}
    return Line(cells, {"village_code": code, "village_name": f"第{no}村", "resident_count": 812})


GOOD = {
    "county_hospitals": county_hospital,
    "township_hospitals": township_hospital,
    "village_clinics": village_clinic,
    "village_doctors": village_doctor,
    "monitored_villages": village,
}


def workbook_of(*changed: Sheet) -> tuple[Sheet, ...]:
    """Return the five sheets, those given in place of the good ones."""
    given = {sheet.table: sheet for sheet in changed}
    return tuple(
        given.get(table) or Sheet(table, (make(1), make(2))) for table, make in GOOD.items()
    )


def county_sheet(*lines: Line) -> tuple[Sheet, ...]:
    """Return the workbook with these county hospitals."""
    return workbook_of(Sheet("county_hospitals", lines))


def township_sheet(*lines: Line) -> tuple[Sheet, ...]:
    """Return the workbook with these township hospitals."""
    return workbook_of(Sheet("township_hospitals", lines))


def clinic_sheet(*lines: Line) -> tuple[Sheet, ...]:
    """Return the workbook with these village clinics."""
    return workbook_of(Sheet("village_clinics", lines))
