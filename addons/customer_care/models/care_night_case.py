from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .conflicts import apart

#: Cases that are told again in one go.
CHUNK = 5_000
#: Cases that are closed in one go; each writes its history.
CLOSED = 200
#: Days back in which every resolved case is looked at each night: its customer may have been
#: merged, or joined to another company, without a word to the case.
RECENT = 45


class CareNight(models.Model):
    """Resolved cases without a word are closed; first contact resolution becomes final."""

    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "case_close": {"label": self.env._("Resolved cases"), "sequence": 62},
            "fcr": {"label": self.env._("First contact resolution"), "sequence": 64},
            "fcr_again": {
                "label": self.env._("First contact resolution of all cases"), "sequence": 65,
                "every": 30},
        }

    def _night_case_close(self, company, now, position):
        """Close what stayed resolved long enough; a real word would have opened it again."""
        if not company.care_autoclose_days:
            return None
        cases = self.env["care.case"].search([
            ("company_id", "=", company.id), ("stage_kind", "=", "resolved"),
            ("last_resolved_at", "<", now - timedelta(days=company.care_autoclose_days)),
            ("id", ">", position)], order="id", limit=CLOSED)
        for case in cases:
            # it is tried every night
            with apart(self.env, "Case %s could not be closed", case.id):
                case._close("solved")
        return cases[-1].id if len(cases) == CLOSED else None

    def _night_fcr(self, company, now, position):
        """Cases whose window has passed, and all that were resolved lately."""
        return self._tell_fcr(company, now, position, self._query_ripe(company, now))

    def _night_fcr_again(self, company, now, position):
        """All cases, once a month: customers were merged, or moved to another company."""
        return self._tell_fcr(company, now, position)

    def _tell_fcr(self, company, now, position, condition=None):
        ids = self._query_cases(company, position, condition)
        self.env["care.case"].browse(ids)._refresh_fcr(now)
        return ids[-1] if len(ids) == CHUNK else None

    def _query_ripe(self, company, now) -> SQL:
        return SQL(
            """(fcr_state = 'pending' AND fcr_matures_on < %(now)s)
               OR resolved_at >= %(now)s - %(recent)s * interval '1 day'""",
            now=now, recent=RECENT + company.care_fcr_days)

    def _query_cases(self, company, position, condition) -> list[int]:
        """The next cases of a company. Indexes _fcr_due_idx and that of the resolution."""
        self.env["care.case"].flush_model()
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT id FROM care_case
                WHERE company_id = %(company)s AND id > %(position)s AND (%(condition)s)
                ORDER BY id LIMIT %(limit)s""",
            company=company.id, position=position, condition=condition or SQL("TRUE"),
            limit=CHUNK))]
