from odoo import api, fields, models
from odoo.exceptions import UserError

OPEN_STATES = ("waiting", "running")


class NurtureEnrolJob(models.Model):
    """One row: somebody asked that certain people enter a scenario, and how far that has come.

    Few people enter at once, many in the background, some thousands a commit. `cursor` is the last
    person looked at: whatever stops the work, it goes on behind him. Only the `_set_*` methods
    write a state.
    """

    _name = "nurture.enrol.job"
    _description = "Enrolment by hand"
    _order = "id desc"
    _rec_name = "scenario_id"

    scenario_id = fields.Many2one(
        "nurture.scenario", "Scenario", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", related="scenario_id.company_id", store=True, readonly=True
    )
    source = fields.Selection(
        [
            ("leads", "Chosen leads"),
            ("people", "Chosen people"),
            ("segment", "A segment"),
            ("match", "All leads that match"),
        ],
        "Who",
        required=True,
        readonly=True,
    )
    record_ids = fields.Json(readonly=True, help="The chosen leads or people; forgotten when done.")
    segment_id = fields.Many2one("nurture.segment", readonly=True, ondelete="set null")
    anew = fields.Boolean("Also those who were in it before", readonly=True)
    approved = fields.Boolean(
        readonly=True, copy=False,
        help="An administrator asked for it, or told it to go on: the limit of people at once does "
        "not stop it.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
    )
    total = fields.Integer("Asked for", readonly=True, copy=False)
    done = fields.Integer("Looked at", readonly=True, copy=False)
    entered = fields.Integer(readonly=True, copy=False)
    refused = fields.Json(readonly=True, copy=False, help="How many did not enter, by reason.")
    refused_count = fields.Integer("Did not enter", compute="_compute_refused")
    refused_text = fields.Text("Why not", compute="_compute_refused")
    progress = fields.Integer(compute="_compute_progress")
    cursor = fields.Integer(readonly=True, copy=False)
    error = fields.Text("What went wrong", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)

    # what the cron has to do
    _open_idx = models.Index("(id) WHERE state IN ('waiting', 'running')")

    @api.depends("refused")
    def _compute_refused(self):
        labels = self.env["nurture.scenario"]._entry_bars()
        for job in self:
            refused = job.refused or {}
            job.refused_count = sum(refused.values())
            job.refused_text = "\n".join(
                f"{number} {labels.get(bar, bar)}"
                for bar, number in sorted(refused.items(), key=lambda item: -item[1])
                if number
            )

    @api.depends("done", "total", "state")
    def _compute_progress(self):
        for job in self:
            part = 100 * job.done // job.total if job.total else 0
            job.progress = 100 if job.state == "done" else min(part, 100)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if any(job.state in OPEN_STATES for job in self):
            raise UserError(self.env._("Cancel the enrolment before deleting it."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Who is in stays in; nobody else enters."""
        self._for_users()._set_cancelled()

    def action_retry(self):
        """Go on behind the last person who was looked at."""
        jobs = self._for_users()
        if self._may_approve():
            jobs.approved = True
        jobs._set_waiting()

    def action_view_enrolments(self):
        self.ensure_one()
        return self.scenario_id.action_view_enrolments()

    @api.model
    def _may_approve(self):
        return self.env.user.has_group("lead_nurture.group_lead_nurture_manager")

    def _for_users(self):
        """Users of Nurture may steer what they see, though only the engine writes."""
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        return self.sudo()  # sudo: rows are written by the engine alone; rights were checked above

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_waiting(self):
        self.filtered(lambda job: job.state == "failed").write({"state": "waiting", "error": False})
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol_jobs")

    def _set_running(self, total, refused):
        self.write(
            {"state": "running", "total": total, "refused": refused,
             "done": sum(refused.values())}
        )  # fmt: skip

    def _set_done(self, now):
        self.write({"state": "done", "ended_at": now, "record_ids": False})

    def _set_failed(self, message):
        self.write({"state": "failed", "error": message[:2_000]})

    def _set_cancelled(self):
        self.filtered(lambda job: job.state in (*OPEN_STATES, "failed")).write(
            {"state": "cancelled", "ended_at": fields.Datetime.now()}
        )
