from odoo import api, fields, models

#: Minutes that one click writes down.
CLICK = 10


class CareCase(models.Model):
    """Time on a case: written down by a click, or by a clock."""

    _inherit = "care.case"

    time_ids = fields.One2many("care.case.time", "case_id", "Time", groups="base.group_user")
    minutes_spent = fields.Integer(
        "Minutes spent", compute="_compute_minutes_spent", groups="base.group_user",
        help="Of all colleagues, without a clock that still runs.")
    clock_since = fields.Datetime(
        "My clock runs since", compute="_compute_clock_since", groups="base.group_user")

    @api.depends("time_ids.minutes")
    def _compute_minutes_spent(self):
        readable = self.env["care.case.time"].has_access("read")
        for case in self:
            case.minutes_spent = sum(case.time_ids.mapped("minutes")) if readable else 0

    @api.depends("time_ids.started_at")
    @api.depends_context("uid")
    def _compute_clock_since(self):
        running = self._get_my_clock()
        for case in self:
            case.clock_since = running.case_id == case and running.started_at

    def action_log_time(self):
        """Write down ten minutes, or those in the context."""
        self.ensure_one()
        self.check_access("write")
        self.env["care.case.time"].create({
            "case_id": self.id, "minutes": int(self.env.context.get("care_minutes") or CLICK)})

    def action_start_clock(self):
        """My clock runs on this case; on any other one it stops."""
        self.ensure_one()
        self.check_access("write")
        now = fields.Datetime.now()
        self._get_my_clock()._set_stopped(now)
        self.env["care.case.time"].create({"case_id": self.id, "started_at": now})

    def action_stop_clock(self):
        self.ensure_one()
        self.check_access("write")
        self._get_my_clock().filtered(
            lambda row: row.case_id == self)._set_stopped(fields.Datetime.now())

    def _get_my_clock(self):
        clocks = self.env["care.case.time"]
        if not clocks.has_access("read"):
            return clocks
        return clocks.search([("user_id", "=", self.env.uid), ("started_at", "!=", False)])

    def _on_resolved(self, now):
        """Nobody works on what is settled: every clock on it stops."""
        result = super()._on_resolved(now)
        # Clocks of colleagues, whoever resolves it.
        self.env["care.case.time"].sudo().search([
            ("case_id", "in", self.ids), ("started_at", "!=", False)])._set_stopped(now)
        return result
