from datetime import date

from odoo import api, models
from odoo.addons.customer_care.engine import rfm
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from .care_purchases import Scope
from .care_rfm_border import LETTERS
from .moments import tell_day


class CareRfm(models.AbstractModel):
    """How customers get their RFM scores and segment, and the grid that shows them.

    One statement serves the night, the delta and a single customer; it says in SQL what
    engine/rfm.py says in Python, and writes only rows whose scores changed, and a move for each
    customer who is in another segment by them.
    """

    _name = "care.rfm"
    _description = "RFM scoring"

    @api.model
    def _rescore(self, company, scope: Scope, now) -> int:
        """Score these customers by the borders in force; returns how many changed."""
        border = self.env["care.rfm.border"]._current(company)
        if not border:
            return 0
        self.env.flush_all()
        changed = self._query_rescore(company, scope, border, company._care_today(now))
        self.env["care.figures"]._forget_cached()
        self.env["care.segment.move"].invalidate_model(flush=False)
        return changed

    @api.model
    def _count_moves(self, company, border) -> list[tuple[int | None, int | None, int]]:
        """(segment now, segment with these borders, customers)."""
        self.env.flush_all()
        return self._query_moves(company, border, company._care_today())

    @api.model
    def _get_client_action(self):
        return self.env["ir.actions.actions"]._for_xml_id("customer_care.care_rfm_grid_action")

    # ------------------------------------------------------------
    # The grid
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_grid(self, company_id=None):
        """The grid of one company in the words and with the rights of whoever asks."""
        customers = self.env["care.customer"]
        customers.check_access("read")
        company = self._grid_company(company_id)
        groups = customers._read_group(
            self._grid_domain(company), ["rfm_recency", "rfm_frequency"],
            ["__count", "revenue_net:sum"])
        found = {(r, f): (count, money) for r, f, count, money in groups}
        total = sum(count for count, _money in found.values())
        revenue = sum(money for _count, money in found.values())
        border = self.env["care.rfm.border"].sudo()._current(company)  # words for every reader
        shares = {"total": total, "revenue": revenue, "company": company}
        cells = self.env["care.rfm.cell"].sudo().search([])  # the map is no secret
        return {
            "company": {"id": company.id, "name": company.name},
            "companies": [{"id": c.id, "name": c.name} for c in self.env.companies],
            "total": self._number(total),
            "total_count": total,
            "revenue": self._money(revenue, company),
            "basis": border.basis if border else False,
            "frozen": tell_day(self.env, border.frozen_on) if border else False,
            "manager": self.env.user.has_group("customer_care.group_customer_care_manager"),
            "columns": self._axis(border, "frequency"),
            "rows": [
                label | {"cells": [self._cell_data(cells, found, label["score"], f, shares)
                                   for f in rfm.SCORES]}
                for label in reversed(self._axis(border, "recency"))],
            "segments": self._segment_data(cells, found, shares),
        }

    def _grid_company(self, company_id):
        company = self.env["res.company"].browse(company_id) if company_id else self.env.company
        if company not in self.env.companies:
            raise AccessError(self.env._("You do not work in this company."))
        return company

    def _grid_domain(self, company, places=None):
        domain = Domain("company_id", "=", company.id)
        if places is None:
            return domain & Domain("rfm_recency", ">", 0)
        return domain & Domain.OR(
            Domain("rfm_recency", "=", r) & Domain("rfm_frequency", "=", f) for r, f in places)

    def _axis(self, border, name):
        """The five scores of one letter, each with what it means."""
        if not border:
            return [{"score": score, "text": ""} for score in rfm.SCORES]
        numbers = border._numbers(LETTERS[name])
        texts = [self._band(name, numbers, i) for i in range(5)]
        if name == "recency":
            texts.reverse()
        return [{"score": s, "text": t} for s, t in zip(rfm.SCORES, texts, strict=True)]

    def _band(self, name, numbers, i):
        """Band i of a letter in words, smallest numbers first."""
        low = int(numbers[i - 1]) + 1 if i else (0 if name == "recency" else 1)
        if i == rfm.BORDERS:
            return self.env._("from %s days", low) if name == "recency" else self.env._(
                "%s or more", low)
        high = int(numbers[i])
        if high < low:
            return self.env._("nobody")
        span = str(low) if high == low else f"{low}–{high}"
        return self.env._("%s days", span) if name == "recency" else span

    def _cell_data(self, cells, found, recency, frequency, shares):
        cell = cells.filtered(lambda c: (c.recency, c.frequency) == (recency, frequency))
        count, money = found.get((recency, frequency), (0, 0.0))
        return {
            "place": f"{recency}{frequency}",
            "segment_id": cell.segment_id.id,
            "segment": cell.segment_id.name,
            "color": cell.segment_id.color,
            **self._figures(count, money, shares),
            "action": self._customers_action(
                f"{cell.segment_id.name} R{recency} F{frequency}", shares["company"],
                [(recency, frequency)]),
        }

    def _segment_data(self, cells, found, shares):
        data = []
        for segment in self.env["care.rfm.segment"].sudo().search([]):  # names for every reader
            places = [(c.recency, c.frequency) for c in cells if c.segment_id == segment]
            if not places:
                continue
            data.append({
                "id": segment.id, "name": segment.name, "color": segment.color,
                "advice": segment.advice or "", "tag": segment.category_id.name or "",
                **self._figures(sum(found.get(p, (0, 0))[0] for p in places),
                                sum(found.get(p, (0, 0))[1] for p in places), shares),
                "action": self._customers_action(segment.name, shares["company"], places),
            })
        return data

    def _figures(self, count, money, shares):
        """Numbers with their shares; no share of nothing."""
        of_revenue = money / shares["revenue"] if shares["revenue"] > 0 else None
        of_customers = count / shares["total"] if shares["total"] else None
        return {
            "count": count,
            "count_text": self._number(count),
            "share": of_customers or 0,
            "share_text": self._percent(of_customers),
            "money_text": self._money(money, shares["company"]),
            "money_share": max(of_revenue or 0, 0),
            "money_share_text": self._percent(of_revenue),
        }

    def _customers_action(self, name, company, places):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "care.customer",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": list(self._grid_domain(company, places)),
        }

    def _number(self, value):
        return formatLang(self.env, value, digits=0)

    def _money(self, value, company):
        return formatLang(self.env, value, digits=0, currency_obj=company.currency_id)

    def _percent(self, share):
        if share is None:
            return self.env._("n/a")
        return f"{formatLang(self.env, 100 * share, digits=0 if share >= 0.0995 else 1)} %"

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_scores(self, border, today: date) -> SQL:
        """Columns r, f, m of care_customer k: rfm.recency_score() and rfm.score(); 0 = no
        purchase."""
        return SQL(
            """CASE WHEN k.purchase_days > 0 THEN 5 - (%(r)s) ELSE 0 END AS r,
               CASE WHEN k.purchase_days > 0 THEN 1 + %(f)s ELSE 0 END AS f,
               CASE WHEN k.purchase_days > 0 THEN 1 + %(m)s ELSE 0 END AS m""",
            r=self._query_above(SQL("%s::date - k.last_purchase", today), border._numbers("r")),
            f=self._query_above(SQL("k.purchase_days"), border._numbers("f")),
            m=self._query_above(SQL("k.revenue_net"), border._numbers("m")),
        )

    def _query_above(self, value: SQL, numbers) -> SQL:
        """How many of the borders the value exceeds."""
        return SQL(" + ").join(SQL("(%s > %s)::int", value, number) for number in numbers)

    def _query_rescore(self, company, scope: Scope, border, today) -> int:
        """Unique key of care_customer; only rows whose scores or segment changed are written."""
        return self.env.execute_query(SQL(
            """WITH scored AS (
                   SELECT k.id, k.partner_id, k.revenue_net, k.purchase_days,
                          k.rfm_recency AS old_r, k.rfm_frequency AS old_f, k.rfm_monetary AS old_m,
                          k.rfm_segment_id AS old_segment, %(scores)s
                     FROM care_customer k WHERE k.company_id = %(company)s AND %(scope)s
               ),
               rescored AS (
                   SELECT s.*, c.segment_id
                     FROM scored s
                LEFT JOIN care_rfm_cell c ON c.recency = s.r AND c.frequency = s.f
                    WHERE (COALESCE(old_r, 0), COALESCE(old_f, 0), COALESCE(old_m, 0),
                           COALESCE(old_segment, 0)) <> (r, f, m, COALESCE(c.segment_id, 0))
               ),
               %(moved)s,
               written AS (
                   UPDATE care_customer k
                      SET rfm_recency = s.r, rfm_frequency = s.f, rfm_monetary = s.m,
                          rfm_segment_id = s.segment_id
                     FROM rescored s WHERE s.id = k.id
                   RETURNING 1
               )
               SELECT COUNT(*) FROM written""",
            scores=self._query_scores(border, today), company=company.id,
            moved=self.env["care.segment.move"]._query_moved(company, today, border.settled),
            scope=self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id")),
        ))[0][0]

    def _query_moves(self, company, border, today):
        return self.env.execute_query(SQL(
            """SELECT k.rfm_segment_id, c.segment_id, COUNT(*)
                 FROM (SELECT k.rfm_segment_id, %(scores)s FROM care_customer k
                        WHERE k.company_id = %(company)s AND k.purchase_days > 0) k
                 LEFT JOIN care_rfm_cell c ON c.recency = k.r AND c.frequency = k.f
             GROUP BY 1, 2""",
            scores=self._query_scores(border, today), company=company.id,
        ))

    def _query_chunk_end(self, company, after: int, size: int) -> int | None:
        """Last partner of the next customers of a company, None when there are none.

        Unique key of care_customer (partner_id, company_id).
        """
        return self.env.execute_query(SQL(
            """SELECT MAX(partner_id) FROM
                      (SELECT partner_id FROM care_customer
                        WHERE company_id = %s AND partner_id > %s
                     ORDER BY partner_id LIMIT %s) chunk""",
            company.id, after, size,
        ))[0][0]
