from odoo import api, fields, models
from odoo.tools import SQL

from .conflicts import apart

#: Writing one of these says something, changes it or takes it back.
SAID = frozenset({"rating", "consumed", "feedback"})


class RatingRating(models.Model):
    """A rating given by a customer is an answer about satisfaction; 0 is none."""

    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings.filtered("consumed")._care_record()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._care_record()
        return result

    def _care_record(self):
        """Nobody's rating is refused because it cannot be counted: the night tries it again."""
        # Customers rate, and no customer may write figures.
        for rating in self.sudo():
            with apart(self.env, "Rating %s is not counted yet", rating.id):
                rating._care_record_one()

    def _care_record_one(self):
        self.ensure_one()
        answers = self.env["care.feedback"]
        if self.consumed and self.rating > 0:
            answers._record(self._prepare_care_feedback())
        else:
            answers.search([
                ("rating_id", "=", self.id), ("excluded_reason", "=", False),
            ])._set_excluded("withdrawn")

    def _prepare_care_feedback(self):
        """What is known of the rated record: a case and an order tell more themselves."""
        record = self._get_care_record()
        about = {
            "care.case": {"case_id": self.res_id}, "sale.order": {"order_id": self.res_id},
            "product.product": {"product_id": self.res_id},
        }.get(record._name, {}) if record else {}
        company = record.company_id if record and "company_id" in record._fields else None
        partner = self.partner_id.filtered(lambda person: not person.is_public)
        operator = self.rated_partner_id.with_context(active_test=False).user_ids[:1]
        return about | {
            "metric": "csat", "value": max(1, int(self.rating)), "comment": self.feedback,
            "rating_id": self.id, "partner_id": partner.id,
            "company_id": company and company.id,
            # of a case it is who resolved it, not who had it when the mail was made
            "user_id": False if "case_id" in about else operator.id,
            "responded_at": self.rated_on or self.write_date or fields.Datetime.now(),
            "res_model": self.res_model, "res_id": self.res_id}

    def _get_care_record(self):
        model = self.env.get(self.res_model)
        return model is not None and model.browse(self.res_id).exists()

    @api.model
    def _query_care_missing(self, position, limit) -> list[int]:
        """Ratings that are not counted yet, by id. Primary key and care_feedback_rating_uniq."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT r.id FROM rating_rating r
                WHERE r.id > %s AND r.consumed AND r.rating > 0
                  AND NOT EXISTS (SELECT 1 FROM care_feedback f WHERE f.rating_id = r.id)
             ORDER BY r.id LIMIT %s""", position, limit))]
