from odoo import api, fields, models
from odoo.addons.customer_care.engine.origins import origins
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Where the public form may stand in a frame."""

    _inherit = "res.company"

    care_frame_origins = fields.Text(
        "Web sites that show the form",
        help="One address a line, scheme and host only, as https://www.example.com; "
        "https://*.example.com means all below it. Only pages of these sites may show the public "
        "form in a frame. Empty: no page may, a link always works.",
        groups="base.group_user", prefetch="customer_care")

    @api.constrains("care_frame_origins")
    def _check_care_frame_origins(self):
        for company in self:
            _sites, bad = origins(company.care_frame_origins)
            if bad:
                raise ValidationError(self.env._(
                    "“%s” is no address of a web site: write scheme and host only, as "
                    "https://www.example.com, one a line.", bad[0]))

    def _get_care_frame_origins(self) -> list[str]:
        """Sites that may frame the form; none: it stands in no frame."""
        return origins(self.care_frame_origins)[0]
