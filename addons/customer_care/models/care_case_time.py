from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: A clock that was forgotten stops after so many minutes.
LONGEST = 480


class CareCaseTime(models.Model):
    """Time that one colleague spent on one case on one day, with what an hour of him costs.

    The cost of the hour is that of the day it was entered. While the clock runs the row has a
    beginning and no minutes.
    """

    _name = "care.case.time"
    _description = "Time on a case"
    _order = "day desc, id desc"

    case_id = fields.Many2one("care.case", required=True, index=True, ondelete="cascade")
    commercial_partner_id = fields.Many2one(
        related="case_id.commercial_partner_id", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Who", required=True, default=lambda self: self.env.user,
        domain="[('share', '=', False)]", ondelete="restrict")
    day = fields.Date(required=True, default=lambda self: self.env.company._care_today())
    minutes = fields.Integer(help="Whole minutes.")
    note = fields.Char("What")
    started_at = fields.Datetime("Clock runs since", readonly=True)
    hourly_cost = fields.Monetary(
        "Cost of an hour", compute="_compute_hourly_cost", store=True, compute_sudo=True,
        aggregator=None, groups="customer_care.group_customer_care_manager",
        help="The employee's own hourly cost where it is known, else that of the settings; as it "
        "was when the time was entered.")
    cost = fields.Monetary(
        compute="_compute_cost", store=True, compute_sudo=True,
        groups="customer_care.group_customer_care_manager",
        help="Minutes / 60 × cost of an hour, in company currency. It is part of the retention "
        "cost.")

    _minutes_positive = models.Constraint(
        "CHECK(minutes > 0 OR started_at IS NOT NULL)", "Enter the minutes.")
    _minutes_of_a_day = models.Constraint(
        "CHECK(minutes <= 1440)", "A day has 1,440 minutes.")
    _running_uniq = models.UniqueIndex(
        "(user_id) WHERE started_at IS NOT NULL", "Your clock runs on another case.")
    # The retention cost of a period.
    _day_idx = models.Index("(company_id, day)")

    @api.depends("user_id", "company_id")
    def _compute_hourly_cost(self):
        for row in self:
            row.hourly_cost = self._get_hourly_cost(row.user_id, row.company_id)

    @api.depends("minutes", "hourly_cost")
    def _compute_cost(self):
        for row in self:
            row.cost = row.minutes * row.hourly_cost / 60

    @api.model
    def _get_hourly_cost(self, user, company) -> float:
        """The employee's own where it is known: only databases with employees' costs have it."""
        employees = self.env.get("hr.employee")
        if employees is not None and "hourly_cost" in employees._fields:
            employee = user.with_company(company).employee_id
            if employee.hourly_cost:
                return employee.hourly_cost
        return company.care_hourly_cost

    def _set_stopped(self, now):
        """Minutes begun count; a clock that ran through the night was forgotten."""
        for row in self.filtered("started_at"):
            ran = -((row.started_at - now) // timedelta(minutes=1))
            row.write({
                "started_at": False, "minutes": min(max(ran, 1), LONGEST),
                "note": self.env._("Clock forgotten: %s minutes at most", LONGEST)
                if ran > LONGEST else row.note})
        self.flush_recordset()  # the next clock may begin

    @api.ondelete(at_uninstall=False)
    def _unlink_own(self):
        """What others entered is theirs; so is taking it away."""
        manager = self.env.user.has_group("customer_care.group_customer_care_manager")
        if not self.env.su and not manager and self.user_id - self.env.user:
            raise UserError(self.env._("Only its author or a manager may delete an entry."))
