from odoo import api, models


class ResPartner(models.Model):
    """A contact that is deleted leaves his name on his cases."""

    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_keep_names_on_cases(self):
        # Cases of every team and company keep the name, whoever may delete the contact.
        cases = self.env["care.case"].sudo().with_context(active_test=False).search(
            [("partner_id", "in", self.ids)])
        for case in cases:
            case.partner_name = case.partner_name or case.partner_id.display_name
