"""The judge of the blind set, held against outcomes made by hand; intake is not asked."""

import pytest
from blind_case import AnyOf, Case, Delivery, Line, Sheet
from blind_outcome import Outcome
from blind_verdict import judge_outcome

FILE = "家庭医生签约_2022-06.csv"
KEY = (f"2022-06/{FILE}", "family_doctor_contracts", 2)
ROW = {"team_code": "T1", "person_id": 5}
LINK = {"link_kind": "name_birth_village", "link_score": 0.9}


def outcome(**known) -> Outcome:
    nothing = {
        "taken": {}, "aside": set(), "problems": (), "counts": {}, "links": {}, "texts": (),
        "readable_by_others": (), "returned": {},
    }  # fmt: skip
    return Outcome(**(nothing | known))


def judged(line: Line, result: Outcome, **said) -> list[str]:
    sheet = Sheet("family_doctor_contracts", (line,), headers=("姓名",))
    case = Case("one row", "none", (Delivery(FILE, b"", (sheet,), "卫生健康", **said),))
    return [finding.verdict for finding in judge_outcome(case, result)]


def sent(fate: str = "taken", clean=None, **known) -> Line:
    return Line(
        {"姓名": "扎西措毛"}, {"team_code": "T1"} if clean is None else clean, fate, **known
    )


TAKEN, ASIDE, NEITHER = outcome(taken={KEY: ROW}), outcome(aside={KEY}), outcome()
PROBLEM = {"file": f"2022-06/卫生健康/{FILE}", "message": "nothing in it"}


@pytest.mark.parametrize(
    ("line", "result", "verdicts"),
    [
        pytest.param(sent(), TAKEN, [], id="a good row taken"),
        pytest.param(sent(), ASIDE, ["wrongly refused"], id="a good row set aside"),
        pytest.param(sent(), NEITHER, ["wrongly refused"], id="a good row lost"),
        pytest.param(sent(clean={"team_code": "T2"}), TAKEN, ["wrongly taken"], id="a wrong value"),
        pytest.param(sent(clean={"team_code": AnyOf((None, "T1"))}), TAKEN, [], id="one of two"),
        pytest.param(sent(clean={"team_code": None}), TAKEN, ["wrongly taken"], id="not missing"),
        pytest.param(sent("aside"), ASIDE, [], id="a bad row set aside"),
        pytest.param(sent("aside"), TAKEN, ["wrongly taken"], id="a bad row taken"),
        pytest.param(sent("aside"), NEITHER, ["missed"], id="a bad row lost"),
        pytest.param(sent("either"), ASIDE, [], id="an open row set aside"),
        pytest.param(sent("either"), NEITHER, ["missed"], id="an open row lost"),
        pytest.param(sent("ignored"), NEITHER, [], id="no record passed over"),
        pytest.param(sent("ignored"), TAKEN, ["wrongly taken"], id="no record taken"),
        pytest.param(
            sent(), outcome(taken={KEY: ROW}, aside={KEY}), ["missed"], id="taken and set aside"
        ),
        pytest.param(sent(is_linked=True), TAKEN, ["missed"], id="a link that is not stated"),
        pytest.param(
            sent(is_linked=True),
            outcome(taken={KEY: ROW}, links={(KEY[0], 2): LINK}),
            [],
            id="a link that is stated",
        ),
        pytest.param(
            sent(),
            outcome(taken={KEY: ROW, (*KEY[:2], 3): ROW}),
            ["wrongly taken"],
            id="a row that nobody sent",
        ),
        pytest.param(
            sent(), outcome(taken={KEY: ROW}, texts=("扎西措毛",)), ["exposed"], id="a name"
        ),
        pytest.param(
            sent(),
            outcome(taken={KEY: ROW}, counts={KEY[0]: {"rows_read": 3, "rows_taken": 1}}),
            ["missed"],
            id="rows in are not rows out",
        ),
    ],
)
def test_rows(line, result, verdicts):
    assert judged(line, result) == verdicts


@pytest.mark.parametrize(
    ("said", "problems", "verdicts"),
    [
        pytest.param({"is_named": True}, (), ["missed"], id="a bad file without a word"),
        pytest.param({"is_named": True}, (PROBLEM,), [], id="a bad file that is named"),
        pytest.param({"is_good": True}, (PROBLEM,), ["wrongly refused"], id="a good file accused"),
        pytest.param({"is_good": True}, (), [], id="a good file left alone"),
        pytest.param({"said": ("姓名",)}, (), ["missed"], id="a conversion that is not stated"),
    ],
)
def test_files(said, problems, verdicts):
    assert judged(sent(), outcome(taken={KEY: ROW}, problems=problems), **said) == verdicts


def test_a_refused_file_is_right_only_where_that_is_allowed_and_it_is_named():
    refused = outcome(problems=(PROBLEM,))
    assert judged(sent(), refused, may_be_refused=True) == []
    assert judged(sent(), refused) == ["wrongly refused"]
    assert judged(sent(), outcome(), may_be_refused=True) == ["wrongly refused"]


def test_two_persons_with_one_id_are_found():
    rows = {KEY: ROW, (*KEY[:2], 3): ROW}
    sheet = Sheet("family_doctor_contracts", (sent(who="a"), sent(who="b")), headers=("姓名",))
    case = Case("two rows", "none", (Delivery(FILE, b"", (sheet,), "卫生健康"),))
    found = [finding.text for finding in judge_outcome(case, outcome(taken=rows))]
    assert found == ["several persons share an id"]
