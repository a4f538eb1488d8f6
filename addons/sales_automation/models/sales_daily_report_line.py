from odoo import fields, models

# What the facts say; refreshed with each draft.
FACT_FIELDS = ("res_model", "res_id", "lead_id", "moment", "amount", "name", "about", "detail")


class SalesDailyReportLine(models.Model):
    """One row per fact of a person's day: something done, or something that comes next.

    Written by `sales.daily.report._draft`; the person adds a comment or removes the line. A
    removed line stays as a row, so that the next draft does not bring it back.
    """

    _name = "sales.daily.report.line"
    _description = "Line of a Daily Report"
    _order = "moment, id"
    _log_access = False

    report_id = fields.Many2one(
        "sales.daily.report", required=True, readonly=True, ondelete="cascade", index=True)
    kind = fields.Char(required=True, readonly=True)
    fact_id = fields.Integer(required=True, readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", readonly=True, ondelete="set null", index="btree_not_null")
    moment = fields.Datetime("Time", readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="report_id.currency_id")
    name = fields.Char(readonly=True)
    about = fields.Char("Customer or Deal", readonly=True)
    detail = fields.Char(readonly=True)
    comment = fields.Char(readonly=True, help="What the person adds to this line.")
    is_removed = fields.Boolean(readonly=True)

    _fact_uniq = models.UniqueIndex(
        "(report_id, kind, fact_id)", "A fact stands in a report once.")
