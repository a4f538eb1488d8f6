from odoo import api, models


class CareWarning(models.AbstractModel):
    _inherit = "care.warning"

    @api.model
    def _care_warnings(self):
        return ("complaint", *super()._care_warnings())

    def _warning_complaint(self, company, subjects):
        """Open severe complaints of the customer: a word, the cases stay with who may read them."""
        cases = self.env["care.case"]
        customers = {customer for customer, _products in subjects.values()}
        found = cases.search_fetch([
            *cases._severe_domain(), ("company_id", "=", company.id),
            ("commercial_partner_id", "in", list(customers))]).grouped("commercial_partner_id")
        told = {customer.id: [self._tell_complaints(mine)] for customer, mine in found.items()}
        return {
            whatever: told[customer] for whatever, (customer, _products) in subjects.items()
            if customer in told}

    def _tell_complaints(self, cases):
        if len(cases) == 1:
            return self.env._(
                "A severe complaint of this customer is open: %s. Ask customer care before you "
                "sell.", cases.display_name)
        return self.env._(
            "%(count)s severe complaints of this customer are open, the worst is %(case)s. Ask "
            "customer care before you sell.", count=len(cases), case=cases[0].display_name)
