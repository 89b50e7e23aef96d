"""The words on the departments' forms: folders, files, sheets, headers, categories.

Written here by hand and not read from ``params/exports``: whoever plants an error must not be who
finds it. A test holds the two against each other.
"""

RURAL = "乡村振兴"
CIVIL = "民政"
HEALTH = "卫生健康"
INSURANCE = "医保"
OFFICE = "监测办"

FILES = {
    "registered_households": (RURAL, "建档立卡户_{month}.csv"),
    "registered_persons": (RURAL, "建档立卡人口_{month}.csv"),
    "household_incomes": (RURAL, "家庭收入_{year}.csv"),
    "social_assistance": (CIVIL, "社会救助_{county}_{month}.xlsx"),
    "facility_forms": (HEALTH, "医疗机构监测表_{prefecture}_{month}.xlsx"),
    "chronic_patients": (HEALTH, "慢病患者_{month}.csv"),
    "major_disease_cases": (HEALTH, "大病救治_{month}.csv"),
    "family_doctor_contracts": (HEALTH, "家庭医生签约_{month}.csv"),
    "follow_up_visits": (HEALTH, "慢病随访_{month}.csv"),
    "unsigned_persons": (HEALTH, "未签约人员_{month}.csv"),
    "telephone_checks": (HEALTH, "电话抽查_{month}.csv"),
    "referrals": (HEALTH, "转诊登记_{month}.csv"),
    "monitored_households": (HEALTH, "监测对象核实帮扶_{month}.csv"),
    "insurance_enrolment": (INSURANCE, "参保名单_{prefecture}_{year}.csv"),
    "settlements": (INSURANCE, "医保结算_{prefecture}_{month}.csv"),
    "receipts": (OFFICE, "收件登记_{month}.csv"),
}
SHEETS = {
    "social_assistance": "救助对象",
    "county_hospitals": "县级医院",
    "township_hospitals": "乡镇卫生院",
    "village_clinics": "村卫生室",
    "village_doctors": "村医",
    "monitored_villages": "行政村名录",
}
_T3 = tuple(
    f"{who}{disease}{what}"
    for who in ("贫困", "全部")
    for disease in ("高血压", "糖尿病", "严重精神障碍")
    for what in ("患者数", "签约数", "随访数")
)
HEADERS = {
    "registered_households": (
        "户编号", "户主姓名", "联系电话", "行政村代码", "户类型", "主要致贫原因", "变动类型",
        "变动日期",
    ),
    "registered_persons": (
        "户编号", "姓名", "证件号码", "与户主关系", "性别", "出生日期", "民族", "文化程度",
        "劳动能力",
        "是否残疾", "变动类型", "变动日期",
    ),
    "household_incomes": ("户编号", "年度", "人均纯收入(元)", "是否返贫"),
    "social_assistance": (
        "姓名", "证件号码", "出生日期", "行政村代码", "救助类别", "月救助金额(元)", "变动类型",
        "变动日期",
    ),
    "county_hospitals": (
        "机构编码", "机构名称", "县级代码", "机构类别", "是否公立", "医院级别", "CT是否配备",
        "CT能否使用",
        "彩超是否配备", "彩超能否使用", "内科", "外科", "妇产科", "儿科", "急诊科", "一站式结算",
        "远程医疗",
        "帮扶团队人数", "上年度贫困人口县域内就诊率(%)",
    ),
    "township_hospitals": (
        "机构编码", "机构名称", "乡镇代码", "乡镇常住人口", "心电图机是否配备", "心电图机能否使用",
        "X光机是否配备", "X光机能否使用", "生化分析仪是否配备", "生化分析仪能否使用",
        "全科医师人数",
        "执业医师人数", "执业助理医师人数", *_T3, "药品种类数", "上年度乡村两级诊疗占比(%)",
        "远程医疗",
        "中医馆",
    ),
    "village_clinics": (
        "机构编码", "机构名称", "行政村代码", "是否公有产权", "是否流动卫生室", "药品种类数",
    ),
    "village_doctors": (
        "姓名", "证件号码", "行政村代码", "机构编码", "出生日期", "是否合格", "来源",
        "服务常住居民数",
    ),
    "monitored_villages": ("行政村代码", "行政村名称", "常住人口"),
    "chronic_patients": (
        "姓名", "证件号码", "出生日期", "行政村代码", "病种", "确诊日期", "变动类型", "变动日期",
    ),
    "major_disease_cases": (
        "姓名", "证件号码", "病种", "确诊日期", "制定方案日期", "计划救治日期", "核实日期",
        "救治日期", "填报日期", "销号日期", "变动日期",
    ),
    "family_doctor_contracts": ("姓名", "证件号码", "户编号", "团队编码", "签约日期"),
    "follow_up_visits": ("姓名", "证件号码", "病种", "随访日期", "随访方式"),
    "unsigned_persons": (
        "姓名", "证件号码", "未签约原因", "处置措施", "处置日期", "变动类型", "变动日期",
    ),
    "telephone_checks": ("户编号", "团队编码", "抽查日期", "抽查结果"),
    "referrals": ("姓名", "证件号码", "转诊日期", "转出机构编码", "转入机构级别"),
    "monitored_households": ("户编号", "纳入日期", "入户核实日期", "落实措施日期", "变动日期"),
    "insurance_enrolment": (
        "姓名", "证件号码", "年度", "人员类别", "基本医保", "大病保险", "医疗救助",
    ),
    "settlements": (
        "结算单号", "姓名", "证件号码", "就诊机构编码", "机构级别", "机构所在县代码", "医疗类别",
        "就诊日期",
        "出院日期", "结算日期", "主要诊断编码", "总费用(元)", "基本医保支付(元)",
        "大病保险支付(元)",
        "医疗救助支付(元)", "政策范围外费用(元)", "个人自付(元)",
    ),
    "receipts": ("文件名", "收到日期"),
}  # fmt: skip

NO_YES = ("否", "是")
HOUSEHOLD_KINDS = ("未脱贫户", "脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
CAUSES = (
    "因病", "因残", "因学", "因灾", "缺劳力", "缺技术", "缺资金", "缺土地", "交通条件落后",
    "自身发展动力不足", "其他",
)  # fmt: skip
HOUSEHOLD_CHANGES = ("存量", "新增", "变更", "注销")
PERSON_CHANGES = ("存量", "新增", "出生", "死亡", "迁出", "变更")
RELATIONS = ("户主", "配偶", "子女", "父母", "孙子女", "其他")
SEXES = ("女", "男")
EDUCATIONS = ("学龄前儿童", "文盲或半文盲", "小学", "初中", "高中", "大专及以上")
LABOUR = ("普通劳动力", "弱劳动力或半劳动力", "无劳动力", "丧失劳动力")
ASSISTANCE_KINDS = ("农村低保", "城市低保", "特困供养")
ASSISTANCE_CHANGES = ("存量", "新增", "停发")
HOSPITAL_TYPES = ("综合医院", "中医医院", "民族医医院", "妇幼保健院")
LEVELS = ("未定级", "一级", "二级", "三级")
ORIGINS = ("本地", "巡诊", "派驻")
PERSON_KINDS = ("建档立卡", "特困", "低保", "其他")
CHRONIC = ("高血压", "糖尿病", "严重精神障碍", "肺结核")
CHRONIC_CHANGES = ("存量", "新增", "注销")
VISIT_MODES = ("入户", "门诊", "电话")
UNSIGNED_CLASSES = ("身份信息错误", "无身份证或社保卡", "长期外出")
UNSIGNED_ACTIONS = ("摸底上报", "告知办证", "电话联系")
"""Each class's own action stands at its place."""
UNSIGNED_CHANGES = ("存量", "新增", "变更", "注销")
CALL_RESULTS = ("有效", "空号", "停机", "非本户", "无人接听")
VISIT_TYPES = ("住院", "普通门诊", "门诊慢特病")
