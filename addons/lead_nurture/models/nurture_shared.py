from odoo import api, models
from odoo.exceptions import AccessError


class NurtureShared(models.AbstractModel):
    """A setting of one company or, without one, of all; or a part of it.

    Everybody reads what all share; who may change it says security/nurture_shared_rules.xml.
    """

    _name = "nurture.shared"
    _description = "Shared by companies"

    @api.model
    def _default_company_id(self):
        """Nobody's, made by whoever decides for all companies; else it stays where it is made."""
        if self.env.su or self.env.user.decides_nurture_for_all():
            return self.env["res.company"]
        return self.env.company

    def _check_access(self, operation):
        """Say why, where it is not the rights of the role that are missing."""
        refused = super()._check_access(operation)
        roles = self.env["ir.model.access"]
        if not refused or operation == "read" or self.env.user.decides_nurture_for_all() or not (
                roles.check(self._name, operation, raise_exception=False)):
            return refused
        return refused[0], lambda: AccessError(self.env._(
            "%s: what all companies share is changed by somebody who works in all of them.",
            self._description))

    def copy_data(self, default=None):
        """A copy of what all share belongs to whom a new row would; a part follows its whole."""
        vals_list = super().copy_data(default)
        company = self._fields.get("company_id")
        if not company or company.related or "company_id" in (default or {}):
            return vals_list
        return [
            {**vals, "company_id": vals.get("company_id") or self._default_company_id().id}
            for vals in vals_list]

    def write(self, vals):
        """Rules look at a row before it is written: this one may have left a company."""
        result = super().write(vals)
        self.check_access("write")
        return result
