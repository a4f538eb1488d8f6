from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize


class NurtureScenario(models.Model):
    """The public way in for integrators: `nurture_enrol`."""

    _inherit = "nurture.scenario"

    rpc_key = fields.Char(
        "Key for integrations", copy=False,
        help="By which other systems name this scenario, such as trial-started. Unlike the name "
        "it is never translated.",
    )  # fmt: skip

    _rpc_key_uniq = models.UniqueIndex(
        "(rpc_key, company_id) WHERE rpc_key IS NOT NULL",
        "Another scenario of this company has this key already.",
    )

    @api.model
    def nurture_enrol(self, scenario, lead_id=None, email=None, dedup_key=None):
        """Enrol one lead, or the newest open lead at an e-mail address, by hand.

        `scenario` is its key for integrations or its id; `dedup_key`, unique in your system, makes
        a repeat harmless. Returns {"status": …, "enrolment_id": id or False}; the status is
        "entered", "known" (this key came before), or why not: "inside", "before" (and may not
        again), "opted_out", "unfit" (does not match the conditions).
        """
        self.env["nurture.enrolment"]._check_user()
        target = self._find_for_rpc(scenario)
        lead = target._lead_for_rpc(lead_id, email)
        self.env["nurture.change"].sudo()._ensure_identified(lead)  # sudo: rows of the engine
        person = lead.nurture_person_id
        if not person:  # without an address there is nobody to write to
            return {"status": "unfit", "enrolment_id": False}
        target = target.sudo()  # sudo: enrolments are written by the engine; asked for above
        if dedup_key and not target._record_asked(person, dedup_key):
            return {"status": "known", "enrolment_id": target._latest_of(person).id}
        entered = target._enrol_leads(lead)
        if entered:
            return {"status": "entered", "enrolment_id": entered.id}
        return {
            "status": target._bar_of(lead) or "inside",
            "enrolment_id": target._latest_of(person).id,
        }

    @api.model
    def _find_for_rpc(self, scenario):
        if type(scenario) not in (int, str):
            raise ValidationError(self.env._("Name the scenario by its key or by its number."))
        by_id = type(scenario) is int
        found = self.search([("id" if by_id else "rpc_key", "=", scenario)], limit=2)
        if len(found) != 1 or not scenario:
            raise ValidationError(self.env._("There is no scenario “%s”.", scenario))
        if found.state != "running":
            raise UserError(self.env._("“%s” is not running.", found.name))
        return found

    def _lead_for_rpc(self, lead_id, email):
        if lead_id:
            lead = self.env["crm.lead"].search([("id", "=", lead_id)])
            if lead:
                return lead
            raise ValidationError(self.env._("Lead %s is unknown, or not yours to see.", lead_id))
        address = email_normalize(email or "")
        lead = self._leads_at([address]).get(address) if address else None
        if not lead:
            raise ValidationError(self.env._("No open lead has the address “%s”.", email))
        lead = lead.with_env(self.env)
        lead.check_access("read")
        return lead

    def _record_asked(self, person, dedup_key):
        """Remember the key as an event of the person; empty when it came before."""
        return self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": person.id,
                    "kind": "custom",
                    "occurred_at": fields.Datetime.now(),
                    "dedup_key": f"enrol:{self.id}:{dedup_key}"[:300],
                    "source": "RPC",
                    "topic": self.name,
                    "company_id": self.company_id.id,
                }
            ]
        )

    def _latest_of(self, person):
        return self.env["nurture.enrolment"].search(
            [("scenario_id", "=", self.id), ("person_id", "=", person.id)], limit=1
        )
