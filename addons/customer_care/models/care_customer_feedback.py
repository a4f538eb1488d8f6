from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .care_feedback import BANDS
from .optional import OptionalInteger

#: Answers shown on a care record, the latest; their list has them all.
SHOWN = 40
NPS_BANDS = BANDS[:3]
#: Groups to whom no rule hides an answer of their companies.
READERS_OF_ALL = (
    "customer_care.group_customer_care_user", "sales_team.group_sale_salesman_all_leads")


class CareCustomer(models.Model):
    _inherit = "care.customer"

    feedback_ids = fields.One2many("care.feedback", string="Answers", compute="_compute_feedback")
    last_nps = OptionalInteger(
        "Last NPS answer", compute="_compute_last_answers",
        help="0 to 10: what the customer's people answered last to “would you recommend us”.")
    nps_band = fields.Selection(
        NPS_BANDS, "Recommends us", compute="_compute_last_answers", search="_search_nps_band",
        help="By the last answer: 9–10 promoter, 7–8 passive, 0–6 detractor. Empty: nobody of the "
        "customer has answered.")
    last_ces = OptionalInteger(
        "Last CES answer", compute="_compute_last_answers",
        help="1 to 7: what the customer's people answered last to “you made it easy”.")

    @api.model
    def _lists(self):
        return super()._lists() | {"feedback_ids": ("care.feedback", "commercial_partner_id")}

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_feedback(self):
        for customer in self:
            customer.feedback_ids = customer._search_list(
                "feedback_ids", customer._feedback_domain(), limit=SHOWN)

    @api.depends_context("uid")
    def _compute_last_answers(self):
        """One look for a whole list. Who may read the record may read its last answers."""
        last = {
            (partner, company, metric): (value, band)
            for partner, company, metric, value, band in self._find_last_answers()}
        for customer in self:
            key = (customer.partner_id.id, customer.company_id.id)
            customer.last_nps, customer.nps_band = last.get((*key, "nps"), (None, False))
            customer.last_ces = last.get((*key, "ces"), (None, False))[0]

    def _find_last_answers(self):
        """Rows (partner, company, metric, value, band), the last of each.

        A single record shows its answers anyway: to whoever may read all of them.
        """
        reads_all = any(self.env.user.has_group(group) for group in READERS_OF_ALL)
        if len(self) > 1 or not reads_all or len(self.feedback_ids) == SHOWN:
            return self._query_last_answers(self.partner_id)
        valid = self.feedback_ids.filtered(lambda answer: not answer.excluded_reason)
        return [
            (self.partner_id.id, self.company_id.id, answer.metric, answer.value, answer.band)
            for answer in valid.sorted(lambda answer: (answer.responded_at, answer.id))]

    def _search_nps_band(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["care.feedback"].flush_model()
        return Domain.custom(
            to_sql=lambda model, alias, query: self._query_banded(
                model._field_to_sql(alias, "partner_id", query),
                model._field_to_sql(alias, "company_id", query), value),
            predicate=lambda one: one.nps_band in value)

    def action_open_feedback(self):
        self.ensure_one()
        return self._get_action("customer_care.care_feedback_action") | {
            "domain": self._feedback_domain(), "context": {}}

    def _feedback_domain(self):
        self.ensure_one()
        return [("commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id)]

    def _find_nps_bands(self, company, partners):
        """{partner: band of his last NPS answer}, for customers with a record or without."""
        return {
            partner: band
            for partner, house, metric, _value, band in self._query_last_answers(partners)
            if house == company.id and metric == "nps"}

    def _query_last_answers(self, partners):
        """Rows (partner, company, metric, value, band). Index care_feedback_customer_idx."""
        self.env["care.feedback"].flush_model()
        return self.env.execute_query(SQL(
            "SELECT commercial_partner_id, company_id, metric, value, band FROM (%s) l",
            self._query_latest(SQL("commercial_partner_id = ANY(%s)", partners.ids))))

    def _query_banded(self, partner, company, bands) -> SQL:
        """A condition on a customer of a company; False: nobody of him answered."""
        latest = self._query_latest(SQL("metric = 'nps'"))
        found = SQL(
            """(%s, %s) IN (SELECT commercial_partner_id, company_id FROM (%s) l
                             WHERE band = ANY(%s))""",
            partner, company, latest, [band for band in bands if band])
        if False not in bands:
            return found
        return SQL(
            "(%s OR (%s, %s) NOT IN (SELECT commercial_partner_id, company_id FROM (%s) l))",
            found, partner, company, latest)

    def _query_nps_people(self, company, condition) -> SQL:
        """Customers whose last NPS answer to the company fits. Index care_feedback_span_idx."""
        return SQL(
            "(SELECT commercial_partner_id FROM (%s) l WHERE %s)",
            self._query_latest(SQL("metric = 'nps' AND company_id = %s", company.id)), condition)

    def _query_latest(self, condition) -> SQL:
        """The last answer of each customer, company and metric that counts."""
        return SQL(
            """SELECT DISTINCT ON (commercial_partner_id, company_id, metric)
                      commercial_partner_id, company_id, metric, value, band
                 FROM care_feedback
                WHERE %s AND excluded_reason IS NULL AND commercial_partner_id IS NOT NULL
             ORDER BY commercial_partner_id, company_id, metric, responded_at DESC, id DESC""",
            condition)
