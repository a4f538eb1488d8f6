from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_care.engine.pace import ENOUGH, SHARES, Pace
from odoo.tools import SQL

#: Days of settled cases that are learnt from.
DAYS = 180


class CareCasePace(models.Model):
    """How long cases of one kind took: the hours to the first resolution of the settled cases of
    one team, and of one category and severity where those are enough.

    Told anew each night from the last 180 days; without duplicates, spam and what was cancelled.
    """

    _name = "care.case.pace"
    _description = "Usual time to resolve a case"
    _log_access = False
    _order = "team_id, category_id, severity, id"
    _rec_name = "team_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    team_id = fields.Many2one("care.team", required=True, readonly=True, ondelete="cascade")
    category_id = fields.Many2one("care.category", readonly=True, ondelete="cascade")
    severity = fields.Char(readonly=True)
    count = fields.Integer("Settled cases", readonly=True)
    hours = fields.Json("Hours at each twentieth", readonly=True)

    _company_idx = models.Index("(company_id, team_id)")

    @api.model
    def _learn(self, company, now) -> None:
        """Tell the hours of one company anew."""
        self.env["care.case"].flush_model()
        self._query_learn(company, now - timedelta(days=DAYS))
        self.invalidate_model(flush=False)

    def _query_learn(self, company, since):
        """Index care_case_settled_idx."""
        self.env.cr.execute(SQL(
            """WITH gone AS (DELETE FROM care_case_pace WHERE company_id = %(company)s)
               INSERT INTO care_case_pace (company_id, team_id, category_id, severity, count, hours)
               SELECT %(company)s, team_id, category_id, severity, COUNT(*),
                      to_jsonb(percentile_cont(%(shares)s::float8[]) WITHIN GROUP (
                          ORDER BY resolution_hours::float8))
                 FROM care_case
                WHERE company_id = %(company)s AND resolved_at >= %(since)s
                  AND resolution_hours IS NOT NULL
                  AND COALESCE(close_reason, 'solved') IN ('solved', 'no_answer')
             GROUP BY GROUPING SETS ((team_id, category_id, severity), (team_id, severity),
                                     (team_id, category_id), (team_id))
               HAVING COUNT(*) >= %(enough)s
                  AND (GROUPING(category_id) = 1 OR category_id IS NOT NULL)""",
            company=company.id, since=since, shares=list(SHARES), enough=ENOUGH))

    @api.model
    def _get_paces(self, cases) -> dict:
        """{case: (its most similar settled cases as Pace, what they have in common)}."""
        rows = self.search([("team_id", "in", cases.team_id.ids)])
        known = {(row.team_id.id, row.category_id.id, row.severity or False): row for row in rows}
        found = {}
        for case in cases:
            team, category, severity = case.team_id.id, case.category_id.id, case.severity
            for key in ((team, category, severity), (team, False, severity),
                        (team, category, False), (team, False, False)):
                row = known.get(key)
                if row:
                    found[case] = (Pace(row.count, row.hours), row)
                    break
        return found
