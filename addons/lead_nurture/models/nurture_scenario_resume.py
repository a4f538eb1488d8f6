from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .nurture_scenario_pause import BATCH, LATE_DAYS


class NurtureScenario(models.Model):
    """Pausing is noted, and resuming asks what becomes of what was due meanwhile."""

    _inherit = "nurture.scenario"

    pause_ids = fields.One2many("nurture.scenario.pause", "scenario_id", "Pauses")
    paused_at = fields.Datetime("Paused since", compute="_compute_pause")
    shift_progress = fields.Float("Dates shifted", compute="_compute_pause")
    is_shifting = fields.Boolean(compute="_compute_pause")

    @api.depends("pause_ids.state", "pause_ids.done_count")
    def _compute_pause(self):
        for scenario in self:
            pause = scenario._open_pause()
            scenario.paused_at = pause.started_at
            scenario.is_shifting = pause.state == "shifting"
            scenario.shift_progress = pause.progress

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Who was paused goes on with what is not too late; the draft stays a draft."""
        paused = self.filtered(lambda s: s.state == "paused" and s.version_id)
        for scenario in paused:
            scenario._resume("late", LATE_DAYS)
        return super(NurtureScenario, self - paused).action_start()

    def action_resume(self):
        """Ask what becomes of what was due during the pause; go on at once if nothing was."""
        self.ensure_one()
        self.check_access("write")
        self._check_can_run()
        if not self.version_id:
            return self.action_start()
        self._check_not_shifting()
        if self.env.execute_query(self._query_due_in_pause(fields.Datetime.now()))[0][0]:
            return self.env["nurture.resume"]._open(self)
        return self._resume("late", LATE_DAYS)

    def _resume(self, policy, late_days=LATE_DAYS):
        """End the pause by `policy`: shift, skip or late."""
        self.ensure_one()
        self.check_access("write")
        self._check_can_run()
        self._check_not_shifting()
        now = fields.Datetime.now()
        pause = self._open_pause().sudo()  # sudo: pauses are rows of the engine; rights: above
        if policy == "shift" and pause:
            pause._set_shifting(now)
            if pause.total < BATCH:
                pause._shift_batch()
            else:
                reason = self.env._("The dates are shifted by the length of the pause.")
                self.write({"pause_reason": reason})
                self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_shift_dates")
        else:
            pause._set_resumed(policy, late_days, now)
            self._set_running()

    def _check_not_shifting(self):
        if self._open_pause().state == "shifting":
            raise UserError(
                self.env._("The dates are being shifted; people go on when that is done.")
            )

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_paused(self, reason):
        if self.state != "paused" and self.version_id:
            self.env["nurture.scenario.pause"].sudo().create(  # sudo: noted whoever pauses
                {
                    "scenario_id": self.id,
                    "reason": reason,
                    "started_at": fields.Datetime.now(),
                }
            )
        return super()._set_paused(reason)

    def _set_running(self):
        """However it comes to run again, the pause is over; unless told otherwise, what is not
        too late is done."""
        pause = self._open_pause().filtered(lambda p: p.state == "open")
        pause.sudo()._set_resumed("late", LATE_DAYS, fields.Datetime.now())  # sudo: engine's row
        return super()._set_running()

    def _open_pause(self):
        return self.env["nurture.scenario.pause"].search(
            [("scenario_id", "in", self.ids), ("state", "!=", "done")], limit=1
        )

    # ------------------------------------------------------------
    # WHAT WAS MISSED
    # ------------------------------------------------------------

    def _missed_windows(self):
        """[(from, until)]: messages that were due then are not sent any more."""
        rows = self.pause_ids.filtered("skip_until")
        return [(p.skip_from, p.skip_until) for p in rows if p.skip_from < p.skip_until]

    def _message_nodes(self):
        """The steps that write to people, and those right before one: who is due there would be
        written to at once."""
        kinds = self.env["nurture.node"]._node_kinds()
        nodes = self.env["nurture.node"].search([("scenario_id", "in", self.ids)])
        messages = nodes.filtered(lambda n: kinds[n.kind]["group"] == "message")
        edges = self.env["nurture.edge"].search([("to_id", "in", messages.ids)])
        return messages | edges.from_id

    def _query_due_in_pause(self, now, too_late=None, nodes=None):
        """(people due, those right before a message, those of them due before `too_late`, all whose
        step comes by the clock, those right before a message who did what a step waited for)."""
        # index nurture_enrolment_open_uniq
        return SQL(
            """SELECT COUNT(*) FILTER (WHERE due),
                      COUNT(*) FILTER (WHERE due AND before_message),
                      COUNT(*) FILTER (WHERE due AND before_message AND run_at < %(too_late)s),
                      COUNT(*) FILTER (WHERE NOT woken),
                      COUNT(*) FILTER (WHERE woken AND before_message)
                 FROM (SELECT run_at, run_at <= %(now)s AS due,
                              release_label IS NOT NULL AS woken,
                              node_id = ANY(%(nodes)s) AS before_message
                         FROM nurture_enrolment
                        WHERE scenario_id = %(scenario)s AND state IN ('active', 'waiting')
                          AND run_at >= %(since)s) x""",
            now=now,
            since=self._open_pause().started_at or now,
            too_late=too_late or now,
            nodes=nodes.ids if nodes else [],
            scenario=self.id,
        )
