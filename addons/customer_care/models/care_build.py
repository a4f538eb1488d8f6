import logging

import psycopg2
from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from .care_figures import Scope
from .conflicts import BUSY
from .moments import tell_moment

_logger = logging.getLogger(__name__)

#: Partners per statement: long enough to be worth a plan, short enough to commit in seconds.
CHUNK = 100_000
#: What the button does at once: a small company is done before the page comes back.
AT_ONCE = 20_000


class CareBuild(models.Model):
    """One count of all customers of all companies, from the documents.

    It walks through the partners by id and keeps its place after every chunk: killed at any
    moment, it goes on from there. Who opened it can leave; the row shows how far it is.
    """

    _name = "care.build"
    _description = "Full count of customers"
    _order = "id desc"

    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        required=True, default="running", readonly=True)
    started_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    finished_at = fields.Datetime(readonly=True)
    position = fields.Integer("Last partner counted", readonly=True)
    done = fields.Integer("Contacts looked at", readonly=True)
    total = fields.Integer("Contacts in all", readonly=True)
    changed = fields.Integer("Records written", readonly=True)
    redefined_company_ids = fields.Many2many(
        "res.company", string="By a new definition", readonly=True,
        help="In these companies the count follows a change of the definitions: a status that "
        "moves by it is not told as a change of the customer.")
    progress = fields.Float("Progress", compute="_compute_progress")
    error = fields.Text(readonly=True)

    _one_running = models.UniqueIndex(
        "(state) WHERE state = 'running'", "Customers are being counted already.")

    @api.depends("done", "total", "state")
    def _compute_progress(self):
        for build in self:
            part = 100 * build.done / build.total if build.total else 0
            build.progress = 100 if build.state == "done" else min(part, 99)

    @api.depends("started_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for build in self:
            build.display_name = self.env._(
                "Count of %s", tell_moment(self.env, build.started_at))

    def action_build_now(self):
        """Begin a count, or go on with the running one; small databases are done at once."""
        self.check_access("write")
        build = self._start()
        if build.total <= AT_ONCE and self.env["care.customer"]._query_lock():
            while build.state == "running":
                build._step()
        return build._get_progress_action()

    def action_retry(self):
        """Go on where it failed."""
        self.ensure_one()
        self.check_access("write")
        self._set_running()
        return self._get_progress_action()

    @api.model
    def _cron_build_customers(self):
        build = self.search([("state", "=", "running")], limit=1)
        if build:
            build._run()

    @api.model
    def _start(self):
        """The running build, or a new one; the cron goes on with it."""
        build = self.search([("state", "=", "running")], limit=1)
        if not build:
            build = self.create({"total": self._query_partner_count()})
        self._wake()
        return build

    @api.model
    def _recount(self, companies):
        """Count everybody from the first on, by what now counts as a purchase."""
        self._start().write({
            "position": 0, "done": 0,
            "redefined_company_ids": [Command.link(company.id) for company in companies]})

    @api.model
    def _is_redefining(self, company) -> bool:
        """Whether the customers of a company are being counted by a new definition."""
        last = self.search([], limit=1)
        return last.state != "done" and company in last.redefined_company_ids

    def _run(self):
        """Count chunk by chunk, each in its own transaction, while there is time."""
        cron, customers = self.env["ir.cron"], self.env["care.customer"]
        seconds = 1
        while seconds:
            if not customers._query_lock():
                customers._come_back("customer_care.ir_cron_build_customers")
                return
            before = self.done
            try:
                self._step()
            except BUSY:
                self.env.cr.rollback()
                _logger.info("Customers are being counted elsewhere; the build waits")
                customers._come_back("customer_care.ir_cron_build_customers")
                return
            except psycopg2.Error as error:
                self.env.cr.rollback()
                self._set_failed(str(error))
            running = self.state == "running"
            seconds = cron._commit_progress(
                self.done - before, remaining=max(self.total - self.done, 1) if running else 0)
            if not running:
                return

    def _step(self):
        """One chunk of partners in every company; after the last one, the finish."""
        self.ensure_one()
        until, count = self._query_chunk_end(self.position, CHUNK)
        if not count:
            self._finish()
            return
        scope = Scope(after=self.position, until=until)
        changed = sum(
            self.env["care.figures"]._refresh(company, scope)
            for company in self.env["res.company"].search([])
        )
        self.write({
            "position": until,
            "done": self.done + count,
            "total": max(self.total, self.done + count),
            "changed": self.changed + changed,
        })

    def _finish(self):
        """Now that everybody is counted, the typical gap is known: judge by it."""
        self._query_analyze()
        figures = self.env["care.figures"]
        for company in self.env["res.company"].search([]):
            known_before = bool(company.care_pool_gap)
            figures._calibrate(company)
            # Of a first count nothing changed: it is only seen for the first time.
            figures._restate(
                company, history=known_before and company not in self.redefined_company_ids)
        self.env["care.customer"]._query_meet_buyers(fields.Datetime.from_string("1970-01-01"))
        self._set_done()
        self.env["care.night"]._wake()

    def _set_running(self):
        self.write({"state": "running", "error": False})
        self._wake()

    def _set_done(self):
        self.write({"state": "done", "finished_at": fields.Datetime.now(), "error": False})

    def _set_failed(self, error):
        _logger.error("Counting customers failed after partner %s: %s", self.position, error)
        self.write({"state": "failed", "error": error})

    @api.model
    def _wake(self):
        cron = self.env.ref("customer_care.ir_cron_build_customers", raise_if_not_found=False)
        if cron:
            # Managers of customer care may not see crons.
            cron.sudo()._trigger()

    def _get_progress_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Counting customers"),
            "res_model": "care.build",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _query_analyze(self):
        """The planner knows nothing yet of rows that one transaction wrote."""
        self.env.cr.execute(SQL("ANALYZE care_customer"))

    def _query_partner_count(self) -> int:
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM res_partner"))[0][0]

    def _query_chunk_end(self, after: int, size: int) -> tuple[int, int]:
        """Last id and number of the next partners. Primary key."""
        return self.env.execute_query(SQL(
            """SELECT MAX(id), COUNT(*) FROM
                      (SELECT id FROM res_partner WHERE id > %s ORDER BY id LIMIT %s) chunk""",
            after, size,
        ))[0]
