import secrets

from odoo import api, fields, models


class CareTeam(models.Model):
    _inherit = "care.team"

    form_open = fields.Boolean(
        "Open to everybody",
        help="Anybody may write to this team on a page of its own, without an account. Mails "
        "and the portal work either way. Guarded by a hidden field, the time that it takes "
        "to fill, a limit per network, and by reCAPTCHA or Turnstile where one is installed.")
    form_category_ids = fields.Many2many(
        "care.category", "care_team_form_category_rel", string="Categories",
        domain="[('company_id', 'in', (False, company_id))]", check_company=True,
        help="What the customer may say it is about. Empty: all categories that lie in no other.")
    form_link = fields.Char(
        "Text for your site", compute="_compute_form_url",
        help="Paste it where the link shall stand. A link, not a frame: browsers keep the cookie "
        "that guards the form from pages of other sites, so within a frame nothing can be sent.")
    form_key = fields.Char(readonly=True, copy=False, groups="base.group_user")
    form_url = fields.Char("Address of the form", compute="_compute_form_url")

    _form_key_unique = models.UniqueIndex("(form_key) WHERE form_key IS NOT NULL")

    @api.depends("form_open", "form_key")
    def _compute_form_url(self):
        for team in self:
            team.form_url = (
                team.form_open and team.form_key
                and f"{team.get_base_url()}/care/contact/{team.form_key}")
            team.form_link = team.form_url and (
                f'<a href="{team.form_url}">{self.env._("Write to our service")}</a>')

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._ensure_form_key()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if vals.get("form_open"):
            self._ensure_form_key()
        return result

    def _ensure_form_key(self):
        """The address stays when the form is closed for a while."""
        for team in self.filtered(lambda team: team.form_open and not team.form_key):
            team.form_key = secrets.token_hex(8)
