from odoo import api, models
from odoo.tools import SQL

from .nurture_stay import CHUNK

BATCH = 20_000
# transactions that were open while we read may show up behind the mark
OVERLAP = 1_000
PASS, FIRST = "status:pass", "status:first"


class NurtureStay(models.Model):
    """Which leads are looked at: those that something happened to since the last run, read behind a
    mark per source, and all of them once a night. Salespeople's saves are not slowed by a hook.
    """

    _inherit = "nurture.stay"

    @api.model
    def _touch_sources(self):
        """Registry of what may move a lead: a name here, a `_query_touched_<name>` beside it."""
        orders = self.env["nurture.reaction"]._has_quotations()
        return ["lead", "message", "event", "handover", *(["order"] if orders else [])]

    @api.model
    def _cron_move_leads(self):
        cron = self.env["ir.cron"]
        for name in self._touch_sources():
            while done := self._follow(name):
                if not cron._commit_progress(done, remaining=BATCH):
                    return
        while done := self._pass_chunk(CHUNK):
            if not cron._commit_progress(done, remaining=CHUNK):
                return
        self.env["nurture.funnel"]._refresh()
        cron._commit_progress(remaining=0)

    @api.model
    def _cron_request_pass(self):
        """Every night: what no mark has told, such as changes without a trace in the chatter."""
        self._request_pass()

    @api.model
    def _request_pass(self):
        self.env["nurture.watermark"]._write_mark(PASS, None, 0)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_move_leads")

    @api.model
    def _follow(self, name):
        """Look at the next leads of one source; how many rows of it were read."""
        marks = self.env["nurture.watermark"]
        self.env.flush_all()
        _at, last_id = marks._read_mark(f"status:{name}")
        if not last_id:
            # what is older is seen by the first pass
            last_id = self.env.execute_query(self._query_last(name))[0][0] or 1
            marks._write_mark(f"status:{name}", None, last_id)
        seen_from = max(last_id - OVERLAP, 0)
        query = getattr(self, f"_query_touched_{name}")()
        rows = self.env.execute_query(self._query_touched(query, seen_from))
        if not rows or rows[-1][0] <= last_id:
            return 0
        lead_ids = sorted({lead_id for _id, lead_id in rows if lead_id})
        self._move_by_triggers(self._query_scope_ids(lead_ids), silent=self._is_first_pass())
        marks._write_mark(f"status:{name}", None, rows[-1][0])
        return len(rows)

    @api.model
    def _pass_chunk(self, size):
        """Look at the next range of all leads; 0 when the pass has come to its end."""
        marks = self.env["nurture.watermark"]
        self.env.flush_all()
        _at, low = marks._read_mark(PASS)
        last = self.env.execute_query(self._query_last("lead"))[0][0] or 0
        if low >= last:
            marks._write_mark(FIRST, None, 1)
            return 0
        high = min(low + size, last)
        self._move_by_triggers(
            self._query_scope_range(low, high), silent=self._is_first_pass()
        )
        marks._write_mark(PASS, None, high)
        return high - low

    @api.model
    def _is_first_pass(self):
        """The leads that were there before us come to their status without a word."""
        return not self.env["nurture.watermark"]._read_mark(FIRST)[1]

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _source_tables(self):
        return {
            "lead": "crm_lead", "message": "mail_message", "event": "nurture_event",
            "handover": "nurture_handover", "order": "sale_order",
        }  # fmt: skip

    def _query_scope_ids(self, lead_ids):
        """These leads: a condition on the column that holds their id."""
        return lambda column: SQL("%s = ANY(%s)", column, lead_ids)

    def _query_scope_range(self, low, high):
        return lambda column: SQL("%s > %s AND %s <= %s", column, low, column, high)

    def _query_last(self, name):
        return SQL("SELECT MAX(id) FROM %s", SQL.identifier(self._source_tables()[name]))

    def _query_touched(self, query, last_id):
        # the primary key of each source
        return SQL("%s AND r.id > %s ORDER BY r.id LIMIT %s", query, last_id, BATCH)

    def _query_touched_lead(self):
        return SQL("SELECT r.id, r.id FROM crm_lead r WHERE TRUE")

    def _query_touched_message(self):
        return SQL("SELECT r.id, r.res_id FROM mail_message r WHERE r.model = 'crm.lead'")

    def _query_touched_event(self):
        # index nurture_identity__person_id_index
        return SQL(
            """SELECT r.id, i.res_id FROM nurture_event r
            LEFT JOIN nurture_identity i ON i.person_id = r.person_id AND i.kind = 'lead'
                WHERE r.actor = 'human' AND r.kind <> 'status_change'"""
        )

    def _query_touched_handover(self):
        return SQL("SELECT r.id, r.lead_id FROM nurture_handover r WHERE TRUE")

    def _query_touched_order(self):
        return SQL("SELECT r.id, r.opportunity_id FROM sale_order r "
                   "WHERE r.opportunity_id IS NOT NULL")  # fmt: skip
