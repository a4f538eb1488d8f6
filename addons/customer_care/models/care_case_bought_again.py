from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from .care_case_complaint import COLLEAGUES, COMPLAINT_KINDS
from .care_purchases import Scope
from .moments import tell_day

#: Days after the window in which late documents still change what was found.
LATE_DAYS = 31
#: Customers of one chunk.
CHUNK = 2000


class CareCase(models.Model):
    """Did the customer buy again after his complaint was settled? Nobody knows on the first day."""

    _inherit = "care.case"

    bought_again = fields.Selection(
        [("yes", "Bought again"), ("no", "Not bought again")], readonly=True, copy=False,
        groups=COLLEAGUES,
        help="A purchase on a later day than the resolution, within the days of the settings. "
        "Empty while it is too early to say no.")
    bought_again_on = fields.Date(readonly=True, copy=False, groups=COLLEAGUES)
    bought_again_amount = fields.Monetary(
        "Bought for", readonly=True, copy=False, groups=COLLEAGUES,
        help="Untaxed, of that first purchase, less what was credited of it.")
    bought_again_told = fields.Char(
        "Bought again?", compute="_compute_bought_again_told", groups=COLLEAGUES)

    @api.depends("bought_again", "bought_again_on", "bought_again_amount", "last_resolved_at",
                 "stage_kind", "kind")
    @api.depends_context("lang")
    def _compute_bought_again_told(self):
        for case in self:
            case.bought_again_told = case._tell_bought_again()

    def _tell_bought_again(self):
        _, company = self.env._, self.company_id
        if self.stage_kind not in ("resolved", "closed") or not self.last_resolved_at:
            return _("n/a: the complaint is not resolved")
        resolved = company._care_today(self.last_resolved_at)
        days = company.care_bought_again_days
        if self.bought_again == "yes":
            return _(
                "Yes, on %(day)s, %(after)s days later, for %(amount)s",
                day=tell_day(self.env, self.bought_again_on),
                after=(self.bought_again_on - resolved).days,
                amount=format_amount(self.env, self.bought_again_amount, self.currency_id))
        if self.bought_again == "no":
            return _("No, not within %s days", days)
        return _(
            "Too early to say: no purchase yet, known on %s",
            tell_day(self.env, fields.Date.add(resolved, days=days + 1)))

    def _on_reopened(self, now):
        """It is not settled: there is no after yet."""
        # Derived figures, whoever opens it again.
        self.sudo().write({
            "bought_again": False, "bought_again_on": False, "bought_again_amount": 0})
        return super()._on_reopened(now)

    @api.model
    def _see_bought_again(self, company, now, position) -> int | None:
        """Some customers after the others; the next place."""
        self.env.flush_all()
        partners = self._query_settled_customers(company, now, position)
        if not partners:
            return None
        self._query_bought_again(company, partners, now)
        self.invalidate_model(
            ["bought_again", "bought_again_on", "bought_again_amount"], flush=False)
        return partners[-1]

    def _query_window(self, company, now) -> SQL:
        """Condition on a case s: settled lately enough to look at, or not decided."""
        days = company.care_bought_again_days + LATE_DAYS
        return SQL(
            """s.company_id = %s AND s.kind = ANY(%s) AND s.stage_kind IN ('resolved', 'closed')
               AND COALESCE(s.close_reason, 'solved') = 'solved' AND s.active
               AND (s.last_resolved_at >= %s
                    OR s.bought_again IS NULL AND s.last_resolved_at IS NOT NULL)""",
            company.id, list(COMPLAINT_KINDS), fields.Datetime.subtract(now, days=days))

    def _query_settled_customers(self, company, now, position) -> list[int]:
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT s.commercial_partner_id FROM care_case s
                WHERE %s AND s.commercial_partner_id > %s ORDER BY 1 LIMIT %s""",
            self._query_window(company, now), position, CHUNK))]

    def _query_bought_again(self, company, partners, now) -> None:
        """The first purchase after the day of the resolution; only changed rows are written."""
        days = self.env["care.purchases"]._query_purchase_days(
            company, Scope(ids=tuple(partners)))
        self.env.execute_query(SQL(
            """WITH days AS MATERIALIZED (%(days)s),
               asked AS (
                   SELECT s.id, s.commercial_partner_id AS partner_id,
                          (s.last_resolved_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day
                     FROM care_case s
                    WHERE %(window)s AND s.commercial_partner_id = ANY(%(partners)s)
               ),
               found AS (
                   SELECT DISTINCT ON (a.id) a.id, d.day, d.amount,
                          CASE WHEN d.day IS NOT NULL THEN 'yes'
                               WHEN a.day + %(limit)s < %(today)s THEN 'no' END AS answer
                     FROM asked a LEFT JOIN days d ON d.partner_id = a.partner_id
                          AND d.day > a.day AND d.day <= a.day + %(limit)s
                 ORDER BY a.id, d.day
               )
               UPDATE care_case s
                  SET bought_again = f.answer, bought_again_on = f.day,
                      bought_again_amount = COALESCE(f.amount, 0)
                 FROM found f
                WHERE f.id = s.id
                  AND (s.bought_again, s.bought_again_on, COALESCE(s.bought_again_amount, 0))
                      IS DISTINCT FROM (f.answer, f.day, COALESCE(f.amount, 0))
            RETURNING 1""",
            days=days, zone=company._care_zone(), window=self._query_window(company, now),
            partners=partners, limit=company.care_bought_again_days,
            today=company._care_today(now)))
