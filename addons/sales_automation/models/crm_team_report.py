from odoo import fields, models


class CrmTeam(models.Model):
    """Which reports the members of the team write for its leader."""

    _inherit = "crm.team"

    report_mode = fields.Selection(
        [("none", "None"), ("daily", "Every working day"), ("weekly", "Once a week")],
        "Reports", default="none", required=True,
        help="Which report members of this team write for the team leader. It is drafted from "
        "what they did at the hour that is set in Settings; nobody is asked on days off.",
        groups="base.group_user")
