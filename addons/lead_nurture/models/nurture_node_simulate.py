from odoo import models
from odoo.addons.lead_nurture.engine.outcome import Outcome

# kinds of these groups act on the world outside: a simulation tells what they would do
TOLD = ("message", "action")


class NurtureNode(models.Model):
    """Steps in a simulation: the same methods under another clock, but nothing leaves the house.

    Waits and branches really run. Mails run up to the moment of writing them, so that limits and
    quiet hours decide as they will. Other steps that act are told; a kind that can do better has
    `_simulate_node_<kind>(enrolments, now)` → {enrolment: Outcome}.
    """

    _inherit = "nurture.node"

    def _run(self, enrolments, now):
        script = self.env["nurture.simulation"]._script()
        if not script:
            return super()._run(enrolments, now)
        self._plan_awaited(enrolments, script, now)
        simulate = getattr(self, f"_simulate_node_{self.kind}", None)
        if simulate:
            return simulate(enrolments, now)
        if self._node_kinds()[self.kind]["group"] in TOLD and self.kind != "mail":
            return dict.fromkeys(enrolments, Outcome.go(self._exits()[0], "told"))
        return super()._run(enrolments, now)

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def _compose(self, sends):
        """The ledger is as after a real mail; what would be written to is answered as chosen."""
        script = self.env["nurture.simulation"]._script()
        if not script:
            return super()._compose(sends)
        for send in sends.values():
            if send.address:
                send._write_rows(state="sent", sent_at=send.planned_at)
                script.plan(
                    self.uid, send.person_id.id, send.visit, send.planned_at, about=send.id
                )
            else:
                send._write_rows(state="cancel", failure_type="mail_email_missing")
        return None

    def _render_mail_for(self, lead):
        """What this lead would read."""
        persons = self.env["nurture.simulation"]._persons_of(lead)
        person = self.env["nurture.person"].browse(persons.get(lead.id))
        lang = self._language_of(lead, person)
        mailing = self.mailing_id.with_context(lang=lang)
        subject = mailing._render_field("subject", lead.ids)[lead.id]
        body = self.env["mail.render.mixin"].with_context(lang=lang)._render_template(
            self._prepare_body(mailing),
            lead._name,
            lead.ids,
            engine="qweb",
            options={"post_process": True},
        )
        return {"subject": subject, "body": str(body[lead.id]), "to": lead.email_normalized or ""}

    # ------------------------------------------------------------
    # WAITS AND BRANCHES ON EVENTS
    # ------------------------------------------------------------

    def _plan_awaited(self, enrolments, script, now):
        """People at a step that looks for an event other than an answer to a mail."""
        kind = self._awaited_event()
        if not kind:
            return
        for enrolment in enrolments:
            script.plan(self.uid, enrolment.person_id.id, enrolment.visit, now, kind)
        self.env["nurture.simulation"]._play(script, now)

    def _awaited_event(self):
        """The event by which people leave this step, unless it is an answer to a mail."""
        kind = self._of_kind("_awaited_node")
        return False if kind in ("mail_open", "mail_click", "mail_reply") else kind

    def _awaited_node_wait_event(self):
        return not self._waits_for_condition() and self.event_kind

    def _awaited_node_branch(self):
        return self.event_kind if self.condition == "event" else False
