from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.addons.lead_nurture.engine.rate import Limits

MOST = 800  # signs; a text message holds 160, or 70 with signs beyond the Latin ones


class NurtureNode(models.Model):
    """The step that sends a text message, where Odoo's module for them is installed. Quiet hours
    and the limit per person are those of mails; who opted out by phone is left out and goes on."""

    _inherit = "nurture.node"

    sms_body = fields.Text(
        "Text",
        translate=True,
        help="Placeholders as in mails: {{ object.contact_name }}. A message holds 160 signs, or "
        "70 with signs such as emojis; a longer text is sent, and charged, as several.",
    )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "sms": {
                "label": self.env._("Send a text message"),
                "help": self.env._(
                    "A short text to the mobile phone of the lead."
                ),
                "icon": "fa-mobile",
                "group": "message",
                "exits": ("next",),
                "offered": "sms.sms" in self.env,
            },
        }

    def _run_node_sms(self, enrolments, now):
        """Ledger, message and the way on in one transaction; core's queue sends."""
        if sentence := self._config_problem():
            raise ValueError(sentence)
        numbers, outcomes = self._sms_numbers(enrolments)
        reachable = enrolments.filtered(lambda e: e not in outcomes)
        outcomes.update(self._hold_back(reachable, now))
        going = reachable.filtered(lambda e: e not in outcomes)
        sends = self.env["nurture.send"]._enter(going, self, now, channel="sms") if going else {}
        if sends:
            self._queue_sms(sends, numbers)
        outcomes.update(
            {
                e: Outcome.go(result="queued" if e.lead_id.id in sends else "sent before")
                for e in going
            }
        )
        return outcomes

    def _release_node_sms(self, enrolments, now):
        return self._run_node_sms(enrolments, now)

    def _summary_node_sms(self):
        text = (self.sms_body or "").strip()
        return text if len(text) <= 60 else f"{text[:59]}…"

    def _problem_node_sms(self):
        if "sms.sms" not in self.env:
            return self.env._("“%s” needs Odoo's module for text messages.", self.name)
        text = (self.sms_body or "").strip()
        if not text:
            return self.env._("“%s” has no text yet.", self.name)
        if len(text) > MOST:
            return self.env._(
                "The text of “%(step)s” is longer than %(most)s signs.", step=self.name, most=MOST
            )
        return False

    def _mail_limits(self):
        """Rates of mail servers are nothing to text messages."""
        if self.kind == "sms":
            return self.env["ir.mail_server"], Limits()
        return super()._mail_limits()

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def _sms_numbers(self, enrolments):
        """({lead id: number}, {enrolment: Outcome} of those without one, or who opted out)."""
        leads = enrolments._leads_as_owner()
        found = leads._sms_get_recipients_info()
        numbers = {lead.id: found[lead.id]["sanitized"] for lead in leads}
        # sudo: who opted out is looked up for the decision only, and only among these numbers
        refused = self.env["phone.blacklist"].sudo().search(
            [("number", "in", [number for number in numbers.values() if number])]
        )
        opted_out = set(refused.mapped("number"))
        outcomes = {}
        for enrolment in enrolments:
            number = numbers.get(enrolment.lead_id.id)
            if not number:
                outcomes[enrolment] = Outcome.go(result="no phone number")
            elif number in opted_out:
                outcomes[enrolment] = Outcome.go(result="no text messages wanted")
        return numbers, outcomes

    def _queue_sms(self, sends, numbers):
        """One message each into core's queue, which is called at once."""
        owner = self.scenario_id._as_owner()
        # sudo: placeholders were written by an administrator of Nurture, as those of mails
        renderer = owner.env["mail.render.mixin"].sudo()
        bodies = {}
        for lang, leads in owner.env["crm.lead"].browse(list(sends)).grouped(
            lambda lead: lead.lang_code or owner.env.lang
        ).items():
            text = self.with_context(lang=lang).sms_body
            bodies.update(
                renderer.with_context(lang=lang)._render_template(text, "crm.lead", leads.ids)
            )
        messages = self.env["sms.sms"].sudo().create(  # sudo: core's own queue
            [
                {"body": bodies[lead_id], "number": numbers[lead_id], "state": "outgoing"}
                for lead_id in sends
            ]
        )
        for (lead_id, send), message in zip(sends.items(), messages, strict=True):
            send._write_rows(message_id=message.uuid, address=numbers[lead_id])
