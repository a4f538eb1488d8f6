import logging
from datetime import timedelta

import psycopg2
from odoo import api, fields, models

from .conflicts import BUSY

_logger = logging.getLogger(__name__)

#: A chunk that ended the process so often without an end is given up, and the night goes on.
INTERRUPTIONS = 3
#: A chunk whose rows were being written elsewhere so often is given up: nobody is in its way.
WAITS = 10
#: Days after which the rows of old nights go.
KEPT_DAYS = 90


class CareNight(models.Model):
    """One step of one company's night: what the passing day changes in its customers' figures.

    Steps run one after the other, each in chunks; after a chunk its place is committed, so a
    night that was killed goes on where it was, with the moment it began with. A step that fails
    keeps its error here, and the others go on.

    A new step is one entry in `_night_steps()` and one method `_night_<key>(company, now,
    position)`. With "fresh" in its entry it also looks at the customers whom the day's documents
    changed, right after they were counted: `_fresh_<key>(company, scope, now)`.
    """

    _name = "care.night"
    _description = "Step of the nightly count"
    _order = "day desc, company_id, sequence, id"
    _rec_name = "step"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, help="The company's own day.")
    step = fields.Char("Key", required=True, readonly=True)
    label = fields.Char("Step", compute="_compute_label")
    sequence = fields.Integer(required=True, readonly=True)
    moment = fields.Datetime(
        "Seen from", required=True, readonly=True,
        help="The moment that all its figures are counted for, also when it was interrupted.")
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        required=True, readonly=True, default="waiting")
    position = fields.Integer("Place", readonly=True, help="Where it goes on.")
    chunks = fields.Integer("Chunks done", readonly=True)
    attempts = fields.Integer(
        "Begun", readonly=True, help="How often the chunk at this place was begun.")
    waits = fields.Integer(
        "Held up", readonly=True,
        help="How often its rows were being written elsewhere; it comes back a minute later.")
    finished_at = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)

    _company_day_step_uniq = models.Constraint(
        "UNIQUE(company_id, day, step)", "A night has each of its steps once.")
    _waiting_idx = models.Index("(company_id, sequence) WHERE state = 'waiting'")

    @api.depends("step")
    @api.depends_context("lang")
    def _compute_label(self):
        steps = self._night_steps()
        for night in self:
            night.label = steps.get(night.step, {}).get("label") or night.step

    def action_retry(self):
        """Do these steps again, from where they failed."""
        self.check_access("write")
        self.filtered(lambda night: night.state == "failed")._set_waiting()
        self._trigger()

    # ------------------------------------------------------------
    # The steps
    # ------------------------------------------------------------

    @api.model
    def _night_steps(self) -> dict[str, dict]:
        """Registry: key → {"label", "sequence", "every": days, "fresh": bool}."""
        return {
            "calibrate": {"label": self.env._("Typical gap"), "sequence": 10},
            "status": {"label": self.env._("Status of the day"), "sequence": 20},
        }

    def _night_calibrate(self, company, now, position):
        self.env["care.figures"]._calibrate(company)

    def _night_status(self, company, now, position):
        self.env["care.figures"]._restate(company, now)

    # ------------------------------------------------------------
    # Running
    # ------------------------------------------------------------

    @api.model
    def _cron_run_night(self):
        """Begin the night of each company whose day began, and go on with those under way."""
        cron, now = self.env["ir.cron"], fields.Datetime.now()
        if self._is_build_running():
            return  # its end asks for every step
        for company in self.env["res.company"].search([]):
            self._begin(company, now)
        seconds = cron._commit_progress(remaining=self._count_waiting())
        while seconds and (night := self.search([("state", "=", "waiting")], limit=1,
                                                order="day, company_id, sequence, id")):
            if not self._begin_chunk(night):
                night.attempts -= 1
                self.env["care.customer"]._come_back("customer_care.ir_cron_run_night")
                return
            night._run_chunk()
            if night.state == "waiting" and night.waits:
                self.env["care.customer"]._come_back("customer_care.ir_cron_run_night")
                return
            seconds = cron._commit_progress(1, remaining=self._count_waiting())

    @api.model
    def _begin(self, company, now):
        """Rows for the steps that are due; a night under way is ended first."""
        if self.search_count([("company_id", "=", company.id), ("state", "=", "waiting")], limit=1):
            return
        day = company._care_today(now)
        recent = self.search([
            ("company_id", "=", company.id), ("day", ">", day - timedelta(days=KEPT_DAYS))])
        self.create([
            self._prepare_vals(company, day, now, key, step)
            for key, step in self._night_steps().items()
            if not any(row.step == key and (day - row.day).days < step.get("every", 1)
                       for row in recent)
        ])

    def _prepare_vals(self, company, day, now, key, step):
        return {"company_id": company.id, "day": day, "moment": now, "step": key,
                "sequence": step["sequence"]}

    def _begin_chunk(self, night) -> bool:
        """Write down that the chunk begins: a process that dies of it leaves a trace."""
        night.attempts += 1
        self.env["ir.cron"]._commit_progress()
        return self.env["care.customer"]._query_lock()

    def _run_chunk(self):
        """One chunk; whatever goes wrong stays on the row."""
        if self.attempts > INTERRUPTIONS:
            self._set_failed(self.env._(
                "Interrupted %s times at the same place; the other steps went on.", INTERRUPTIONS))
            return
        try:
            with self.env.cr.savepoint():
                self._advance(self._call_step())
        except BUSY as error:
            self.env.invalidate_all(flush=False)
            self._set_busy(error)
        except Exception as error:  # it stays with the step; the night goes on
            self.env.invalidate_all(flush=False)
            _logger.error("Night step %s of company %s failed", self.step, self.company_id.id,
                          exc_info=not isinstance(error, psycopg2.Error))
            self._set_failed(str(error))

    def _call_step(self):
        if self.step not in self._night_steps():
            return None  # of an addon that is gone
        return getattr(self, f"_night_{self.step}")(self.company_id, self.moment, self.position)

    def _advance(self, position):
        self.env.flush_all()
        self.write({"chunks": self.chunks + 1, "attempts": 0, "waits": 0})
        if position is None:
            self._set_done()
        else:
            self.position = position

    @api.model
    def _run_steps(self, company, now, *keys):
        """These steps from first to last in this transaction; without keys all of them."""
        steps = self._night_steps()
        for key in sorted(keys or steps, key=lambda key: steps[key]["sequence"]):
            position = 0
            while position is not None:
                position = getattr(self, f"_night_{key}")(company, now, position)

    @api.model
    def _look_at_fresh(self, company, scope, now):
        """What the steps say of customers who were counted again by day."""
        steps = self._night_steps().items()
        for key, _step in sorted((s for s in steps if s[1].get("fresh")),
                                 key=lambda s: s[1]["sequence"]):
            getattr(self, f"_fresh_{key}")(company, scope, now)

    # ------------------------------------------------------------
    # Asking for a step
    # ------------------------------------------------------------

    @api.model
    def _wake(self, *keys, company=None):
        """Ask for these steps once more, as soon as the cron runs; without keys for all."""
        # Settings are saved and counts are made by people who may not see every company.
        nights, now = self.sudo(), fields.Datetime.now()
        steps = self._night_steps()
        for one in company or self.env["res.company"].sudo().search([]):  # every company's night
            day = one._care_today(now)
            rows = nights.search([("company_id", "=", one.id), ("day", "=", day)])
            for key in keys or steps:
                row = rows.filtered(lambda night, key=key: night.step == key)
                if row:
                    row.moment = now
                    row._set_waiting()
                    row.position = 0
                else:
                    nights.create(self._prepare_vals(one, day, now, key, steps[key]))
        self._trigger()

    @api.model
    def _trigger(self):
        cron = self.env.ref("customer_care.ir_cron_run_night", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()  # people who ask for a step may not see crons

    def _set_waiting(self):
        self.write({"state": "waiting", "error": False, "attempts": 0, "waits": 0,
                    "finished_at": False})

    def _set_busy(self, error):
        """Come back in a minute; what is never free is a failure of its own."""
        self.write({"attempts": 0, "waits": self.waits + 1})
        if self.waits >= WAITS:
            self._set_failed(str(error))
        else:
            _logger.info("Night step %s waits: its rows are being written elsewhere", self.step)

    def _set_done(self):
        self.write({"state": "done", "error": False, "finished_at": fields.Datetime.now()})

    def _set_failed(self, error):
        self.write({"state": "failed", "error": error, "finished_at": fields.Datetime.now()})

    def _count_waiting(self):
        return self.search_count([("state", "=", "waiting")])

    def _is_build_running(self):
        return bool(self.env["care.build"].search_count([("state", "=", "running")], limit=1))

    @api.autovacuum
    def _gc_old_nights(self):
        limit = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        self.search([("day", "<", limit)], limit=10_000).unlink()
