from odoo import api, fields, models
from odoo.exceptions import UserError

# fields by whose change other leads stand in other statuses
MOVING_FIELDS = {
    "trigger", "stage_ids", "next_ids", "from_ids", "sequence", "off_path", "active",
}  # fmt: skip


class NurtureStatus(models.Model):
    """One row: one status of the life of a lead, its place on the path and where it leads.

    What brings a lead here by itself is the trigger. Automatic moves only go forward in order;
    from a status beside the path (recycled, disqualified) they may go wherever a move is allowed.
    People may make every allowed move, back ones too.
    """

    _name = "nurture.status"
    _inherit = "nurture.shared"
    _description = "Lifecycle status"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    note = fields.Text("Meaning", translate=True, help="When does a lead stand here?")
    sequence = fields.Integer(
        default=10, help="The order of the path. By themselves leads only move forward in it."
    )
    active = fields.Boolean(default=True)
    off_path = fields.Boolean(
        "Beside the path",
        help="For recycled and disqualified leads. The funnel does not count it as progress, and "
        "from here a lead may come back to any status that is allowed.",
    )
    trigger = fields.Selection(
        "_selection_trigger",
        "A lead comes here when",
        help="Empty: only people move leads here.",
    )
    stage_ids = fields.Many2many(
        "crm.stage",
        string="Stages",
        help="The pipeline stages that mean this status.",
    )
    next_ids = fields.Many2many(
        "nurture.status",
        "nurture_status_next_rel",
        "status_id",
        "next_id",
        string="May move to",
        help="Every other move is refused, to people and to triggers alike.",
    )
    from_ids = fields.Many2many(
        "nurture.status",
        "nurture_status_next_rel",
        "next_id",
        "status_id",
        string="May come from",
    )
    lead_count = fields.Integer("Leads now", compute="_compute_lead_count")

    @api.model
    def _triggers(self):
        """Registry of what moves a lead by itself: {kind: label}. A kind needs a
        `_query_when_<kind>` in nurture.stay."""
        _ = self.env._
        return {
            "created": _("the lead is created"),
            "engaged": _("the person does something for the first time"),
            "hot": _("the person becomes hot"),
            "handed_over": _("it is handed over to sales"),
            "marketing": _("the person becomes hot, or it is handed over to sales"),
            "accepted": _("its salesperson does something: a message, an activity, a stage, "
                          "a quotation"),
            "qualified": _("it reaches one of the stages"),
            "opportunity": _("it becomes an opportunity; one that was handed over: when it reaches "
                             "one of the stages or gets a quotation"),
            "won": _("it is won, or the person buys"),
            "recycled": _("it is lost for a reason that leads back to a scenario"),
            "lost": _("it is lost for another reason"),
        }  # fmt: skip

    @api.model
    def _selection_trigger(self):
        return list(self._triggers().items())

    @api.depends("name")
    def _compute_lead_count(self):
        rows = self.env["nurture.stay"]._read_group(
            [("status_id", "in", self.ids), ("left_at", "=", False)], ["status_id"], ["__count"]
        )
        count = {status.id: number for status, number in rows}
        for status in self:
            status.lead_count = count.get(status.id, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if MOVING_FIELDS & vals.keys():
            self.env["nurture.stay"]._request_pass()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        stays = self.env["nurture.stay"].sudo()  # sudo: any company's leads count
        if stays.search_count([("status_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Leads have stood in this status. Archive it instead of deleting it.")
            )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_leads(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "domain": [("nurture_status_id", "=", self.id)],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------

    def _automatic_sources(self):
        """From where a trigger may bring leads to this status."""
        self.ensure_one()
        # an archived status is left behind as well
        before = self.with_context(active_test=False).from_ids
        return before.filtered(lambda s: s.off_path or s.sequence < self.sequence)

    def _reason_not_to(self, target):
        """Why a lead may not go from this status (none: it has not got one yet) to `target`."""
        if not self or target in self.next_ids:
            return False
        if target == self:
            return self.env._("It stands there already.")
        allowed = ", ".join(self.next_ids.mapped("name"))
        return self.env._(
            "From “%(status)s” a lead may move to: %(allowed)s.",
            status=self.name,
            allowed=allowed or self.env._("nowhere"),
        )
