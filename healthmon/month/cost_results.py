"""Stays in hospital: costs, referrals, caps, and rates stated on forms."""

from functools import cached_property

import pandas as pd

from healthmon.costs.bulletin import count_bulletin
from healthmon.costs.caps import count_caps
from healthmon.costs.form_shares import compare_forms
from healthmon.costs.referrals import count_referrals
from healthmon.costs.stays import inpatient_stays
from healthmon.month.kept_results import KeptResults


class CostResults(KeptResults):
    """Stays in hospital: costs, referrals, caps, and rates stated on forms."""

    visits: pd.DataFrame
    """Those of :class:`healthmon.month.facility_results.FacilityResults`."""

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Stays in hospital of the last 12 months, person by person: never to be shown."""
        return self.keep_frame("stays", inpatient_stays)

    @cached_property
    def cost_bulletin(self) -> pd.DataFrame:
        """Stays and costs by pair of months, place, level and distance (QH-4)."""
        return self.keep_frame("cost_bulletin", count_bulletin)

    @cached_property
    def referral_counts(self) -> pd.DataFrame:
        """Stays outside the county by residence, with those after a referral (GZ, KF-6)."""
        return self.keep_frame("referral_counts", lambda *_: count_referrals(self.stays))

    @cached_property
    def cap_counts(self) -> pd.DataFrame:
        """Stays above the cap by hospital, county, level and month (KF-3)."""
        return self.keep_frame("cap_counts", lambda *asked: count_caps(*asked, self.stays))

    @cached_property
    def form_shares(self) -> pd.DataFrame:
        """Rates that hospitals state beside those counted from settlements (C4, T5)."""
        return self.keep_frame("form_shares", lambda *asked: compare_forms(*asked, self.visits))
