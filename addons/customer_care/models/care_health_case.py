from odoo import models
from odoo.tools import SQL


class CareHealth(models.AbstractModel):
    _inherit = "care.health"

    def _health_facts(self):
        return super()._health_facts() | {
            "open_cases": {
                "label": self.env._("Severe cases open"), "unit": self.env._("cases"),
                "sequence": 75, "default": 0,
                "help": self.env._(
                    "Complaints and defects of severity Severe or Critical that are not resolved "
                    "yet; 0 without one.")},
        }

    def _query_fact_open_cases(self, company, scope, today) -> SQL:
        """Index care_case_severe_idx."""
        return SQL(
            """SELECT s.commercial_partner_id AS partner_id, COUNT(*) AS value FROM care_case s
                WHERE s.company_id = %s AND s.active AND s.kind IN ('complaint', 'defect')
                  AND s.severity IN ('3', '4') AND s.stage_kind IN ('new', 'open', 'waiting')
                  AND %s
             GROUP BY s.commercial_partner_id""",
            company.id,
            self.env["care.purchases"]._query_scope(scope, SQL("s.commercial_partner_id")))
