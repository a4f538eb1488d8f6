from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import gate, local_time
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """When, and how often, scenarios of this company may write to one person."""

    _inherit = "res.company"

    nurture_quiet_from = fields.Float(
        "Quiet from", groups="base.group_user", prefetch="lead_nurture")
    nurture_quiet_to = fields.Float(
        "Quiet until", groups="base.group_user", prefetch="lead_nurture")
    nurture_weekday_ids = fields.Many2many(
        "nurture.weekday", "nurture_company_weekday_rel", string="Days of mails",
        groups="base.group_user", prefetch="lead_nurture"
    )
    nurture_skip_holidays = fields.Boolean(
        "No mails on holidays",
        groups="base.group_user", prefetch="lead_nurture")
    nurture_cap_mails = fields.Integer(
        "Mails per person",
        groups="base.group_user", prefetch="lead_nurture")
    nurture_cap_days = fields.Integer(
        "Days of the limit per person", default=7,
        groups="base.group_user", prefetch="lead_nurture")
    nurture_mail_rate = fields.Integer(
        "Mails per hour",
        groups="base.group_user", prefetch="lead_nurture")

    @api.constrains("nurture_quiet_from", "nurture_quiet_to", "nurture_weekday_ids")
    def _check_nurture_quiet_hours(self):
        for company in self:
            ends = (company.nurture_quiet_from, company.nurture_quiet_to)
            if not all(0 <= hour <= 24 for hour in ends):
                raise ValidationError(
                    self.env._("Quiet hours begin and end between 0:00 and 24:00.")
                )
            if local_time.never_open(company._nurture_policy().hours):
                raise ValidationError(
                    self.env._("These quiet hours leave no minute of the week for mails.")
                )

    @api.constrains("nurture_cap_mails", "nurture_cap_days", "nurture_mail_rate")
    def _check_nurture_limits(self):
        for company in self:
            if company.nurture_cap_mails < 0 or company.nurture_mail_rate < 0:
                raise ValidationError(self.env._("A limit of mails is 0 (none) or more."))
            if not 1 <= company.nurture_cap_days <= 365:
                raise ValidationError(
                    self.env._("The limit per person counts the mails of 1 to 365 days.")
                )

    def _nurture_policy(self):
        """What the company has decided, as a value for the engine."""
        self.ensure_one()
        return gate.Policy(
            cap=self.nurture_cap_mails,
            window=timedelta(days=self.nurture_cap_days),
            hours=local_time.outside(
                self.nurture_weekday_ids._numbers(),
                round(self.nurture_quiet_from * 60),
                round(self.nurture_quiet_to * 60),
            ),
            skip_holidays=self.nurture_skip_holidays,
        )

    def _nurture_working_hours(self):
        """The weekly working hours of the company, as a value for the engine. In a calendar of
        two weeks the hours of both count."""
        self.ensure_one()
        # sudo: whoever runs a scenario
        lines = self.sudo().resource_calendar_id.attendance_ids
        return tuple(
            sorted(
                {
                    local_time.Span(
                        int(line.dayofweek),
                        round(line.hour_from * 60),
                        min(round(line.hour_to * 60), local_time.DAY),
                    )
                    for line in lines
                    if not line.display_type and line.day_period != "lunch"
                    and line.hour_from < line.hour_to
                }
            )
        )
