from odoo import api, fields, models
from odoo.addons.customer_care.engine import cluster
from odoo.addons.customer_care.models.care_voice import COUNTED, KINDS, SOURCES
from odoo.tools import SQL


class CareVoiceReport(models.Model):
    """Voices beside the units sold: one row per voice, and one per product and month sold.

    The rate of a group is made of its sums. Units are known by product and month: a group by what
    only a voice has (lot, kind, source, campaign) has no units, and no rate.
    """

    _name = "care.voice.report"
    _description = "Voice of the customer, per 1,000 sold"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "product_id"
    _depends = {
        "care.voice": ["active", "kind", "source", "said_on", "company_id", "product_id",
                       "lot_name", "category_id", "campaign_id", "commercial_partner_id",
                       "is_safety"],
        "care.product.month": ["quantity", "month", "company_id", "product_id"],
    }

    day = fields.Date(readonly=True, help="Of a voice its day, of sold units their month.")
    company_id = fields.Many2one("res.company", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_tmpl_id = fields.Many2one(
        "product.template", "Product of all variants", readonly=True)
    categ_id = fields.Many2one("product.category", "Product category", readonly=True)
    row = fields.Selection(
        [("voice", "Voice"), ("sold", "Units sold")], readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    source = fields.Selection(SOURCES, readonly=True)
    lot_name = fields.Char("Lot or serial number", readonly=True)
    category_id = fields.Many2one("care.category", "About", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    is_safety = fields.Boolean("Safety", readonly=True)
    voice_id = fields.Many2one("care.voice", "What was said", readonly=True)
    voices = fields.Integer("All voices", readonly=True)
    complaints = fields.Integer(
        "Complaints and defects", readonly=True, help="A merged or duplicate case counts once.")
    sold = fields.Float(
        "Units sold", readonly=True, digits="Product Unit",
        help="Sold in the month and not returned, in the product's own unit of measure. Counted "
        "every night from the documents.")
    rate = fields.Float(
        "Per 1,000 sold", readonly=True, aggregator="avg", digits=(16, 1),
        help="Complaints and defects of the group / its units sold × 1,000. Empty (n/a) where the "
        "group has fewer than 30 units: too few sold, one complaint alone would decide it; or "
        "grouped by what units do not have (lot, kind, source, campaign, customer).")

    @property
    def _table_query(self):
        return self._query_rows()

    def action_open_voice(self):
        """The voice behind a row; units sold have none."""
        self.ensure_one()
        if not self.voice_id:
            return False
        return {
            "type": "ir.actions.act_window", "res_model": "care.voice",
            "res_id": self.voice_id.id, "views": [(False, "form")]}

    # ---- SQL ------------------------------------------------------------------------------------

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A rate is made of the sums of its group, and is none where too few were sold."""
        if aggregate_spec != "rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        return self._query_rate(
            self._field_to_sql(self._table, "complaints", query),
            self._field_to_sql(self._table, "sold", query))

    @api.model
    def _query_rate(self, complaints, sold) -> SQL:
        return SQL(
            "CASE WHEN SUM(%s) >= %s THEN 1000.0 * SUM(%s) / SUM(%s) END",
            sold, cluster.LEAST_SOLD, complaints, sold)

    def _query_rows(self) -> SQL:
        """Voices have positive numbers, sold months negative ones."""
        return SQL(
            """SELECT v.id, v.said_on AS day, v.company_id, v.product_id, v.product_tmpl_id,
                      t.categ_id, 'voice' AS row, v.kind, v.source, v.lot_name, v.category_id,
                      v.campaign_id, v.commercial_partner_id AS partner_id, v.is_safety,
                      v.id AS voice_id, 1 AS voices, (v.kind = ANY(%(counted)s))::int AS complaints,
                      0::float8 AS sold, NULL::float8 AS rate
                 FROM care_voice v
            LEFT JOIN product_template t ON t.id = v.product_tmpl_id
                WHERE v.active
            UNION ALL
               SELECT -m.id, m.month, m.company_id, m.product_id, p.product_tmpl_id, t.categ_id,
                      'sold', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0,
                      m.quantity::float8, NULL
                 FROM care_product_month m
                 JOIN product_product p ON p.id = m.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id""",
            counted=list(COUNTED))
