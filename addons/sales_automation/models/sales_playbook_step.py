from odoo import api, fields, models


class SalesPlaybookStep(models.Model):
    """One row per stage of a playbook: what helps there and what must be done to leave it."""

    _name = "sales.playbook.step"
    _description = "Playbook Step"
    _inherit = ["sales.playbook.part"]
    _order = "playbook_id, stage_sequence, stage_id, id"
    _rec_name = "stage_id"

    playbook_id = fields.Many2one(
        "sales.playbook", required=True, ondelete="cascade", index=True)
    stage_id = fields.Many2one("crm.stage", required=True, ondelete="cascade", index=True)
    stage_sequence = fields.Integer(related="stage_id.sequence", store=True)
    company_id = fields.Many2one(related="playbook_id.company_id", store=True, index=True)
    goal = fields.Char(
        translate=True, help="What the deal should have reached at the end of this stage.")
    guidance = fields.Html(
        translate=True, help="Shown beside the deal: questions to ask, how to answer objections.")
    item_ids = fields.One2many("sales.playbook.item", "step_id", "Checklist", copy=True)
    key_field_ids = fields.One2many(
        "sales.playbook.key.field", "step_id", "Key Fields", copy=True)
    material_ids = fields.One2many(
        "sales.playbook.material", "step_id", "Materials", copy=True)
    criterion_ids = fields.One2many(
        "sales.playbook.criterion", "step_id", "Exit Criteria", copy=True)
    plan_id = fields.Many2one(
        "mail.activity.plan", "Activity Plan", ondelete="set null",
        domain="[('res_model', '=', 'crm.lead')]",
        help="Activities that belong to this stage.")
    plan_start = fields.Selection(
        [("offer", "Offered in the guide"), ("enter", "Started when a deal enters")],
        default="offer", required=True,
        help="Started when a deal enters: once per deal, also when many deals move together.")
    has_guide = fields.Boolean(compute="_compute_has_guide")
    criteria_text = fields.Text("To Go On", compute="_compute_criteria_text")

    _stage_uniq = models.UniqueIndex(
        "(playbook_id, stage_id)", "A playbook has one step per stage.")

    @api.depends("guidance", "item_ids", "key_field_ids", "material_ids", "plan_id")
    def _compute_has_guide(self):
        for step in self:
            step.has_guide = bool(
                step.guidance or step.item_ids or step.key_field_ids or step.material_ids
                or step.plan_id)

    @api.depends("criterion_ids.label")
    def _compute_criteria_text(self):
        for step in self:
            step.criteria_text = "\n".join(step.criterion_ids.mapped("label"))

    def _place(self):
        """Return the place of the step's stage in the pipeline."""
        return self.stage_id._place()

    def _shown_fields(self):
        """Return the names of the fields that the guide shows: required ones, then chosen ones."""
        names = self.criterion_ids.filtered(lambda row: row.kind == "field").mapped("field_name")
        names += self.key_field_ids.mapped("field_name")
        return [name for name in dict.fromkeys(names) if name in self.env["crm.lead"]._fields]

    def _start_plan(self, leads, user=None):
        """Schedule the plan's activities on the leads, as core's own dialog does."""
        wizard = self.env["mail.activity.schedule"].create({
            "res_model": "crm.lead", "res_ids": str(leads.ids), "plan_id": self.plan_id.id,
            "plan_date": fields.Date.context_today(self),
            "plan_on_demand_user_id": (user or self.env.user).id,
        })
        wizard.action_schedule_plan()

    def _get_playbooks(self):
        return self.playbook_id
