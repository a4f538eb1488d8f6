from odoo import models


class CrmLead(models.Model):
    """A lead shows the score of its person."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "nurture.identified.mixin"]

    _nurture_kind = "lead"
    _nurture_contact_fields = frozenset(
        {"email_from", "phone", "partner_id", "company_id", "user_id", "team_id", "contact_name",
         "partner_name", "country_id", "function"}
    )  # fmt: skip

    def _merge_dependences(self, opportunities):
        """People whose last lead went into this one are its human; the cron looks at it."""
        super()._merge_dependences(opportunities)
        changes = self.env["nurture.change"].sudo()  # sudo: whoever may merge leads
        changes._push_merged("lead", (opportunities - self).ids, self.id)
