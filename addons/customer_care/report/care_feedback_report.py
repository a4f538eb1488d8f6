from odoo import api, fields, models
from odoo.addons.customer_care.models.care_feedback import BANDS, METRICS
from odoo.addons.customer_care.models.optional import OptionalFloat
from odoo.tools import SQL

#: Figure that is told of people: how, from the points of the last answer of each.
OF_PEOPLE = {"nps:avg": SQL("AVG(last.points::float8)"), "nps_count:sum": SQL("COUNT(*)")}


class CareFeedbackReport(models.Model):
    """One answer that counts, for tables: the mean of its points is the figure.

    NPS is told of people: each counts in a group (a month, a team, the total) once, with the last
    answer of the group. A total over months is therefore no mean of the months.
    """

    _name = "care.feedback.report"
    _inherit = "care.few"
    _description = "Analysis of answers"
    _figures = {f"{metric}:avg": f"{metric}_count:sum" for metric, _label in METRICS}
    _auto = False
    _order = "responded_at desc, id desc"
    _rec_name = "feedback_id"
    _depends = {"care.feedback": [
        "metric", "value", "band", "points", "responded_at", "excluded_reason", "company_id",
        "partner_id", "commercial_partner_id", "email", "case_id", "team_id", "user_id",
        "product_id", "campaign_id", "program_id", "comment"],
        "care.customer": ["rfm_segment_id"]}

    feedback_id = fields.Many2one("care.feedback", "Answer", readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    band = fields.Selection(BANDS, "How", readonly=True)
    responded_at = fields.Datetime("Answered", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Who", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    program_id = fields.Many2one("care.survey.program", "Programme", readonly=True)
    case_id = fields.Many2one("care.case", readonly=True)
    team_id = fields.Many2one("care.team", "Team", readonly=True)
    user_id = fields.Many2one("res.users", "About the work of", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    segment_id = fields.Many2one("care.rfm.segment", "RFM segment today", readonly=True)
    comment = fields.Text(readonly=True)
    value = fields.Float("Mean answer", readonly=True, aggregator="avg", digits=(16, 1))
    nps = OptionalFloat(
        "NPS", readonly=True, aggregator="avg", digits=(16, 1),
        help="Points: +100 for 9-10, 0 for 7-8, -100 for 0-6; their mean over the people is the "
        "NPS. A person counts once in each cell, with the last answer of it. Empty where fewer "
        "answered than Settings ask for.")
    ces = OptionalFloat(
        "CES (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Share of answers 5-7 of 7. Empty where there are fewer than Settings ask for.")
    csat = OptionalFloat(
        "CSAT (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Share of answers 4-5 of 5. Empty where there are fewer than Settings ask for.")
    nps_count = fields.Integer("NPS: people", readonly=True, help="What the NPS rests on.")
    ces_count = fields.Integer("CES: answers", readonly=True, help="What the CES rests on.")
    csat_count = fields.Integer("CSAT: answers", readonly=True, help="What the CSAT rests on.")

    @property
    def _table_query(self):
        return SQL(
            """SELECT f.id, f.id AS feedback_id, f.metric, f.band, f.responded_at, f.company_id,
                      f.partner_id, f.commercial_partner_id, f.program_id, f.case_id, f.team_id,
                      f.user_id, f.product_id, f.campaign_id, f.comment,
                      f.value::float8 AS value, k.rfm_segment_id AS segment_id,
                      f.company_id || ' ' || %s AS respondent,
                      CASE WHEN f.metric = 'nps' THEN f.points::float8 END AS nps,
                      CASE WHEN f.metric = 'ces' THEN f.points::float8 END AS ces,
                      CASE WHEN f.metric = 'csat' THEN f.points::float8 END AS csat,
                      (f.metric = 'nps')::integer AS nps_count,
                      (f.metric = 'ces')::integer AS ces_count,
                      (f.metric = 'csat')::integer AS csat_count
                 FROM care_feedback f
            LEFT JOIN care_customer k ON k.partner_id = f.commercial_partner_id
                                     AND k.company_id = f.company_id
                WHERE f.excluded_reason IS NULL AND f.company_id = ANY(%s)""",
            self.env["care.feedback"]._query_respondent(SQL("f")), self.env.companies.ids)

    def _read_group_select(self, aggregate_spec, query):
        """What is told of people takes the last answer of each within the group."""
        if aggregate_spec not in OF_PEOPLE:
            return super()._read_group_select(aggregate_spec, query)
        return self._query_last_of_each(
            OF_PEOPLE[aggregate_spec], self._field_to_sql(self._table, "nps", query))

    def _query_last_of_each(self, figure, points) -> SQL:
        """A JSON object keeps the last value of a key: one pass, whatever the grouping."""
        return SQL(
            """(SELECT %(figure)s
                  FROM jsonb_each_text(
                       jsonb_object_agg(%(t)s.respondent, %(points)s
                                        ORDER BY %(t)s.responded_at, %(t)s.id)
                       FILTER (WHERE %(points)s IS NOT NULL)) last (respondent, points))""",
            figure=figure, points=points, t=SQL.identifier(self._table))

    @api.model
    def _enough(self):
        return self.env.company.care_min_answers

    def action_open_answer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "care.feedback",
            "res_id": self.feedback_id.id, "views": [(False, "form")]}
