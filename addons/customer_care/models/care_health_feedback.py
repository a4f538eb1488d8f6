from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL

from .care_health_facts import RATING_DAYS


class CareHealth(models.AbstractModel):
    _inherit = "care.health"

    def _health_facts(self):
        return super()._health_facts() | {
            "nps": {
                "label": self.env._("Last NPS answer"), "unit": self.env._("of 10"),
                "sequence": 75,
                "help": self.env._(
                    "What the customer's people answered last to “would you recommend us”, within "
                    "a year; not known without an answer.")},
        }

    def _query_fact_nps(self, company, scope, today: date) -> SQL:
        """Answers are few beside customers. Index care_feedback_span_idx."""
        self.env["care.feedback"].flush_model()
        return SQL(
            """SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id AS partner_id,
                      value::float8 AS value
                 FROM care_feedback
                WHERE metric = 'nps' AND excluded_reason IS NULL AND company_id = %s
                  AND responded_at >= %s AND %s
             ORDER BY commercial_partner_id, responded_at DESC, id DESC""",
            company.id, today - timedelta(days=RATING_DAYS),
            self.env["care.purchases"]._query_scope(scope, SQL("commercial_partner_id")))
