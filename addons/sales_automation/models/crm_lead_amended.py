from odoo import fields, models
from odoo.addons.sales_automation.engine import forecast


class CrmLead(models.Model):
    """What a deal was worth when the month in which it was won was over.

    Later changes of its amount are kept apart (`sales.won.change`), so that what was won in a
    month that is over stays what it was. Loaded before the deal's currency: amounts that follow
    from another currency pass here, too.
    """

    _inherit = "crm.lead"

    def write(self, vals):
        if "expected_revenue" not in vals:
            return super().write(vals)
        before = {lead: lead.expected_revenue for lead in self
                  if lead.sudo()._is_won_month_over()}  # no secrets: only whether it is over
        result = super().write(vals)
        changed = {
            lead: amount for lead, amount in before.items()
            if lead._get_home_company().currency_id.compare_amounts(amount, lead.expected_revenue)}
        if changed:
            changes = self.env["sales.won.change"].sudo()  # written by the system only
            changes._keep(changed)
        return result

    def _is_won_month_over(self):
        if self.sales_outcome != "won" or not self.won_at:
            return False
        service, company = self.env["sales.forecast"], self._get_home_company()
        month = forecast.Period.of("month", service._get_day(self.won_at, company))
        return service._get_bounds(month, company)[1] <= fields.Datetime.now()
