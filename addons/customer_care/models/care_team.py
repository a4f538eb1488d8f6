import ast

from odoo import api, fields, models


class CareTeam(models.Model):
    """People who answer customers together: one address, one calendar, one board."""

    _name = "care.team"
    _description = "Care team"
    _inherit = ["mail.alias.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company)
    leader_id = fields.Many2one(
        "res.users", "Leader", domain="[('share', '=', False)]",
        help="Is told when a deadline is about to be missed.")
    member_ids = fields.Many2many(
        "res.users", string="Members", domain="[('share', '=', False)]")
    resource_calendar_id = fields.Many2one(
        "resource.calendar", "Working hours", required=True,
        default=lambda self: self.env.company.resource_calendar_id,
        help="Deadlines and times to reply run in these hours only.")
    color = fields.Integer()

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            self.resource_calendar_id._care_tell_deadlines()
        return result

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("care.case")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = defaults | {
                "team_id": self.id, "company_id": self.company_id.id}
        return values

    @api.model
    def _default_team(self, company, user=None):
        """The team of the user in a company, else the company's first."""
        mine = [("company_id", "=", company.id)]
        return (
            (user and self.search([*mine, ("member_ids", "in", user.ids)], limit=1))
            or self.search(mine, limit=1))

    def _still_working(self):
        """This team, or the one that works in its place: an archived team's address and categories
        may be in use for years. Without another team it remains the archived one."""
        if not self or self.active:
            return self
        return self._default_team(self.company_id) or self
