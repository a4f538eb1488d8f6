from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import cadence
from odoo.addons.lead_nurture.engine import webhook as engine
from odoo.tools import SQL

BATCH = 20
# who took a call keeps it for so long; a killed worker's calls are taken again afterwards
LEASE = timedelta(minutes=15)
KEPT = timedelta(days=90)


class NurtureWebhook(models.Model):
    """One call to another system that one step of one person's journey owes: the outbox.

    Written in the transaction of the step, delivered by a cron of its own that holds no lock while
    it waits for an answer. At least once: a worker that dies between the answer and its note calls
    again, with the same `X-Nurture-Delivery`, by which the receiver can tell.
    """

    _name = "nurture.webhook"
    _inherit = ["nurture.row.mixin"]
    _description = "Call to another system"
    _order = "id desc"
    _rec_name = "host"
    _log_access = False

    enrolment_id = fields.Many2one(
        "nurture.enrolment", "Person in scenario", readonly=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    person_id = fields.Many2one("nurture.person", readonly=True, ondelete="set null", index=True)
    node_id = fields.Many2one("nurture.node", "Step", readonly=True, ondelete="set null")
    node_uid = fields.Char("Step key", required=True, readonly=True)
    visit = fields.Integer(required=True, readonly=True)
    host = fields.Char("Called host", readonly=True)
    url = fields.Char(
        "Address", required=True, readonly=True, groups="lead_nurture.group_lead_nurture_manager"
    )
    body = fields.Text("What is sent", required=True, readonly=True)
    state = fields.Selection(
        [("queued", "To be called"), ("retry", "Called again later"), ("done", "Delivered"),
         ("failed", "Failed")],
        "Status", required=True, readonly=True, default="queued",
    )  # fmt: skip
    planned_at = fields.Datetime("Planned", required=True, readonly=True)
    run_at = fields.Datetime("Next call", readonly=True)
    done_at = fields.Datetime("Delivered", readonly=True)
    attempts = fields.Integer("Failed tries", readonly=True)
    status_code = fields.Integer("Answer", readonly=True, help="HTTP status of the last answer.")
    last_error = fields.Char("What went wrong", readonly=True)

    # one call per arrival at the step
    _step_uniq = models.UniqueIndex(
        "(enrolment_id, node_uid, visit)", "This step has made its call already."
    )
    # claim of the cron
    _due_idx = models.Index("(run_at) WHERE state IN ('queued', 'retry')")
    # what the nightly clean-up takes
    _done_idx = models.Index("(done_at) WHERE state = 'done'")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Call again now, after the cause was mended."""
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        failed = self.filtered(lambda call: call.state in ("failed", "retry"))
        failed.sudo()._set_queued(fields.Datetime.now())  # sudo: rows are the engine's
        self._wake()

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_deliver_webhooks(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()  # the claim is the first statement of its transaction
        while left:
            calls = self._claim(fields.Datetime.now())
            more = len(calls) == BATCH
            left = cron._commit_progress(remaining=len(calls) + int(more))  # no lock from here on
            if not calls:
                break
            left = calls._deliver(left, more)

    def _deliver(self, left, more):
        """Call one after the other, each answer committed at once. A host that did not answer is
        left alone for the rest of the batch."""
        silent = set()
        for place, call in enumerate(self, 1):
            now = fields.Datetime.now()
            if not left or call.host in silent:
                call._set_postponed(now)
            elif call._settle(call._post(now), now) == "silent":
                silent.add(call.host)
            remaining = len(self) - place + int(more)
            left = self.env["ir.cron"]._commit_progress(1, remaining=remaining)
        return left

    def _settle(self, answer, now):
        """Write down what came of it; → 'silent' when nobody answered at all."""
        again = cadence.retry_at(now, self.attempts + 1, cadence.MAIL_RETRIES)
        if answer.delivered:
            self._set_done(answer, now)
        elif answer.passing and again:
            self._set_retry(answer, again)
        else:
            self._set_failed(answer)
        return "silent" if not answer.status and answer.passing else ""

    @api.model
    def _claim(self, now):
        rows = self.env.execute_query(self._query_claim(now))
        calls = self.browse(sorted(row[0] for row in rows))
        calls.invalidate_recordset(flush=False)
        return calls

    @api.model
    def _query_claim(self, now):
        # index nurture_webhook_due_idx; an array, because a plan may run a set of ids again for
        # each row, and the limit with it
        return SQL(
            """UPDATE nurture_webhook SET run_at = %s
                WHERE id = ANY(ARRAY(SELECT id FROM nurture_webhook
                                      WHERE state IN ('queued', 'retry') AND run_at <= %s
                                   ORDER BY run_at LIMIT %s FOR UPDATE SKIP LOCKED))
            RETURNING id""",
            now + LEASE,
            now,
            BATCH,
        )

    @api.autovacuum
    def _gc_delivered(self):
        """What was delivered is no news after a while, and holds personal data."""
        self.env.cr.execute(self._query_forget(fields.Datetime.now() - KEPT))

    @api.model
    def _query_forget(self, before):
        # index nurture_webhook_done_idx
        return SQL("DELETE FROM nurture_webhook WHERE state = 'done' AND done_at < %s", before)

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_queued(self, now):
        self._write_rows(state="queued", run_at=now, attempts=0)

    def _set_postponed(self, now):
        """Not tried: the host did not answer a moment ago, or time is up."""
        self._write_rows(run_at=now + cadence.STEP_RETRIES[0])

    def _set_done(self, answer, now):
        self._write_rows(
            state="done", done_at=now, run_at=False, status_code=answer.status, last_error=False
        )

    def _set_retry(self, answer, again):
        self._write_rows(
            "attempts", state="retry", run_at=again, status_code=answer.status,
            last_error=answer.text,
        )  # fmt: skip

    def _set_failed(self, answer):
        self._write_rows(
            "attempts", state="failed", run_at=False, status_code=answer.status,
            last_error=answer.text,
        )  # fmt: skip

    # ------------------------------------------------------------
    # MAY WE CALL?
    # ------------------------------------------------------------

    @api.model
    def _rules(self):
        # sudo: the list of hosts, for the decision only
        text = self.env["ir.config_parameter"].sudo().get_param("lead_nurture.webhook_hosts")
        return engine.read_rules(text or "")[0]

    @api.model
    def _refusal_text(self, url):
        """A sentence why this address may not be called, or False."""
        _ = self.env._
        target = engine.read_url(url or "")
        if not target:
            return _("“%s” is no address to call. It looks like https://hooks.example.com/in.",
                     url or "")
        return {
            "unlisted": _(
                "%s is not among the hosts that scenarios may call. An administrator can add it "
                "in Settings, Nurture.", target.host,
            ),
            "plain": _(
                "%s may be called by https only. An administrator can allow http in Settings, "
                "Nurture.", target.host,
            ),
            "": False,
        }[engine.refusal(target, self._rules())]  # fmt: skip

    @api.model
    def _wake(self):
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_deliver_webhooks")
