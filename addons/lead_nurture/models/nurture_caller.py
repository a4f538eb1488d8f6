import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.tools import SQL

BATCH = 1_000
MARK = "callers"  # how far the table was applied to what is stored


class NurtureCaller(models.Model):
    """One row: one program that called from one network in one month, and what the table of
    known programs says of it.

    Events point here, so that a change of the table can class them again. The address is kept as
    /24 or /48 only; the row leaves after a set time and its events stay as they are classed.
    """

    _name = "nurture.caller"
    _description = "Program that called"
    _log_access = False
    _order = "id desc"
    _rec_name = "agent"

    agent = fields.Char("Program", readonly=True, help="Empty when nobody noted it.")
    network = fields.Char(readonly=True, help="The address as /24 or /48, never in full.")
    month = fields.Date(required=True, readonly=True)
    actor = fields.Char(required=True, readonly=True)
    reason = fields.Char(readonly=True)
    open_actor = fields.Char("Of pictures", required=True, readonly=True)
    open_reason = fields.Char("Why, of pictures", readonly=True)

    _call_uniq = models.UniqueIndex(
        "(month, network, md5(COALESCE(agent, '')), (agent IS NULL))"
    )

    @api.autovacuum
    def _gc_callers(self):
        """Forget programs and networks of months that ended longer ago than the setting."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        days = int(parameters.get_param("lead_nurture.agent_days", 90))
        if days <= 0:
            return 0, 0
        before = (fields.Date.today() - timedelta(days=days)).replace(day=1)
        limit = 10_000
        rows = self.env.execute_query(self._query_gc(before, limit))
        self.env.invalidate_all(flush=False)
        return len(rows), int(len(rows) == limit)

    # ------------------------------------------------------------
    # Who called
    # ------------------------------------------------------------

    @api.model
    def _ids_of(self, calls):
        """{call: id}, written where new. A call is (agent or None, network, month)."""
        if not calls:
            return {}
        signs = self.env["nurture.robot"].sudo()._signs()  # sudo: hits come from the public
        rows = [
            {"n": number, "agent": agent, "network": network, "month": str(month),
             **self._prepare_verdict(signs, agent, network)}
            for number, (agent, network, month) in enumerate(calls)
        ]  # fmt: skip
        self.env.execute_query(self._query_add(rows))
        found = dict(self.env.execute_query(self._query_find(rows)))
        return {call: found[number] for number, call in enumerate(calls)}

    @api.model
    def _prepare_verdict(self, signs, agent, network):
        click = engine.known(signs, agent, network or "", opens=False)
        opened = engine.known(signs, agent, network or "", opens=True)
        return {
            "actor": click.actor,
            "reason": click.reason or None,
            "open_actor": opened.actor,
            "open_reason": opened.reason or None,
        }

    # ------------------------------------------------------------
    # The table changed
    # ------------------------------------------------------------

    @api.model
    def _request_pass(self):
        """Apply the table to everything that is stored, from the beginning."""
        # sudo: the mark is the engine's
        self.env["nurture.watermark"].sudo()._write_mark(MARK, fields.Datetime.now(), 0)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_class_again")

    @api.model
    def _cron_class_again(self):
        cron = self.env["ir.cron"]
        while done := self._class_batch(BATCH):
            if not cron._commit_progress(done, remaining=BATCH):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _class_batch(self, limit):
        """Judge the next callers by the table as it is now; those of another verdict than before
        take their events along. How many were judged; 0 when all are."""
        marks = self.env["nurture.watermark"]
        at, last_id = marks._read_mark(MARK)
        if at is None:
            return 0
        callers = self.search_fetch(
            [("id", ">", last_id)], ["agent", "network", "actor", "reason", "open_actor",
                                     "open_reason"], order="id", limit=limit,
        )  # fmt: skip
        if not callers:
            marks._drop_mark(MARK)
            return 0
        signs = self.env["nurture.robot"]._signs()
        changed = []
        for caller in callers:
            agent = None if caller.agent is False else caller.agent  # "" is a name not told
            verdict = self._prepare_verdict(signs, agent, caller.network)
            if any((caller[name] or None) != value for name, value in verdict.items()):
                changed.append({"id": caller.id, **verdict})
        if changed:
            self.env.execute_query(self._query_update(changed))
            self.env["nurture.event"]._follow_callers(changed)
            callers.invalidate_recordset(flush=False)
        marks._write_mark(MARK, at, callers[-1].id)
        return len(callers)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_rows(self, rows):
        return SQL(
            """jsonb_to_recordset(%s::jsonb) AS x(n int, id int, agent varchar, network varchar,
                   month date, actor varchar, reason varchar, open_actor varchar,
                   open_reason varchar)""",
            json.dumps(rows),
        )

    def _query_same(self):
        # index nurture_caller_call_uniq
        return SQL(
            """c.month = x.month AND c.network = x.network
           AND md5(COALESCE(c.agent, '')) = md5(COALESCE(x.agent, ''))
           AND (c.agent IS NULL) = (x.agent IS NULL)"""
        )

    def _query_add(self, rows):
        return SQL(
            """INSERT INTO nurture_caller
                      (agent, network, month, actor, reason, open_actor, open_reason)
               SELECT agent, network, month, actor, reason, open_actor, open_reason FROM %s
                WHERE NOT EXISTS (SELECT 1 FROM nurture_caller c WHERE %s)
          ON CONFLICT DO NOTHING RETURNING id""",
            self._query_rows(rows),
            self._query_same(),
        )

    def _query_find(self, rows):
        return SQL(
            "SELECT x.n, c.id FROM %s JOIN nurture_caller c ON %s",
            self._query_rows(rows),
            self._query_same(),
        )

    def _query_update(self, rows):
        return SQL(
            """UPDATE nurture_caller c
                  SET actor = x.actor, reason = x.reason, open_actor = x.open_actor,
                      open_reason = x.open_reason
                 FROM %s WHERE c.id = x.id RETURNING c.id""",
            self._query_rows(rows),
        )

    def _query_gc(self, before, limit):
        # index nurture_caller_call_uniq; the events are found by nurture_event__caller_id_index
        return SQL(
            """DELETE FROM nurture_caller WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_caller WHERE month < %s LIMIT %s)) RETURNING id""",
            before,
            limit,
        )
