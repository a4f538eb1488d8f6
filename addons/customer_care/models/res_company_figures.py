from odoo import api, fields, models

#: What decides which documents count and what they are worth.
DEFINITION_FIELDS = ("care_revenue_source", "care_pos", "care_value_basis")


class ResCompany(models.Model):
    _inherit = "res.company"

    care_revenue_source = fields.Selection(
        [("invoices", "Posted invoices"), ("orders", "Confirmed orders")],
        "Purchases are", required=True, default="invoices",
        help="Posted invoices: a purchase is a day with an invoice that was not wholly credited, "
        "worth its untaxed amount. Confirmed orders: a purchase is a day with a confirmed order "
        "that was not wholly credited, worth its untaxed amount at the rate of the order. Changing "
        "it counts all customers again and starts a new version of the definitions.",
        groups="base.group_user", prefetch="customer_care")
    care_pos = fields.Boolean(
        "Count the point of sale", default=True,
        help="Paid orders of the point of sale with a customer count too, unless their invoice "
        "counts already.",
        groups="base.group_user", prefetch="customer_care")
    care_pos_seen = fields.Datetime(
        "Point of sale looked at", readonly=True,
        groups="base.group_user", prefetch="customer_care")
    care_value_basis = fields.Selection(
        [("revenue", "Revenue"), ("margin", "Revenue and margin")],
        "Value of a customer", required=True, default="revenue",
        help="With margin, each customer also shows what was earned with him: the margin of his "
        "order lines, in the part that was invoiced. It needs the cost on order lines.",
        groups="base.group_user", prefetch="customer_care")
    care_definition = fields.Integer(
        "Version of the definitions", required=True, readonly=True, default=1,
        groups="base.group_user", prefetch="customer_care")

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._care_mark_partners()
        return companies

    def write(self, vals):
        redefined = not {*DEFINITION_FIELDS, "care_tz"}.isdisjoint(vals)
        before = {c: c._care_definition_words() for c in self} if redefined else {}
        own = self.partner_id
        result = super().write(vals)
        if "partner_id" in vals:
            self._care_mark_partners(own)
        for company, words in before.items():
            company._care_note_changes(words)
        return result

    def _care_reads_orders(self) -> bool:
        """Whether a confirmed order, or its margin, is among the figures."""
        return self.care_revenue_source == "orders" or self.care_value_basis == "margin"

    def _care_definition_version(self) -> int:
        """The version that figures of this company are counted by now."""
        self.ensure_one()
        return self.care_definition

    def _care_redefine(self, note: str, recount: bool = True):
        """Begin a new version of the definitions and, where customers change, count them all.

        What is changed in one go, as the settings are saved, is one version.
        """
        self.ensure_one()
        company = self.sudo()  # whoever may change the setting begins the version
        versions = company.env["care.definition"]
        last = versions.search([("company_id", "=", company.id)], limit=1)
        if last and last.create_date == self.env.cr.now():
            last.note = f"{last.note}\n{note}"
        else:
            company.care_definition += 1
            versions.create({
                "company_id": company.id, "version": company.care_definition,
                "user_id": self.env.uid, "note": note})
        if recount:
            company.env["care.build"]._recount(company)
            company.env["care.rfm.border"]._unsettle(company)

    def _care_note_changes(self, before: dict[str, str]):
        after = self._care_definition_words()
        changes = [
            self.env._("%(what)s: %(old)s → %(new)s", what=what, old=before[what], new=after[what])
            for what in after if before[what] != after[what]]
        if changes:
            self._care_redefine("\n".join(changes))

    def _care_definition_words(self) -> dict[str, str]:
        """What a change is told by: the setting and its choice, in words."""
        self.ensure_one()
        told = {}
        for name in DEFINITION_FIELDS:
            field, value = self._fields[name], self[name]
            if field.type == "boolean":
                words = self.env._("yes") if value else self.env._("no")
            else:
                words = dict(field._description_selection(self.env))[value]
            told[field._description_string(self.env)] = words
        return told

    def _care_mark_partners(self, others=None):
        """A company's own partner is no customer: who becomes one, or ceases to be, is counted."""
        partners = self.partner_id | (others or self.env["res.partner"])
        self.env["care.dirty"]._mark_partners(partners)
