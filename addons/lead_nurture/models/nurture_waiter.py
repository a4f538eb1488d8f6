from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

NEWEST = 5_000


class NurtureWaiter(models.Model):
    """One person who stands at a step until something happens: what, and counted since when.

    The row goes when he leaves the step. That he leaves it once only, by the event or by the
    clock, is decided on the enrolment: whoever finds it still waiting wins.
    """

    _name = "nurture.waiter"
    _description = "Wait for an event"
    _log_access = False

    enrolment_id = fields.Many2one("nurture.enrolment", required=True, ondelete="cascade")
    person_id = fields.Many2one("nurture.person", required=True, ondelete="cascade")
    kind = fields.Char("Event", required=True)
    own_mails = fields.Boolean("Only mails of this journey")
    since = fields.Datetime(required=True)
    armed_at = fields.Datetime(required=True)

    _enrolment_uniq = models.UniqueIndex("(enrolment_id)", "This person waits already.")
    # "who waits for this?" when an event comes in
    _person_idx = models.Index("(person_id, kind)")
    # the sweep of freshly armed waiters
    _armed_idx = models.Index("(armed_at)")

    @api.model
    def _arm(self, enrolments, node, now):
        self.env.execute_query(self._query_arm(enrolments, node, now))

    @api.model
    def _disarm(self, enrolments):
        self.search([("enrolment_id", "in", enrolments.ids)]).unlink()

    # ------------------------------------------------------------
    # EVENTS
    # ------------------------------------------------------------

    @api.model
    def _wake(self, events):
        """Release who waited for one of these events. Harmless when repeated.

        Never spoils the transaction that recorded the events: when a lane is just moving the same
        person, the lane or the sweep settles it, and the others are woken all the same.
        """
        if not events:
            return 0
        try:
            with self.env.cr.savepoint():
                return self._release(self._query_waits_for(events))
        except CONFLICTS:
            half = len(events) // 2
            return half and self._wake(events[:half]) + self._wake(events[half:])

    @api.model
    def _wake_missed(self, since):
        """An event and a wait that were written at the same moment do not see each other: look
        again at the waits armed lately and at the newest events."""
        for condition in (self._query_armed_since(since), self._query_newest_events()):
            try:
                with self.env.cr.savepoint():
                    self._release(condition)
            except CONFLICTS:
                continue  # a lane is moving one of them: the next sweep looks again

    @api.model
    def _release(self, condition):
        query = self._query_release(condition, fields.Datetime.now())
        self.env.cr.execute(query, log_exceptions=False)  # a conflict is no fault
        rows = self.env.cr.fetchall()
        if rows:
            self.env["nurture.enrolment"].invalidate_model(flush=False)
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
        return len(rows)

    @api.model
    def _happened(self, enrolments):
        """Of these waiting people, those whose event is on record."""
        rows = self.env.execute_query(self._query_happened_to(enrolments))
        return enrolments.browse(row[0] for row in rows)

    @api.model
    def _happened_since_entry(self, enrolments, node):
        """Of these people, those for whom the event of a branch happened since they entered."""
        rows = self.env.execute_query(self._query_happened_since_entry(enrolments, node))
        return enrolments.browse(row[0] for row in rows)

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    @api.model
    def _query_arm(self, enrolments, node, now):
        # index nurture_waiter_enrolment_uniq
        return SQL(
            """INSERT INTO nurture_waiter (enrolment_id, person_id, kind, own_mails, since,
                                           armed_at)
               SELECT e.id, e.person_id, %(kind)s, %(own)s, %(since)s, %(now)s
                 FROM nurture_enrolment e WHERE e.id = ANY(%(ids)s)
          ON CONFLICT (enrolment_id) DO UPDATE
                  SET kind = EXCLUDED.kind, own_mails = EXCLUDED.own_mails,
                      since = EXCLUDED.since, armed_at = EXCLUDED.armed_at
            RETURNING id""",
            ids=enrolments.ids,
            kind=node.event_kind,
            own=node._counts_own_mails(),
            since=SQL("e.enrolled_at") if node.event_since == "entry" else now,
            now=now,
        )

    @api.model
    def _query_waits_for(self, events):
        return SQL("ev.id = ANY(%s)", events.ids)

    @api.model
    def _query_armed_since(self, since):
        # index nurture_waiter_armed_idx
        return SQL("w.armed_at >= %s", since)

    @api.model
    def _query_newest_events(self):
        # primary key; ids have gaps, so the newest are counted and not reckoned
        return SQL(
            "ev.id IN (SELECT id FROM nurture_event ORDER BY id DESC LIMIT %s)", NEWEST
        )

    @api.model
    def _query_release(self, condition, now):
        # The compare-and-set of event against clock. A row that a lane holds right now is left to
        # it, because the lane looks at the stored events before its clock wins.
        return SQL(
            """WITH hit AS (
                   SELECT e.id FROM nurture_enrolment e
                    WHERE e.id IN (%s) AND e.state = 'waiting'
                      FOR NO KEY UPDATE SKIP LOCKED)
               UPDATE nurture_enrolment e
                  SET state = 'active', release_label = 'yes', run_at = %s
                 FROM hit WHERE e.id = hit.id AND e.state = 'waiting'
            RETURNING e.id""",
            self._query_happened(SQL("nurture_waiter"), condition),
            now,
        )

    @api.model
    def _query_happened_to(self, enrolments):
        return self._query_happened(
            SQL("nurture_waiter"), SQL("w.enrolment_id = ANY(%s)", enrolments.ids)
        )

    @api.model
    def _query_happened_since_entry(self, enrolments, node):
        wishes = SQL(
            """(SELECT id AS enrolment_id, person_id, %s::varchar AS kind, %s AS own_mails,
                       enrolled_at AS since
                  FROM nurture_enrolment WHERE id = ANY(%s))""",
            node.event_kind,
            node._counts_own_mails(),
            enrolments.ids,
        )
        return self._query_happened(wishes, SQL("TRUE"))

    @api.model
    def _query_happened(self, wishes, condition):
        """Enrolments among `wishes` whose event is on record and was made by a human."""
        # index on nurture_event(person_id, occurred_at), primary key of nurture_send
        return SQL(
            """SELECT w.enrolment_id
                 FROM %s w
                 JOIN nurture_event ev
                   ON ev.person_id = w.person_id AND ev.kind = w.kind
                  AND ev.occurred_at >= w.since AND ev.actor = 'human'
            LEFT JOIN nurture_send s ON ev.res_model = 'nurture.send' AND s.id = ev.res_id
                WHERE %s AND (w.own_mails IS NOT TRUE OR s.enrolment_id = w.enrolment_id)""",
            wishes,
            condition,
        )
