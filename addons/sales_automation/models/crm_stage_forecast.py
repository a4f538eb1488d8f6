from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

CATEGORIES = [
    ("pipeline", "Pipeline"), ("best_case", "Best Case"), ("commit", "Commit"),
    ("closed", "Closed"), ("omitted", "Omitted")]


class CrmStage(models.Model):
    """Stages say how sure their deals are: what a deal counts as in the forecast."""

    _inherit = "crm.stage"

    forecast_category = fields.Selection(
        CATEGORIES, default="pipeline", required=True,
        help="What the deals in this stage count as in the forecast, unless somebody chose "
        "otherwise on a deal. Commit: we promise it. Best Case: it can be won if all goes well. "
        "Pipeline: too early to say. Omitted: never counted. Won stages are Closed.",
        groups="base.group_user")

    @api.constrains("forecast_category", "is_won")
    def _check_forecast_category(self):
        for stage in self:
            if stage.is_won != (stage.forecast_category == "closed"):
                raise ValidationError(self.env._(
                    "Stage %(stage)s: \"Closed\" is the category of won stages, and their only "
                    "one. Choose Commit, Best Case, Pipeline or Omitted for a stage in which "
                    "deals are open.", stage=stage.name))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([
            {**vals, "forecast_category": "closed"} if vals.get("is_won") else vals
            for vals in vals_list])

    def write(self, vals):
        if "is_won" in vals and "forecast_category" not in vals:
            vals = {**vals, "forecast_category": "closed" if vals["is_won"] else "commit"}
        return super().write(vals)

    @api.onchange("is_won")
    def _onchange_is_won(self):
        if self.is_won:
            self.forecast_category = "closed"
        elif self.forecast_category == "closed":
            self.forecast_category = "commit"

    def _init_column(self, column_name):
        super()._init_column(column_name)
        if column_name == "forecast_category":
            self.env.execute_query(self._query_init_categories())

    @api.model
    def _query_init_categories(self):
        """Stages that exist when the addon comes: the last open one is a promise, the one before
        can be won, earlier ones are too early to say. With less than three: nothing is promised.
        """
        return SQL(
            """
            UPDATE crm_stage s
               SET forecast_category = CASE
                        WHEN s.is_won THEN 'closed'
                        WHEN o.total >= 3 AND o.from_end = 1 THEN 'commit'
                        WHEN o.total >= 3 AND o.from_end = 2 THEN 'best_case'
                        WHEN o.total = 2 AND o.from_end = 1 THEN 'best_case'
                        ELSE 'pipeline' END
              FROM crm_stage w
              LEFT JOIN (
                    SELECT id, COUNT(*) OVER () AS total,
                           ROW_NUMBER() OVER (ORDER BY sequence DESC, id DESC) AS from_end
                      FROM crm_stage WHERE is_won IS NOT TRUE) o ON o.id = w.id
             WHERE w.id = s.id
         RETURNING s.id
            """)
