from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.caps import too_late
from odoo.addons.lead_nurture.engine.gate import Verdict, earliest
from odoo.addons.lead_nurture.engine.local_time import ALWAYS, next_open
from odoo.tools import SQL

# who finds a person or a server in the hands of another lane asks again so much later
BUSY = timedelta(seconds=30)

# one person before the gate: his clock and holidays there, and since when the mail is due
Asker = namedtuple("Asker", "enrolment place closed due last")


class NurtureSend(models.Model):
    """The gate of the mail step: may we write to these people for this purpose, and when?

    Who opted out was taken out before (`_refusals`), and is asked for once more by the sender.
    Here: limit per person over all scenarios, then quiet hours, then rate and warm-up of the
    server. What is written by the gate, the ledger and the mail are one transaction.
    """

    _inherit = "nurture.send"

    category = fields.Selection(
        [("marketing", "Marketing"), ("transactional", "Asked for")],
        "Purpose", required=True, readonly=True, default="marketing",
    )  # fmt: skip

    @api.model
    def _gate(self, enrolments, node, now):
        """{enrolment: Verdict}. A verdict whose moment is not after `now` lets the mail pass;
        one without a moment means that it would come too late."""
        policy = node._mail_policy()
        server, limits = node._mail_limits()
        if policy.cap <= 0 and policy.hours == ALWAYS and limits.are_none():
            if not policy.skip_holidays:
                return {e: self._verdict(e, Verdict(now), node, now) for e in enrolments}
        askers = self._gate_askers(enrolments, node, policy, now)
        verdicts = self._gate_people(askers, node, policy, now)
        if not limits.are_none():
            passing = [a for a in askers if verdicts[a.enrolment] == Verdict(now)]
            verdicts.update(self._gate_server(passing, node, policy, server, limits, now))
        if policy.cap > 0:
            passing = [e.person_id.id for e in enrolments if verdicts[e] == Verdict(now)]
            self.env["nurture.send.turn"]._count(enrolments.person_id.browse(passing))
        return verdicts

    @api.model
    def _gate_askers(self, enrolments, node, policy, now):
        company = node.company_id
        places = enrolments.person_id._places(company)
        closed = {}
        if policy.skip_holidays:
            countries = {place.country_id for place in places.values()}
            closed = self.env["nurture.holiday"]._closed_days(countries, company, now)
        return [
            Asker(
                enrolment,
                place := places[enrolment.person_id.id],
                closed.get(place.country_id, ()),
                enrolment._due_since(now),
                enrolment._due_since(now) + timedelta(days=node.max_late_days)
                if node.max_late_days else None,
            )
            for enrolment in enrolments
        ]  # fmt: skip

    @api.model
    def _gate_people(self, askers, node, policy, now):
        """Limit per person and hours of the week."""
        people = self.env["nurture.person"].union(*(a.enrolment.person_id for a in askers))
        sent = {}
        if policy.cap > 0:
            people = self.env["nurture.send.turn"]._lock(people)
            sent = self._sent_since(people, node.company_id, now - policy.window)
        verdicts = {}
        for asker in askers:
            person = asker.enrolment.person_id
            verdict = Verdict(now + BUSY, "busy")
            if person in people:
                verdict = earliest(
                    now, policy, asker.place.zone, sent.get(person.id, ()), asker.closed
                )
            verdicts[asker.enrolment] = self._verdict(asker.enrolment, verdict, node, now)
        return verdicts

    @api.model
    def _gate_server(self, askers, node, policy, server, limits, now):
        """Who has a place by now keeps it; the others are given the next ones, in their hours."""
        slots = self.env["nurture.send.slot"]
        company = self.env["res.company"] if server else node.company_id
        asking = [a for a in askers if not a.enrolment._has_place(now)]
        places = asking and slots._places(server, company, limits, now)
        if places is None:
            return {a.enrolment: Verdict(now + BUSY, "busy") for a in asking}
        verdicts = {}
        for asker in asking:

            def opens(moment, a=asker):
                return next_open(moment, a.place.zone, policy.hours, a.closed)

            at = places.take(now, opens, asker.last)
            verdicts[asker.enrolment] = Verdict(at, "rate" if at != now else "")
        if asking:
            slots._save(server, company, places.added)
        return verdicts

    @api.model
    def _verdict(self, enrolment, verdict, node, now):
        """Without a moment when it would be too late by then."""
        late = verdict.until and too_late(
            enrolment._due_since(now), verdict.until, node.max_late_days
        )
        return Verdict(None, verdict.reason) if late else verdict

    def _hours_allow(self, now):
        """When this message may leave as far as the hours of the week are concerned."""
        self.ensure_one()
        policy = self.company_id._nurture_policy()
        anytime = policy.hours == ALWAYS and not policy.skip_holidays
        if anytime or self.category != "marketing" or not self.person_id:
            return now
        place = self.person_id._places(self.company_id)[self.person_id.id]
        closed = {}
        if policy.skip_holidays:
            closed = self.env["nurture.holiday"]._closed_days(
                {place.country_id}, self.company_id, now
            )
        return next_open(now, place.zone, policy.hours, closed.get(place.country_id, ())) or now

    @api.model
    def _sent_since(self, people, company, since):
        """{person id: moments of the marketing mails of this company}."""
        return dict(self.env.execute_query(self._query_sent_since(people, company, since)))

    @api.model
    def _query_sent_since(self, people, company, since):
        # index nurture_send_person_idx
        return SQL(
            """SELECT person_id, array_agg(planned_at) FROM nurture_send
                WHERE person_id = ANY(%s) AND planned_at > %s AND company_id = %s
                  AND category = 'marketing' AND state NOT IN ('cancel', 'failed')
             GROUP BY person_id""",
            people.ids,
            since,
            company.id,
        )
