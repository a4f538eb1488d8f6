from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import rate

SHOWN_DAYS = 8


class IrMailServer(models.Model):
    """How many mails of scenarios an outgoing server takes, and how it is warmed up."""

    _inherit = "ir.mail_server"

    nurture_rate = fields.Integer(
        "Mails per hour",
        help="Mails of scenarios that leave by this server in one hour, evenly spread; the rest "
        "waits for the next hour. 0: no limit.",
    )
    nurture_warm_since = fields.Date(
        "Warm-up since",
        help="First day (UTC) of the warm-up: a new server that sends much at once is taken for "
        "one that sends spam. Empty: no warm-up.",
    )
    nurture_warm_first = fields.Integer("Mails on the first day", default=50)
    nurture_warm_growth = fields.Integer(
        "Growth per day", default=100, help="In percent: 100 doubles the number each day."
    )
    nurture_warm_full = fields.Integer(
        "Over at", default=10_000,
        help="The warm-up is over on the day that would reach so many mails. 0: never.",
    )
    nurture_warm_plan = fields.Char("Mails from today on", compute="_compute_nurture_warm_plan")

    _nurture_limits_positive = models.Constraint(
        "CHECK(nurture_rate >= 0 AND nurture_warm_growth >= 0 AND nurture_warm_full >= 0)",
        "Limits of mails are 0 or more.",
    )
    _nurture_warm_first_positive = models.Constraint(
        "CHECK(nurture_warm_since IS NULL OR nurture_warm_first > 0)",
        "A warm-up begins with at least one mail.",
    )

    @api.depends(
        "nurture_warm_since", "nurture_warm_first", "nurture_warm_growth", "nurture_warm_full"
    )
    def _compute_nurture_warm_plan(self):
        today = fields.Date.today()
        for server in self:
            limits = server._nurture_limits()
            first = max(today, server.nurture_warm_since or today)
            plan = [limits.per_day(first + timedelta(days=n)) for n in range(SHOWN_DAYS)]
            shown = [f"{mails:,}" if mails is not None else self.env._("no limit")
                     for mails in plan]  # fmt: skip
            if None in plan:
                shown = shown[: plan.index(None) + 1]
            server.nurture_warm_plan = server.nurture_warm_since and " → ".join(shown)

    def _nurture_limits(self):
        """As a value for the engine."""
        self.ensure_one()
        return rate.Limits(
            per_hour=self.nurture_rate,
            warm_since=self.nurture_warm_since or None,
            warm_first=self.nurture_warm_first,
            warm_growth=self.nurture_warm_growth,
            warm_full=self.nurture_warm_full,
        )
