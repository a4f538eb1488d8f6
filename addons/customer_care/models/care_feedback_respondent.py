from odoo import api, fields, models
from odoo.tools import SQL


class CareFeedback(models.Model):
    """Whose answer it is: the contact who was asked or logged in, else what his address tells.

    An address proves nobody: a contact alone at it is taken for him, of several nobody is. Then the
    answer counts as their customer's, or as the address's own where they are of several customers;
    it takes the place of nobody's answer, and stands on no customer's record.
    """

    _inherit = "care.feedback"

    counted_as = fields.Char(
        "Counted as", compute="_compute_counted_as",
        help="Who counts as having answered where no contact is known: the NPS takes the last "
        "answer of each.")

    @api.depends("partner_id", "email")
    @api.depends_context("lang")
    def _compute_counted_as(self):
        self.flush_model(["partner_id", "commercial_partner_id", "email", "company_id"])
        unknown = self.filtered(lambda answer: answer._origin and not answer.partner_id)
        words = {answer_id: tuple(rest) for answer_id, *rest in unknown._query_counted_as()}
        for answer in self:
            word, known = words.get(answer._origin.id, ("", False))
            answer.counted_as = bool(word) and answer._tell_counted_as(word[0], word[1:], known)

    def _tell_counted_as(self, kind, rest, known):
        """What a word of `_query_respondent` says, to a reader."""
        if kind in "pc":
            # The name of who answered, as other answers of his show it.
            name = self.env["res.partner"].sudo().browse(int(rest)).display_name
            return self.env._(
                "%s: nobody else has answered at this address", name) if kind == "p" else (
                self.env._("%s: several of its contacts share this address", name))
        if kind == "a":
            return self.env._("Somebody: nobody knows who")
        return self.env._("The address itself: several customers share it") if known else (
            self.env._("The address itself: no contact has answered at it"))

    # ---- queries --------------------------------------------------------------------------------

    @api.model
    def _query_respondent(self, table) -> SQL:
        """Who answered, in a word that tells people apart: a contact (p), the customer whose
        contacts share the address (c), the address (e), or nobody else's answer (a).

        Index care_feedback_address_idx.
        """
        return SQL(
            """COALESCE('p' || %(t)s.partner_id,
                        (SELECT CASE WHEN min(o.partner_id) = max(o.partner_id)
                                     THEN 'p' || min(o.partner_id)
                                     WHEN min(o.commercial_partner_id)
                                        = max(o.commercial_partner_id)
                                     THEN 'c' || min(o.commercial_partner_id) END
                           FROM care_feedback o
                          WHERE o.email = %(t)s.email AND o.company_id = %(t)s.company_id
                            AND o.partner_id IS NOT NULL),
                        'e' || %(t)s.email, 'a' || %(t)s.id)""", t=table)

    def _query_counted_as(self) -> list[tuple]:
        """Rows (id, word of who answered, whether contacts have answered at the address). Primary
        key, and index care_feedback_address_idx.
        """
        return self.env.execute_query(SQL(
            """SELECT f.id, %s, EXISTS (
                          SELECT 1 FROM care_feedback o
                           WHERE o.email = f.email AND o.company_id = f.company_id
                             AND o.partner_id IS NOT NULL)
                 FROM care_feedback f WHERE f.id = ANY(%s)""",
            self._query_respondent(SQL("f")), self.ids)) if self else []
