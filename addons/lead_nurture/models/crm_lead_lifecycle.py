from odoo import api, fields, models

from .nurture_handover import UNDECIDED

SHOWN = 10


class CrmLead(models.Model):
    """The way of a lead, told on one card: where it stands, how it came there, what sales made of
    it. Read when the card is opened, so that opening the form does not pay for it."""

    _inherit = "crm.lead"

    nurture_lifecycle = fields.Json(
        "Way of the lead",
        compute="_compute_nurture_lifecycle",
        groups="sales_team.group_sale_salesman",
    )

    @api.depends_context("uid", "lang")
    def _compute_nurture_lifecycle(self):
        statuses = self.env["nurture.status"].search([])
        may_give = self.env.user.has_group("lead_nurture.group_lead_nurture_user")
        for lead in self:
            now = lead.nurture_status_id
            handovers = lead._prepare_nurture_handovers()
            waits = next((row for row in handovers if row["state"] in UNDECIDED), False)
            lead.nurture_lifecycle = {
                "path": [
                    {"id": status.id, "name": status.name, "off_path": status.off_path,
                     "note": status.note or "", "here": status == now}
                    for status in statuses | now
                ],
                "history": lead._prepare_nurture_history(handovers),
                "handovers": handovers,
                "waits": waits,
                "may_move": lead._origin.has_access("write"),
                "may_give": may_give and not waits and lead.won_status != "won",
            }  # fmt: skip

    def _prepare_nurture_history(self, handovers):
        rules = dict(self.env["nurture.stay"]._selection_rule())
        stays = self.env["nurture.stay"].search([("lead_id", "=", self._origin.id)], limit=SHOWN)
        given = {row["at"] for row in handovers}
        return [
            {
                "id": stay.id,
                "status": stay.status_id.name,
                "at": fields.Datetime.to_string(stay.entered_at),
                "why": stay.reason or rules.get(stay._rule_that_held(given), ""),
                # sudo: the name of whoever moved it
                "by": stay.user_id.sudo().name or "",
            }
            for stay in stays
        ]

    def _prepare_nurture_handovers(self):
        handovers = self.env["nurture.handover"]
        labels = {name: dict(handovers._fields[name]._description_selection(self.env))
                  for name in ("state", "outcome")}  # fmt: skip
        found = handovers.search([("lead_id", "=", self._origin.id)], limit=SHOWN)
        return [
            {
                "id": handover.id,
                "at": fields.Datetime.to_string(handover.handed_at),
                "due": fields.Datetime.to_string(handover.due_at),
                "score": handover.score,
                "state": handover.state,
                "answer": labels["state"][handover.state],
                "outcome": handover.outcome,
                "end": "" if handover.outcome == "open" else labels["outcome"][handover.outcome],
                "reason": handover.reason_id.name or "",
            }
            for handover in found
        ]
