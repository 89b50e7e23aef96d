"""One month of the monitoring: every result, computed when first asked for and then kept.

What notebooks open. Results lie in ``data/processed/results/<month>/`` under a fingerprint of
everything they were made from; they can be deleted at any time.
"""

from pathlib import Path

from healthmon.errors import UserError
from healthmon.fingerprint import take_real_data_fingerprint
from healthmon.kept import forget_others
from healthmon.month.cost_results import CostResults
from healthmon.month.department_results import DepartmentResults
from healthmon.month.facility_results import FacilityResults
from healthmon.month.household_results import HouseholdResults
from healthmon.month.risk_results import RiskResults
from healthmon.month.service_results import ServiceResults
from healthmon.project import open_project


class Month(
    FacilityResults,
    HouseholdResults,
    DepartmentResults,
    ServiceResults,
    CostResults,
    RiskResults,
):
    """The results of one month.

    Parameters
    ----------
    project : Project
        The checkout.
    month : str
        Month of the report, as in ``2022-06``; only what had been delivered by then is seen.
    """

    def forget_stale(self) -> None:
        """Remove results made from other data, parameters or code; for when nobody reads them."""
        forget_others(self._results, self.fingerprint)
        forget_others(self._real_data.parent, take_real_data_fingerprint(self.project))


def open_month(month: str, root: Path | str | None = None) -> Month:
    """Open one month of a checkout.

    Parameters
    ----------
    month : str
        As in ``2022-06``.
    root : path, optional
        The checkout; found as in :func:`healthmon.project.open_project`.

    Raises
    ------
    UserError
        When the month is not written as one or its exports have not been taken in.
    """
    opened = Month(open_project(root), month)
    if not list(opened.project.processed.glob(f"*/{opened.month}.parquet")):
        raise UserError(
            f"nothing has been taken in for {month}: run `make report MONTH={month}` "
            f"(or `healthmon intake {month}`) first"
        )
    return opened
