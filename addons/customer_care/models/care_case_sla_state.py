from odoo import api, fields, models
from odoo.addons.customer_care.engine import deadline
from odoo.fields import Domain
from odoo.tools import SQL

from .care_stage import OPEN_KINDS

STATES = [
    ("breached", "Overdue"), ("at_risk", "At risk"), ("ok", "In time"),
    ("paused", "Paused"), ("missed", "Missed"), ("met", "Met"), ("none", "No deadline"),
]
#: field → (deadline, warning, result) that it is told from
PROMISES = {
    "reply_state": ("reply_deadline", "reply_warn_at", "reply_result"),
    "sla_state": ("deadline_at", "warn_at", "resolution_result"),
}
#: States of what somebody still owes.
LIVE = {"breached", "at_risk", "ok", "paused"}


class CareCase(models.Model):
    """Where the promises of a case stand at this moment: told by the clock, so never stored."""

    _inherit = "care.case"

    reply_state = fields.Selection(
        STATES, "First reply state", compute="_compute_sla_states",
        search="_search_reply_state",
        help="Overdue: its time has passed and nobody has answered. Paused: we wait for the "
        "customer, and the clock stands. Met or missed: answered.")
    sla_state = fields.Selection(
        STATES, "Resolution state", compute="_compute_sla_states", search="_search_sla_state",
        help="Overdue: its time has passed. Paused: we wait for the customer, and the clock "
        "stands. Met or missed: by the first resolution. A case that was opened again runs "
        "against the hours that it had left.")

    @api.depends(
        "stage_kind", "paused_at", "first_response_at", "reply_deadline", "reply_warn_at",
        "reply_result", "deadline_at", "warn_at", "resolution_result")
    def _compute_sla_states(self):
        now = fields.Datetime.now()
        for case in self:
            is_open = case.stage_kind in OPEN_KINDS
            case.reply_state = deadline.state(
                deadline.Promise(case.reply_deadline or None, case.reply_warn_at or None,
                                 case.reply_result or None),
                now, case.paused_at or None, is_open and not case.first_response_at)
            case.sla_state = deadline.state(
                deadline.Promise(case.deadline_at or None, case.warn_at or None,
                                 None if is_open else case.resolution_result or None),
                now, case.paused_at or None, is_open)

    def _search_reply_state(self, operator, value):
        return self._search_state("reply_state", operator, value)

    def _search_sla_state(self, operator, value):
        return self._search_state("sla_state", operator, value)

    def _search_state(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = [state for state in value if state]
        found = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = ANY(%s)", model._query_state(name, alias, query), wanted),
            predicate=lambda case: case[name] in wanted)
        # what is live is open: the index of open cases finds it
        return found & Domain("stage_kind", "in", OPEN_KINDS) if set(wanted) <= LIVE else found

    def _query_state(self, name, alias, query) -> SQL:
        """The table of engine/deadline.py in SQL. Index care_case_due_idx."""
        deadline_at, warn_at, result = (
            self._field_to_sql(alias, each, query) for each in PROMISES[name])
        is_open = SQL("%s IN %s", self._field_to_sql(alias, "stage_kind", query), OPEN_KINDS)
        owed, known = is_open, SQL("NOT %s", is_open)
        if name == "reply_state":
            owed = SQL("%s AND %s IS NULL", is_open,
                       self._field_to_sql(alias, "first_response_at", query))
            known = SQL("TRUE")
        return SQL(
            """CASE WHEN %(known)s AND %(result)s IS NOT NULL THEN %(result)s
                    WHEN %(deadline)s IS NULL OR NOT (%(owed)s) THEN 'none'
                    WHEN COALESCE(%(paused)s, %(now)s) >= %(deadline)s THEN 'breached'
                    WHEN %(paused)s IS NOT NULL THEN 'paused'
                    WHEN %(warn)s <= %(now)s THEN 'at_risk'
                    ELSE 'ok' END""",
            known=known, owed=owed, result=result, deadline=deadline_at, warn=warn_at,
            paused=self._field_to_sql(alias, "paused_at", query), now=fields.Datetime.now())

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Boards and lists by state, though no column holds it."""
        if groupby_spec in PROMISES:
            return self._query_state(groupby_spec, alias, query)
        return super()._read_group_groupby(alias, groupby_spec, query)
