from odoo import api, fields, models


class CrmLead(models.Model):
    """To whom a deal was lost, beside the reason; forgotten when it is reopened."""

    _inherit = "crm.lead"

    lost_competitor_id = fields.Many2one(
        "sales.competitor", "Lost To", copy=False, ondelete="set null", index="btree_not_null",
        help="The competitor who got the deal. Losses are counted by it in the win rate report.",
        groups="base.group_user", prefetch=True)

    @api.model
    def _prepare_outcome_vals(self, old, new, now):
        vals = super()._prepare_outcome_vals(old, new, now)
        return {**vals, "lost_competitor_id": False} if new in ("open", "won") else vals
