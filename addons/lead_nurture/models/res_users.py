from odoo import api, models

# what decides whether somebody is one of ours or a customer, and by which address he is known
WATCHED = frozenset({"login", "active", "group_ids", "partner_id", "email", "company_id"})


class ResUsers(models.Model):
    """A portal login belongs to the person of its contact; colleagues are nobody's prospects."""

    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._nurture_push()
        return users

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(WATCHED):
            self._nurture_push()
        return result

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["nurture.change"].sudo()._push("user", ids)  # sudo: whoever deletes a user
        return result

    def _nurture_push(self):
        changes = self.env["nurture.change"].sudo()  # sudo: whoever may save a user
        changes._push("user", self.ids)
        changes._push("partner", self.partner_id.ids)
