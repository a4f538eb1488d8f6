from odoo import api, fields, models


class CareCostPeriodPart(models.Model):
    """What one source and kind of cost contributed to a printed period, then and as known now."""

    _name = "care.cost.period.part"
    _description = "Part of a period's retention cost"
    _order = "printed desc, id"

    period_id = fields.Many2one(
        "care.cost.period", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="period_id.company_id", store=True)
    currency_id = fields.Many2one(related="period_id.company_id.currency_id")
    source = fields.Selection("_select_source", required=True, readonly=True)
    category_id = fields.Many2one("care.retention.category", "Kind", readonly=True)
    printed = fields.Monetary(readonly=True)
    known = fields.Monetary("Known now", readonly=True)

    @api.model
    def _select_source(self):
        return self.env["care.cost.report"]._select_source()

    def action_open_lines(self):
        """The single costs of this source and kind."""
        self.ensure_one()
        return self.period_id._get_lines_action(
            [("source", "=", self.source), ("category_id", "=", self.category_id.id)])
