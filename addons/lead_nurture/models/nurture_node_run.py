from odoo import models
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.fields import Domain

BANDS_FROM = {"warm": ("warm", "hot"), "hot": ("hot",)}


class NurtureNode(models.Model):
    """What the plain kinds of steps do. Each method takes the people standing at the step and
    says for each of them what became of him: {enrolment: Outcome}."""

    _inherit = "nurture.node"

    def _run_node_exit(self, enrolments, now):
        return dict.fromkeys(enrolments, Outcome.end_with("finished"))

    # ------------------------------------------------------------
    # WAITS
    # ------------------------------------------------------------

    def _run_node_wait(self, enrolments, now):
        return dict.fromkeys(enrolments, Outcome.wait(self._due(now)))

    def _run_node_wait_event(self, enrolments, now):
        """What was waited for may have happened already; else stand here until it does."""
        waiter = self.env["nurture.waiter"]
        waiter._arm(enrolments, self, now)
        happened = waiter._happened(enrolments)
        return {
            **dict.fromkeys(happened, Outcome.go("yes", "event")),
            **dict.fromkeys(enrolments - happened, Outcome.wait(self._due(now))),
        }

    def _release_node_wait_event(self, enrolments, now):
        """Time is up, unless the event is on record and only its wake-up call got lost."""
        happened = self.env["nurture.waiter"]._happened(enrolments)
        return {
            **dict.fromkeys(happened, Outcome.go("yes", "event")),
            **dict.fromkeys(enrolments - happened, Outcome.go("timeout", "time")),
        }

    def _counts_own_mails(self):
        """Only events that stem from a mail can be asked to stem from a mail of this journey."""
        return self.event_scope == "scenario" and self.event_kind.startswith("mail_")

    # ------------------------------------------------------------
    # BRANCHES
    # ------------------------------------------------------------

    def _run_node_branch(self, enrolments, now):
        agreed = getattr(self, f"_branch_on_{self.condition}")(enrolments, now)
        return {
            **dict.fromkeys(agreed, Outcome.go("yes", "yes")),
            **dict.fromkeys(enrolments - agreed, Outcome.go("no", "no")),
        }

    def _branch_on_event(self, enrolments, now):
        return self.env["nurture.waiter"]._happened_since_entry(enrolments, self)

    def _branch_on_domain(self, enrolments, now):
        leads = enrolments._leads_as_owner()
        domain = leads.env["nurture.scenario"]._parse_lead_domain(self.domain)
        found = set(leads.search(domain & Domain("id", "in", leads.ids)).ids)
        return enrolments.filtered(lambda e: e.lead_id.id in found)

    def _branch_on_band(self, enrolments, now):
        """The band that lists and forms show, or are about to: what has just happened counts."""
        people = enrolments.person_id
        bands = {person.id: person.nurture_band for person in people}
        waiting = people.browse(self.env["nurture.dirty"]._waiting_among(people.ids))
        for person_id, score in waiting._nurture_score_records().items():
            bands[person_id] = score._explain_now(now)["band"]
        return enrolments.filtered(lambda e: bands[e.person_id.id] in BANDS_FROM[self.band])

    # ------------------------------------------------------------
    # PEOPLE ARE TOLD
    # ------------------------------------------------------------

    def _run_node_activity(self, enrolments, now):
        for lead in enrolments._leads_as_owner():
            lead.activity_schedule(
                activity_type_id=self.activity_type_id.id,
                summary=self.summary or self.activity_type_id.summary or self.name,
                user_id=self._person_in_charge(lead).id,
            )
        return dict.fromkeys(enrolments, Outcome.go())

    def _run_node_alert(self, enrolments, now):
        for lead in enrolments._leads_as_owner():
            lead.message_notify(
                partner_ids=self._person_in_charge(lead).partner_id.ids,
                subject=self.env._("%(step)s: %(lead)s", step=self.name, lead=lead.display_name),
                body=lead._nurture_dossier(),
                email_layout_xmlid="mail.mail_notification_layout",
                force_send=False,
            )
        return dict.fromkeys(enrolments, Outcome.go())

    def _person_in_charge(self, lead):
        return (
            self.user_id
            or lead.user_id
            or lead.team_id.user_id
            or self.scenario_id.user_id
        )
