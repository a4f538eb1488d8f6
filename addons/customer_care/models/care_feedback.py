from odoo import api, fields, models
from odoo.addons.customer_care.engine import feedback
from odoo.exceptions import AccessError
from odoo.tools import email_normalize

from .optional import OptionalInteger
from .safe_text import SafeText

METRICS = [("nps", "NPS"), ("ces", "CES"), ("csat", "CSAT")]
BANDS = [
    ("promoter", "Promoter"), ("passive", "Passive"), ("detractor", "Detractor"),
    ("good", "Good"), ("neutral", "Neutral"), ("bad", "Bad")]
#: Why an answer counts nowhere.
EXCLUSIONS = [
    ("test", "Test entry"), ("internal", "A colleague's own"), ("agent", "By who did the work"),
    ("duplicate", "Second answer to one question"), ("blacklisted", "Wants no mail"),
    ("withdrawn", "Taken back"), ("manual", "Left out by hand")]
#: The longest comment that is kept; the public pages cut before.
COMMENT_LENGTH = 5000
#: What a later word of the same answer may change.
CHANGEABLE = ("value", "comment", "responded_at")


class CareFeedback(models.Model):
    """One answer of one person to one question of ours: would you recommend us, was it easy, were
    you satisfied. All figures of surveys and ratings are counted from these rows.

    Rows are written by `_record` alone, from surveys and ratings; nobody edits a value. An answer
    that does not count (a test, a colleague's own) is kept with the reason, and counts nowhere.
    """

    _name = "care.feedback"
    _description = "Answer of a customer"
    _order = "responded_at desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["partner_id", "comment"]

    metric = fields.Selection(
        METRICS, "Figure", required=True, readonly=True,
        help="NPS: would you recommend us, 0 to 10. CES: you made it easy, 1 to 7. CSAT: how "
        "satisfied are you, 1 to 5.")
    value = fields.Integer("Value", readonly=True, required=True, aggregator="avg")
    answer = fields.Char(compute="_compute_answer")
    scale_min = fields.Integer("Lowest answer", readonly=True, required=True, aggregator=None)
    scale_max = fields.Integer("Highest answer", readonly=True, required=True, aggregator=None)
    band = fields.Selection(
        BANDS, readonly=True, required=True,
        help="NPS: 9–10 promoter, 7–8 passive, 0–6 detractor. CES: 5–7 good, 4 neutral, 1–3 bad. "
        "CSAT: 4–5 good, 3 neutral, 1–2 bad. Answers on another scale are brought to this one.")
    points = OptionalInteger(
        readonly=True, aggregator="avg",
        help="Their mean is the figure. NPS: +100, 0 or −100. CES and CSAT: 100 when good, "
        "else 0. Empty when the answer does not count.")
    responded_at = fields.Datetime("Answered", readonly=True, required=True)
    comment = SafeText(readonly=True)
    excluded_reason = fields.Selection(
        EXCLUSIONS, "Not counted because", readonly=True, index="btree_not_null",
        help="Such an answer is kept and counts in no figure; it has no follow-up.")

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Who", readonly=True, index="btree_not_null")
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    email = fields.Char(
        readonly=True, help="Tells people apart who are no contact; empty: nobody knows who.")
    case_id = fields.Many2one(
        "care.case", readonly=True, index="btree_not_null", ondelete="set null")
    team_id = fields.Many2one("care.team", "Team", readonly=True, ondelete="set null")
    user_id = fields.Many2one(
        "res.users", "About the work of", readonly=True, index="btree_not_null",
        help="Who resolved the case at the time; a later owner is neither praised nor blamed.")
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    product_id = fields.Many2one(
        "product.product", readonly=True, index="btree_not_null", ondelete="set null")
    lot_name = fields.Char("Lot or serial number", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True, ondelete="set null")
    user_input_id = fields.Many2one(
        "survey.user_input", "Survey answer", readonly=True, ondelete="set null")
    rating_id = fields.Many2one("rating.rating", readonly=True, ondelete="set null")
    res_model = fields.Char("Kind of what was rated", readonly=True)
    res_id = fields.Many2oneReference("What was rated", model_field="res_model", readonly=True)

    # A double post meets these; they name no partner, so that a merge of partners meets none.
    _user_input_uniq = models.UniqueIndex(
        "(user_input_id, metric) WHERE user_input_id IS NOT NULL",
        "This answer is recorded already.")
    _rating_uniq = models.UniqueIndex(
        "(rating_id) WHERE rating_id IS NOT NULL", "This rating is recorded already.")
    # Figures of a span, and the last answer of one customer.
    _span_idx = models.Index(
        "(company_id, metric, responded_at) WHERE excluded_reason IS NULL")
    _customer_idx = models.Index("(commercial_partner_id, metric, responded_at DESC)")
    # Whose an address is, and what else was answered at it.
    _address_idx = models.Index("(email, company_id, id) WHERE email IS NOT NULL")

    @api.depends("value", "scale_max")
    @api.depends_context("lang")
    def _compute_answer(self):
        for answer in self:
            answer.answer = self.env._(
                "%(value)s of %(most)s", value=answer.value, most=answer.scale_max)

    @api.depends("partner_id", "metric", "value", "scale_max", "email")
    @api.depends_context("lang")
    def _compute_display_name(self):
        words = dict(self._fields["metric"]._description_selection(self.env))
        for answer in self:
            answer.display_name = self.env._(
                "%(who)s: %(metric)s %(answer)s", answer=answer.answer,
                who=answer.partner_id.display_name or answer.email or self.env._("Somebody"),
                metric=words.get(answer.metric, ""))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_source(self):
        """The case, order or other record that the answer is about, else the customer."""
        self.ensure_one()
        about = self.case_id or self.order_id
        if not about and self.res_model in self.env and self.res_id:
            about = self.env[self.res_model].browse(self.res_id).exists()
        about = about or self.commercial_partner_id
        return bool(about) and {
            "type": "ir.actions.act_window", "res_model": about._name, "res_id": about.id,
            "views": [(False, "form")]}

    def action_exclude(self):
        """A joke, a mistake: it stays readable and counts no more."""
        self._check_manages()
        self.filtered(lambda answer: not answer.excluded_reason)._set_excluded("manual")

    def action_include(self):
        """It counts after all; only what a person left out."""
        self._check_manages()
        self.filtered(lambda answer: answer.excluded_reason == "manual")._set_excluded(False)

    def _check_manages(self):
        self.check_access("read")
        if not (self.env.su
                or self.env.user.has_group("customer_care.group_customer_care_manager")):
            raise AccessError(self.env._("Only administrators of Customer Care may do this."))

    # ------------------------------------------------------------
    # The writer
    # ------------------------------------------------------------

    @api.model
    def _record(self, vals):
        """Write down an answer, once: what is known already is corrected, not doubled.

        :param vals: metric, value and one of user_input_id, rating_id or invitation_id; what
            the case, the invitation or the program knows need not be said
        :return: the row, also when it counts nowhere
        """
        rows = self.sudo()  # customers answer, and no customer may write figures
        known = rows._find_known(vals)
        if known:
            known._set_answer(vals)
            return known
        answer = rows.create(rows._prepare_answer_vals(vals))
        answer._on_recorded()
        return answer

    def _find_known(self, vals):
        """The row of the same answer."""
        if vals.get("rating_id"):
            return self.search([("rating_id", "=", vals["rating_id"])], limit=1)
        if vals.get("user_input_id"):
            return self.search([("user_input_id", "=", vals["user_input_id"]),
                                ("metric", "=", vals["metric"])], limit=1)
        return self.browse()

    def _set_answer(self, vals):
        """The person changed or completed the answer while it could still be changed."""
        self.ensure_one()
        changes = {name: vals[name] for name in CHANGEABLE if vals.get(name) is not None}
        if "comment" in changes:
            changes["comment"] = self._clean_comment(changes["comment"])
        if self.excluded_reason == "withdrawn":
            changes["excluded_reason"] = False
        changes = {name: value for name, value in changes.items() if self[name] != value}
        if changes.keys() <= {"responded_at"}:
            return
        self.write(changes)
        self.write(self._prepare_band_vals(
            self.metric, self.value, self.scale_min, self.scale_max, self.excluded_reason))
        self._on_recorded()

    def _set_excluded(self, reason):
        for answer in self.sudo():  # no group may write answers
            answer.write({"excluded_reason": reason} | answer._prepare_band_vals(
                answer.metric, answer.value, answer.scale_min, answer.scale_max, reason))
            answer._on_recorded()

    def _on_recorded(self):
        """The answer is there, or was changed; other subjects add to this by super()."""

    def _prepare_answer_vals(self, vals):
        """All that is stored of a new answer."""
        vals = dict(vals)
        case = self.env["care.case"].browse(vals.get("case_id"))
        for name, value in self._prepare_about(case, vals).items():
            vals[name] = vals.get(name) or value
        partner = self.env["res.partner"].browse(vals["partner_id"])
        low, high = feedback.SCALES[vals["metric"]]
        # 0 is an answer, and the lowest end of a scale
        low = vals["scale_min"] if vals.get("scale_min") is not None else low
        high = vals["scale_max"] if vals.get("scale_max") is not None else high
        reason = vals.get("excluded_reason") or self._tell_exclusion(vals)
        return vals | {
            "commercial_partner_id": partner.commercial_partner_id.id,
            "email": email_normalize(vals.get("email")) or partner.email_normalized,
            "comment": self._clean_comment(vals.get("comment")),
            "responded_at": vals.get("responded_at") or fields.Datetime.now(),
            "scale_min": low, "scale_max": high, "excluded_reason": reason,
        } | self._prepare_band_vals(vals["metric"], vals["value"], low, high, reason)

    def _prepare_about(self, case, vals):
        """What the answer is about: by the case, else by the order."""
        order = case.order_id or self.env["sale.order"].browse(vals.get("order_id"))
        partner = self.env["res.partner"].browse(vals.get("partner_id")) or case.partner_id
        company = case.company_id or order.company_id or partner.company_id or self.env.company
        return {
            "partner_id": partner.id, "company_id": company.id, "team_id": case.team_id.id,
            "user_id": (case.resolver_id or case.user_id or order.user_id).id,
            "order_id": order.id, "product_id": case.product_id.id, "lot_name": case.lot_name,
            "campaign_id": (case.campaign_id or order.campaign_id).id}

    @api.model
    def _prepare_band_vals(self, metric, value, low, high, excluded):
        band = feedback.band(metric, value, low, high)
        points = 100 if band in feedback.GOOD else (
            -100 if metric == "nps" and band in feedback.BAD else 0)
        return {"band": band, "points": None if excluded else points}

    def _tell_exclusion(self, vals):
        """Why an answer counts nowhere; False when it counts."""
        if vals.get("user_input_id"):
            entry = self.env["survey.user_input"].browse(vals["user_input_id"])
            if entry.test_entry:
                return "test"
        partner = self.env["res.partner"].browse(vals.get("partner_id"))
        inside = partner.with_context(active_test=False).user_ids.filtered(
            lambda user: not user.share)
        if inside and vals.get("user_id") in inside.ids:
            return "agent"
        own = self.env["res.company"].search([]).partner_id
        if inside or partner.commercial_partner_id in own:
            return "internal"
        return False

    @api.model
    def _clean_comment(self, text):
        text = (text or "").replace("\x00", "").strip()
        return text[:COMMENT_LENGTH] or False
