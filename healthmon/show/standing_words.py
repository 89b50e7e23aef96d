"""Chinese words for where places stand, as leaders read them."""

STATES = {
    "reached": "达标",
    "under": "未达标",
    "undetermined": "待定",
    "no_target": "未定目标",
    "no_cases": "无对象",
    "*": "不公布",
}
NOT_IN_FORCE = "尚未生效，仅作对照"
TRENDS = {"up": "上升", "down": "下降", "steady": "无明显变化", "": "—"}
RANK_CHANGES = {"better": "前移", "worse": "后移", "same": "无明显变化", "": "—"}
POSITIONS = {
    ("below", "below"): "明显偏低",
    ("below", "within"): "偏低",
    ("within", "within"): "正常",
    ("above", "within"): "偏高",
    ("above", "above"): "明显偏高",
}
"""Position within the inner and the outer limits of the funnel."""
BINDING, COMPARISON = "本省文件的要求", "对照：外地文件或做法，不约束本省"
GROUPS = {
    "major_diseases": "大病救治",
    "family_doctors": "家庭医生",
    "costs": "费用",
    "caps": "自付封顶",
    "deadlines": "时限",
}
LOW = (POSITIONS["below", "within"], POSITIONS["below", "below"])
HIGH = (POSITIONS["above", "within"], POSITIONS["above", "above"])
