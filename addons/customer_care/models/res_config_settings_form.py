from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """The public form on the company's own web site."""

    _inherit = "res.config.settings"

    care_frame_origins = fields.Text(related="company_id.care_frame_origins", readonly=False)
    care_form_team = fields.Char(compute="_compute_care_form_code")
    care_form_code = fields.Char("The form for your web site", compute="_compute_care_form_code")

    @api.depends("company_id", "care_frame_origins")
    def _compute_care_form_code(self):
        """The code of the first team whose form is open; each team shows its own."""
        # What the form shows to everybody; who installs Odoo need not serve customers.
        teams = self.env["care.team"].sudo()
        for settings in self:
            team = teams.search([
                ("company_id", "=", settings.company_id.id), ("form_open", "=", True)], limit=1)
            settings.care_form_team = team.name
            settings.care_form_code = bool(team) and team._get_form_frame()
