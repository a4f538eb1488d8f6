from odoo import api, fields, models
from odoo.exceptions import AccessError


class CareShared(models.AbstractModel):
    """A setting of all companies, or of one where it names one (care.shared.or.own).

    Everybody reads what all share; who may change it says security/care_shared_rules.xml.
    """

    _name = "care.shared"
    _description = "Shared by companies"

    def _check_access(self, operation):
        """Say why, where it is not the rights of the role that are missing, and the row is not of
        another company: of that core speaks, and offers to go there."""
        refused = super()._check_access(operation)
        roles = self.env["ir.model.access"]
        if not refused or operation == "read" or self.env.user.works_in_all_companies() or not (
                roles.check(self._name, operation, raise_exception=False)
                and refused[0]._is_of_all()):
            return refused
        model = self.env["ir.model"]._get(self._name)
        return refused[0], lambda: AccessError(self.env._(
            "%s: what all companies share is changed by somebody who works in all of them.",
            model.name))

    def _is_of_all(self) -> bool:
        return True


class CareSharedOrOwn(models.AbstractModel):
    """A row of one company or, without one, of all."""

    _name = "care.shared.or.own"
    _inherit = "care.shared"
    _description = "Of one company or shared"

    company_id = fields.Many2one(
        "res.company", default=lambda self: self._default_company_id(),
        help="Empty: used by all companies.")

    def _is_of_all(self) -> bool:
        return not self.sudo().company_id  # asked of rows that may not be the reader's

    @api.model
    def _default_company_id(self):
        """Nobody's, made by whoever works in all companies; else it stays where it is made."""
        if self.env.su or self.env.user.works_in_all_companies():
            return self.env["res.company"]
        return self.env.company

    def copy_data(self, default=None):
        """A copy of what all share belongs to whom a new row would."""
        return [
            {**vals, "company_id": vals.get("company_id") or self._default_company_id().id}
            for vals in super().copy_data(default)]

    def write(self, vals):
        """Rules of records look at a row before it is written: this one may leave a company."""
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return result
