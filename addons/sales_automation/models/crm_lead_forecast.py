from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_stage_forecast import CATEGORIES


class CrmLead(models.Model):
    """What a deal counts as in the forecast.

    Nothing is stored but a person's own choice. Won deals are closed, lost and archived ones
    omitted; an open deal counts as the person chose, else as its stage says. So a deal that
    moves costs nothing more, and a stage that is declared anew speaks for its deals at once.
    """

    _inherit = "crm.lead"

    forecast_category = fields.Selection(
        CATEGORIES, compute="_compute_forecast_category", compute_sudo=True,
        inverse="_inverse_forecast_category", search="_search_forecast_category",
        help="What the deal counts as in the forecast. It follows the stage until you choose; "
        "choosing what the stage says lets it follow the stage again.", groups="base.group_user")
    forecast_category_manual = fields.Selection(
        [row for row in CATEGORIES if row[0] != "closed"], string="Category Chosen by Hand",
        copy=False, tracking=True, help="Empty: the deal counts as its stage says.",
        groups="base.group_user", prefetch=True)
    forecast_category_by_id = fields.Many2one(
        "res.users", string="Category Chosen By", readonly=True, copy=False,
        groups="base.group_user", prefetch="sales_automation")

    # The forecast looks for open deals by their closing date; core has no index on it.
    _sales_forecast_idx = models.Index(
        "(date_deadline) WHERE sales_outcome = 'open' AND active IS TRUE")

    @api.depends(
        "sales_outcome", "active", "forecast_category_manual", "stage_id.forecast_category")
    def _compute_forecast_category(self):
        for lead in self:
            if lead.sales_outcome == "won":
                lead.forecast_category = "closed"
            elif lead.sales_outcome in ("lost", "recycled") or not lead.active:
                lead.forecast_category = "omitted"
            else:
                lead.forecast_category = (
                    lead.forecast_category_manual or lead._get_stage_category())

    def _inverse_forecast_category(self):
        for lead in self:
            choice = lead.forecast_category
            if choice == "closed":
                if lead.sales_outcome == "won":
                    continue
                raise UserError(self.env._(
                    "%(deal)s is not won: only won deals are Closed. Choose Commit when you "
                    "promise it.", deal=lead.name))
            if choice == lead._get_stage_category():
                choice = False
            if choice != lead.forecast_category_manual:
                lead.forecast_category_manual = choice

    def _search_forecast_category(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = [category for category in value if category]
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = ANY(%s)", model._field_to_sql(alias, "forecast_category", query), wanted),
            predicate=lambda lead: lead.forecast_category in wanted)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if any("forecast_category_manual" in vals for vals in vals_list):
            leads._sign_forecast_category()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if "forecast_category_manual" in vals:
            self._sign_forecast_category()
        return result

    def action_set_forecast_category(self, category):
        """Choose what the deals count as; False: what their stages say."""
        self.check_access("write")
        if category:
            self.forecast_category = category
        else:
            self.forecast_category_manual = False

    def _sign_forecast_category(self):
        """Whoever chooses a category signs it."""
        for chosen, leads in self.sudo().grouped(  # a fact that only the system writes
                lambda lead: bool(lead.forecast_category_manual)).items():
            leads.forecast_category_by_id = self.env.uid if chosen else False

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"forecast_category_by_id"}

    def _get_stage_category(self):
        """The category of the deal's stage; a stage that nobody may see counts as pipeline."""
        category = self.stage_id.forecast_category
        return category if category and category != "closed" else "pipeline"

    # ---- SQL ----------------------------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "forecast_category" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        stage = query.left_join(alias, "stage_id", "crm_stage", "id", "forecast_stage")
        return self._query_forecast_category(alias, stage)

    @api.model
    def _query_forecast_category(self, lead="l", stage="s"):
        """`_compute_forecast_category` in SQL, of a lead `lead` joined with its stage `stage`."""
        column = super()._field_to_sql
        stages = self.env["crm.stage"]
        return SQL(
            """
            (CASE WHEN %(outcome)s = 'won' THEN 'closed'
                  WHEN %(outcome)s IN ('lost', 'recycled') OR %(active)s IS NOT TRUE
                       THEN 'omitted'
                  ELSE COALESCE(
                       %(manual)s, NULLIF(%(stage)s, 'closed'), 'pipeline') END)
            """,
            outcome=column(lead, "sales_outcome"), active=column(lead, "active"),
            manual=column(lead, "forecast_category_manual"),
            stage=stages._field_to_sql(stage, "forecast_category"))
