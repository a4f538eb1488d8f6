from odoo import api, fields, models

#: Proposals shown on a care record; the board has them all.
SHOWN = 40


class CareCustomer(models.Model):
    _inherit = "care.customer"

    proposal_ids = fields.One2many(
        "care.proposal", string="Proposals", compute="_compute_proposal_ids")
    proposal_id = fields.Many2one(
        "care.proposal", "Best proposal", compute="_compute_proposal_id")
    proposal_count = fields.Integer("Open proposals", compute="_compute_proposal_id")

    @api.model
    def _lists(self):
        return super()._lists() | {"proposal_ids": ("care.proposal", "partner_id")}

    def _compute_proposal_ids(self):
        """Open ones first, the best on top."""
        order = "closed_on desc nulls first, " + self.env["care.proposal"]._order
        for customer in self:
            customer.proposal_ids = customer._search_list(
                "proposal_ids", customer._proposal_domain(), order=order, limit=SHOWN)

    def _compute_proposal_id(self):
        """One look for a whole list; a single record shows its proposals anyway."""
        proposals = self.env["care.proposal"]
        if len(self) == 1 and len(self.proposal_ids) < SHOWN:
            found = self.proposal_ids.filtered(lambda one: one.state == "proposed")
        else:
            found = proposals.search_fetch([
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "proposed")]) if proposals.has_access("read") else proposals
        by_key = found.grouped(lambda one: (one.partner_id, one.company_id))
        for customer in self:
            mine = by_key.get((customer.partner_id, customer.company_id), proposals)
            customer.proposal_id, customer.proposal_count = mine[:1], len(mine)

    def action_open_proposals(self):
        self.ensure_one()
        return self._get_action("customer_care.care_proposal_action") | {
            "domain": self._proposal_domain(), "context": {}}

    def _proposal_domain(self):
        self.ensure_one()
        return [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]

    @api.model
    def _tell_proposal(self, proposal):
        return self.env._(
            "Propose %(product)s: %(reason)s", product=proposal._get_name(),
            reason=proposal.reason)

    def _advice_candidates(self, rules):
        found = super()._advice_candidates(rules)
        if self.proposal_id:
            found.append((60, self._tell_proposal(self.proposal_id)))
        return found
