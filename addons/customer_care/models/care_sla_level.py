from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CareSlaLevel(models.Model):
    """One step of escalation: when somebody is told that a promise is in danger, and who."""

    _name = "care.sla.level"
    _description = "Level of escalation"
    _order = "clock, unit desc, amount, id"

    sla_id = fields.Many2one("care.sla", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="sla_id.company_id", store=True)
    clock = fields.Selection(
        [("both", "First reply and resolution"), ("reply", "First reply"),
         ("resolution", "Resolution")],
        "Promise", required=True, default="both")
    unit = fields.Selection(
        [("percent", "% of the hours used"), ("before", "hours before the deadline")],
        "Counted in", required=True, default="percent")
    amount = fields.Float(
        "When", required=True, default=100.0,
        help="100 % is the deadline itself, 150 % half as long again after it. Working hours, "
        "without pauses.")
    reach = fields.Selection(
        [("leader", "Team leader"), ("agent", "Whoever has the case"), ("user", "Somebody else")],
        "Who is told", required=True, default="leader",
        help="By an activity on the case, once. A case that nobody has, and a team without a "
        "leader: the team leader, or else whoever has it.")
    user_id = fields.Many2one("res.users", "Person", domain="[('share', '=', False)]")

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "It cannot be negative.")

    @api.constrains("reach", "user_id")
    def _check_user_id(self):
        if any(level.reach == "user" and not level.user_id for level in self):
            raise ValidationError(self.env._("Say who is to be told."))

    @api.depends("unit", "amount", "clock")
    def _compute_display_name(self):
        words = dict(self._fields["clock"]._description_selection(self.env))
        for level in self:
            amount = f"{level.amount:g}"
            when = (self.env._("%s %% of the hours used", amount) if level.unit == "percent"
                    else self.env._("%s h before the deadline", amount))
            level.display_name = f"{words.get(level.clock)}: {when}"

    def _clocks(self):
        """The promises that a level watches."""
        return ("reply", "resolution") if self.clock == "both" else (self.clock,)

    def _get_person(self, case):
        """Whom this level tells of a case; nobody when there is nobody."""
        leader, agent = case.team_id.leader_id, case.user_id
        people = {"leader": leader | agent, "agent": agent | leader,
                  "user": self.user_id | leader | agent}
        return people[self.reach].filtered("active")[:1]
