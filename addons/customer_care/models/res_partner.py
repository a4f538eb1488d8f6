from odoo import api, fields, models
from odoo.fields import Domain

from .care_status_rule import STATUS_SELECTION

#: Field of the partner: field of the care record of his commercial partner.
MIRRORED = {
    "care_status": "status",
    "care_ltv": "revenue_net",
    "care_purchases": "purchase_days",
    "care_last_purchase": "last_purchase",
}
#: The word and the dates are for every colleague; the record and its money for those who work
#: with customers or with their invoices (the groups that may read care.customer).
COLLEAGUES = "base.group_user"
CARE_READERS = (
    "customer_care.group_customer_care_user,sales_team.group_sale_salesman,"
    "account.group_account_invoice,account.group_account_readonly"
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_customer_id = fields.Many2one(
        "care.customer", "Care record", compute="_compute_care", search="_search_care_customer_id",
        groups=CARE_READERS, help="The customer's record in the current company.")
    care_customer_ids = fields.One2many(
        "care.customer", "partner_id", "Care records", groups=CARE_READERS,
        help="The customer's records in all companies.")
    care_status = fields.Selection(
        STATUS_SELECTION, "Customer status", compute="_compute_care", search="_search_care_status",
        groups=COLLEAGUES)
    care_last_purchase = fields.Date(
        "Last purchase", compute="_compute_care", search="_search_care_last_purchase",
        groups=COLLEAGUES)
    care_purchases = fields.Integer(
        "Purchases", compute="_compute_care", search="_search_care_purchases", groups=COLLEAGUES)
    care_ltv = fields.Monetary(
        "Historic LTV", compute="_compute_care", search="_search_care_ltv",
        currency_field="care_currency_id", groups=CARE_READERS)
    care_currency_id = fields.Many2one("res.currency", compute="_compute_care", groups=COLLEAGUES)
    care_story = fields.Char(related="care_customer_id.story", groups=COLLEAGUES)
    care_advice = fields.Char(related="care_customer_id.advice", groups=COLLEAGUES)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_care(self):
        # What a colleague may see of it is decided field by field, on this model.
        customers = self.env["care.customer"].sudo()
        # All of the row at once: the advice reads on in it.
        customers = customers.search_fetch(
            [("company_id", "=", self.env.company.id),
             ("partner_id", "in", self.commercial_partner_id.ids)],
            [name for name, field in customers._fields.items()
             if field.store and field.column_type and field.prefetch is True])
        by_partner = customers.grouped("partner_id")
        for partner in self:
            customer = by_partner.get(partner.commercial_partner_id, customers.browse())
            partner.care_customer_id = customer.sudo(False)  # read on with the reader's own rights
            partner.care_currency_id = self.env.company.currency_id
            for name, source in self._care_mirrored().items():
                partner[name] = customer[source]

    def _care_mirrored(self) -> dict[str, str]:
        """Field of the partner: field of his care record; each subject adds its own."""
        return MIRRORED

    def _search_care_customer_id(self, operator, value):
        return self._search_care("care_customer_id", operator, value)

    def _search_care_status(self, operator, value):
        return self._search_care("care_status", operator, value)

    def _search_care_last_purchase(self, operator, value):
        return self._search_care("care_last_purchase", operator, value)

    def _search_care_purchases(self, operator, value):
        return self._search_care("care_purchases", operator, value)

    def _search_care_ltv(self, operator, value):
        return self._search_care("care_ltv", operator, value)

    def _search_care(self, name, operator, value):
        """Partners whose care record in this company fits; False also means "no record"."""
        # Core asks for the right to read a stored field it searches by, not for this one.
        self._check_field_access(self._fields[name], "read")
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        here = Domain("company_id", "=", self.env.company.id)
        # Whoever may read the field may search by it.
        customers = self.env["care.customer"].sudo()
        source = self._care_mirrored().get(name, "id")
        fitting = customers._search(here & Domain(source, operator, value))
        found = Domain("commercial_partner_id", "in", fitting.subselect("partner_id"))
        if operator == "in" and False in value:
            recorded = customers._search(here)
            found |= Domain("commercial_partner_id", "not in", recorded.subselect("partner_id"))
        return found

    def action_open_care(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "care.customer",
            "res_id": self.care_customer_id.id,
            "views": [(False, "form")],
        }
