from odoo import api, models


class ResUsers(models.Model):
    """Who may change what all companies share."""

    _inherit = "res.users"

    @api.private
    def decides_sales_for_all(self) -> bool:
        """Whether he works in every company, or administers them all; where there is one company
        that is everybody. Record rules ask by this name (security/sales_shared_rules.xml)."""
        self.ensure_one()
        if self._is_superuser() or self.has_group("base.group_system"):
            return True
        companies = self.env["res.company"].sudo().search([])  # also those that he does not see
        return not companies - self.company_ids
