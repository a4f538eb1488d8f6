from odoo import fields, models


class NurtureAccountTier(models.Model):
    """One row: one level of attention for businesses that sales wants to win."""

    _name = "nurture.account.tier"
    _inherit = "nurture.shared"
    _description = "Tier of target accounts"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    note = fields.Char("What it means", help="How businesses of this tier are treated.")
    account_count = fields.Integer("Accounts", compute="_compute_account_count")

    _name_uniq = models.UniqueIndex("(name)", "There is already a tier of this name.")

    def _compute_account_count(self):
        rows = self.env["nurture.account"]._read_group(
            [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
        )
        count = {tier.id: number for tier, number in rows}
        for tier in self:
            tier.account_count = count.get(tier.id, 0)
