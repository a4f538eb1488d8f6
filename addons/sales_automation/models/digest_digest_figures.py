from odoo import fields, models
from odoo.addons.sales_automation.engine.forecast import Period
from odoo.fields import Domain

WIN_RATE_ACTION = "sales_automation.sales_outcome_report_action"


class DigestDigest(models.Model):
    """The figures of the reports in the periodic digest: the same totals by the same rows.

    Each subscriber gets what his own rights let the reports show. Deals without a company count
    in their salesperson's, as they do in the reports. What stands open is counted
    as of today, in every column of the digest.
    """

    _inherit = "digest.digest"

    kpi_sales_won_amount = fields.Boolean("Revenue Won")
    kpi_sales_won_amount_value = fields.Monetary(compute="_compute_kpi_sales_won_amount_value")
    kpi_sales_win_rate = fields.Boolean("Win Rate (%)")
    kpi_sales_win_rate_value = fields.Float(compute="_compute_kpi_sales_win_rate_value")
    kpi_sales_new = fields.Boolean("New Opportunities")
    kpi_sales_new_value = fields.Integer(compute="_compute_kpi_sales_new_value")
    kpi_sales_no_step = fields.Boolean("Open Deals without Next Step (%)")
    kpi_sales_no_step_value = fields.Float(compute="_compute_kpi_sales_no_step_value")
    kpi_sales_overdue = fields.Boolean("Hand-offs Not Answered in Time")
    kpi_sales_overdue_value = fields.Integer(compute="_compute_kpi_sales_overdue_value")
    kpi_sales_forecast = fields.Boolean("Committed until the End of the Month")
    kpi_sales_forecast_value = fields.Monetary(compute="_compute_kpi_sales_forecast_value")

    def _compute_kpi_sales_won_amount_value(self):
        self._fill_sales_kpi(
            "kpi_sales_won_amount_value", "sales.outcome.report", "won_amount:sum",
            "closed_at", [("outcome", "=", "won")])

    def _compute_kpi_sales_win_rate_value(self):
        self._fill_sales_kpi(
            "kpi_sales_win_rate_value", "sales.outcome.report", "win_rate:avg", "closed_at",
            [("outcome", "in", ("won", "lost"))], factor=100)

    def _compute_kpi_sales_new_value(self):
        self._fill_sales_kpi(
            "kpi_sales_new_value", "sales.outcome.report", "__count", "created_at", [])

    def _compute_kpi_sales_overdue_value(self):
        self._fill_sales_kpi(
            "kpi_sales_overdue_value", "sales.handoff", "__count", "deadline_at",
            [("escalated_at", "!=", False)])

    def _compute_kpi_sales_no_step_value(self):
        self._check_sales_kpi_access()
        leads = self.env["crm.lead"]
        domain = [("type", "=", "opportunity"), ("sales_outcome", "=", "open")]
        for digest in self:
            mine = Domain(domain) & leads._get_home_domain(digest.company_id or self.env.company)
            total = leads.search_count(mine)
            missing = leads.search_count(mine & Domain("has_next_action", "=", False))
            digest.kpi_sales_no_step_value = 100 * missing / total if total else 0.0

    def _compute_kpi_sales_forecast_value(self):
        """What the forecast counts as closed and committed in the month that runs."""
        self._check_sales_kpi_access()
        forecasts, dashboard = self.env["sales.forecast"], self.env["sales.dashboard"]
        for digest in self:
            company = digest.company_id or self.env.company
            month = Period.of("month", forecasts._get_today(company))
            domain = forecasts._get_domain(month, ("closed", "commit"), company)
            found = dashboard._get_categories(
                [*domain, ("company_id", "in", digest._get_sales_companies())])
            digest.kpi_sales_forecast_value = sum(
                amount or 0 for _count, amount in found.values())

    def _fill_sales_kpi(self, name, model, aggregate, date_field, domain, factor=1):
        self._check_sales_kpi_access()
        start, end, _companies = self._get_kpi_compute_parameters()
        for digest in self:
            [(value,)] = self.env[model]._read_group(
                [*domain, ("company_id", "in", digest._get_sales_companies()),
                 (date_field, ">=", start), (date_field, "<", end)], [], [aggregate])
            digest[name] = factor * (value or 0)

    def _get_sales_companies(self):
        return [(self.company_id or self.env.company).id, False]

    def _compute_kpis(self, company, user):
        """Where nothing was decided there is no win rate: the digest knows numbers only, so its
        0.00 becomes a dash."""
        kpis = super()._compute_kpis(company, user)
        report = self.env["sales.outcome.report"].with_user(user).with_company(company)
        companies = [(self.company_id or company).id, False]
        for kpi in kpis:
            if kpi["kpi_name"] != "kpi_sales_win_rate":
                continue
            for column, (_name, frame) in enumerate(self._compute_timeframes(company), 1):
                shown = kpi[f"kpi_col{column}"]
                if shown.get("value") == "0.00" and not report.search_count([
                        ("outcome", "in", ("won", "lost")), ("company_id", "in", companies),
                        ("closed_at", ">=", frame[0][0]), ("closed_at", "<", frame[0][1])],
                        limit=1):
                    shown["value"] = "–"
        return kpis

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("crm.crm_menu_root").id
        for name, action in (
            ("won_amount", WIN_RATE_ACTION), ("win_rate", WIN_RATE_ACTION),
            ("new", "sales_automation.sales_outcome_report_action_cohort"),
            ("no_step", "sales_automation.sales_dashboard_action"),
            ("overdue", "sales_automation.sales_handoff_action"),
            ("forecast", "sales_automation.sales_dashboard_action"),
        ):
            actions[f"kpi_sales_{name}"] = f"{action}?menu_id={menu}"
        return actions
