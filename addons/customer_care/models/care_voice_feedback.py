from odoo import api, fields, models
from odoo.addons.customer_care.engine import words
from odoo.tools import SQL

from .care_voice import COUNTED
from .care_voice_case import BATCH, KEPT, READ_DAYS

#: What the band of an answer makes of its comment; of a neutral one nobody knows what it wants.
KIND_OF = {
    "promoter": "praise", "good": "praise", "passive": "remark", "neutral": "remark",
    "detractor": "complaint", "bad": "complaint",
}


class CareVoice(models.Model):
    """What is said in the comments of surveys and ratings."""

    _inherit = "care.voice"

    @api.model
    def _gather_feedback(self, company, now, position) -> int | None:
        """One chunk of the answers that changed since they were heard; where to go on."""
        self.env.flush_all()
        ids = self._query_unheard_feedback(company, now, position)
        if not ids:
            return None
        self._keep_feedback(self.env["care.feedback"].browse(ids))
        return ids[-1]

    @api.model
    def _keep_feedback(self, answers):
        answers = answers.sudo()  # customers answer, and may not see what is made of it
        known = {company: self.env["care.safety.word"]._known(company)
                 for company in answers.company_id}
        cases = self.sudo().search([  # as above
            ("case_id", "in", answers.case_id.ids), ("kind", "in", COUNTED)]).case_id
        return self._keep("feedback", {
            answer.id: self._prepare_feedback_vals(answer, known[answer.company_id], cases)
            for answer in answers})

    @api.model
    def _prepare_feedback_vals(self, answer, known, cases) -> dict | str:
        """The row of an answer, or why it has none.

        :param known: the safety words of its company
        :param cases: those that are heard as a complaint by themselves
        """
        if answer.excluded_reason:
            return "duplicate" if answer.excluded_reason == "duplicate" else "moot"
        found = words.find(answer.comment or "", known)
        product = answer.product_id or self._get_only_product(answer.order_id)
        kind = KIND_OF[answer.band]
        twice = kind == "complaint" and answer.case_id in cases and not found
        if not answer.comment or twice or not (product or found):
            return "moot"
        return {
            "kind": "complaint" if found else kind, "text": answer.comment[:KEPT],
            "said_on": answer.company_id._care_today(answer.responded_at),
            "company_id": answer.company_id.id, "user_id": answer.user_id.id,
            "partner_id": answer.partner_id.id, "product_id": product.id,
            "lot_name": (answer.lot_name or "").strip() or False,
            "category_id": answer.case_id.category_id.id,
            "campaign_id": answer.campaign_id.id,
            "is_safety": bool(found), "safety_words": ", ".join(found) or False,
        }

    def _get_only_product(self, order):
        """Of an order of one product the answer speaks of this one."""
        products = order.order_line.filtered(lambda line: not line.display_type).product_id
        return products if len(products) == 1 else products.browse()

    def _query_unheard_feedback(self, company, now, position) -> list[int]:
        """Answers with a word in it, by id. Index care_voice_source_uniq."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT f.id FROM care_feedback f
            LEFT JOIN care_voice v ON v.source = 'feedback' AND v.source_ref = f.id
                WHERE f.company_id = %(company)s AND f.id > %(after)s
                  AND CASE WHEN v.id IS NULL
                           THEN f.comment IS NOT NULL AND f.excluded_reason IS NULL
                                AND (f.product_id IS NOT NULL OR f.order_id IS NOT NULL)
                                OR f.write_date > %(lately)s
                           ELSE f.write_date > v.heard_at + interval '1 second' END
             ORDER BY f.id LIMIT %(limit)s""",
            company=company.id, after=position, limit=BATCH,
            lately=fields.Datetime.subtract(now, days=READ_DAYS)))]
