from datetime import date

from odoo import api, models
from odoo.tools import SQL

from .care_agreement import LIVE


class CareReminderDue(models.AbstractModel):
    """What falls due by a rule: one method `_query_due_<kind>` per kind of rule.

    Each is a SELECT of (partner_id, product_id, item_id, agreement_id, cycle_on, due_on). cycle_on
    is what the reminder belongs to, a purchase or a date of the goods or agreement: one reminder
    each, however often the due day is estimated anew.
    """

    _name = "care.reminder.due"
    _description = "What falls due by a reminder rule"

    @api.model
    def _query_due(self, rule, today: date) -> SQL:
        """What the rule is to remind of, seen on a day."""
        first, last = rule._get_span(today)
        found = SQL(
            """SELECT partner_id, product_id, item_id, agreement_id, cycle_on, due_on,
                      due_on - %s AS send_on
                 FROM (%s) d WHERE due_on < %s AND %s""",
            rule.lead_days, getattr(self, f"_query_due_{rule.kind}")(rule, today), last,
            self._query_products(rule),
        )
        if rule._follows_rhythm():
            return self._query_overdue(found, today)
        return SQL("SELECT * FROM (%s) d WHERE due_on >= %s", found, first)

    def _query_overdue(self, found: SQL, today: date) -> SQL:
        """Nothing is needed in the past: what is overdue is due tomorrow, and told of at once.

        Until the silence is twice as long as the purchase should have lasted: from then on the
        days stay as they were, which is too late.
        """
        return SQL(
            """SELECT partner_id, product_id, item_id, agreement_id, cycle_on,
                      CASE WHEN over THEN due_on
                           ELSE greatest(due_on, %(today)s::date + 1) END AS due_on,
                      CASE WHEN over THEN send_on
                           ELSE greatest(send_on, %(today)s::date) END AS send_on
                 FROM (SELECT *, %(today)s::date - due_on > due_on - cycle_on AS over
                         FROM (%(found)s) d) seen""",
            today=today, found=found)

    def _query_products(self, rule) -> SQL:
        product_ids = rule._get_product_ids()
        if product_ids is None:
            return SQL("TRUE")
        return SQL("product_id = ANY(%s)", product_ids)

    def _query_due_repurchase(self, rule, today) -> SQL:
        """Index care_product_history_expected_idx for the own rhythm."""
        history = self.env["care.product.history"]
        if rule.basis == "fixed":
            due = SQL(
                "(h.last_purchase + %s)::date",
                self._query_interval(rule, SQL("h.last_quantity")))
        elif rule.by_quantity:
            due = SQL("h.expected_on")
        else:
            due = SQL(
                "h.last_purchase + greatest(floor(least(%s, 36500) + 0.5)::int, 1)",
                history._query_days("h", by_quantity=False))
        rhythm = SQL("TRUE") if rule.basis == "fixed" else SQL("h.expected_on IS NOT NULL")
        return SQL(
            """SELECT h.partner_id, h.product_id, NULL::int AS item_id,
                      NULL::int AS agreement_id, h.last_purchase AS cycle_on, %s AS due_on
                 FROM care_product_history h %s
                WHERE h.company_id = %s AND %s""",
            due, history._query_pace(SQL("h.product_id"), rule.company_id), rule.company_id.id,
            rhythm)

    def _query_interval(self, rule, quantity: SQL) -> SQL:
        """The fixed time as an interval, longer for more pieces where the rule says so."""
        factor = SQL("greatest(%s, 1)", quantity) if rule.by_quantity else SQL("1")
        unit = "1 day" if rule.interval_unit == "days" else "1 month"
        return SQL("(%s * %s * %s::interval)", factor, rule.interval_number, unit)

    def _query_due_maintenance(self, rule, today) -> SQL:
        """Index care_item_service_idx. A fixed time comes again and again after the delivery."""
        if rule.basis == "own":
            return self._query_items(rule, SQL("i.next_service_on"))
        days = 1 if rule.interval_unit == "days" else 30.4375
        unit = "1 day" if rule.interval_unit == "days" else "1 month"
        return self._query_items(rule, SQL(
            """(begun + %(number)s * %(unit)s::interval * greatest(1, ceil(
                   (%(today)s::date - begun) / (%(days)s * %(number)s) - 0.5)::int))::date""",
            number=rule.interval_number, unit=unit, today=today, days=days))

    def _query_due_warranty(self, rule, today) -> SQL:
        """Index care_item_warranty_idx."""
        if rule.basis == "own":
            return self._query_items(rule, SQL("i.warranty_end"))
        return self._query_items(rule, SQL(
            "(i.delivered_on + %s * %s::interval)::date", rule.interval_number,
            "1 day" if rule.interval_unit == "days" else "1 month"))

    def _query_items(self, rule, due: SQL) -> SQL:
        """Goods in use, each with its own due day, which is also what it is reminded of once."""
        return SQL(
            """SELECT partner_id, product_id, id AS item_id, NULL::int AS agreement_id,
                      day AS cycle_on, day AS due_on
                 FROM (SELECT i.id, i.partner_id, i.product_id, %s AS day
                         FROM care_item i
                   CROSS JOIN LATERAL (
                              SELECT COALESCE(i.last_service_on, i.delivered_on) AS begun) s
                        WHERE i.company_id = %s AND i.state = 'active') dated
                WHERE day IS NOT NULL""",
            due, rule.company_id.id)

    def _query_due_renewal(self, rule, today) -> SQL:
        """Agreements that end unless somebody renews them. Index care_agreement_end_idx."""
        due = SQL("a.date_end")
        if rule.basis == "fixed":
            due = SQL("(a.date_start + %s)::date", self._query_interval(rule, SQL("1")))
        return SQL(
            """SELECT a.commercial_partner_id AS partner_id, a.product_id, NULL::int AS item_id,
                      a.id AS agreement_id, %(due)s AS cycle_on, %(due)s AS due_on
                 FROM care_agreement a
                WHERE a.company_id = %(company)s AND a.state IN %(live)s
                  AND a.date_end IS NOT NULL AND a.renewal = 'manual'
                  AND NOT EXISTS (SELECT 1 FROM care_agreement n
                                   WHERE n.predecessor_id = a.id
                                     AND n.state NOT IN ('draft', 'cancelled'))""",
            due=due, company=rule.company_id.id, live=LIVE)
