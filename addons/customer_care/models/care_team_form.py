import json
import secrets
from urllib.parse import urlsplit

from markupsafe import Markup
from odoo import api, fields, models

#: What stands on the other site: the frame, and what makes it as tall as the form in it says. An
#: answer is looked at from its beginning. Without the script it keeps a height for all fields.
FRAME = (
    '<iframe src="{url}/frame" title="{title}" width="100%" height="1150" style="border: 0" '
    'loading="lazy"></iframe><script>(function (frame) {{ addEventListener("message", '
    "function (event) {{ var care = event.data ? event.data.care : null; "
    "if (event.origin !== {origin} || event.source !== frame.contentWindow || !care) return; "
    'frame.style.height = Number(care.height) + "px"; '
    "if (care.answers) frame.scrollIntoView(); }}); }})"
    "(document.currentScript.previousElementSibling);</script>")


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
        help="Paste it where the link shall stand.")
    form_frame = fields.Char(
        "Form for your site", compute="_compute_form_frame",
        help="Paste it into a page of your web site: the form stands in the page itself, in a "
        "frame. Only for the sites that Settings name.")
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

    @api.depends("form_open", "form_key", "name", "company_id.care_frame_origins")
    def _compute_form_frame(self):
        for team in self:
            team.form_frame = (
                bool(team.company_id._get_care_frame_origins()) and team._get_form_frame())

    def _get_form_frame(self):
        """The code of a page that shows the form."""
        if not self.form_url:
            return False
        site = urlsplit(self.form_url)
        origin = json.dumps(f"{site.scheme}://{site.netloc.lower()}").replace("<", r"\u003c")
        return str(Markup(FRAME).format(
            url=self.form_url, title=self.name, origin=Markup(origin)))

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
