from odoo import fields, models
from odoo.tools import format_amount

from .moments import tell_day, tell_days, tell_period

TONES = {"closed": "success", "commit": "info", "best_case": "warning", "pipeline": "muted",
         "omitted": "muted"}


class CrmLead(models.Model):
    """The card of the deal's side panel on the forecast: what it counts as, when and at what."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        return {
            **super()._deal_panel_sections(),
            "forecast": {
                "title": self.env._("Forecast"), "icon": "fa-line-chart", "sequence": 90},
        }

    def _deal_panel_forecast(self, now):
        day = fields.Datetime.context_timestamp(self, now).date()
        labels = dict(self._fields["forecast_category"]._description_selection(self.env))
        lines = [self._panel_category_line(labels)]
        if self.sales_outcome == "open" and self.active:
            lines.append(self._panel_closing_line(day))
            if self.slip_count:
                lines.append(self._panel_slip_line())
        if self.sales_currency_id:
            lines.append(self._panel_currency_line())
        can_write = self.sales_outcome == "open" and self.active and self.has_access("write")
        if can_write:
            lines += self._panel_quote_lines()
        return {
            "badge": {
                "text": labels[self.forecast_category], "tone": TONES[self.forecast_category]},
            "lines": lines, "buttons": self._panel_category_buttons(labels) if can_write else [],
            "folded": True,
        }

    def _panel_category_line(self, labels):
        if self.sales_outcome != "open" or not self.active:
            return {
                "icon": "fa-flag-o",
                "text": self.env._("Counts as %s", labels[self.forecast_category])}
        if not self.forecast_category_manual:
            return {
                "icon": "fa-flag-o",
                "text": self.env._("%s, as its stage says", labels[self.forecast_category])}
        author = self.sudo().forecast_category_by_id  # a name beside the deal one may read
        return {
            "icon": "fa-hand-pointer-o",
            "text": self.env._("%s, chosen by hand", labels[self.forecast_category]),
            "detail": self.env._(
                "The stage says %s.", labels[self._get_stage_category()]),
            "user": {"id": author.id, "name": author.name} if author else False}

    def _panel_closing_line(self, day):
        if not self.date_deadline:
            return {
                "icon": "fa-calendar-o", "tone": "warning",
                "text": self.env._("No expected closing: it counts in no period")}
        if self.date_deadline < day:
            return {
                "icon": "fa-exclamation-triangle", "tone": "danger",
                "text": self.env._("Expected closing has passed: it counts in no period"),
                "detail": tell_day(self.env, self.date_deadline)}
        return {
            "icon": "fa-calendar-o", "detail": tell_day(self.env, self.date_deadline),
            "text": self.env._(
                "Counts in %s", tell_period(self.env, self.date_deadline, "month"))}

    def _panel_slip_line(self):
        times = self.env._("once") if self.slip_count == 1 else self.env._(
            "%s times", self.slip_count)
        return {
            "icon": "fa-step-forward", "tone": "warning" if self.slip_count > 1 else "muted",
            "text": self.env._("Moved to a later day %s", times),
            "detail": self.env._(
                "%(days)s later than first expected (%(day)s)",
                days=tell_days(self.env, self.slip_days),
                day=tell_day(self.env, self.date_deadline_initial) or "?")}

    def _panel_currency_line(self):
        company = self._get_rate_company().currency_id
        return {
            "icon": "fa-money",
            "text": self.env._(
                "%(amount)s are %(converted)s",
                amount=format_amount(self.env, self.sales_amount, self.sales_currency_id),
                converted=format_amount(self.env, self.expected_revenue, company)),
            "detail": self.env._(
                "1 %(currency)s = %(rate)s %(company)s, rate of %(day)s",
                currency=self.sales_currency_id.name, rate=f"{self.sales_rate:.6g}",
                company=company.name,
                day=tell_day(self.env, self.sales_rate_date) or self.env._("no day"))}

    def _panel_quote_lines(self):
        """Offer the amount of the newest quotation when the deal says another one."""
        order = self.order_ids.filtered(lambda one: one.state != "cancel").sorted("id")[-1:]
        if not order or not order.amount_untaxed:
            return []
        currency = self.sales_currency_id or self._get_rate_company().currency_id
        amount = self.sales_amount if self.sales_currency_id else self.expected_revenue
        if order.currency_id == currency and not currency.compare_amounts(
                order.amount_untaxed, amount):
            return []
        return [{
            "icon": "fa-file-text-o", "check": False, "method": "action_take_quote_amount",
            "args": [order.id],
            "text": self.env._(
                "Take the amount of %(order)s: %(amount)s", order=order.name,
                amount=format_amount(self.env, order.amount_untaxed, order.currency_id))}]

    def _panel_category_buttons(self, labels):
        choices = [name for name in ("commit", "best_case", "pipeline", "omitted")
                   if name != self.forecast_category]
        buttons = [{
            "text": labels[name], "method": "action_set_forecast_category", "args": [name],
        } for name in choices]
        if self.forecast_category_manual:
            buttons.append({
                "text": self.env._("As the Stage Says"), "method": "action_set_forecast_category",
                "args": [False]})
        return buttons
