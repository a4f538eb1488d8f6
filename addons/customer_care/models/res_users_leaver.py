from odoo import models


class ResUsers(models.Model):
    """Whoever leaves takes no customer with him: his cases, duties and agreements go on.

    Core deletes his open activities when he is archived on the screen, and leaves them to him when
    he is archived by a call; either way each of them finds somebody else here.
    """

    _inherit = "res.users"

    def write(self, vals):
        leavers = self.filtered("active") if vals.get("active", True) is not True else self[:0]
        result = super().write(vals)
        if leavers := leavers.filtered(lambda user: not user.active and not user.share):
            leavers._leave_service()
        return result

    def _leave_service(self):
        cases = self.env["care.case"].sudo()  # whoever may archive need not work with customers
        cases._release_from(self)
        cases._give_duties_of(self)
        cases.env["care.feedback"]._follow_instead_of(self)
        cases.env["care.alert"]._own_instead_of(self)
        cases.env["care.agreement"]._renew_instead_of(self)
