from odoo import api, fields, models


class CareShared(models.AbstractModel):
    """A row of one company or, without one, of all.

    Everybody reads what all share; who may change it says security/care_shared_rules.xml.
    """

    _name = "care.shared"
    _description = "Shared by companies"

    company_id = fields.Many2one(
        "res.company", default=lambda self: self._default_company_id(),
        help="Empty: used by all companies.")

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
