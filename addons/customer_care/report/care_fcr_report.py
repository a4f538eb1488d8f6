from odoo import api, fields, models
from odoo.addons.customer_care.engine import fcr
from odoo.addons.customer_care.models.care_case import CASE_KINDS, SEVERITIES
from odoo.addons.customer_care.models.optional import OptionalFloat
from odoo.tools import SQL


class CareFcrReport(models.Model):
    """One resolved case and whether the first contact was enough.

    The rate is the mean of 100 and 0 over the cases whose window has passed, and is told of a
    group that has enough of them; cases that wait for it, and cases that do not count, are counted
    apart and are in no mean.
    """

    _name = "care.fcr.report"
    _inherit = "care.few"
    _description = "First contact resolution"
    _figures = {"share:avg": "matured:sum"}
    _auto = False
    _order = "resolved_on desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "care.case": [
            "resolved_at", "opened_at", "company_id", "team_id", "resolver_id", "category_id",
            "product_id", "channel", "kind", "severity", "partner_id", "commercial_partner_id",
            "fcr_state", "fcr_reason", "fcr_matures_on", "active"],
    }

    case_id = fields.Many2one("care.case", "Case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    resolved_on = fields.Date("First resolved on", readonly=True, help="The company's own day.")
    opened_on = fields.Date("Opened on", readonly=True, help="The company's own day.")
    team_id = fields.Many2one("care.team", readonly=True)
    resolver_id = fields.Many2one("res.users", "Resolved by", readonly=True)
    category_id = fields.Many2one("care.category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    channel = fields.Selection(lambda self: self.env["care.case"]._select_channel(), readonly=True)
    kind = fields.Selection(CASE_KINDS, readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    fcr_state = fields.Selection(
        [("pending", "Window still runs"), ("yes", "Yes"), ("no", "No"),
         ("excluded", "Does not count")], "First contact resolution", readonly=True)
    fcr_reason = fields.Selection("_select_reason", "Because", readonly=True)
    fcr_matures_on = fields.Datetime("Final after", readonly=True)
    share = OptionalFloat(
        "FCR (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Cases resolved with the first contact, of all resolved ones whose window has "
        "passed. Empty below 30 such cases: chance alone would move it by more than 15 points "
        "either way. The counts stand beside it.")
    matured = fields.Integer(
        "Counted cases", readonly=True, aggregator="sum",
        help="Resolved, and the window has passed.")
    first_contact = fields.Integer(
        "Resolved with the first contact", readonly=True, aggregator="sum")
    pending = fields.Integer(
        "Still pending", readonly=True, aggregator="sum",
        help="Resolved, and the window still runs: in no rate yet.")
    excluded = fields.Integer(
        "Left out", readonly=True, aggregator="sum",
        help="Spam, merged, duplicate, cancelled, opened by us, or without a word of the customer.")
    comparable = fields.Integer(
        "With category or product", readonly=True, aggregator="sum",
        help="Of the counted cases: those with a category or product, by which a second case about "
        "the same is recognised.")

    @api.model
    def _enough(self):
        return fcr.ENOUGH

    @api.model
    def _select_reason(self):
        return self.env["care.case"]._select_fcr_reason()

    def action_open_case(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "care.case",
                "res_id": self.case_id.id, "views": [(False, "form")]}

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._query_company(company) for company in self.env.companies)

    def _query_company(self, company) -> SQL:
        """Told cases of one company, by its own days. Index of care_case(fcr_state)."""
        day = SQL("AT TIME ZONE 'UTC' AT TIME ZONE %s", company._care_zone())
        return SQL(
            """SELECT c.id, c.id AS case_id, c.company_id,
                      (c.resolved_at %(day)s)::date AS resolved_on,
                      (c.opened_at %(day)s)::date AS opened_on,
                      c.team_id, c.resolver_id, c.category_id, c.product_id,
                      c.commercial_partner_id, c.channel, c.kind, c.severity, c.fcr_state,
                      c.fcr_reason, c.fcr_matures_on,
                      CASE c.fcr_state WHEN 'yes' THEN 100.0 WHEN 'no' THEN 0.0 END AS share,
                      (c.fcr_state IN ('yes', 'no'))::int AS matured,
                      (c.fcr_state = 'yes')::int AS first_contact,
                      (c.fcr_state = 'pending')::int AS pending,
                      (c.fcr_state = 'excluded')::int AS excluded,
                      (c.fcr_state IN ('yes', 'no')
                       AND COALESCE(c.category_id, c.product_id) IS NOT NULL)::int AS comparable
                 FROM care_case c
                WHERE c.company_id = %(company)s AND c.fcr_state IS NOT NULL AND c.active""",
            day=day, company=company.id)
