from odoo import models
from odoo.tools import SQL


class CareAgreement(models.Model):
    """What agreements say about who stays: spans for churn, lifetimes for survival."""

    _inherit = "care.agreement"

    def _query_spans(self, company, today=None, grace=None) -> SQL:
        """Rows (partner_id, agreement_id, started, ended, stopped, monthly) of what ran.

        started, ended and stopped are days on which the agreement holds. `ended` is set for a
        loss alone: the last day of an agreement that was not renewed within the grace. `stopped`
        is the last day of this row's money: a renewed agreement stops the day before its
        renewal begins, so that a chain never counts twice. A customer is under agreement on a
        day when started <= day and (stopped is null or stopped >= day); was he before it began,
        then the renewal that begins on it is no new agreement: its predecessor stopped on the eve
        without having ended. `today` asks what was undecided on that day: an end whose grace has
        not passed is no loss yet. `grace`: the days that were printed by; otherwise today's.
        monthly: company currency at the rate of the first day. Index _customer_idx.
        """
        self.flush_model()
        grace = company.care_grace_days if grace is None else grace
        return SQL(
            """SELECT a.commercial_partner_id AS partner_id, a.id AS agreement_id,
                      a.date_start AS started,
                      CASE WHEN n.id IS NULL AND %(lost)s THEN %(last)s END AS ended,
                      CASE WHEN n.id IS NOT NULL THEN n.date_start - 1
                           WHEN %(lost)s THEN %(last)s END AS stopped,
                      a.monthly_company::float8 AS monthly
                 FROM care_agreement a
            LEFT JOIN care_agreement n
                   ON n.predecessor_id = a.id AND n.state NOT IN ('draft', 'cancelled')
                  AND (%(last)s IS NULL OR n.date_start <= %(last)s + GREATEST(%(grace)s, 1))
                WHERE a.company_id = %(company)s AND a.state NOT IN ('draft', 'cancelled')""",
            company=company.id, last=self._query_last_day(), grace=grace,
            lost=self._query_is_lost(today or company._care_today(), grace),
        )

    def _query_last_day(self) -> SQL:
        return SQL("COALESCE(a.ended_on, a.date_end)")

    def _query_is_lost(self, today, grace) -> SQL:
        """Its last day has passed, and it was ended by somebody, for good, or its grace is over."""
        return SQL(
            """(%(last)s < %(today)s::date AND (a.state = 'ended' OR a.renewal = 'none'
                                                OR %(last)s + %(grace)s < %(today)s::date))""",
            last=self._query_last_day(), today=today, grace=grace)

    def _query_lifetimes(self, company, today, type_id=None) -> list[tuple[int, bool, int]]:
        """(days, ended, how many) of unbroken chains of agreements, counted from their first day.

        A chain is told by its last agreement; one that has not begun yet is none. Of one whose
        end has passed undecided, no more is known than up to that end.
        """
        kind = SQL("AND a.type_id = %s", type_id) if type_id else SQL()
        return self.env.execute_query(SQL(
            """SELECT GREATEST(COALESCE(s.ended, LEAST(%(today)s::date - 1, %(last)s))
                               - a.since + 1, 0) AS days,
                      s.ended IS NOT NULL, COUNT(*)
                 FROM (%(spans)s) s JOIN care_agreement a ON a.id = s.agreement_id
                WHERE (s.ended IS NOT NULL OR s.stopped IS NULL OR s.stopped >= %(today)s)
                  AND s.started < %(today)s %(kind)s
             GROUP BY 1, 2 ORDER BY 1, 2""",
            spans=self._query_spans(company, today), today=today, kind=kind,
            last=self._query_last_day(),
        ))

    def _query_longest_notice(self, company) -> int:
        """Days; over the agreements that run. Index _end_idx."""
        return self.env.execute_query(SQL(
            """SELECT COALESCE(MAX(notice_days), 0) FROM care_agreement
                WHERE company_id = %s AND state IN ('running', 'to_renew')""", company.id))[0][0]
