from odoo import api, fields, models


class SalesReassign(models.TransientModel):
    """One row per time somebody gives deals to another salesperson at once."""

    _name = "sales.reassign"
    _description = "Give to Another Salesperson"

    lead_ids = fields.Many2many("crm.lead", string="Opportunities", required=True)
    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, domain="[('share', '=', False)]")
    note = fields.Char("Why", help="Written to the chatter of each deal.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_lead_ids") or self.env.context.get("active_ids")
        if "lead_ids" in fields_list and ids:
            values["lead_ids"] = [fields.Command.set(ids)]
        return values

    def action_apply(self):
        """The deals change hands at once; each keeps its stage, and its team if he is in it."""
        teams = self.env["crm.team"]
        for (team, stage), leads in self.lead_ids.grouped(
                lambda lead: (lead.team_id, lead.stage_id)).items():
            if self.user_id not in team.member_ids | team.user_id:
                team = teams._get_default_team_id(
                    user_id=self.user_id.id, domain=[("use_opportunities", "=", True)])
            # Written together: core would compute another team and reset the stage.
            leads.write({
                "user_id": self.user_id.id, "team_id": team.id, "stage_id": stage.id})
        self.lead_ids.sudo()._message_log_batch(bodies={  # whoever gave it may not see it now
            lead.id: self.env._(
                "Given to %(user)s by %(me)s. %(note)s", user=self.user_id.name,
                me=self.env.user.name, note=self.note or "")
            for lead in self.lead_ids})
        return {"type": "ir.actions.act_window_close"}
