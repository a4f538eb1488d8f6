from odoo import api, fields, models
from odoo.addons.sales_automation.engine import forecast
from odoo.exceptions import ValidationError

from .sales_target import PERIOD_KINDS


class SalesForecastAdjustment(models.Model):
    """One row per word that somebody gave on a forecast, with the reason.

    Rows are never changed: the latest of a level counts, earlier ones are its history. A person
    gives his own word; whoever leads may give another one for him, for a team or for the company.
    The level above adds up what the level below says, unless it says otherwise itself.
    """

    _name = "sales.forecast.adjustment"
    _description = "Forecast Adjustment"
    _order = "create_date desc, id desc"
    _check_company_auto = True

    period_kind = fields.Selection(PERIOD_KINDS[:2], "Period", required=True)
    date_start = fields.Date("From", required=True)
    user_id = fields.Many2one("res.users", "Salesperson", index="btree_not_null")
    team_id = fields.Many2one("crm.team", "Sales Team", index="btree_not_null", check_company=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    subject = fields.Char("Forecast Of", compute="_compute_subject")
    kind = fields.Selection(
        [("delta", "More or Less"), ("absolute", "This Amount"), ("none", "Take Back")],
        "What You Say", required=True, default="delta",
        help="More or Less: the sum, and so much on top (or below, with a minus); it follows the "
        "deals. This Amount: whatever the deals say. Take Back: the sum counts again.")
    category = fields.Selection(
        [("commit", "Commit"), ("best_case", "Best Case"), ("pipeline", "Pipeline")], "Starts From",
        required=True, default="commit",
        help="The sum that the difference is added to. Commit is what the level below says: for "
        "a person won and committed deals, for a team what its people say.")
    amount = fields.Monetary(
        "Amount", help="In the company's currency; a minus takes away.")
    base_amount = fields.Monetary(
        "Forecast Before", readonly=True, help="What stood there when the word was given.")
    reason = fields.Char(
        required=True, help="Why the sum is not the truth. Whoever reads the forecast sees it.")
    is_own = fields.Boolean(
        "By the Person", compute="_compute_is_own", store=True,
        help="The person speaks for himself, not his leader for him.")

    # The words on one period of one company.
    _period_idx = models.Index("(company_id, period_kind, date_start)")

    @api.constrains("user_id", "team_id")
    def _check_own_team(self):
        """A team adds up what its people say: a word of a stranger would be in its sum."""
        own = self.filtered("is_own")
        strange = own.filtered(lambda row: row.team_id not in (
            row.user_id.crm_team_member_ids.crm_team_id | row.user_id.crm_team_ids))
        held = set(self.env["crm.lead"].sudo()._read_group(  # that there is a deal, no more
            [("type", "=", "opportunity"), ("user_id", "in", strange.user_id.ids),
             ("team_id", "in", [*strange.team_id.ids, False])],
            ["user_id", "team_id"])) if strange else set()
        for row in strange:
            if (row.user_id, row.team_id) not in held:
                raise ValidationError(self.env._(
                    "You give your own word where you sell: you are not in %s and have no "
                    "deals there.", row.team_id.name or self.env._("“no team”")))

    @api.depends("user_id", "create_uid")
    def _compute_is_own(self):
        for row in self:
            row.is_own = bool(row.user_id) and row.user_id == row.create_uid

    @api.depends("user_id", "team_id", "company_id")
    def _compute_subject(self):
        for row in self:
            names = filter(None, (row.user_id.name, row.team_id.name))
            row.subject = ", ".join(names) or row.company_id.name

    @api.depends("subject")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.subject

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([
            {**vals, "date_start": forecast.Period.of(
                vals["period_kind"], fields.Date.to_date(vals["date_start"])).start}
            if vals.get("period_kind") and vals.get("date_start") else vals
            for vals in vals_list])

    @api.model
    def _get_words(self, period):
        """Return {company id: {(team id, user id): (the person's word, the leader's word)}}: the
        latest each.

        The company's own word has the key (None, None): deals without team and person are
        (False, False).
        """
        rows = self.search_fetch(
            [("period_kind", "=", period.kind), ("date_start", "=", period.start),
             ("company_id", "in", self.env.companies.ids)],
            ["company_id", "user_id", "team_id", "kind", "category", "amount", "reason", "is_own",
             "create_uid", "create_date"], order="id")
        found = {}
        for row in rows:
            words = found.setdefault(row.company_id.id, {})
            key = (row.team_id.id, row.user_id.id)
            if not row.team_id and not row.user_id:
                key = (None, None)
            own, leaders = words.get(key, (self.browse(), self.browse()))
            words[key] = (row, leaders) if row.is_own else (own, row)
        return found

    def _to_engine(self, rate):
        """The row as the engine takes it, its amount at a rate; no row: nobody said anything."""
        if not self or self.kind == "none":
            return None
        return forecast.Adjustment(self.kind, self.category, self.amount * rate)
