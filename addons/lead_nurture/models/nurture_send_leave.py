from datetime import timedelta

from odoo import models
from odoo.addons.lead_nurture.engine.caps import free_at
from odoo.addons.lead_nurture.engine.gate import Verdict
from odoo.addons.lead_nurture.engine.rate import Limits
from odoo.tools import SQL
from psycopg2 import errors

from .nurture_send_gate import BUSY

LATE = "nurture_late"
# a queue that takes no longer has not stood still: what the gate said before still holds
FRESH = timedelta(hours=1)
# what a paused scenario has in the queue is asked for again so much later
PAUSED = timedelta(hours=1)


class NurtureSend(models.Model):
    """The gate at the door: the queue stood still for an hour or a week. What has piled up does
    not leave in one blast, nor while its scenario is paused, nor when it is too late for it."""

    _inherit = "nurture.send"

    def _leaves(self, now, place_at=None):
        """Verdict on this queued message: leave if its moment is not after `now`; without a moment
        it must not leave any more, and `reason` is the failure type. `place_at` is when it was
        told to come again."""
        self.ensure_one()
        failure = self._refusal()
        if failure:
            return Verdict(None, failure)
        if self.scenario_id.state == "paused":
            return Verdict(now + PAUSED, "paused")
        stale = now - self.planned_at > FRESH
        last = self._last_moment() if stale else None
        until = self._hours_allow(self._cap_allows(now) if stale else now)
        has_place = place_at and timedelta(0) <= now - place_at <= FRESH
        if until > now or (stale and not has_place):
            until = self._take_place(until, now, last)
        if until is None or (last and until > last):
            return Verdict(None, LATE)
        return Verdict(until)

    def _last_moment(self):
        """When it is too late for this message, or None. A pause that shifted all dates has
        shifted this one."""
        due = self.planned_at + self.env.execute_query(self._query_shifted())[0][0]
        days = self.node_id.max_late_days
        return due + timedelta(days=days) if days else None

    def _cap_allows(self, now):
        """When the limit per person allows it, by what has really left. Core runs its queue once
        at a time, so nobody else writes to this person meanwhile."""
        policy = self.company_id._nurture_policy()
        if policy.cap <= 0 or self.category != "marketing" or not self.person_id:
            return now
        self.env["mailing.trace"].flush_model(["sent_datetime"])
        rows = self.env.execute_query(self._query_left_since(now - policy.window))
        return free_at([row[0] for row in rows], policy.cap, policy.window, now)

    def _take_place(self, at, now, last):
        """The place that it had was missed: the next one of the server from `at` on."""
        server, limits = self.env["ir.mail_server"], Limits()
        if self.node_id:
            server, limits = self.node_id._mail_limits()
        if limits.are_none():
            return at
        company = self.env["res.company"] if server else self.company_id
        slots = self.env["nurture.send.slot"]
        try:
            with self.env.cr.savepoint(flush=False):
                places = slots._places(server, company, limits, now)
                if places is None:
                    return now + BUSY
                place = places.take(at, self._hours_allow, last)
                slots._save(server, company, places.added)
        except errors.SerializationFailure:  # a lane gave places away since we began
            return now + BUSY
        return place

    def _query_shifted(self):
        # index of nurture_scenario_pause(scenario_id)
        return SQL(
            """SELECT COALESCE(SUM(p.ended_at - GREATEST(p.started_at, %(planned)s)),
                               INTERVAL '0')
                 FROM nurture_scenario_pause p
                WHERE p.scenario_id = %(scenario)s AND p.policy = 'shift'
                  AND p.ended_at > %(planned)s""",
            planned=self.planned_at,
            scenario=self.scenario_id.id,
        )

    def _query_left_since(self, since):
        # index nurture_send_person_idx; what the settling cron has not read yet counts as well
        return SQL(
            """SELECT left_at FROM (
                      SELECT COALESCE(s.sent_at, t.sent_datetime, %(text)s) AS left_at
                        FROM nurture_send s LEFT JOIN mailing_trace t ON t.id = s.trace_id
                       WHERE s.person_id = %(person)s AND s.company_id = %(company)s
                         AND s.category = 'marketing' AND s.id <> %(own)s
                         AND s.state NOT IN ('cancel', 'failed')) gone
                WHERE left_at > %(since)s""",
            text=self._query_text_left(),
            person=self.person_id.id,
            company=self.company_id.id,
            own=self.id,
            since=since,
        )

    def _query_text_left(self):
        return SQL("NULL::timestamp")
