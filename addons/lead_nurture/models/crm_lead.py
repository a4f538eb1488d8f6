from odoo import models


class CrmLead(models.Model):
    """A lead shows the score of its person."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "nurture.identified.mixin"]

    _nurture_kind = "lead"
    _nurture_contact_fields = frozenset(
        {"email_from", "phone", "partner_id", "company_id", "user_id", "team_id", "contact_name",
         "partner_name", "country_id"}
    )  # fmt: skip
