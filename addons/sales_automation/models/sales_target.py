from odoo import api, fields, models
from odoo.addons.sales_automation.engine import forecast
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_amount

from .moments import tell_day, tell_period

PERIOD_KINDS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]


class SalesTarget(models.Model):
    """One row per person or team and period: what is to be won in it.

    Periods of one owner never overlap, so that any longer period is their sum, and a month is
    its even share of a quarter's or a year's target.
    """

    _name = "sales.target"
    _description = "Sales Target"
    _order = "date_start desc, team_id, user_id, id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users", "Salesperson", domain="[('share', '=', False)]", index="btree_not_null",
        ondelete="cascade", help="Whose target it is. Leave empty for the target of a team.")
    team_id = fields.Many2one(
        "crm.team", "Sales Team", index="btree_not_null", ondelete="cascade", check_company=True,
        help="Whose target it is. Leave empty for the target of a person.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company)
    period_kind = fields.Selection(
        PERIOD_KINDS, "Period", required=True, default="month",
        help="A calendar month, quarter or year.")
    date_start = fields.Date(
        "From", required=True, default=fields.Date.context_today,
        help="Any day of the period; it becomes the first one.")
    date_end = fields.Date("To", compute="_compute_date_end", store=True, precompute=True)
    amount = fields.Monetary(
        "Target", required=True, help="Expected revenue of the deals to be won in the period.")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False,
        precompute=True, required=True,
        help="The company's currency: targets are kept in it.")
    member_amount = fields.Monetary(
        "People's Sum", compute="_compute_member_amount",
        help="What the team's members have as their own targets in the same period.")

    _owner_uniq = models.UniqueIndex(
        "(company_id, COALESCE(user_id, 0), COALESCE(team_id, 0), date_start)",
        "This owner has a target already that begins on the same day.")
    _one_owner = models.Constraint(
        "CHECK((user_id IS NULL) <> (team_id IS NULL))",
        "A target belongs to a person or to a team: fill one of the two.")
    _amount_positive = models.Constraint("CHECK(amount > 0)", "A target must be above zero.")

    @api.depends("period_kind", "date_start")
    def _compute_date_end(self):
        for target in self:
            target.date_end = target.date_start and forecast.Period.of(
                target.period_kind or "month", target.date_start).end

    @api.depends("company_id")
    def _compute_currency_id(self):
        for target in self:
            target.currency_id = (target.company_id or self.env.company).currency_id

    @api.depends("team_id", "date_start", "period_kind", "company_id")
    def _compute_member_amount(self):
        teams = self.filtered("team_id")
        members = teams.team_id.crm_team_member_ids.user_id
        rows = self.search_fetch(
            [("user_id", "in", members.ids), ("company_id", "in", teams.company_id.ids)],
            ["user_id", "company_id", "date_start", "date_end", "amount"])
        for target in self:
            mine = rows.filtered(
                lambda row, target=target: row.company_id == target.company_id
                and row.user_id in target.team_id.crm_team_member_ids.user_id)
            target.member_amount = target.date_start and sum(
                row.amount * forecast.share(row.date_start, row.date_end, target._get_period())
                for row in mine)

    @api.depends("user_id", "team_id", "date_start", "period_kind")
    def _compute_display_name(self):
        for target in self:
            owner = target.user_id.name or target.team_id.name or ""
            period = target.date_start and tell_period(
                self.env, target.date_start, target.period_kind or "month")
            target.display_name = " · ".join(filter(None, (owner, period)))

    @api.constrains("user_id", "team_id", "company_id", "date_start", "period_kind")
    def _check_overlap(self):
        self.flush_model()
        if rows := self.env.execute_query(self._query_overlaps()):
            target, other = (self.browse(row_id) for row_id in rows[0])
            raise ValidationError(self.env._(
                "%(target)s overlaps with %(other)s of %(amount)s: a day can belong to one target "
                "of an owner only. Change that one, or spread it over its months first.",
                target=target.display_name, other=other.display_name,
                amount=format_amount(self.env, other.amount, other.currency_id)))

    @api.constrains("currency_id", "company_id", "amount")
    def _check_currency(self):
        for target in self:
            own = target.company_id.currency_id
            if target.currency_id == own:
                continue
            today = fields.Date.context_today(self)
            converted = target.currency_id._convert(target.amount, own, target.company_id, today)
            raise ValidationError(self.env._(
                "Currency: %(company)s keeps its targets in %(currency)s. %(amount)s are "
                "%(converted)s at the rate of %(day)s: enter that amount, or another one that "
                "you agreed on.", company=target.company_id.name, currency=own.name,
                amount=format_amount(self.env, target.amount, target.currency_id),
                converted=format_amount(self.env, converted, own),
                day=tell_day(self.env, today)))

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self._can_set():
            raise AccessError(self.env._(
                "Targets are set by managers, and by team leaders for their teams."))
        defaults = self.default_get(["period_kind", "date_start"])
        return super().create([
            self._align({**defaults, **vals}) for vals in vals_list])

    def write(self, vals):
        if vals.keys() & {"period_kind", "date_start"}:
            for target in self:
                own = {"period_kind": target.period_kind, "date_start": target.date_start}
                super(SalesTarget, target).write(self._align({**own, **vals}))
            return True
        return super().write(vals)

    def action_spread(self):
        """Replace quarters and years by even targets of their months; cents are not lost."""
        longer = self.filtered(lambda target: target.period_kind != "month")
        if not longer:
            raise UserError(self.env._("Only targets of a quarter or a year can be spread."))
        rows = [vals for target in longer for vals in target._prepare_months_vals()]
        longer.unlink()
        months = self.create(rows)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_target_action")
        return {**action, "domain": [("id", "in", months.ids)], "context": {}}

    @api.model
    def _can_set(self):
        """Managers and whoever leads a team; whose targets, the record rules say."""
        return self.env.user.has_group(
            "sales_automation.group_sales_automation_manager") or bool(
            self.env["crm.team"].search_count([("user_id", "=", self.env.uid)], limit=1))

    @api.model
    def _align(self, vals):
        day = fields.Date.to_date(vals["date_start"])
        if not day:
            return vals
        return {**vals, "date_start": forecast.Period.of(vals["period_kind"], day).start}

    def _get_period(self):
        return forecast.Period.of(self.period_kind, self.date_start)

    def _prepare_months_vals(self):
        self.ensure_one()
        first = forecast.Period.of("month", self.date_start)
        count = forecast.MONTHS[self.period_kind]
        parts = forecast.spread(self.amount, count, self.currency_id.decimal_places)
        return [{
            "user_id": self.user_id.id, "team_id": self.team_id.id,
            "company_id": self.company_id.id, "period_kind": "month",
            "date_start": first.shift(index).start, "amount": part,
        } for index, part in enumerate(parts)]

    def _query_overlaps(self):
        return SQL(
            """
            SELECT t.id, o.id
              FROM sales_target t
              JOIN sales_target o
                ON o.id <> t.id AND o.company_id = t.company_id
               AND o.user_id IS NOT DISTINCT FROM t.user_id
               AND o.team_id IS NOT DISTINCT FROM t.team_id
               AND o.date_start <= t.date_end AND o.date_end >= t.date_start
             WHERE t.id = ANY(%s)
             ORDER BY t.id, o.id
             LIMIT 1
            """,
            self.ids)
