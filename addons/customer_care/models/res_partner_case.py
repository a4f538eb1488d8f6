from odoo import api, fields, models
from odoo.addons.customer_care.engine import phone
from odoo.tools import SQL

#: Who may read cases; the others do not see that there are any.
CASE_READERS = "customer_care.group_customer_care_user,sales_team.group_sale_salesman"
#: Rows that one look for a number takes from the index before it compares whole numbers.
CANDIDATES = 60


class ResPartner(models.Model):
    """A customer's cases on his contact, and contacts found by a telephone number."""

    _inherit = "res.partner"

    care_case_count = fields.Integer(
        "Cases", compute="_compute_care_case_count", groups=CASE_READERS)
    care_case_open_count = fields.Integer(
        "Open cases", compute="_compute_care_case_count", groups=CASE_READERS)

    # The end of a number finds it in any form that people write.
    _care_phone_idx = models.Index(
        "(reverse(regexp_replace(phone, '[^0-9]', '', 'g')) text_pattern_ops)"
        " WHERE phone IS NOT NULL")

    def _compute_care_case_count(self):
        """Of a company with all its people; of a person his own."""
        wholes = self.filtered(lambda partner: partner == partner.commercial_partner_id)
        for partners, field in (
                (wholes, "commercial_partner_id"), (self - wholes, "partner_id")):
            counts = partners and self.env["care.case"]._count_open_and_all(field, partners.ids)
            for partner in partners:
                partner.care_case_open_count, partner.care_case_count = counts.get(
                    partner.id, (0, 0))

    def action_open_cases(self):
        self.ensure_one()
        whole = self == self.commercial_partner_id
        return self.env["care.case"]._prepare_cases_action(
            [("commercial_partner_id" if whole else "partner_id", "=", self.id)],
            {"default_partner_id": self.id})

    def action_new_case(self):
        """A case about this contact, begun from his form."""
        self.ensure_one()
        return self.env["care.case"]._prepare_new_case({"default_partner_id": self.id})

    @api.model
    def _care_by_phone(self, number, limit):
        """Contacts with this telephone number, whole matches first."""
        ids = self._query_by_phone(phone.tail(number))
        partners = self.search([("id", "in", ids)])
        fitting = partners.filtered(lambda partner: phone.fits(number, partner.phone))
        return fitting.sorted(lambda partner: (
            not phone.is_same(number, partner.phone), bool(partner.parent_id), partner.id))[:limit]

    def _query_by_phone(self, tail: str) -> list[int]:
        """Partners whose number ends so, firms first. Index res_partner__care_phone_idx."""
        self.env["res.partner"].flush_model(["phone", "active"])
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT id FROM res_partner
                WHERE phone IS NOT NULL AND active
                  AND reverse(regexp_replace(phone, '[^0-9]', '', 'g')) LIKE %s
             ORDER BY parent_id IS NOT NULL, id LIMIT %s""", tail + "%", CANDIDATES))]
