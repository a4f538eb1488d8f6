from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.sales_automation.models.sales_styles import STYLES


class SalesStyleChoice(models.TransientModel):
    """The dialog that shows what a sales style would change, before anything is changed."""

    _name = "sales.style.choice"
    _description = "Choose a Sales Style"

    style = fields.Selection(
        selection=lambda self: self.env["sales.style.change"]._selection_style(),
        required=True, default="inside_b2b")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company,
        domain=lambda self: [("id", "in", self.env.companies.ids)])
    with_playbook = fields.Boolean(
        "Create Its Playbook", default=True,
        help="Adds a playbook for the open stages, in your language. Rewrite it as you like.")
    team_id = fields.Many2one(
        "crm.team", "For the Team", check_company=True,
        help="Empty: for all teams of the company.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("style", "company_id")
    def _compute_preview(self):
        changes = self.env["sales.style.change"]
        for choice in self:
            style = STYLES.get(choice.style)
            rows = [changes._tell_difference(*change) for change in changes._differences(
                choice.style, choice.company_id)] if style else []
            table = Markup().join(
                Markup("<tr><td>%s</td><td class='text-muted'>%s</td><td><b>%s</b></td></tr>") % row
                for row in rows)
            head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th></tr>") % (
                self.env._("Setting"), self.env._("Now"), self.env._("Then"))
            choice.preview = style and Markup("<p>%s</p>") % self.env._(style.pitch) + (
                Markup("<table class='table table-sm'>%s%s</table>") % (head, table) if rows
                else Markup("<p class='text-muted'>%s</p>") % self.env._(
                    "All settings are like this already."))

    def action_apply(self):
        self.ensure_one()
        change = self.env["sales.style.change"]._apply(
            self.style, self.company_id, self.team_id, self.with_playbook)
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s is your sales style now. It can be taken back under Configuration, "
                    "Sales Styles.", dict(change._selection_style())[change.style]),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
