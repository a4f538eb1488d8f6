import json

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.exceptions import AccessError
from odoo.tools import SQL

BY_HAND = "hand"


class NurtureEvent(models.Model):
    """Who made an event: a human, a machine, or somebody of whom we are not sure."""

    _inherit = "nurture.event"

    caller_id = fields.Many2one(
        "nurture.caller", "Program", readonly=True, ondelete="set null", index="btree_not_null"
    )
    network = fields.Char(related="caller_id.network")

    def action_class_human(self):
        """A manager says of these events that a human made them."""
        self._class_by_hand(engine.HUMAN)

    def action_class_machine(self):
        """A manager says of these events that a machine made them."""
        self._class_by_hand(engine.MACHINE)

    def _class_by_hand(self, actor):
        """This sticks: neither a burst nor a change of the table takes it back."""
        if not self.env.user.has_group("lead_nurture.group_lead_nurture_manager"):
            raise AccessError(self.env._("Only administrators of Nurture may class events."))
        self.check_access("read")
        # sudo: nobody may write events
        self.sudo()._set_actor(self.ids, actor, BY_HAND, silent=True)

    @api.model
    def _set_actor(self, event_ids, actor, reason, silent=False):
        """Class events again (a burst is noticed at its second click); scores follow. What was
        classed by hand stays. Nobody who waits is woken: the moment has passed."""
        rows = self.env.execute_query(self._query_set_actor(event_ids, actor, reason))
        self._scores_follow([row[0] for row in rows], silent)

    @api.model
    def _follow_callers(self, callers):
        """Give the events of `callers` (dicts of id and verdict) the class of their caller, where
        the table alone decides it."""
        rows = self.env.execute_query(self._query_follow_callers(callers))
        self._scores_follow([row[0] for row in rows], silent=True)

    @api.model
    def _scores_follow(self, person_ids, silent):
        """Silent when events of the past are judged anew: scores are right, but nobody gets hot
        today by what happened months ago."""
        self.invalidate_model(["actor", "actor_reason"], flush=False)
        self.env["nurture.dirty"]._push(person_ids, silent=silent)

    @api.model
    def _assign_callers(self, vals_list):
        """Copies of `vals_list` with `caller_id` where the program or its network is known."""
        call_of = {}
        for number, vals in enumerate(vals_list):
            agent, network = vals.get("agent"), vals.get("network") or ""
            if agent is not None or network:
                month = fields.Datetime.to_datetime(vals["occurred_at"]).date().replace(day=1)
                call_of[number] = (agent, network, month)
        ids = self.env["nurture.caller"]._ids_of(list(dict.fromkeys(call_of.values())))
        return [
            {**vals, "caller_id": ids[call_of[number]]} if number in call_of else vals
            for number, vals in enumerate(vals_list)
        ]

    @api.model
    def _insert_columns(self):
        return {**super()._insert_columns(), "caller_id": "int4"}

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_set_actor(self, event_ids, actor, reason):
        return SQL(
            """UPDATE nurture_event SET actor = %(actor)s, actor_reason = %(reason)s
                WHERE id = ANY(%(ids)s)
                  AND (actor_reason IS DISTINCT FROM %(hand)s OR %(reason)s = %(hand)s)
                  AND (actor, actor_reason) IS DISTINCT FROM (%(actor)s, %(reason)s)
            RETURNING person_id""",
            actor=actor,
            reason=reason or None,
            hand=BY_HAND,
            ids=list(event_ids),
        )

    def _query_follow_callers(self, callers):
        # index nurture_event__caller_id_index
        return SQL(
            """UPDATE nurture_event e
                  SET actor = CASE e.kind WHEN 'mail_open' THEN x.open_actor ELSE x.actor END,
                      actor_reason =
                          CASE e.kind WHEN 'mail_open' THEN x.open_reason ELSE x.reason END
                 FROM jsonb_to_recordset(%s::jsonb) AS x(id int, actor varchar, reason varchar,
                      open_actor varchar, open_reason varchar)
                WHERE e.caller_id = x.id AND COALESCE(e.actor_reason, '') = ANY(%s)
                  AND (e.actor, e.actor_reason) IS DISTINCT FROM (
                      CASE e.kind WHEN 'mail_open' THEN x.open_actor ELSE x.actor END,
                      CASE e.kind WHEN 'mail_open' THEN x.open_reason ELSE x.reason END)
            RETURNING e.person_id""",
            json.dumps(callers),
            list(engine.TABLE_REASONS),
        )
