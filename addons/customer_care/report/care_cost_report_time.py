from odoo import models
from odoo.tools import SQL


class CareCostReport(models.Model):
    _inherit = "care.cost.report"
    _depends = {
        "care.case.time": [
            "case_id", "company_id", "day", "minutes", "cost", "user_id", "commercial_partner_id"],
        "account.analytic.line": ["user_id", "unit_amount"],
    }

    def _cost_sources(self):
        return super()._cost_sources() | {"cases": self.env._("Time on cases")}

    def _query_cost_cases(self, company) -> SQL:
        """Hours on cases keep customers, all of them. Index care_case_time_day_idx."""
        return SQL(
            """SELECT t.id AS ref, t.day, NULL AS category_id,
                      t.commercial_partner_id AS partner_id,
                      k.number || ' · ' || t.minutes || ' min' AS name, t.cost AS gross,
                      100 AS percent, 'care.case' AS res_model, k.id AS res_id
                 FROM care_case_time t JOIN care_case k ON k.id = t.case_id
                WHERE t.company_id = %s AND t.cost > 0""",
            company.id,
        )

    def _query_cost_analytic(self, company) -> SQL:
        """Hours that stand on cases too count there: of what the same person booked that day on
        flagged accounts, the rest counts. Index care_case_time_day_idx.
        """
        return SQL(
            """SELECT ref, day, category_id, partner_id, name,
                      CASE WHEN hours > 0 THEN gross * GREATEST(1 - on_cases / hours, 0)
                           ELSE gross END AS gross,
                      percent, res_model, res_id
                 FROM (SELECT b.*, t.cost AS on_cases,
                              CASE WHEN t.cost > 0
                                   THEN SUM(b.gross) OVER (PARTITION BY t.user_id, b.day)
                              END AS hours
                         FROM (%s) b
                         JOIN account_analytic_line l ON l.id = b.ref
                    LEFT JOIN (SELECT user_id, day, SUM(cost) AS cost FROM care_case_time
                                WHERE company_id = %s GROUP BY user_id, day) t
                           ON t.user_id = l.user_id AND t.day = b.day
                          AND l.general_account_id IS NULL AND l.unit_amount > 0) booked""",
            super()._query_cost_analytic(company), company.id,
        )
