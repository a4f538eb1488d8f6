from odoo import api, fields, models
from odoo.tools import email_normalize


class CareSurveyStop(models.Model):
    """An address whose owner wants no more surveys of a company; other mails still reach him."""

    _name = "care.survey.stop"
    _description = "Wants no surveys"
    _order = "id desc"
    _rec_name = "email"

    email = fields.Char(required=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade")
    create_date = fields.Datetime("Since", readonly=True)

    _email_uniq = models.UniqueIndex(
        "(company_id, email)", "This address gets no surveys already.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["email"] = email_normalize(vals.get("email")) or vals.get("email")
        return super().create(vals_list)

    @api.model
    def _add(self, email, company):
        """Once, however often somebody asks for it."""
        address = email_normalize(email)
        known = [("email", "=", address), ("company_id", "=", company.id)]
        if address and not self.search_count(known, limit=1):
            self.create({"email": address, "company_id": company.id})
