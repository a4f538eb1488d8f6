from odoo import api, fields, models
from odoo.addons.customer_care.engine import words
from odoo.exceptions import ValidationError

LANGUAGES = [
    ("en", "English"), ("vi", "Vietnamese"), ("th", "Thai"), ("zh_TW", "Chinese (traditional)"),
    ("ja", "Japanese"), ("other", "Another language"),
]


class CareSafetyWord(models.Model):
    """One word that says somebody could be hurt: read in what customers write, in any language."""

    _name = "care.safety.word"
    _description = "Safety word"
    _inherit = "care.shared.or.own"
    _order = "lang, name, id"

    name = fields.Char(
        "Word", required=True,
        help="Found as a whole word, in any case of letters; a * at the end stands for the rest of "
        "the word (burn* finds burned and burning). Accents count. Chinese, Japanese and Thai "
        "words are found wherever they stand.")
    lang = fields.Selection(
        LANGUAGES, "Language", required=True, default="en",
        help="For your own order: every word is looked for in every text.")
    company_id = fields.Many2one(index="btree_not_null")
    active = fields.Boolean(default=True)

    _word_uniq = models.UniqueIndex(
        "(lower(name), lang, COALESCE(company_id, 0))", "This word is known already.")

    @api.constrains("name")
    def _check_name(self):
        for word in self:
            if not words.pattern(word.name):
                raise ValidationError(self.env._("Write a word, not only a *."))

    @api.model
    def _known(self, company) -> list[str]:
        """The words that a company looks for."""
        # Whoever speaks, his words are read against the whole list.
        known = self.sudo().search([("company_id", "in", [company.id, False])])
        return list(dict.fromkeys(known.mapped("name")))

    @api.model
    def _find(self, company, text) -> list[str]:
        """The safety words of a company that stand in a text."""
        return words.find(text or "", self._known(company))
