from collections import Counter
from datetime import date, datetime, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from .care_agreement import LIVE
from .care_ahead import LISTED
from .care_purchases import Scope

#: Reasons that were decided when the reminder was handed over; only the others are asked again
#: at the moment when its mail really leaves.
DECIDED = ("late", "limit")


class Due(NamedTuple):
    """A reminder that is due, planned or not (id 0), and what holds it back."""

    id: int
    partner_id: int
    product_id: int | None
    item_id: int | None
    agreement_id: int | None
    cycle_on: date
    due_on: date
    send_on: date
    reason: str | None


class CareReminder(models.Model):
    _inherit = "care.reminder"

    # A reason is one entry in `_suppression_reasons()` and one method `_query_suppressed_<key>`:
    # an SQL condition on a due row `d` with the columns id (0 in a preview), rule_id, kind,
    # channel, basis, late_days, company_id, partner_id, product_id, item_id, agreement_id,
    # cycle_on, due_on, send_on.

    @api.model
    def _suppression_reasons(self) -> dict[str, str]:
        """Registry: key → words. The first reason that holds is the one that is kept."""
        return {
            "archived": self.env._("customer archived"),
            "returned": self.env._("returned or credited"),
            "retired": self.env._("no longer in use"),
            "not_sold": self.env._("no longer sold"),
            "bought": self.env._("bought again since"),
            "ordered": self.env._("ordered again since"),
            "serviced": self.env._("serviced since"),
            "renewed": self.env._("renewed or ended since"),
            "upset": self.env._("rated us low lately"),
            "opted_out": self.env._("wants no mails"),
            "no_address": self.env._("no e-mail address"),
            "late": self.env._("too late"),
            "limit": self.env._("another reminder went out shortly before"),
        }

    @api.model
    def _preview(self, rule, now: datetime) -> tuple[dict, list[Due]]:
        """What would become of the rule's next 30 days, and the first of it."""
        self.env.flush_all()
        rows = self._query_preview(rule, now)
        held = Counter(row.reason for row in rows)
        free = held.pop(None, 0)
        customers = {row.partner_id for row in rows if not row.reason}
        return {"free": free, "customers": len(customers), "held": held}, rows[:LISTED]

    def _judge(self, now: datetime, but=()) -> dict[str, "CareReminder"]:
        """These reminders by the reason that holds them back; those free to go under None."""
        self.env.flush_all()
        found = {}
        for company, reminders in self.grouped("company_id").items():
            rows = reminders._query_judged(company, now, reminders._query_stored(), but)
            for row in rows:
                found[row.reason] = found.get(row.reason, self.browse()) | self.browse(row.id)
        return found

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_preview(self, rule, now: datetime) -> list[Due]:
        due = SQL(
            """SELECT 0 AS id, r.id AS rule_id, r.kind, r.channel, r.basis, r.late_days,
                      r.company_id, x.*
                 FROM (%s) x JOIN care_reminder_rule r ON r.id = %s""",
            self._query_undecided(rule, rule.company_id._care_today(now)), rule.id)
        return self._spread(rule, self._query_judged(rule.company_id, now, due))

    def _spread(self, rule, rows: list[Due]) -> list[Due]:
        """In the order of their days: of a customer's mails one leaves within the days of the
        limit, with what is due soon after it."""
        days = rule.company_id.care_reminder_limit_days if rule.channel == "mail" else 0
        join, days = timedelta(days=self._join_days(rule.company_id)), timedelta(days=days)
        spread, last = [], {}
        for row in sorted(rows, key=lambda row: row.send_on):
            if not row.reason and days:
                before = last.get(row.partner_id)
                if before is None or row.send_on >= before + days:
                    last[row.partner_id] = row.send_on
                elif row.send_on > before + join:
                    row = row._replace(reason="limit")
            spread.append(row)
        return spread

    def _query_stored(self) -> SQL:
        return SQL(
            """SELECT d.*, r.basis, r.late_days FROM care_reminder d
                 JOIN care_reminder_rule r ON r.id = d.rule_id WHERE d.id = ANY(%s)""", self.ids)

    def _query_judged(self, company, now, due: SQL, but=()) -> list[Due]:
        """Due rows with the first reason that holds, or None; soonest first."""
        arms = [
            SQL("WHEN %s THEN %s", getattr(self, f"_query_suppressed_{key}")(company, now), key)
            for key in self._suppression_reasons() if key not in but
        ]
        rows = self.env.execute_query(SQL(
            """SELECT %s, CASE %s END FROM (%s) d
             ORDER BY d.due_on, d.id, d.partner_id, d.product_id, d.item_id, d.agreement_id""",
            SQL(", ").join(SQL.identifier("d", name) for name in Due._fields[:-1]),
            SQL(" ").join(arms), due))
        return [Due(*row) for row in rows]

    def _query_suppressed_archived(self, company, now) -> SQL:
        return SQL(
            "EXISTS (SELECT 1 FROM res_partner p WHERE p.id = d.partner_id AND NOT p.active)")

    def _query_suppressed_returned(self, company, now) -> SQL:
        """The purchase that runs out is not among the customer's purchases any more."""
        return SQL(
            """(d.kind = 'repurchase' AND NOT EXISTS (
                   SELECT 1 FROM care_product_history h
                    WHERE h.partner_id = d.partner_id AND h.company_id = d.company_id
                      AND h.product_id = d.product_id AND h.last_purchase >= d.cycle_on)
                OR EXISTS (SELECT 1 FROM care_item i
                            WHERE i.id = d.item_id AND i.state = 'returned'))""")

    def _query_suppressed_retired(self, company, now) -> SQL:
        return SQL(
            "EXISTS (SELECT 1 FROM care_item i WHERE i.id = d.item_id AND i.state = 'retired')")

    def _query_suppressed_not_sold(self, company, now) -> SQL:
        """Nobody is asked to buy what cannot be bought; what he has is serviced all the same."""
        return SQL(
            """(d.kind = 'repurchase' AND EXISTS (
                   SELECT 1 FROM product_product p
                     JOIN product_template t ON t.id = p.product_tmpl_id
                    WHERE p.id = d.product_id
                      AND NOT (p.active AND t.active AND t.sale_ok)))""")

    def _query_suppressed_bought(self, company, now) -> SQL:
        return SQL(
            """(d.kind = 'repurchase' AND EXISTS (
                   SELECT 1 FROM care_product_history h
                    WHERE h.partner_id = d.partner_id AND h.company_id = d.company_id
                      AND h.product_id = d.product_id AND h.last_purchase > d.cycle_on))""")

    def _query_suppressed_ordered(self, company, now) -> SQL:
        """On its way: a confirmed order since, invoiced or not. Of goods: their service.

        Indexes res_partner (commercial_partner_id), sale_order (partner_id).
        """
        return SQL(
            """d.kind <> 'renewal' AND EXISTS (
                   SELECT 1 FROM res_partner p
                     JOIN sale_order o ON o.partner_id = p.id
                     JOIN sale_order_line l ON l.order_id = o.id
                     JOIN product_product v ON v.id = d.product_id
                     JOIN product_template t ON t.id = v.product_tmpl_id
                    WHERE p.commercial_partner_id = d.partner_id AND o.state = 'sale'
                      AND o.company_id = d.company_id
                      AND (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                          > CASE WHEN d.item_id IS NULL THEN d.cycle_on
                                 ELSE d.send_on - 30 END
                      AND l.product_id = CASE WHEN d.item_id IS NULL THEN d.product_id
                                              ELSE t.care_service_product_id END)""",
            zone=company._care_zone())

    def _query_suppressed_serviced(self, company, now) -> SQL:
        """The goods have a later date by now."""
        return SQL(
            """(d.kind = 'maintenance' AND d.basis = 'own' AND EXISTS (
                   SELECT 1 FROM care_item i
                    WHERE i.id = d.item_id AND i.next_service_on > d.cycle_on))""")

    def _query_suppressed_renewed(self, company, now) -> SQL:
        return SQL(
            """(d.kind = 'renewal' AND NOT EXISTS (
                   SELECT 1 FROM care_agreement a
                    WHERE a.id = d.agreement_id AND a.state IN %s
                      AND NOT EXISTS (SELECT 1 FROM care_agreement n
                                       WHERE n.predecessor_id = a.id
                                         AND n.state NOT IN ('draft', 'cancelled'))))""", LIVE)

    def _query_suppressed_upset(self, company, now) -> SQL:
        """What asks to buy; service that is due and a warranty that ends are told to everybody."""
        upset = self.env["care.ratings"]._query_upset(
            company, Scope(after=0, until=2**31 - 1), company._care_today(now))
        return SQL("(d.kind IN ('repurchase', 'renewal') AND d.partner_id IN (%s))", upset)

    def _query_suppressed_opted_out(self, company, now) -> SQL:
        return SQL(
            """(d.channel = 'mail' AND EXISTS (
                   SELECT 1 FROM res_partner p JOIN mail_blacklist b ON b.email = p.email_normalized
                    WHERE p.id = d.partner_id AND b.active))""")

    def _query_suppressed_no_address(self, company, now) -> SQL:
        return SQL(
            """(d.channel = 'mail' AND EXISTS (
                   SELECT 1 FROM res_partner p
                    WHERE p.id = d.partner_id AND p.email_normalized IS NULL))""")

    def _query_suppressed_late(self, company, now) -> SQL:
        return SQL("d.send_on + d.late_days < %s", company._care_today(now))

    def _query_suppressed_limit(self, company, now) -> SQL:
        """Index care_reminder_partner_idx."""
        days = company.care_reminder_limit_days
        if not days:
            return SQL("FALSE")
        return SQL(
            """(d.channel = 'mail' AND EXISTS (
                   SELECT 1 FROM care_reminder o
                    WHERE o.partner_id = d.partner_id AND o.company_id = d.company_id
                      AND o.channel = 'mail' AND o.sent_on > %s AND o.id <> d.id))""",
            company._care_today(now) - timedelta(days=days))
