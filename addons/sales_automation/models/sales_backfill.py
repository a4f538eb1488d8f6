from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

LEADS_PER_STEP = 5_000
# A database of this size is done at installation: nobody has to wait for a job.
AT_ONCE = 20_000
CRON = "sales_automation.ir_cron_backfill_facts"


class SalesBackfill(models.Model):
    """One row per fact that is rebuilt for the leads that were there before it was recorded.

    waiting → running → done; a step that fails keeps its message in `failure` and is tried again
    with the next run. Leads are worked through by id, a bounded number per committed step, from
    `last_lead_id` to `upper_lead_id`: a job that was cut goes on where it was.
    """

    _name = "sales.backfill"
    _description = "Rebuilding the Past"
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name")
    is_once = fields.Boolean(compute="_compute_name")
    subject = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("failed", "Failed"), ("done", "Done")],
        default="waiting", required=True, readonly=True)
    last_lead_id = fields.Integer(readonly=True, default=0)
    upper_lead_id = fields.Integer(
        readonly=True, default=0, help="Later leads were recorded as they happened.")
    total = fields.Integer("Leads", readonly=True, default=0)
    done_count = fields.Integer("Done So Far", readonly=True, default=0)
    progress = fields.Integer("Progress (%)", compute="_compute_progress")
    started_at = fields.Datetime("Started", readonly=True)
    ended_at = fields.Datetime("Ended", readonly=True)
    failure = fields.Text(readonly=True, help="What the last step ended with. It is repeated.")

    _subject_uniq = models.UniqueIndex("(subject)", "This is rebuilt already.")

    @api.depends("subject")
    @api.depends_context("lang")
    def _compute_name(self):
        subjects = self._backfill_subjects()
        for row in self:
            subject = subjects.get(row.subject, {})
            row.name = subject.get("label", row.subject)
            row.is_once = subject.get("once", False)

    @api.depends("total", "done_count", "state")
    def _compute_progress(self):
        for row in self:
            part = 100 * row.done_count // row.total if row.total else 0
            row.progress = 100 if row.state == "done" else min(part, 99)

    # ---- actions ------------------------------------------------------------------------------

    def action_start_again(self):
        """Rebuild from the first lead, or go on after a failure."""
        if not self.env.user.has_group("sales_automation.group_sales_automation_manager"):
            raise AccessError(self.env._("Only managers of the Sales Desk rebuild the past."))
        if self.filtered(lambda row: row.is_once and row.state == "done"):
            raise UserError(self.env._(
                "This is rebuilt once, at installation: what was recorded since then is more than "
                "the chatter tells."))
        rows = self.sudo()  # the rows are written by the system only
        for row in rows:
            if row.state == "done":
                row._set_waiting()
            else:
                row.write({"state": "waiting", "failure": False})
        self.env.ref(CRON).sudo()._trigger()  # the job is the system's
        return True

    # ---- the work -----------------------------------------------------------------------------

    @api.model
    def _backfill_subjects(self):
        """Registry: subject → {label, sequence, once}. Once: what was recorded since would be lost
        if it were rebuilt again.

        Each has a method `crm.lead._backfill_<subject>(lead_ids)`: set-based, repeatable.
        """
        return {
            "history": {
                "label": self.env._("Stages, won and lost dates"), "sequence": 10, "once": True},
            "first_touch": {"label": self.env._("First touch"), "sequence": 20},
        }

    @api.model
    def _start(self, recorded=()):
        """Rebuild what has no row yet; at once where there is little to do, else by the job.

        :param recorded: subjects that are complete already, after an upgrade
        """
        known = set(self.search([]).mapped("subject"))
        for subject, spec in self._backfill_subjects().items():
            if subject not in known:
                row = self.create({"subject": subject, "sequence": spec["sequence"]})
                row._set_waiting()
                if subject in recorded:
                    row._set_done()
        waiting = self.search([("state", "=", "waiting")])
        if sum(waiting.mapped("total")) > AT_ONCE * max(len(waiting), 1):
            self.env.ref(CRON)._trigger()
            return
        for row in waiting:
            while row.state != "done":
                row._step()

    @api.model
    def _cron_backfill_facts(self):
        """Step by step, each one committed, until all is rebuilt or the time is over."""
        cron = self.env["ir.cron"]
        unfinished = [("state", "!=", "done")]
        time_left = cron._commit_progress(remaining=self._count_left(unfinished))
        tried = self.browse()
        while time_left and (row := self.search(
                [*unfinished, ("id", "not in", tried.ids)], limit=1)):
            before = row.done_count
            if not row._try_step():
                tried |= row
            time_left = cron._commit_progress(row.done_count - before)

    def _count_left(self, domain):
        return sum(row.total - row.done_count for row in self.search(domain))

    def _try_step(self):
        """One step in a savepoint; a failure stays on the row. Return whether it went well."""
        try:
            with self.env.cr.savepoint():
                self._step()
        except Exception as error:  # whatever it is, it is shown, and the step is repeated
            self.env.invalidate_all(flush=False)
            self.write({"state": "failed", "failure": str(error)})
            return False
        return True

    def _step(self):
        """Rebuild the next leads; the last step closes the row."""
        self.ensure_one()
        lead_ids = [lead_id for (lead_id,) in self.env.execute_query(self._query_next_leads())]
        if not lead_ids:
            self._set_done()
            return
        getattr(self.env["crm.lead"], f"_backfill_{self.subject}")(lead_ids)
        self.write({
            "state": "running", "last_lead_id": lead_ids[-1], "failure": False,
            "started_at": self.started_at or fields.Datetime.now(),
            "done_count": self.done_count + len(lead_ids),
        })

    def _set_waiting(self):
        for row in self:
            [(total, upper)] = row.env.execute_query(self._query_extent())
            row.write({
                "state": "waiting", "last_lead_id": 0, "upper_lead_id": upper, "total": total,
                "done_count": 0, "started_at": False, "ended_at": False, "failure": False,
            })

    def _set_done(self):
        for row in self:
            row.write({
                "state": "done", "ended_at": fields.Datetime.now(), "failure": False,
                "done_count": row.total})

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_extent(self):
        return SQL("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM crm_lead")

    def _query_next_leads(self):
        """By the primary key, so that a step costs the same at the end as at the beginning."""
        return SQL(
            "SELECT id FROM crm_lead WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
            self.last_lead_id, self.upper_lead_id, LEADS_PER_STEP)
