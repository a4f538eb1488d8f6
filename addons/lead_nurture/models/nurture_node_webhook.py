import json

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import webhook as engine
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.exceptions import ValidationError

LEAD_FIELDS = ("name", "contact_name", "partner_name", "email_from", "phone", "type")
NOT_SENT = ("binary", "html", "one2many", "properties", "json")


class NurtureNode(models.Model):
    """The step that calls another system: it writes a row into the outbox, which is delivered
    later, so that a slow receiver holds nobody up."""

    _inherit = "nurture.node"

    webhook_url = fields.Char(
        "Address to call", groups="lead_nurture.group_lead_nurture_manager",
        help="Gets a POST with JSON. Its host must be among the hosts in Settings, Nurture.",
    )  # fmt: skip
    webhook_extra = fields.Char(
        "Further fields of the lead",
        help="As they are called in the form of the lead, separated by commas: City, Priority. "
        "Sent besides name, contact, company, e-mail, phone, score and band. Only what the owner "
        "of the scenario may read.",
    )

    @api.constrains("kind", "webhook_extra")
    def _check_webhook_extra(self):
        for node in self.filtered(lambda n: n.kind == "webhook"):
            _names, unknown = node._webhook_extra_names()
            if unknown:
                raise ValidationError(
                    self.env._("The lead has no field “%s” that could be sent.", unknown[0])
                )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "webhook": {
                "label": self.env._("Call another system"),
                "help": self.env._(
                    "Send the data of the lead to another program."
                ),
                "icon": "fa-plug",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_webhook(self, enrolments, now):
        calls = self.env["nurture.webhook"]
        host = engine.read_url(self.webhook_url).host
        bodies = self._webhook_bodies(enrolments, now)
        calls.create(
            [
                {
                    "enrolment_id": enrolment.id,
                    "scenario_id": enrolment.scenario_id.id,
                    "company_id": enrolment.company_id.id,
                    "person_id": enrolment.person_id.id,
                    "node_id": self.id,
                    "node_uid": self.uid,
                    "visit": enrolment.visit,
                    "host": host,
                    "url": self.webhook_url,
                    "body": bodies[enrolment],
                    "planned_at": now,
                    "run_at": now,
                }
                for enrolment in enrolments
            ]
        )
        calls._wake()
        return dict.fromkeys(enrolments, Outcome.go(result="queued"))

    def _summary_node_webhook(self):
        target = engine.read_url(self.sudo().webhook_url or "")  # sudo: only the host is shown
        return target.host if target else ""

    def _problem_node_webhook(self):
        url = self.sudo().webhook_url  # sudo: checked, not shown to readers
        if not url:
            return self.env._("“%s” does not say which address to call.", self.name)
        return self.env["nurture.webhook"]._refusal_text(url)

    # ------------------------------------------------------------
    # WHAT IS SENT
    # ------------------------------------------------------------

    def _webhook_bodies(self, enrolments, now):
        """{enrolment: JSON}; leads are read with the owner's rights, all at once."""
        leads = enrolments._leads_as_owner()
        names = [*LEAD_FIELDS, *self._webhook_extra_names()[0]]
        known = {values["id"]: values for values in leads.read(names)}
        shown = {lead.id: (lead.nurture_score, lead.nurture_band) for lead in leads}
        return {
            enrolment: json.dumps(
                self._prepare_webhook(enrolment, known, shown, now),
                sort_keys=True, default=str, ensure_ascii=False,
            )
            for enrolment in enrolments
        }

    def _webhook_extra_names(self):
        """(technical names of the further fields, what names no field)"""
        wanted = [word.strip() for word in (self.webhook_extra or "").split(",") if word.strip()]
        if not wanted:
            return [], []
        by_word = {}
        for leads in self._in_languages(self.env["crm.lead"]):
            told = leads.fields_get(attributes=["string", "type", "store"])
            for name, said in told.items():
                if said["store"] and said["type"] not in NOT_SENT:
                    by_word.setdefault(said["string"].lower(), name)
                    by_word[name] = name
        names = [by_word.get(word.lower()) for word in wanted]
        unknown = [word for word, name in zip(wanted, names, strict=True) if not name]
        return list(dict.fromkeys(filter(None, names))), unknown

    def _prepare_webhook(self, enrolment, known, shown, now):
        lead_id = enrolment.lead_id.id
        score, band = shown[lead_id]
        return {
            "delivery": f"{enrolment.id}-{self.uid}-{enrolment.visit}",
            "at": f"{now.isoformat(timespec='seconds')}Z",
            "scenario": {"id": enrolment.scenario_id.id, "name": enrolment.scenario_id.name},
            "step": {"key": self.uid, "name": self.name},
            "person": {
                "id": enrolment.person_id.id,
                "email": enrolment.person_id.email_normalized or "",
                "score": score,
                "band": band,
            },
            "lead": known[lead_id],
        }
