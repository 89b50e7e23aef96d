"""Names are compared as they are meant, however they were typed."""

import pytest

from healthmon.intake.names import compare_names, normalise_name, sound

WRITTEN = [
    ("才让·尖措", "才让·尖措"),
    ("才让•尖措", "才让·尖措"),
    ("才让・尖措", "才让·尖措"),
    ("才让．尖措", "才让·尖措"),
    ("才让.尖措", "才让·尖措"),
    ("才让‧尖措", "才让·尖措"),
    ("才让 · 尖措", "才让·尖措"),
    ("张　三", "张三"),
    (" 张 三\u200b", "张三"),
    ("张三（小名狗娃）", "张三"),
    ("张三(又名李四)", "张三"),
    ("ＬＩ  Ｍｉｎｇ", "LI MING"),
    ("李xin", "李XIN"),
    ("·卓玛", "卓玛"),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN)
def test_a_name_is_normalised(written: str, meant: str) -> None:
    assert normalise_name(written) == meant
    assert normalise_name(meant) == meant


COMPARED = [
    ("the same name", "才让·尖措", "才让·尖措", "same"),
    ("the dot left out", "才让·尖措", "才让尖措", "same"),
    ("a homophone", "才让·尖措", "才让·尖错", "same_sound"),
    ("a rare character typed as pinyin", "李鑫", "李XIN", "same_sound"),
    ("traditional for simplified", "张国华", "張國華", "same_sound"),
    ("one of three characters left out", "王小明", "王明", "alike"),
    ("one of two characters another", "王明", "王强", "different"),
    ("another name", "王小明", "李卓玛", "different"),
]


@pytest.mark.parametrize(
    ("one", "other", "how"), [c[1:] for c in COMPARED], ids=[c[0] for c in COMPARED]
)
def test_two_names_agree(one: str, other: str, how: str) -> None:
    assert compare_names(one, other) == how
    assert compare_names(other, one) == how


def test_a_name_without_sound_sounds_like_no_other() -> None:
    assert sound("··") == ""
    assert compare_names("12", "34") == "different"
