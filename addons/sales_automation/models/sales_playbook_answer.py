from odoo import fields, models


class SalesPlaybookAnswer(models.Model):
    """One row per box that somebody ticked on a deal. Taking the tick away deletes the row.

    Written only by crm.lead `playbook_tick`, which asks for the right to change the deal.
    """

    _name = "sales.playbook.answer"
    _description = "Playbook Checklist Answer"
    _order = "checked_at desc, id desc"
    _rec_name = "item_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, readonly=True, ondelete="cascade")
    item_id = fields.Many2one(
        "sales.playbook.item", "To Do", required=True, readonly=True, ondelete="cascade",
        index=True)
    user_id = fields.Many2one("res.users", "Ticked By", readonly=True)
    checked_at = fields.Datetime("Ticked On", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    # Also the way from a deal to its boxes.
    _box_uniq = models.UniqueIndex("(lead_id, item_id)", "The box is ticked already.")
