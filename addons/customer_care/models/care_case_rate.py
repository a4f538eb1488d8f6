from odoo import fields, models
from odoo.tools import SQL

from .care_stage import OPEN_KINDS

#: Cases that ended so were never settled: there is nothing to be satisfied with.
UNRATED = ("spam", "merged", "duplicate")


class CareCase(models.Model):
    """A customer says on his page how satisfied he is with what became of his case."""

    _inherit = "care.case"

    def _may_rate(self) -> bool:
        self.ensure_one()
        return self.stage_kind not in OPEN_KINDS and self.close_reason not in UNRATED

    def _find_rating(self, partner):
        """What he said of this case before."""
        self.ensure_one()
        return self.env["rating.rating"].search([
            ("res_model", "=", self._name), ("res_id", "=", self.id),
            ("partner_id", "=", partner.id), ("consumed", "=", True)],
            order="id desc", limit=1)

    def _rate_by_customer(self, partner, value: int, words: str):
        """One answer of one person: a second one takes the place of the first.

        An open question of a survey is answered by it, so that nobody is asked twice.
        """
        self.ensure_one()
        self._query_touch()
        now = fields.Datetime.now()
        asked = self.survey_invitation_ids.filtered(
            lambda one: one.metric == "csat" and one.partner_id == partner and one._is_open(now)
            and not one.is_test)[:1]
        if asked:
            asked._answer(value, now, change=True)
            asked._comment(words)
            return
        rating = self._find_rating(partner) or self.env["rating.rating"].create({
            "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": self.id,
            "partner_id": partner.id, "rated_partner_id": self.resolver_id.partner_id.id,
            "is_internal": False})
        self.rating_apply(
            value, rating=rating, feedback=words or rating.feedback, subtype_xmlid="mail.mt_note")

    def _query_touch(self):
        """Of two answers at one moment the second waits, and is tried again knowing the first."""
        self.env.execute_query(SQL(
            "UPDATE care_case SET id = id WHERE id = %s RETURNING id", self.id))
