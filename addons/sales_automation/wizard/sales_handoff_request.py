from odoo import Command, api, fields, models
from odoo.addons.sales_automation.models.res_company_handoff import REQUIRED_FIELDS
from odoo.addons.sales_automation.models.sales_handoff import BRIEF_FIELDS
from odoo.exceptions import UserError, ValidationError


class SalesHandoffRequest(models.TransientModel):
    """The dialog in which inside sales asks somebody to take a deal over."""

    _name = "sales.handoff.request"
    _description = "Hand Off a Deal"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, readonly=True)
    receiver = fields.Selection(
        [("person", "A salesperson"), ("team", "Anyone of a team")], default="person",
        required=True)
    to_user_id = fields.Many2one(
        "res.users", "Salesperson", domain="[('share', '=', False), ('id', '!=', uid)]",
        help="Is asked to accept or reject the deal within the deadline.")
    team_id = fields.Many2one(
        "crm.team", "Team", help="The first member who accepts becomes the owner of the deal.")
    need = fields.Text(help="What the customer wants to solve, in his words.")
    authority = fields.Text(help="Who decides, and who else has a say.")
    budget = fields.Text(help="What is set aside, or expected.")
    timing = fields.Text(help="When the customer wants to decide and to start.")
    meeting_id = fields.Many2one(
        "calendar.event", "Agreed Meeting", domain="[('opportunity_id', '=', lead_id)]",
        help="The next meeting with the customer, if one is agreed.")
    meeting_start = fields.Datetime(
        "New Meeting", help="Enter a moment, and the meeting is put into the calendars of the "
        "receiver and the customer's contact. Lasts one hour.")
    need_required = fields.Boolean(compute="_compute_required")
    authority_required = fields.Boolean(compute="_compute_required")
    budget_required = fields.Boolean(compute="_compute_required")
    timing_required = fields.Boolean(compute="_compute_required")
    deadline_at = fields.Datetime("Answer Until", compute="_compute_deadline_at")

    @api.depends("lead_id", "receiver", "to_user_id")
    def _compute_deadline_at(self):
        now = fields.Datetime.now()
        for wizard in self:
            user_id = wizard.receiver == "person" and wizard.to_user_id.id
            wizard.deadline_at = self.env["sales.handoff"]._plan_deadline(
                wizard.lead_id, user_id, now)

    @api.depends("lead_id")
    def _compute_required(self):
        for wizard in self:
            company = wizard.lead_id.company_id or self.env.company
            for name, setting in REQUIRED_FIELDS.items():
                wizard[f"{name}_required"] = company[setting]

    @api.constrains(*BRIEF_FIELDS)
    def _check_brief(self):
        for wizard in self:
            missing = [
                self._fields[name]._description_string(self.env) for name in BRIEF_FIELDS
                if wizard[f"{name}_required"] and not (wizard[name] or "").strip()]
            if missing:
                raise ValidationError(self.env._(
                    "The receiver needs to know: %s. Fill it in, and say so where something is "
                    "still unknown.", ", ".join(missing)))

    @api.constrains("meeting_start")
    def _check_meeting(self):
        now = fields.Datetime.now()
        if any(wizard.meeting_start and wizard.meeting_start <= now for wizard in self):
            raise ValidationError(self.env._("The agreed meeting has to lie in the future."))

    def action_send(self):
        self.ensure_one()
        self._check_brief()
        lead = self.lead_id
        lead.check_access("write")
        if lead.type != "opportunity" or lead.sales_outcome != "open":
            raise UserError(self.env._("Only an open opportunity can be handed off."))
        if lead.handoff_id:
            raise UserError(self.env._(
                "This deal already waits for %s.", lead.handoff_id.display_name))
        handoffs = self.env["sales.handoff"].sudo()  # requests are created by this dialog only
        handoffs._request([self._prepare_handoff_vals()], fields.Datetime.now())
        return {"type": "ir.actions.act_window_close"}

    def _prepare_handoff_vals(self):
        by_person = self.receiver == "person"
        user, team = self.to_user_id, self.team_id
        if not (user if by_person else team):
            raise UserError(self.env._("Choose who is asked to take the deal over."))
        company = self.lead_id.company_id
        if company and by_person and company not in user.sudo().company_ids:  # companies only
            raise UserError(self.env._(
                "%(user)s does not work in %(company)s.", user=user.name, company=company.name))
        return {
            "lead_id": self.lead_id.id,
            "origin": "manual",
            "from_user_id": self.env.uid,
            "to_user_id": by_person and user.id,
            "team_id": not by_person and team.id,
            "meeting_id": (self.meeting_id or self._create_meeting()).id,
            **{name: (self[name] or "").strip() for name in BRIEF_FIELDS},
        }

    def _create_meeting(self):
        """Put the agreed meeting into the calendars; the receiver hosts it when he is known."""
        meetings = self.env["calendar.event"]
        if not self.meeting_start:
            return meetings
        host = self.to_user_id if self.receiver == "person" else self.env.user
        lead = self.lead_id
        return meetings.create({
            "name": lead.name, "start": self.meeting_start,
            "stop": fields.Datetime.add(self.meeting_start, hours=1), "user_id": host.id,
            "opportunity_id": lead.id, "partner_ids": [
                Command.set((host.partner_id | lead.partner_id).ids)],
        })
