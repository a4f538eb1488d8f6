from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.private
    def works_in_all_companies(self) -> bool:
        """Whether what all companies share is this person's to change.

        Record rules ask by this name (security/care_shared_rules.xml). Where there is one company
        it is everybody.
        """
        self.ensure_one()
        if self._is_superuser() or self.has_group("base.group_system"):
            return True
        # Also those that he does not see: it is their figures that he must not move.
        return not self.env["res.company"].sudo().search([]) - self.company_ids
