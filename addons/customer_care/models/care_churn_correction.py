from odoo import api, fields, models
from odoo.tools import SQL

from .care_churn_facts import COUNTS, MONEY
from .care_purchases import Scope

PLACE_SELECTION = [
    ("none", "Not there"), ("new", "New"), ("retained", "Retained"), ("lost", "Lost"),
    ("reactivated", "Reactivated")]
WHY_SELECTION = [
    ("late", "Purchase known late"),
    ("undone", "Purchase taken back"),
    ("money", "Amount changed"),
    ("follows", "Follows from another month"),
]


class CareChurnCorrection(models.Model):
    """One customer whom today's documents would count otherwise in a period already printed.

    The printed figure stands. These rows say by how much it would differ and why; they are derived
    again whenever the customer's documents change, and go when the difference does.
    """

    _name = "care.churn.correction"
    _description = "Correction of a printed period"
    _log_access = False
    _order = "date_from desc, id"
    _rec_name = "partner_id"

    period_id = fields.Many2one(
        "care.churn.period", "Period", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(related="period_id.kind")
    span = fields.Selection(related="period_id.span", string="Span")
    date_from = fields.Date(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    printed = fields.Selection(PLACE_SELECTION, required=True, readonly=True)
    known = fields.Selection(
        PLACE_SELECTION, "Would be printed today", required=True, readonly=True)
    why = fields.Selection(
        WHY_SELECTION, required=True, readonly=True,
        help="Purchase known late: a document dated in the period was posted after it was printed.")
    found_on = fields.Date(
        "Noticed on", required=True, readonly=True, help="When the night first saw it.")
    active_start = fields.Integer("Active at the start +/-", readonly=True)
    retained = fields.Integer("Retained +/-", readonly=True)
    lost = fields.Integer("Lost +/-", readonly=True)
    arrived = fields.Integer("New +/-", readonly=True)
    reactivated = fields.Integer("Reactivated +/-", readonly=True)
    returned = fields.Integer("Lost and back +/-", readonly=True)
    brief = fields.Integer("Came and left +/-", readonly=True)
    corrected = fields.Integer("Opening corrected +/-", readonly=True)
    active_end = fields.Integer("Active at the end +/-", readonly=True)
    purchases = fields.Integer("Purchases +/-", readonly=True)
    revenue_start = fields.Monetary("Revenue at the start +/-", readonly=True)
    revenue_lost = fields.Monetary("Revenue lost +/-", readonly=True)
    contraction = fields.Monetary("Contraction +/-", readonly=True)
    expansion = fields.Monetary("Expansion +/-", readonly=True)
    revenue = fields.Monetary("Revenue +/-", readonly=True)

    _period_idx = models.Index("(period_id)")
    _partner_idx = models.Index("(partner_id, company_id)")

    @api.model
    def _sums(self, periods):
        """{period id: {"count", "lost", "active_start", …, "why": words}} of those with any."""
        words = dict(self._fields["why"]._description_selection(self.env))
        found = {}
        for period, why, count, *deltas in self._read_group(
            [("period_id", "in", periods.ids)], ["period_id", "why"],
            ["__count", *(f"{name}:sum" for name in COUNTS)],
        ):
            sums = found.setdefault(
                period.id, dict.fromkeys((*COUNTS, "count"), 0) | {"why": []})
            sums["count"] += count
            sums["why"].append(f"{count} × {words[why].lower()}")
            for name, delta in zip(COUNTS, deltas, strict=True):
                sums[name] += delta
        for sums in found.values():
            sums["why"] = ", ".join(sums["why"])
        return found

    # ------------------------------------------------------------
    # Looking again
    # ------------------------------------------------------------

    @api.model
    def _look_again(self, company, partner_ids, now) -> None:
        """Compare what was printed of these customers with what would be printed today.

        Only periods that rest on today's notion of a purchase: another one is no correction.
        """
        periods = self.env["care.churn.period"].search([
            ("company_id", "=", company.id), ("state", "=", "printed")])
        meant = periods.filtered(lambda period: period.definition_id.figures_version
                                 == company._care_definition_version())
        first = min((p.date_from for p in meant if p.span == "month"), default=None)
        periods = meant.filtered(lambda period: period.date_from >= first)
        if not periods or not partner_ids:
            return
        self.env.flush_all()
        self._query_compare(company, tuple(partner_ids), periods, company._care_today(now))
        self.invalidate_model(flush=False)
        periods.invalidate_recordset(["correction_ids"], flush=False)

    def _query_compare(self, company, ids, periods, today) -> None:
        """Write the differences of these customers anew; the day each was noticed first stays.

        What was found of periods that are not compared stays too.
        Index care_churn_correction_partner_idx.
        """
        facts, names = self.env["care.churn.facts"], (*COUNTS, *MONEY)
        columns = SQL(", ").join(SQL.identifier(name) for name in names)
        deltas = SQL(", ").join(
            SQL("COALESCE(n.%(f)s, 0) - COALESCE(w.%(f)s, 0) AS %(f)s", f=SQL.identifier(name))
            for name in names)
        self.env.execute_query(SQL(
            """WITH printed AS MATERIALIZED (%(printed_rows)s),
               derived AS MATERIALIZED (%(derived_rows)s),
               was AS (%(was)s), now AS (%(now)s),
               old AS (DELETE FROM care_churn_correction
                        WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s)
                          AND period_id = ANY(%(periods)s)
                    RETURNING period_id, partner_id, found_on),
               compared AS (
                   SELECT COALESCE(n.partner_id, w.partner_id) AS partner_id, p.id AS period_id,
                          p.date_from, %(place_was)s AS printed, %(place_now)s AS known, %(deltas)s
                     FROM was w
                FULL JOIN now n ON n.partner_id = w.partner_id AND n.kind = w.kind
                                AND n.span = w.span AND n.date_from = w.date_from
                     JOIN care_churn_period p ON p.company_id = %(company)s
                      AND p.kind = COALESCE(n.kind, w.kind) AND p.span = COALESCE(n.span, w.span)
                      AND p.date_from = COALESCE(n.date_from, w.date_from)
               ),
               written AS (
                   INSERT INTO care_churn_correction
                          (company_id, partner_id, period_id, date_from, printed, known, why,
                           found_on, %(columns)s)
                   SELECT %(company)s, c.partner_id, c.period_id, c.date_from, printed, known,
                          CASE WHEN purchases > 0 THEN 'late' WHEN purchases < 0 THEN 'undone'
                               WHEN revenue <> 0 THEN 'money' ELSE 'follows' END,
                          COALESCE(o.found_on, %(today)s), %(columns)s
                     FROM compared c
                LEFT JOIN old o ON o.period_id = c.period_id AND o.partner_id = c.partner_id
                    WHERE (%(columns)s) IS DISTINCT FROM (%(nothing)s)
                RETURNING 1
               ) SELECT COUNT(*) FROM written""",
            printed_rows=self._query_was(company, ids, periods),
            derived_rows=self._query_now(company, ids, periods, today),
            was=facts._query_facts(SQL("SELECT * FROM printed"), periods._query_periods()),
            now=facts._query_facts(SQL("SELECT * FROM derived"), periods._query_periods()),
            company=company.id, ids=list(ids), periods=periods.ids, today=today,
            columns=columns, deltas=deltas,
            place_was=self._query_place("w"), place_now=self._query_place("n"),
            nothing=SQL(", ").join([SQL("0")] * len(names)),
        ))

    def _query_place(self, alias) -> SQL:
        """Where a customer stands in a period."""
        return SQL(
            """CASE WHEN %(a)s.lost > 0 THEN 'lost' WHEN %(a)s.arrived > 0 THEN 'new'
                    WHEN %(a)s.retained > 0 THEN 'retained'
                    WHEN %(a)s.reactivated > 0 THEN 'reactivated' ELSE 'none' END""",
            a=SQL.identifier(alias))

    def _query_was(self, company, ids, periods) -> SQL:
        """Index care_customer_month_customer_idx."""
        return self.env["care.churn.facts"]._query_printed(
            company, min(periods.mapped("date_from")), max(periods.mapped("last_month")),
            SQL("k.partner_id = ANY(%s)", list(ids)))

    def _query_now(self, company, ids, periods, today) -> SQL:
        """Each month by the definition that it was printed by, from today's documents."""
        history, scope = self.env["care.churn.history"], Scope(ids=ids)
        months = periods.filtered(lambda p: (p.kind, p.span) == ("purchases", "month"))
        rows = [
            history._query_months(company, scope, definition, group._terms())
            for definition, group in months.sorted("date_from").grouped("definition_id").items()
        ]
        signed = periods.filtered(lambda p: (p.kind, p.span) == ("agreements", "month"))
        rows += [
            history._query_contract_months(
                company, scope, definition, group.mapped("date_from"), today)
            for definition, group in signed.sorted("date_from").grouped("definition_id").items()
        ]
        return SQL(" UNION ALL ").join(SQL("(%s)", each) for each in rows)
