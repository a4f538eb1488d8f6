from odoo import models


class SalesHandoverLine(models.Model):
    """A deal that is handed over brings its brief; one that is taken back does not."""

    _inherit = "sales.handover.line"

    def _get_records(self, spec):
        handover = self.handover_id[:1]
        returned = handover.kind == "leave" and handover.state == "returning"
        return super()._get_records(spec).with_context(
            sales_brief_reason="returned" if returned else "handover")
