from markupsafe import Markup, escape
from odoo import api, models

from .nurture_node_mail import WEBSITE_LINK


class NurturePreset(models.AbstractModel):
    """How the mails of presets look: one design for a telephone and a desk, for light and dark
    screens, in the colours of the company. Whoever uses a preset changes it in the designer of
    core afterwards."""

    _inherit = "nurture.preset"

    @api.model
    def _write_mail(self, mailing, company, *, subject, preview, text, button, closing=None):
        """Fill the mail of a step. `text` and `closing` are sentences, a paragraph each; `button`
        leads to the company's website, until somebody gives it another address."""
        body = self.env["ir.qweb"]._render(
            "lead_nurture.preset_mail",
            {
                "title": subject,
                "greeting": self._greeting(),
                "text": text,
                "button": button,
                "website": WEBSITE_LINK,
                "closing": closing,
                "signature": self._signature(company),
                "company": company,
                "address": ", ".join(
                    part for part in (company.street, company.zip, company.city) if part
                ),
            },
        )
        mailing.write(
            {"subject": subject, "preview": preview, "body_arch": body, "body_html": body}
        )

    @api.model
    def _greeting(self):
        """Placeholders are those that any administrator of scenarios may edit."""
        name = self._placeholder("object.contact_name", self.env._("there"))
        return escape(self.env._("Hello %s,")) % name

    @api.model
    def _signature(self, company):
        name = self._placeholder("object.user_id.name", self.env._("Your team"))
        return Markup("%s<br/>%s") % (name, company.name)

    @api.model
    def _placeholder(self, path, otherwise):
        return Markup('<t t-out="%s">%s</t>') % (path, otherwise)
