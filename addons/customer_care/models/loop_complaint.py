from odoo import api, models


class CareLoop(models.AbstractModel):
    """An open severe complaint, said where selling goes on: no win-back, a warning on deals."""

    _inherit = "care.loop"

    @api.model
    def _win_back(self, customers):
        """Who waits for the settlement of a complaint wants no offer first."""
        held = customers.browse()
        for company, ours in customers.grouped("company_id").items():
            upset = self.env["care.case"]._get_severe_partners(company, ours.partner_id.ids)
            held |= ours.filtered(lambda one, upset=upset: one.partner_id.id in upset)
        if not held:
            return super()._win_back(customers)
        answer = super()._win_back(customers - held) if customers - held else \
            self._notification(self.env._("No win-back was begun."))
        answer["params"] |= {"type": "warning", "message": " ".join([
            answer["params"]["message"],
            self.env._("Left alone, a severe complaint is open: %s.",
                       ", ".join(held.partner_id.mapped("display_name")))])}
        return answer

    @api.model
    def _tell_sales(self, company, begun, ended) -> None:
        """Warn on the open opportunities of some customers; take the warning away from others."""
        if "crm.lead" not in self.env:
            return
        kind = "customer_care.mail_activity_complaint"
        words = dict(self.env["care.case"]._fields["severity"]._description_selection(self.env))
        for lead in self._get_open_deals(company, begun):
            # The list of warnings on a deal stays short: one, with the worst case in it.
            lead.activity_unlink([kind])
            case = self._get_worst_case(company, lead.partner_id.commercial_partner_id)
            seller = (lead.user_id | lead.team_id.user_id).filtered("active")[:1]
            if not seller:
                continue  # nobody sells there
            lead.activity_schedule(
                kind, user_id=seller.id,
                summary=self.env._("Open complaint: settle it before you sell"),
                note=self.env._(
                    "%(severity)s, with customer care: %(case)s",
                    severity=words[case.severity], case=case.display_name))
        self._get_open_deals(company, ended).activity_unlink([kind])

    def _get_open_deals(self, company, partner_ids):
        return self.env["crm.lead"].with_context(mail_activity_quick_update=True).search([
            ("partner_id.commercial_partner_id", "in", list(partner_ids)),
            ("company_id", "in", [False, company.id]),
            ("type", "=", "opportunity"), ("won_status", "=", "pending")])

    def _get_worst_case(self, company, customer):
        cases = self.env["care.case"]
        return cases.search([
            *cases._severe_domain(), ("company_id", "=", company.id),
            ("commercial_partner_id", "=", customer.id)], order="severity desc, id desc", limit=1)
