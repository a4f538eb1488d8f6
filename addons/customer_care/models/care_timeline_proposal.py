from odoo import models


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "proposals": {"label": self.env._("Proposals"), "icon": "fa-gift",
                          "model": "care.proposal", "sequence": 35},
        }

    def _timeline_proposals(self, customer, offset, limit):
        """What people did about proposals; what only the night said is no story."""
        proposals = self.env["care.proposal"].search(
            [*customer._proposal_domain(), "|", ("accepted_on", "!=", False),
             ("state", "in", ("won", "dismissed"))],
            order="write_date desc, id desc", offset=offset, limit=limit)
        states = dict(proposals._fields["state"]._description_selection(self.env))
        reasons = dict(proposals._fields["close_reason"]._description_selection(self.env))
        return [{
            "at": proposal.closed_on or proposal.accepted_on,
            "title": self.env._(
                "Proposed: %s", proposal._get_name()),
            "detail": ": ".join(filter(None, (
                states[proposal.state], reasons.get(proposal.close_reason),
                proposal.close_note))),
            "tone": {"won": "success", "dismissed": "warning"}.get(proposal.state, ""),
            "model": "care.proposal", "res_id": proposal.id,
        } for proposal in proposals]
