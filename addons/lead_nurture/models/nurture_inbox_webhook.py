from odoo import api, models
from odoo.tools import email_normalize


class NurtureInbox(models.Model):
    """What other systems told scenarios: an event of the person each."""

    _inherit = "nurture.inbox"

    @api.model
    def _hit_kinds(self):
        return {**super()._hit_kinds(), "webhook": self.env._("Named by another system")}

    def _ingest_webhook(self):
        """Payload: the texts of engine/knock.py and the scenario. All hits of one scenario find
        their people together."""
        events = []
        for scenario_id, hits in self.grouped(lambda hit: hit.payload["scenario_id"]).items():
            scenario = self.env["nurture.scenario"].browse(scenario_id).exists()
            if scenario:  # else it was deleted meanwhile, and nobody waits for these
                events += hits._prepare_knock_events(scenario)
        return events

    def _prepare_knock_events(self, scenario):
        leads = scenario._leads_of_knocks(self.mapped("payload"))
        person_of = scenario._persons_of(leads.values())
        events = []
        for hit in self:
            lead = leads.get(email_normalize(hit.payload["email"]))
            person_id = lead and person_of.get(lead.id)
            if not person_id:
                raise ValueError(
                    self.env._(
                        "“%(scenario)s” refuses people without an open lead, and nobody has the "
                        "address %(email)s.",
                        scenario=scenario.name,
                        email=hit.payload["email"],
                    )
                )
            events.append(
                {
                    "person_id": person_id,
                    "kind": "custom",
                    "occurred_at": hit.occurred_at,
                    "dedup_key": hit.key,
                    "source": "webhook",
                    "topic": hit.payload.get("topic") or scenario.name,
                    "url": hit.payload.get("url"),
                    "res_model": "nurture.scenario",
                    "res_id": scenario.id,
                    "company_id": scenario.company_id.id,
                }
            )
        return events
