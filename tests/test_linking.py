"""Rows without a valid number are linked to the one person who fits, or stay set aside."""

import shutil
from pathlib import Path

import pytest

from healthmon.identities import open_identities
from healthmon.intake import take_in
from healthmon.intake.linkage import (
    Agreement,
    Described,
    Shares,
    agree,
    load_link_settings,
    score,
)
from healthmon.tables import read_table

from small_exports import OTHER_VILLAGE, SmallExports, household, identity, person, settlement

MONTH, NEXT = "2019-01", "2019-02"
CONTRACTS = "姓名,证件号码,户编号,团队编码,签约日期"
PATIENTS = "姓名,证件号码,出生日期,行政村代码,病种,确诊日期,变动类型,变动日期"
NAMES = ("才让·尖措", "李文", "王青霞", "马海云", "张国华", "韩玉兰")


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    """Six persons in two villages, each of a household of their own, born in different years."""
    exports = SmallExports(tmp_path)
    villages = ("630121100208", OTHER_VILLAGE)
    exports.households(MONTH, *(household(f"H{n}", villages[n % 2]) for n in range(6)))
    exports.persons(MONTH, *(register_row(n) for n in range(6)))
    return exports


def born(n: int) -> str:
    return f"19{40 + 7 * n}-03-1{n}"


def number(n: int, serial: int = 1) -> str:
    return identity(born(n).replace("-", ""), serial)


def register_row(n: int, name: str | None = None, home: str | None = None) -> str:
    row = person(number(n), home or f"H{n}", born=born(n))
    return row.replace("卓玛", name or NAMES[n])


def damaged(text: str) -> str:
    """The same number with one digit of the serial wrong, so that its check character is."""
    return text[:15] + str((int(text[15]) + 4) % 10) + text[16:]


def csv(exports: SmallExports, month: str, name: str, header: str, *lines: str) -> None:
    path = exports.path(month, "卫生健康", f"{name}_{month}.csv")
    path.write_text("\r\n".join([header, *lines, ""]), encoding="utf-8-sig", newline="")


def patient(name: str, written: str, birth: str = "", village: str = "") -> str:
    return f"{name},{written},{birth},{village},高血压,,新增,2019-01-20"


def person_ids(exports: SmallExports) -> dict[str, int]:
    known = open_identities(exports.project, NEXT)
    return dict(zip(known["identity_number"], known["person_id"], strict=True))


def links(exports: SmallExports) -> list[tuple[int, str]]:
    rows = read_table(exports.project, "links")
    assert rows["link_score"].between(0.95, 1).all()
    return list(zip(rows["person_id"], rows["link_kind"], strict=True))


def reasons(exports: SmallExports) -> list[str]:
    return read_table(exports.project, "set_aside")["reason_code"].tolist()


LINKED = [
    ("one digit wrong", patient("李文", damaged(number(1))), "name_number"),
    ("two digits exchanged", patient("李文", number(1)[:15] + "10" + number(1)[17]), "name_number"),
    ("the last character missing", patient("李文", number(1)[:-1]), "name_number"),
    (
        "an old number of 15 digits",
        patient("李文", number(1)[:6] + number(1)[8:17]),
        "name_number",
    ),
    (
        "no number, but birth date and village",
        patient("李文", "", born(1), OTHER_VILLAGE),
        "name_birth_village",
    ),
    (
        "a homophone, birth date and village",
        patient("李闻", "", born(1), OTHER_VILLAGE),
        "sound_birth_village",
    ),
    (
        "the birth date inside a number too damaged",
        patient("李文", "123456" + number(1)[6:14] + "9999", "", OTHER_VILLAGE),
        "name_birth_village",
    ),
    (
        "another dot, a broken number",
        patient("才让•尖措", damaged(number(0))),
        "name_number",
    ),
]


@pytest.mark.parametrize(("row", "kind"), [c[1:] for c in LINKED], ids=[c[0] for c in LINKED])
def test_a_row_is_linked_with(exports: SmallExports, row: str, kind: str) -> None:
    csv(exports, MONTH, "慢病患者", PATIENTS, row)
    report = take_in(exports.project, MONTH)
    who = person_ids(exports)[number(0 if "才让" in row else 1)]
    assert links(exports) == [(who, kind)]
    assert read_table(exports.project, "chronic_patients")["person_id"].tolist() == [who]
    assert (report.rows_taken, reasons(exports)) == (13, [])


NOT_LINKED = [
    ("nobody of that name and number", patient("赵大山", identity("19330909", 7)[:-1])),
    ("the name alone", patient("李文", "")),
    ("another name under a number that is close", patient("赵大山", damaged(number(1)))),
    ("the village, but another birth date", patient("李文", "", "1999-09-09", OTHER_VILLAGE)),
    ("no name", patient("", damaged(number(1)), born(1), OTHER_VILLAGE)),
]


@pytest.mark.parametrize("row", [c[1] for c in NOT_LINKED], ids=[c[0] for c in NOT_LINKED])
def test_a_row_stays_set_aside_with(exports: SmallExports, row: str) -> None:
    csv(exports, MONTH, "慢病患者", PATIENTS, row)
    take_in(exports.project, MONTH)
    assert links(exports) == []
    assert len(reasons(exports)) == 1
    assert "undecided_person" not in reasons(exports)


def test_two_who_fit_alike_are_undecided(exports: SmallExports) -> None:
    twin = person(number(1, 2), "H1", born=born(1)).replace("卓玛", "李文")
    exports.persons(MONTH, *(register_row(n) for n in range(6)), twin)
    csv(exports, MONTH, "慢病患者", PATIENTS, patient("李文", "", born(1), OTHER_VILLAGE))
    take_in(exports.project, MONTH)
    assert (links(exports), reasons(exports)) == ([], ["undecided_person"])


def test_who_has_a_row_of_their_own_leaves_the_other_twin(exports: SmallExports) -> None:
    twin = person(number(1, 2), "H1", born=born(1)).replace("卓玛", "李文")
    exports.persons(MONTH, *(register_row(n) for n in range(6)), twin)
    rows = patient("李文", number(1)), patient("李文", "", born(1), OTHER_VILLAGE)
    csv(exports, MONTH, "慢病患者", PATIENTS, *rows)
    take_in(exports.project, MONTH)
    assert links(exports) == [(person_ids(exports)[number(1, 2)], "name_birth_village")]


def test_a_household_counts_instead_of_the_place(exports: SmallExports) -> None:
    settings, shares = load_link_settings(exports.project.params), Shares(persons=999)
    shares.names["李文"], shares.households[3] = 9, 4
    row, person = (Described("李文", None, None, OTHER_VILLAGE, home) for home in (3, 3))
    # 10 of 1000 have the name, 5 of 1000 belong to the household
    assert agree(row, person, shares, settings) == (
        pytest.approx(90 * 0.95 / 0.005),
        "name_household",
    )
    elsewhere = agree(row, person._replace(household_id=4), shares, settings)
    assert elsewhere == (pytest.approx(90 * 0.05), "name")


def test_a_row_sees_no_person_delivered_later(exports: SmallExports) -> None:
    exports.persons(MONTH, *(register_row(n) for n in range(6) if n != 1))
    exports.persons(NEXT, register_row(1))
    csv(exports, MONTH, "慢病患者", PATIENTS, patient("李文", damaged(number(1))))
    csv(exports, NEXT, "慢病患者", PATIENTS, patient("李文", damaged(number(1))))
    take_in(exports.project, NEXT)
    rows = read_table(exports.project, "links")
    assert [file[:7] for file in rows["source_file"]] == [NEXT]


def test_a_month_on_top_links_to_persons_of_earlier_months(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    exports.settlements(NEXT, settlement(who=damaged(number(2))).replace("卓玛", "王青霞"))
    assert take_in(exports.project, NEXT).months_read == (NEXT,)
    assert links(exports) == [(person_ids(exports)[number(2)], "name_number_prefecture")]


def test_a_linked_row_that_came_before_is_set_aside(exports: SmallExports) -> None:
    exports.settlements(MONTH, settlement(who=number(2)).replace("卓玛", "王青霞"))
    exports.settlements(NEXT, settlement(who=damaged(number(2))).replace("卓玛", "王青霞"))
    take_in(exports.project, NEXT)
    assert (links(exports), reasons(exports)) == ([], ["repeated"])


def test_a_linked_row_whose_person_has_that_row_already_keeps_its_fault(
    exports: SmallExports,
) -> None:
    rows = patient("李文", number(1)), patient("李文", damaged(number(1)))
    csv(exports, MONTH, "慢病患者", PATIENTS, *rows)
    take_in(exports.project, MONTH)
    assert (links(exports), reasons(exports)) == ([], ["wrong_check_digit"])


def test_a_row_with_another_fault_is_not_linked(exports: SmallExports) -> None:
    csv(exports, MONTH, "慢病患者", PATIENTS, patient("李文", damaged(number(1)), "1999-99-99"))
    take_in(exports.project, MONTH)
    assert links(exports) == []
    assert sorted(reasons(exports)) == ["not_a_date", "wrong_check_digit"]


def test_the_score_is_the_chance_against_all_others(exports: SmallExports) -> None:
    settings = load_link_settings(exports.project.params)
    shares = Shares(persons=1000)
    # by hand: 0.5 / 1000 each; 0.5 + 0.0005 * (9000 + 1000) = 5.5
    scored = score({7: Agreement(1000, "a"), 5: Agreement(9000, "b")}, shares, settings)
    assert scored == [(pytest.approx(4.5 / 5.5), 5, "b"), (pytest.approx(0.5 / 5.5), 7, "a")]


def test_the_weights_are_multiplied(exports: SmallExports) -> None:
    settings, shares = load_link_settings(exports.project.params), Shares(persons=999)
    shares.names["李文"], shares.places["630121100208"] = 9, 99
    row = Described("李文", None, "19470311", "630121100208", None)
    person = Described("李文", number(1), "19470311", "630121100208", None)
    # 10 of 1000 have the name, 100 of 1000 live there
    by_hand = 0.90 / 0.01 * (0.95 / 0.00004) * (0.85 / 0.1)
    assert agree(row, person, shares, settings).ratio == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("630121100208", "name_village"),
        ("630121100", "name_township"),
        ("630121", "name_county"),
        ("630100", "name_prefecture"),
        ("632800", "name"),
        ("632822100201", "name"),
        ("630121100999", "name_township"),
        ("630122100201", "name_prefecture"),
    ],
)
def test_places_agree_on_the_finest_level_that_both_know(
    exports: SmallExports, place: str, kind: str
) -> None:
    settings = load_link_settings(exports.project.params)
    row = Described("李文", None, None, place, None)
    person = Described("李文", number(1), None, "630121100208", None)
    assert agree(row, person, Shares(persons=10), settings).kind == kind


def test_processes_link_the_same(
    exports: SmallExports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csv(exports, MONTH, "慢病患者", PATIENTS, patient("李文", damaged(number(1))))
    csv(exports, NEXT, "慢病患者", PATIENTS, patient("李文", damaged(number(1))))
    data = exports.project.root / "data"

    def taken_in() -> dict[str, bytes]:
        for folder in (exports.project.processed, exports.project.private):
            shutil.rmtree(folder, ignore_errors=True)
        take_in(exports.project, NEXT)
        return {
            path.relative_to(data).as_posix(): path.read_bytes()
            for path in data.rglob("*.*")
            if path.suffix in (".parquet", ".vault")
        }

    here = taken_in()
    assert len(links(exports)) == 2
    monkeypatch.setattr("healthmon.intake.workers._WORTH_IT", 0)
    monkeypatch.setattr("healthmon.intake.workers._cpu_count", lambda: 2)
    assert taken_in() == here
