from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.models.nurture_scenario_pause import LATE_DAYS
from odoo.exceptions import ValidationError


class NurtureResume(models.TransientModel):
    """Asks what becomes of what was due while a scenario was paused, and shows the numbers."""

    _name = "nurture.resume"
    _description = "Resume a scenario"

    scenario_id = fields.Many2one("nurture.scenario", required=True, readonly=True)
    paused_at = fields.Datetime("Paused since", related="scenario_id.paused_at")
    pause_length = fields.Char("For", compute="_compute_counts")
    policy = fields.Selection(
        selection=lambda self: self.env["nurture.scenario.pause"]._selection_policy(),
        string="What was due meanwhile",
        required=True,
        default="shift",
    )
    late_days = fields.Integer(
        "At most late", default=LATE_DAYS,
        help="In days. Messages that should have left longer ago are left out, and people go on.",
    )  # fmt: skip
    due_count = fields.Integer("People with something due", compute="_compute_counts")
    message_count = fields.Integer("Messages due", compute="_compute_counts")
    skip_count = fields.Integer("Messages left out", compute="_compute_counts")
    send_count = fields.Integer("Messages at once", compute="_compute_counts")
    shift_count = fields.Integer("Dates shifted", compute="_compute_counts")
    effect = fields.Text("What happens", compute="_compute_counts")

    _late_days_positive = models.Constraint(
        "CHECK(late_days >= 0)", "A message cannot be late by less than 0 days."
    )

    @api.model
    def _open(self, scenario):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resume “%s”", scenario.name),
            "res_model": self._name,
            "res_id": self.create({"scenario_id": scenario.id}).id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
        }

    @api.depends("policy", "late_days", "scenario_id")
    def _compute_counts(self):
        now = fields.Datetime.now()
        for wizard in self:
            scenario = wizard.scenario_id
            too_late = now - timedelta(days=max(wizard.late_days, 0))
            row = self.env.execute_query(
                scenario._query_due_in_pause(now, too_late, scenario._message_nodes())
            )[0]
            wizard.due_count, wizard.message_count, too_old, by_clock, woken = row
            wizard.skip_count = {"skip": row[1], "late": too_old}.get(wizard.policy, 0)
            shifts = wizard.policy == "shift"
            wizard.send_count = woken if shifts else wizard.message_count - wizard.skip_count
            wizard.shift_count = by_clock if shifts else 0
            wizard.pause_length = wizard._length_text(now - (wizard.paused_at or now))
            wizard.effect = wizard._effect_text()

    def _length_text(self, length):
        if length.days:
            return self.env._("%(days)s days %(hours)s hours", days=length.days,
                              hours=length.seconds // 3600)  # fmt: skip
        return self.env._("%(hours)s hours %(minutes)s minutes", hours=length.seconds // 3600,
                          minutes=length.seconds // 60 % 60)  # fmt: skip

    def _effect_text(self):
        _ = self.env._
        if self.policy == "shift":
            return _(
                "As if the time had stood still: everything comes %(length)s later, for "
                "%(people)s people. Nothing leaves at once that would not have left before the "
                "pause; only who did meanwhile what a step waits for goes on at once. A wait until "
                "a weekday or an hour ends at another hour; mails still keep to the quiet hours.",
                length=self.pause_length, people=self.shift_count,
            )  # fmt: skip
        if self.policy == "skip":
            return _(
                "%(people)s people go on at once. %(skipped)s messages that should have left "
                "meanwhile are left out, with a note in the log; all other steps are done.",
                people=self.due_count, skipped=self.skip_count,
            )  # fmt: skip
        return _(
            "%(people)s people go on at once. %(sent)s messages leave as fast as limits, quiet "
            "hours and the mail server's rate allow; %(skipped)s are older than %(days)s days and "
            "left out, with a note in the log.",
            people=self.due_count, sent=self.send_count, skipped=self.skip_count,
            days=self.late_days,
        )  # fmt: skip

    def action_resume(self):
        self.ensure_one()
        if self.late_days < 0:
            raise ValidationError(self.env._("A message cannot be late by less than 0 days."))
        self.scenario_id._resume(self.policy, self.late_days)
        return {"type": "ir.actions.act_window_close"}
