from odoo import models


class MailingContact(models.Model):
    """A contact of a mailing list shows the score of its person."""

    _name = "mailing.contact"
    _inherit = ["mailing.contact", "nurture.identified.mixin"]

    _nurture_kind = "mailing"
    _nurture_contact_fields = frozenset(
        {"email", "name", "first_name", "last_name", "country_id"}
    )
