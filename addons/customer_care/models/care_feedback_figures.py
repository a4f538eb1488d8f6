from odoo import api, fields, models
from odoo.addons.customer_care.engine import feedback
from odoo.fields import Domain
from odoo.tools import SQL

from .figures import tell_figure, tell_percent

#: The words of each metric.
SHORT = {"nps": "NPS", "ces": "CES", "csat": "CSAT"}


class CareFeedback(models.Model):
    """NPS, CES and CSAT of any set of answers, with their intervals."""

    _inherit = "care.feedback"

    last_between = fields.Char(
        "Last answer between", store=False, search="_search_last_between",
        help="Finds the last answer that each person gave to a figure in a span, “2026-01-01 "
        "00:00:00/2026-02-01 00:00:00” in UTC, end not included: what the NPS of it rests on.")

    def _search_last_between(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain("id", "in", self._query_last(*span.split("/"))) for span in value if span)

    def _query_last(self, since, until) -> SQL:
        """Ids of the last answers of all who answered in [since, until). Index _span_idx."""
        query = self._search([
            ("excluded_reason", "=", False), ("responded_at", ">=", since),
            ("responded_at", "<", until)])
        table = SQL.identifier(query.table)
        who = SQL("%(t)s.company_id, %(t)s.metric, %(respondent)s", t=table,
                  respondent=self._query_respondent(table))
        query.order = SQL("%(who)s, %(t)s.responded_at DESC, %(t)s.id DESC", who=who, t=table)
        return SQL("(%s)", query.select(SQL("DISTINCT ON (%s) %s.id", who, table)))

    @api.model
    def _measure(self, company, metric, since=None, until=None, domain=()):
        """The figure of the answers in [since, until), read with the rights of the user."""
        return self._measure_by(None, company, metric, since, until, domain).get(
            None, feedback.score(metric, {}))

    @api.model
    def _measure_by(self, field, company, metric, since=None, until=None, domain=()):
        """{value of a stored field: the figure of its answers}.

        A person counts in each group with the last answer that he gave to it.
        """
        span = Domain(domain) & Domain("company_id", "=", company.id)
        span &= Domain("metric", "=", metric) & Domain("excluded_reason", "=", False)
        if since:
            span &= Domain("responded_at", ">=", since)
        if until:
            span &= Domain("responded_at", "<", until)
        tallies = {}
        for key, band, count, total in self._query_tallies(span, metric, field):
            counts, sums = tallies.setdefault(key, ({}, []))
            counts[band] = count
            sums.append(total)
        return {
            key: feedback.score(metric, counts, float(sum(sums)) / sum(counts.values()))
            for key, (counts, sums) in tallies.items()}

    def _query_tallies(self, domain, metric, field):
        """Rows (key, band, answers, their sum on the metric's own scale). Index _span_idx.

        NPS takes the last answer of each respondent, as
        `_query_respondent` tells people apart; CES and CSAT are told of events and take all.
        """
        query = self._search(domain)
        table = SQL.identifier(query.table)
        column = self._field_to_sql(query.table, field, query) if field else SQL("NULL")
        low, high = feedback.SCALES[metric]
        latest = SQL("DISTINCT ON (1, r.respondent)") if metric == "nps" else SQL()
        rows = query.select(
            SQL("%s AS key", column), SQL("%s.id", table), SQL("%s.band", table),
            SQL("%s.responded_at", table),
            SQL("%s AS respondent", self._query_respondent(table)),
            SQL("""%(low)s + (%(t)s.value - %(t)s.scale_min)::float8 * (%(high)s - %(low)s)
                   / NULLIF(%(t)s.scale_max - %(t)s.scale_min, 0) AS own""",
                low=low, high=high, t=table))
        return self.env.execute_query(SQL(
            """SELECT key, band, COUNT(*), SUM(own)
                 FROM (SELECT %s r.* FROM (%s) r
                     ORDER BY 1, r.respondent, r.responded_at DESC, r.id DESC) last
             GROUP BY key, band""", latest, rows))

    @api.model
    def _tell_result(self, score, needed):
        """A figure in a sentence, or how many answers are missing for one."""
        if not score.n:
            return self.env._("n/a: nobody has answered.")
        if score.n < needed:
            return self.env._(
                "Too few for a figure: %(count)s answers, %(needed)s are needed.",
                count=score.n, needed=needed)
        return self.env._(
            "%(name)s %(figure)s, %(interval)s, of %(parts)s", name=SHORT[score.metric],
            figure=self._tell_figure(score), interval=self._tell_interval(score),
            parts=self._tell_parts(score))

    @api.model
    def _tell_figure(self, score):
        if score.metric == "nps":
            text = tell_figure(self.env, score.figure, 1, signed=bool(score.figure))
            return text.replace("-", "\N{MINUS SIGN}")
        return tell_percent(self.env, score.figure)

    @api.model
    def _tell_interval(self, score):
        """How sure the figure is, in words."""
        if score.metric != "nps":
            return self.env._(
                "between %(low)s and %(high)s %% with 95 %% certainty",
                low=tell_figure(self.env, score.low, 1), high=tell_figure(self.env, score.high, 1))
        if score.flat:
            return self.env._("all alike, so that chance cannot be told")
        return self.env._("±%s points with 95 %% certainty", tell_figure(self.env, score.margin, 1))

    @api.model
    def _tell_parts(self, score):
        """What the figure is made of."""
        if score.metric == "nps":
            return self.env._(
                "%(count)s people: %(good)s promoters, %(neutral)s passive, %(bad)s detractors",
                count=score.n, good=score.good, neutral=score.neutral, bad=score.bad)
        return self.env._(
            "%(count)s answers: %(good)s good, %(neutral)s neutral, %(bad)s bad; mean %(mean)s",
            count=score.n, good=score.good, neutral=score.neutral, bad=score.bad,
            mean=tell_figure(self.env, score.mean, 1))
