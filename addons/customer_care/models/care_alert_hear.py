from datetime import date, datetime, timedelta

from odoo import api, fields, models
from odoo.addons.customer_care.engine import cluster
from odoo.tools import SQL

from .care_purchases import Scope
from .care_voice import COUNTED

#: Days before the window that say what is usual.
YEAR = 365
#: A word of danger that was said so many days ago and is read only now raises no alert.
FRESH = 31
#: All customers.
EVERYBODY = Scope(after=0, until=2**31 - 1)
#: Days whose sales say how fast a product sells now.
LATELY = 91


class CareAlert(models.Model):
    """When an alert is raised, and which voices belong to it."""

    _inherit = "care.alert"

    # ---- at once: what was just said ------------------------------------------------------------

    @api.model
    def _hear(self, voices):
        """Voices are new or changed: they leave, join or raise alerts."""
        now = fields.Datetime.now()
        left = voices._leave_alerts()
        for company, said in voices.filtered(lambda v: v._may_alert()).grouped(
                "company_id").items():
            left |= said._join_alerts()
            fresh = company._care_today(now) - timedelta(days=FRESH)
            for voice in said.filtered(lambda v, day=fresh: v.is_safety and v.said_on > day):
                if not voice.alert_id:  # the one before may have taken it along
                    left |= self._raise("safety", company, voice.product_id, voice.lot_name, now,
                                        voice)
            products = said.filtered(lambda v: not v.alert_id).product_id
            if products:
                left |= self._find_clusters(company, now, products)
        left._refresh(now)

    # ---- by the night and at once: too many -----------------------------------------------------

    @api.model
    def _find_clusters(self, company, now: datetime, products=None):
        """Raise what is more than usual; a lot is looked at before its product as a whole."""
        self.env.flush_all()
        today, raised = company._care_today(now), self.browse()
        for by_lot in (True, False):
            rows = self._query_counts(company, today, by_lot, products)
            concerned = self.env["product.product"].browse({row[0] for row in rows})
            usual = self._usual(
                company, today - timedelta(days=company.care_alert_days), concerned)
            for product_id, lot, count in rows:
                verdict = cluster.judge(
                    count, company.care_alert_days, usual[product_id], company.care_alert_least)
                if verdict.is_cluster:
                    raised |= self._raise(
                        "cluster", company, concerned.browse(product_id), lot, now,
                        expected=verdict.expected)
            self.env.flush_all()
        return raised

    @api.model
    def _usual(self, company, end: date, products) -> dict[int, cluster.Usual]:
        """What each product had in the year up to a day: that before the window."""
        begin = end - timedelta(days=YEAR)
        months, voices = self.env["care.product.month"], self.env["care.voice"]
        domain = [("company_id", "=", company.id), ("product_id", "in", products.ids),
                  ("kind", "in", COUNTED), ("said_on", "<=", end)]
        counts = {product.id: count for product, count in voices._read_group(
            [*domain, ("said_on", ">", begin)], ["product_id"], ["__count"])}
        heard = {product.id: day for product, day in voices._read_group(
            domain, ["product_id"], ["said_on:min"])}
        since = months._first_months(company, products)
        year = months._sold(company, products, begin, end)
        lately = months._sold(company, products, end - timedelta(days=LATELY), end)
        found = {}
        for product in products.ids:
            known = [day for day in (since.get(product), heard.get(product)) if day]
            days = (end - max(begin, min(known))).days if known else 0
            pace = year.get(product, 0) / max(days, 1)
            growth = lately.get(product, 0) / min(LATELY, max(days, 1)) / pace if pace > 0 else 1.0
            found[product] = cluster.Usual(
                counts.get(product, 0), max(days, 0), growth, year.get(product))
        return found

    # ---- raising --------------------------------------------------------------------------------

    @api.model
    def _raise(self, kind, company, product, lot, now: datetime, voice=None, expected=None):
        """The alert of a product and lot: a new one, told once, or the one that is open."""
        self.env.flush_all()
        lot = lot or False
        ids = self._query_raise(kind, company, product, lot, now)
        alert = self.browse(ids) or self.search([
            ("company_id", "=", company.id), ("product_id", "=", product.id),
            ("lot_name", "=", lot), ("state", "!=", "closed")])
        voices = self.env["care.voice"].search([
            ("company_id", "=", company.id), ("product_id", "=", product.id),
            *([("lot_name", "=", lot)] if lot or kind == "safety" else []),
            ("alert_id", "=", False), ("said_on", ">", alert._get_since()),
            "|", ("kind", "in", COUNTED), ("is_safety", "=", True)])
        (voices | (voice or voices))._put_in(alert)
        if ids:
            alert.with_context(care_alert_quiet=True).write({
                "expected": expected, "owner_id": alert._get_owner().id})
            alert._refresh(now)
            alert._reach_buyers()
            alert._tell_people()
        return alert

    def _get_since(self) -> date:
        """What was said after this day belongs to the alert."""
        return self.company_id._care_today(self.raised_at) - timedelta(days=self.window_days)

    # ---- figures --------------------------------------------------------------------------------

    def _refresh(self, now: datetime):
        """Count again what belongs to open alerts; one that nothing speaks for any more ends."""
        open_ones = self.exists().filtered(lambda alert: not alert.is_closed)
        # every voice counts, whoever may read it
        rows = self.env["care.voice"].sudo()._read_group(
            [("alert_id", "in", open_ones.ids)], ["alert_id"],
            ["__count", "commercial_partner_id:count_distinct", "said_on:min", "said_on:max"])
        told = {alert.id: row for alert, *row in rows}
        for alert in open_ones.sudo():  # figures are written by code only
            count, customers, first, last = told.get(alert.id, (0, 0, False, False))
            alert.write({"count": count, "customer_count": customers, "first_on": first,
                         "last_on": last, **alert._prepare_rates(count, now)})
            if not count:
                alert._set_closed(self.env._("Closed: nothing that was said counts any more."))

    def _prepare_rates(self, count: int, now: datetime) -> dict:
        company, product = self.company_id, self.product_id
        today, months = company._care_today(now), self.env["care.product.month"]
        since = self._get_since()
        usual = self._usual(company, since, product).get(product.id)
        sold = self._count_lot() if self.lot_name else months._sold(
            company, product, today - timedelta(days=YEAR), today).get(product.id)
        sold = sold and round(sold, 1)  # a cut month has parts of units; the rate is of those shown
        rate = cluster.rate(count, sold)
        return {"sold": sold if rate is not None else None, "rate": rate,
                "base_rate": usual and cluster.usual_rate(usual, (today - since).days)}

    def _count_lot(self) -> float | None:
        """Units of the lot at customers; None where the deliveries do not tell it."""
        if "stock.move" not in self.env:
            return None
        self.env.flush_all()
        return self._query_lot_units()

    # ---- queries --------------------------------------------------------------------------------

    def _query_raise(self, kind, company, product, lot, now) -> list[int]:
        """The database decides who is first; who comes second at the same moment tries again."""
        return [row[0] for row in self.env.execute_query(SQL(
            """INSERT INTO care_alert
                      (company_id, kind, state, product_id, lot_name, pause, raised_at, is_closed,
                       window_days, count, customer_count, buyer_count,
                       create_uid, create_date, write_uid, write_date)
               VALUES (%(company)s, %(kind)s, 'new', %(product)s, %(lot)s, %(pause)s, %(now)s,
                       FALSE, %(days)s, 0, 0, 0, %(uid)s, %(at)s, %(uid)s, %(at)s)
               ON CONFLICT DO NOTHING RETURNING id""",
            company=company.id, kind=kind, product=product.id or None, lot=lot or None,
            pause=bool(product) and (kind == "safety" or company.care_alert_pause), now=now,
            days=company.care_alert_days, uid=self.env.uid, at=self.env.cr.now()))]

    def _query_counts(self, company, today: date, by_lot: bool, products=None) -> list[tuple]:
        """(product, lot, voices of no alert within the window), where they are enough.

        Index care_voice_product_idx.
        """
        return self.env.execute_query(SQL(
            """SELECT v.product_id, %(lot)s, COUNT(*)
                 FROM care_voice v
                WHERE v.company_id = %(company)s AND v.active AND v.alert_id IS NULL
                  AND v.product_id %(which)s AND v.kind = ANY(%(kinds)s)
                  AND v.said_on > %(since)s AND v.said_on <= %(today)s%(named)s
             GROUP BY 1, 2 HAVING COUNT(*) >= %(least)s
             ORDER BY 3 DESC, 1, 2""",
            lot=SQL("v.lot_name") if by_lot else SQL("NULL::varchar"), company=company.id,
            which=SQL("= ANY(%s)", products.ids) if products is not None else SQL("IS NOT NULL"),
            kinds=list(COUNTED), today=today, least=company.care_alert_least,
            since=today - timedelta(days=company.care_alert_days),
            named=SQL(" AND v.lot_name IS NOT NULL") if by_lot else SQL()))

    def _query_lot_units(self) -> float | None:
        moved = self.env["care.item"]._query_moved(self.company_id, EVERYBODY, self.product_id)
        return self.env.execute_query(SQL(
            """SELECT SUM(m.quantity)::float8
                 FROM (%s) m (partner_id, product_id, lot_name, day, quantity)
                WHERE m.lot_name = %s""", moved, self.lot_name))[0][0]
