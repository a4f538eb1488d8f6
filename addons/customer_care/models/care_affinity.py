import json

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: Below so many baskets nothing is said about what goes together.
MIN_BASKETS = 200
#: Columns that a count writes beside the key, with their types in the database.
WRITTEN = {
    "product_tmpl_id": "int", "other_tmpl_id": "int", "product_id": "int", "other_id": "int",
    "origin": "varchar", "kind": "varchar",
    "baskets_all": "int", "baskets_with": "int", "baskets_other": "int", "baskets": "int",
    "support": "float8", "confidence": "float8", "lift": "float8",
    "customers_all": "int", "customers_with": "int", "customers_other": "int", "customers": "int",
    "customer_share": "float8", "customer_lift": "float8", "lift_low": "float8",
    "lift_high": "float8", "waiting": "int", "later": "int", "chance": "float8",
    "chance_known": "bool", "window_days": "int", "price": "numeric",
    "expected_value": "numeric", "counted_on": "date",
}


class CareAffinity(models.Model):
    """One product that customers of another product buy too, in one company: A → B.

    Derived once a week by care.affinity.count; the old row stands until its new numbers do. A
    pair that people chose themselves (optional, accessory, better product) is a row too, with
    whatever was counted of it.
    """

    _name = "care.affinity"
    _description = "Products bought together"
    _log_access = False
    _order = "lift_low desc, customers desc, id"
    _rec_name = "other_tmpl_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    level = fields.Selection(
        [("template", "Products"), ("variant", "Product variants")], "Pair of", required=True,
        readonly=True)
    item_ref = fields.Integer("Item", required=True, readonly=True, aggregator=None)
    other_ref = fields.Integer("Other item", required=True, readonly=True, aggregator=None)
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, readonly=True, ondelete="cascade",
        index=True)
    other_tmpl_id = fields.Many2one(
        "product.template", "Bought too", required=True, readonly=True, ondelete="cascade",
        index=True)
    product_id = fields.Many2one(
        "product.product", "Variant", readonly=True, ondelete="cascade", index="btree_not_null")
    other_id = fields.Many2one(
        "product.product", "Variant bought too", readonly=True, ondelete="cascade",
        index="btree_not_null")
    categ_id = fields.Many2one(related="product_tmpl_id.categ_id", string="Product category")
    origin = fields.Selection(
        [("measured", "Found in purchases"), ("chosen", "Chosen on the product")],
        required=True, readonly=True,
        help="Found: more customers buy both than luck explains. Chosen: an optional, accessory, "
        "alternative or better product that somebody set on the product; it is kept whatever is "
        "counted of it.")
    kind = fields.Selection(
        [("cross", "Cross-sell"), ("up", "Up-sell")], required=True, readonly=True,
        help="Up-sell: chosen as the better product, or of the same category and at least a fifth "
        "dearer per unit. Everything else is cross-sell.")

    baskets_all = fields.Integer("All baskets", readonly=True, aggregator=None)
    baskets_with = fields.Integer("Baskets with the product", readonly=True, aggregator=None)
    baskets_other = fields.Integer("Baskets with the other", readonly=True, aggregator=None)
    baskets = fields.Integer(
        "Baskets with both", readonly=True, aggregator=None,
        help="A basket is what one customer bought on one day, net of returns.")
    support = fields.Float(
        readonly=True, digits=(16, 6), aggregator=None,
        help="Baskets with both / all baskets: how common the pair is.")
    confidence = fields.Float(
        readonly=True, digits=(16, 4), aggregator=None,
        help="Baskets with both / baskets with the product.")
    lift = fields.Float(
        readonly=True, digits=(16, 2), aggregator=None,
        help="Confidence / the share of all baskets that hold the other product. 1: no "
        "connection; 2: twice as often together as by chance.")
    customers_all = fields.Integer("All customers", readonly=True, aggregator=None)
    customers_with = fields.Integer("Customers of the product", readonly=True, aggregator=None)
    customers_other = fields.Integer("Customers of the other", readonly=True, aggregator=None)
    customers = fields.Integer(
        "Customers of both", readonly=True, aggregator="max",  # one customer is in many pairs
        help="On one day or on several. Of several pairs together: those of the largest one.")
    customer_share = fields.Float(
        "Of its customers", readonly=True, digits=(16, 4), aggregator=None,
        help="Customers of both / customers of the product, on one day or on several.")
    customer_lift = fields.Float(
        "Lift by customers", readonly=True, digits=(16, 2), aggregator=None,
        help="How many times as common the other product is among customers of this one, against "
        "all customers. Pairs are found by it, because the baskets of one customer repeat.")
    lift_low = fields.Float(
        "Lift at least", readonly=True, digits=(16, 2), aggregator=None,
        help="The true lift by customers lies above this 39 times in 40. Pairs are sorted by it, "
        "so that a large lift of few customers does not come first.")
    lift_high = fields.Float("Lift at most", readonly=True, digits=(16, 2), aggregator=None)
    waiting = fields.Integer(
        "Could follow", readonly=True, aggregator=None,
        help="Customers who bought the product long enough ago and did not have the other one on "
        "that day.")
    later = fields.Integer(
        "Followed", readonly=True, aggregator=None,
        help="Those of them who bought the other product within the days of the settings.")
    chance = fields.Float(
        readonly=True, digits=(16, 4), aggregator=None,
        help="Followed / could follow: what to expect of a proposal. Customers who took both at "
        "once do not count, because nobody can propose it to them any more.")
    chance_known = fields.Boolean(
        readonly=True, help="Enough customers could have followed to tell a chance.")
    window_days = fields.Integer("Within days", readonly=True, aggregator=None)
    price = fields.Monetary(
        "Usual purchase", readonly=True, aggregator=None,
        help="What one purchase of the other product brought on average: untaxed, net of returns, "
        "company currency. Its sales price where nobody has bought it yet.")
    expected_value = fields.Monetary(
        readonly=True, aggregator="max",
        help="Usual purchase × chance. Of several pairs together: that of the best one.")
    counted_on = fields.Date(readonly=True)
    story = fields.Text("In words", compute="_compute_story")
    customers_told = fields.Char("Customers", compute="_compute_story")
    later_told = fields.Char("Bought later", compute="_compute_story")
    proposal_count = fields.Integer("Proposals", compute="_compute_proposal_count")
    won_count = fields.Integer("Bought after a proposal", compute="_compute_proposal_count")

    _uniq = models.Constraint(
        "UNIQUE(company_id, level, item_ref, other_ref)", "This pair is listed already.")
    _two_products = models.Constraint(
        "CHECK(item_ref <> other_ref)", "A product is no pair with itself.")
    # Reports and proposals of one company.
    _lift_idx = models.Index("(company_id, lift_low DESC)")

    @api.depends("product_tmpl_id", "other_tmpl_id", "product_id", "other_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = " → ".join(pair._get_names())

    @api.depends("customers", "customers_with", "later", "waiting", "window_days", "chance_known")
    @api.depends_context("lang")
    def _compute_story(self):
        _ = self.env._
        for pair in self:
            pair.customers_told = pair.later_told = False
            if pair.customers_with:
                pair.customers_told = _(
                    "%(part)s of %(all)s", part=pair.customers, all=pair.customers_with)
            if pair.waiting:
                pair.later_told = _("%(part)s of %(all)s", part=pair.later, all=pair.waiting)
            pair.story = " ".join(pair._tell())

    def _compute_proposal_count(self):
        proposals = self.env["care.proposal"]
        rows = proposals._read_group(
            [("affinity_id", "in", self.ids)], ["affinity_id", "state"], ["__count"])
        for pair in self:
            counts = {state: count for one, state, count in rows if one == pair}
            pair.proposal_count, pair.won_count = sum(counts.values()), counts.get("won", 0)

    def _read_group_select(self, aggregate_spec, query):
        """Where no chance is known nothing is expected: that is no 0."""
        term = super()._read_group_select(aggregate_spec, query)
        return self._query_known(term, query) if aggregate_spec == "expected_value:max" else term

    def _get_names(self):
        """The two products without their codes."""
        self.ensure_one()
        return (self.product_tmpl_id._care_name(self.product_id),
                self.other_tmpl_id._care_name(self.other_id))

    def _tell(self) -> list[str]:
        """What the counts say, a sentence each."""
        _ = self.env._
        product, other = self._get_names()
        if not self.customers_with:
            return [_("Chosen on the product; too few customers to count anything yet.")]
        told = [_(
            "%(both)s of %(with)s customers who bought %(product)s also bought %(other)s, against "
            "%(all_other)s of all %(all)s customers.", **{
                "both": self.customers, "with": self.customers_with, "product": product,
                "other": other, "all_other": self.customers_other, "all": self.customers_all})]
        if self.chance_known:
            told.append(_(
                "Of %(waiting)s who did not take it at once, %(later)s bought it within %(days)s "
                "days.", waiting=self.waiting, later=self.later, days=self.window_days))
        else:
            told.append(_(
                "Too few to tell a chance: %(waiting)s could have followed, %(needed)s are needed.",
                waiting=self.waiting, needed=self.company_id.care_affinity_customers))
        return told

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.model
    def get_empty_list_help(self, help_message):
        """Say what the last count saw, so that an empty list explains itself."""
        self.check_access("read")
        company = self.env.company
        if not company.care_affinity_on:
            words = self.env._("Nothing was counted yet; the first night does it.")
        elif company.care_affinity_baskets < MIN_BASKETS:
            words = self.env._(
                "Too little to tell: fewer than %(needed)s baskets. %(found)s were bought in the "
                "last %(months)s months.", needed=MIN_BASKETS,
                found=company.care_affinity_baskets, months=company.care_affinity_months)
        else:
            words = self.env._(
                "%(baskets)s baskets of %(customers)s customers were looked at. No two products "
                "are bought by the same customers more often than luck explains.",
                baskets=company.care_affinity_baskets, customers=company.care_affinity_buyers)
        return super().get_empty_list_help(Markup("%s<p>%s</p>") % (
            Markup(help_message or ""), words))  # the text of the action, written by its author

    def action_count_again(self):
        """Count the pairs, and make their proposals, as soon as the night's worker runs."""
        if not self.env.user.has_group("customer_care.group_customer_care_manager"):
            raise AccessError(self.env._("Only administrators of Customer Care may do this."))
        self.env["care.night"]._wake("affinity", "proposals", company=self.env.company)
        return self.env["care.loop"]._notification(self.env._(
            "The pairs are being counted again. Until they are, the old ones stand."))

    def action_open_proposals(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("customer_care.care_proposal_action")
        return action | {"domain": [("affinity_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_known(self, term, query):
        known = self._field_to_sql(self._table, "chance_known", query)
        return SQL("%s FILTER (WHERE %s)", term, known)

    @api.model
    def _replace(self, company, rows: list[dict]) -> None:
        """These rows instead of the company's present ones; what is both keeps its id."""
        self.env.flush_all()
        self._query_replace(company, rows)
        self.invalidate_model(flush=False)

    def _query_replace(self, company, rows) -> None:
        columns = [SQL.identifier(name) for name in WRITTEN]
        self.env.execute_query(SQL(
            """WITH fresh AS (
                   SELECT * FROM json_to_recordset(%(rows)s::json) r (
                       level varchar, item_ref int, other_ref int, %(typed)s)
               ),
               gone AS (
                   DELETE FROM care_affinity f
                    WHERE f.company_id = %(company)s
                      AND NOT EXISTS (SELECT 1 FROM fresh r
                                       WHERE r.level = f.level AND r.item_ref = f.item_ref
                                         AND r.other_ref = f.other_ref)
               )
               INSERT INTO care_affinity AS f (company_id, level, item_ref, other_ref, %(columns)s)
               SELECT %(company)s, level, item_ref, other_ref, %(columns)s FROM fresh
               ON CONFLICT (company_id, level, item_ref, other_ref) DO UPDATE
                  SET (%(columns)s) = ROW(%(new)s)
            RETURNING f.id""",
            rows=json.dumps(rows), company=company.id,
            typed=SQL(", ").join(
                SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in WRITTEN.items()),
            columns=SQL(", ").join(columns),
            new=SQL(", ").join(SQL("EXCLUDED.%s", column) for column in columns),
        ))
