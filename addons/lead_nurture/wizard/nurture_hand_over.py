from odoo import api, fields, models
from odoo.exceptions import UserError

LIMIT = 200
NAMED = 3  # leads that are told by name


class NurtureHandOver(models.TransientModel):
    """Gives chosen leads to sales by hand, each with its dossier."""

    _name = "nurture.hand.over"
    _description = "Hand over to sales"

    lead_ids = fields.Many2many("crm.lead", default=lambda self: self._default_lead_ids())
    lead_count = fields.Integer(compute="_compute_counts")
    skipped_count = fields.Integer(compute="_compute_counts")
    given_names = fields.Char("To hand over", compute="_compute_counts")
    company_ids = fields.Many2many("res.company", compute="_compute_counts")
    team_id = fields.Many2one(
        "crm.team", "Sales team",
        help="Empty: the team of the lead, or of the salesperson.",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        domain="[('share', '=', False)]",
        help="Empty: the team decides who takes it. A lead that has a salesperson keeps him.",
    )
    priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very high")], default="1",
        help="A lead that is more urgent already stays so.",
    )  # fmt: skip
    note = fields.Text(help="Stands in the activity that sales gets.")

    @api.model
    def _default_lead_ids(self):
        return self.env["crm.lead"].browse(self.env.context.get("active_ids") or [])

    @api.depends("lead_ids")
    def _compute_counts(self):
        for wizard in self:
            wizard.lead_count = len(wizard.lead_ids)
            wizard.company_ids = wizard.lead_ids.company_id
            leads = wizard._leads_to_give()
            wizard.skipped_count = len(wizard.lead_ids) - len(leads)
            wizard.given_names = wizard._told_names(leads)

    def _leads_to_give(self):
        """Neither won, nor waiting with sales already."""
        waiting = self.env["nurture.handover"].search(
            [("lead_id", "in", self.lead_ids.ids), ("state", "in", ("waiting", "late"))]
        )
        return self.lead_ids.filtered(lambda lead: lead.won_status != "won") - waiting.lead_id

    def _told_names(self, leads):
        names = ", ".join(leads[:NAMED].mapped("display_name"))
        if len(leads) <= NAMED:
            return names
        return self.env._("%(names)s and %(count)s more", names=names, count=len(leads) - NAMED)

    def action_hand_over(self):
        self.ensure_one()
        leads = self._leads_to_give()
        self._check_can_give(leads)
        for lead in leads:
            lead.nurture_hand_over(
                self.team_id, self.user_id, priority=self.priority, note=self.note
            )
        message = self.env._("Handed over to sales: %s.", self._told_names(leads))
        if skipped := self.lead_count - len(leads):
            message += " " + self.env._(
                "%s left out: won, or waiting with sales already.", skipped
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_can_give(self, leads):
        leads.check_access("write")
        if not leads:
            raise UserError(
                self.env._("All chosen leads are won, or wait with sales already.")
            )
        if len(leads) > LIMIT:
            raise UserError(
                self.env._("At most %s leads at once: sales should get what it can call.", LIMIT)
            )
        companies = leads.company_id
        team_company = self.team_id.company_id
        if team_company and companies - team_company:
            raise UserError(
                self.env._("The team “%(team)s” belongs to %(company)s, not all leads do.",
                           team=self.team_id.name, company=team_company.name)
            )  # fmt: skip
        # sudo: to which companies somebody belongs is not for everybody to read
        if self.user_id and companies - self.user_id.sudo().company_ids:
            raise UserError(
                self.env._("%(user)s does not work for the company of all leads.",
                           user=self.user_id.name)
            )  # fmt: skip
