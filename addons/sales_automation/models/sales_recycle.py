from odoo import fields, models


class SalesRecycle(models.Model):
    """One row per time a deal was put to "not now".

    Core erases the lost reason when a deal is reopened; the reason, the note and the salesperson
    of that time are kept here. The row is open (no `woken_at`) while the deal sleeps.
    Written only by crm.lead (`_fall_asleep`, `_leave_sleep`, the wake-up job).
    """

    _name = "sales.recycle"
    _description = "Not Now"
    _order = "recycled_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade",
        index=True)
    reason_id = fields.Many2one(
        "crm.lost.reason", readonly=True, ondelete="set null", index="btree_not_null")
    note = fields.Text(readonly=True, help="What to remember when the deal comes back.")
    stage_id = fields.Many2one("crm.stage", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    recycled_at = fields.Datetime("Put to Sleep", required=True, readonly=True)
    wake_date = fields.Date(
        "Planned Return", readonly=True, help="The date that was set when the deal was closed.")
    woken_at = fields.Datetime("Came Back", readonly=True)
    woken_by = fields.Selection(
        [
            ("date", "Its date"),
            ("person", "A person or another app"),
            ("lost", "Lost for good"),
        ], "Came Back By", readonly=True)
    failure = fields.Text(
        readonly=True, help="Why the deal could not be brought back; it is tried again every day.")

    _open_uniq = models.UniqueIndex(
        "(lead_id) WHERE woken_at IS NULL", "The deal is already put to \"not now\".")
