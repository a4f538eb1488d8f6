from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# A person may choose the receiver of a planned line, or leave it out; the rest is recorded.
CHOICES = frozenset({"to_user_id", "state"})


class SalesHandoverLine(models.Model):
    """One row per object that a handover moves: a deal, an activity, a meeting, a quotation, …

    planned → moved | skipped | failed, and moved → undone | kept. `from_values` are the object's
    values before, `to_values` what was written: taking back compares with them, so that what
    somebody has changed since stays.
    """

    _name = "sales.handover.line"
    _description = "Handover Line"
    _order = "handover_id, sequence, amount desc, id"
    _log_access = False

    handover_id = fields.Many2one(
        "sales.handover", required=True, readonly=True, ondelete="cascade", index=True)
    kind = fields.Selection(
        selection=lambda self: [
            (kind, spec["label"])
            for kind, spec in self.env["sales.handover"]._handover_kinds().items()],
        string="Object", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    res_model = fields.Char(readonly=True, required=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, required=True)
    name = fields.Char(readonly=True)
    detail = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="set null")
    team_id = fields.Many2one("crm.team", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary(readonly=True)
    date = fields.Date("When", readonly=True)
    parent_key = fields.Char(
        readonly=True, help="The object that this one follows: it goes to the same person.")
    to_user_id = fields.Many2one(
        "res.users", "To", domain="[('share', '=', False)]", index="btree_not_null")
    from_values = fields.Json(readonly=True)
    to_values = fields.Json(readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("moved", "Moved"), ("skipped", "Left Out"),
         ("failed", "Failed"), ("undone", "Taken Back"), ("kept", "Stays")],
        default="planned", required=True, readonly=True)
    reason = fields.Char(readonly=True, help="Why it was left out, or stays where it is.")
    failure = fields.Text(readonly=True)
    attempts = fields.Integer(readonly=True)
    moved_at = fields.Datetime(readonly=True)

    # The job asks for the lines that still wait.
    _planned_idx = models.Index("(handover_id, sequence, id) WHERE state = 'planned'")
    _object_idx = models.Index("(res_model, res_id)")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = (line.company_id or self.env.company).currency_id

    def write(self, vals):
        if not self.env.su:
            self._check_choice(vals)
        if "to_user_id" in vals and not self.env.context.get("sales_handover_planning"):
            self._lead_followers(vals["to_user_id"])
        return super().write(vals)

    def _check_choice(self, vals):
        allowed = vals.get("state", "planned") in ("planned", "skipped")
        if not CHOICES.issuperset(vals) or not allowed:
            raise AccessError(self.env._("What was moved is recorded by the system."))
        if any(line.handover_id.state != "draft" or line.state not in ("planned", "skipped")
               for line in self):
            raise UserError(self.env._("This handover has begun and cannot be changed any more."))

    def _lead_followers(self, user_id):
        """What follows a deal goes where the deal goes, unless it was sent elsewhere."""
        for line in self:
            followers = self.search([
                ("handover_id", "=", line.handover_id.id), ("state", "=", "planned"),
                ("parent_key", "=", line._get_key()),
                ("to_user_id", "=", line.to_user_id.id)])
            if followers:
                followers.write({"to_user_id": user_id})

    def _get_key(self):
        """What the lines that follow this one have as `parent_key`."""
        return f"{self.res_model},{self.res_id}"

    def action_open_record(self):
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This record does not exist any more."))
        if self.res_model == "mail.activity":
            return record.action_open_document()
        record.check_access("read")
        return {
            "type": "ir.actions.act_window", "res_model": self.res_model, "res_id": self.res_id,
            "views": [(False, "form")], "target": "current"}

    def action_leave_out(self):
        self.write({"state": "skipped"})
        return True

    def action_take_in(self):
        self.write({"state": "planned"})
        return True
