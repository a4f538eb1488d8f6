from odoo import fields, models


class ResCompany(models.Model):
    """How long a case lives on after it was resolved, and what first contact resolution means."""

    _inherit = "res.company"

    care_fcr_days = fields.Integer(
        "Come-back window", default=7,
        help="Days after the first resolution in which a new case of the same customer with the "
        "same category or product says that the first one was not settled. First contact "
        "resolution of a case is told only after them. A change counts for cases that are resolved "
        "from then on: months that are told stay as they are.",
        groups="base.group_user", prefetch="customer_care")
    care_fcr_handover = fields.Boolean(
        "A hand-over breaks first contact resolution",
        help="A case that changed its agent or team before it was resolved does not count as "
        "resolved with the first contact. A change counts for cases that are resolved from then "
        "on.", groups="base.group_user", prefetch="customer_care")
    care_autoclose_days = fields.Integer(
        "Close resolved cases after", default=7,
        help="Days without a word of the customer after which a resolved case is closed in the "
        "night. 0: never.",
        groups="base.group_user", prefetch="customer_care")
    care_reopen_days = fields.Integer(
        "Reopen closed cases within", default=14,
        help="Days after the closing in which an answer of the customer opens the case again. "
        "Later it begins a follow-up case that is linked to the old one.",
        groups="base.group_user", prefetch="customer_care")
    care_thanks_words = fields.Text(
        "More words of thanks",
        help="One phrase a line, besides those built in (English, Vietnamese, Thai, Chinese, "
        "Japanese). A short mail that says thanks and nothing else neither opens a case again nor "
        "counts as a contact.",
        groups="base.group_user", prefetch="customer_care")
    care_matter_words = fields.Text(
        "Words that need an answer",
        help="One phrase a line. A mail with one of them is never taken for a mere thank-you.",
        groups="base.group_user", prefetch="customer_care")

    _care_fcr_days_positive = models.Constraint(
        "CHECK(care_fcr_days > 0)", "The come-back window must be at least one day.")
    _care_autoclose_days_positive = models.Constraint(
        "CHECK(care_autoclose_days >= 0)", "The days until a case is closed cannot be negative.")
    _care_reopen_days_positive = models.Constraint(
        "CHECK(care_reopen_days >= 0)", "The days to reopen a case cannot be negative.")
