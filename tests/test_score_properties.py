"""What holds for every facility, whatever is written on its form."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.rules.scoring import score_facilities
from healthmon.rules.standards import ScoreStandard

from test_qh1_boundaries import COUNTY, DISEASES, TOWNSHIP

MAYBE = st.one_of(st.none(), st.booleans())
SMALL = st.one_of(st.none(), st.integers(0, 12))
COUNTS = st.one_of(st.none(), st.integers(0, 1000))


def county_form() -> st.SearchStrategy[dict]:
    flags = ("has_ct", "is_ct_operable", "has_colour_ultrasound", "is_colour_ultrasound_operable",
             "has_internal_medicine", "has_surgery", "has_obstetrics_gynaecology",
             "has_paediatrics", "has_emergency", "has_one_stop_settlement",
             "has_telemedicine")  # fmt: skip
    return st.fixed_dictionaries(
        dict.fromkeys(flags, MAYBE)
        | {"hospital_type": st.sampled_from(["general", "tcm"]), "support_team_count": SMALL}
    ).flatmap(lambda form: with_rate(form, "in_county_visit_count", "visit_count"))


def township_form() -> st.SearchStrategy[dict]:
    devices = ("ecg", "xray", "biochemistry_analyser")
    return st.fixed_dictionaries(
        {f"has_{name}": MAYBE for name in devices}
        | {f"is_{name}_operable": MAYBE for name in devices}
        | {f"poor_{name}_{what}_count": COUNTS for name in DISEASES
           for what in ("patient", "contracted", "followed_up")}
        | {"township_gp_count": SMALL, "township_physician_count": SMALL,
           "drug_kind_count": SMALL, "resident_count": st.sampled_from([None, 10000, 10001])}
    ).flatmap(lambda form: with_rate(form, "grassroots_visit_count", "visit_count"))  # fmt: skip


def with_rate(form: dict, top: str, bottom: str) -> st.SearchStrategy[dict]:
    pair = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.one_of(st.just((None, None)), pair).map(
        lambda counts: form | dict(zip((top, bottom), counts, strict=True))
    )


FORMS = [
    pytest.param(COUNTY, county_form(), id="county"),
    pytest.param(TOWNSHIP, township_form(), id="township"),
]
every_standard = pytest.mark.parametrize(("standard", "form"), FORMS)


def score(standard: ScoreStandard, forms: list[dict]) -> pd.DataFrame:
    kinds = {"hospital_type": "str"}
    frame = pd.DataFrame(forms)
    for name in frame:
        yes_no = name.startswith(("has_", "is_"))
        frame[name] = frame[name].astype(kinds.get(name, "boolean" if yes_no else "Int64"))
    return score_facilities(frame, standard)


def examined(form: st.SearchStrategy, size: int = 6) -> st.SearchStrategy[list[dict]]:
    return st.lists(form, min_size=1, max_size=size)


@every_standard
def test_points_stay_in_bounds_and_parts_sum_to_the_total(
    standard: ScoreStandard, form: st.SearchStrategy
) -> None:
    @given(examined(form))
    @settings(max_examples=60, deadline=None)
    def holds(forms: list[dict]) -> None:
        scored = score(standard, forms)
        for end in ("lowest", "highest"):
            parts = [scored[f"{name}_{end}_points"] for name in standard.components]
            for part, component in zip(parts, standard.components.values(), strict=True):
                assert part.between(0, component.maximum).all()
            assert (sum(parts) == scored[f"{end}_points"]).all()
        assert (scored["lowest_points"] <= scored["highest_points"]).all()
        same = scored["lowest_points"] == scored["highest_points"]
        assert (scored["points"].notna() == same).all()

    holds()


@every_standard
def test_the_order_of_rows_does_not_matter(
    standard: ScoreStandard, form: st.SearchStrategy
) -> None:
    @given(examined(form))
    @settings(max_examples=30, deadline=None)
    def holds(forms: list[dict]) -> None:
        ahead = score(standard, forms)["state"].tolist()
        assert score(standard, forms[::-1])["state"].tolist() == ahead[::-1]

    holds()


@every_standard
def test_filling_in_a_blank_stays_within_what_was_possible(
    standard: ScoreStandard, form: st.SearchStrategy
) -> None:
    @given(form, form)
    @settings(max_examples=80, deadline=None)
    def holds(blank: dict, other: dict) -> None:
        rates = [name for name in blank if "visit" in name]
        filled = {k: other[k] if v is None and k not in rates else v for k, v in blank.items()}
        before, after = score(standard, [blank, filled]).to_dict("records")
        assert before["lowest_points"] <= after["lowest_points"]
        assert after["highest_points"] <= before["highest_points"]

    holds()


BETTER = {
    "county": [("has_telemedicine", True), ("has_ct", True), ("support_team_count", 12)],
    "township": [("is_ecg_operable", True), ("township_gp_count", 12), ("drug_kind_count", 12),
                 ("township_physician_count", 12)],
}  # fmt: skip


@every_standard
def test_more_is_never_worse(standard: ScoreStandard, form: st.SearchStrategy) -> None:
    @given(form, st.sampled_from(BETTER[standard.unit]))
    @settings(max_examples=80, deadline=None)
    def holds(now: dict, change: tuple[str, object]) -> None:
        before, after = score(standard, [now, now | dict([change])]).to_dict("records")
        assert after["lowest_points"] >= before["lowest_points"]
        assert after["highest_points"] >= before["highest_points"] or now[change[0]] is None

    holds()


@pytest.mark.parametrize(
    ("standard", "top", "full"),
    [(COUNTY, "in_county_visit_count", "C4"), (TOWNSHIP, "grassroots_visit_count", "T5")],
)
def test_points_of_a_rate_never_fall_as_it_rises(
    standard: ScoreStandard, top: str, full: str
) -> None:
    frame = pd.DataFrame({top: range(1001), "visit_count": 1000}).astype("Int64")
    points = standard.components[full].score(frame).lowest
    assert (points[1:] >= points[:-1]).all()
    assert points[-1] == standard.components[full].maximum * 100
