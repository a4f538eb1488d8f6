from odoo import models


class ResPartner(models.Model):
    """A contact shows the score of its person."""

    _name = "res.partner"
    _inherit = ["res.partner", "nurture.identified.mixin"]

    _nurture_kind = "partner"
    _nurture_contact_fields = frozenset(
        {"email", "phone", "company_id", "active", "country_id", "function", "parent_id",
         "is_company"}
    )  # fmt: skip
