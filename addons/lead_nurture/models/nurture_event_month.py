from odoo import fields, models
from odoo.tools import SQL


class NurtureEventMonth(models.Model):
    """One row: how many events of one kind, by humans or machines, one company had in one month.

    Counted when events are deleted by age, in the statement that deletes them, so that years can
    be compared when nobody can be recognised any more.
    """

    _name = "nurture.event.month"
    _description = "Past events by month"
    _log_access = False
    _order = "month desc, kind, id"
    _rec_name = "month"

    month = fields.Date(required=True, readonly=True, help="In UTC.")
    kind = fields.Selection(
        lambda self: self.env["nurture.event"]._fields["kind"]._description_selection(self.env),
        "What", required=True, readonly=True,
    )  # fmt: skip
    actor = fields.Selection(
        lambda self: self.env["nurture.event"]._fields["actor"]._description_selection(self.env),
        "By", required=True, readonly=True,
    )  # fmt: skip
    company_id = fields.Many2one("res.company", "Company", readonly=True, ondelete="cascade")
    event_count = fields.Integer("Events", required=True, readonly=True)

    _month_uniq = models.UniqueIndex("(month, kind, actor, COALESCE(company_id, 0))")

    def _query_count(self, gone):
        """Add the events `gone`, a relation with their columns, to the counts."""
        # index nurture_event_month_month_uniq
        return SQL(
            """INSERT INTO nurture_event_month (month, kind, actor, company_id, event_count)
               SELECT date_trunc('month', occurred_at)::date, kind, actor, company_id, COUNT(*)
                 FROM %s GROUP BY 1, 2, 3, 4
          ON CONFLICT (month, kind, actor, COALESCE(company_id, 0))
            DO UPDATE SET event_count = nurture_event_month.event_count + EXCLUDED.event_count""",
            gone,
        )
