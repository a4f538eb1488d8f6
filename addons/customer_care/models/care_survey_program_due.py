from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .care_agreement import LIVE
from .care_ahead import LISTED

#: How far back events are looked for, and how far a preview looks.
WINDOW_DAYS = 30


class CareSurveyProgram(models.Model):
    """After which events a programme asks, and whom.

    A trigger is one entry in `_survey_triggers()` and one method `_query_due_<key>(since, until)`:
    rows (partner_id, event, event_at, case_id, order_id, move_id) of the events in the half-open
    span of naive UTC moments. `event` names the event for ever: a programme asks once about it.
    What is known by its day only counts as having happened at the end of that day.
    """

    _inherit = "care.survey.program"

    @api.model
    def _survey_triggers(self) -> dict[str, str]:
        """Registry: key → words. Goods that leave the warehouse need the stock app."""
        triggers = {
            "case_resolved": self.env._("A case was resolved"),
            "order_confirmed": self.env._("An order was confirmed"),
            "delivery": self.env._("Goods were delivered"),
            "invoice": self.env._("An invoice was posted"),
            "first_purchase": self.env._("The first purchase"),
            "registration": self.env._("A portal account was made"),
            "return": self.env._("A credit note was posted"),
            "renewal": self.env._("An agreement was renewed"),
            "relational": self.env._("Every month, some customers"),
            "web": self.env._("Anybody, by a link or a QR code"),
            "manual": self.env._("By hand, from a case"),
        }
        if "stock.picking" not in self.env:
            triggers.pop("delivery")
        return triggers

    # ---- preview --------------------------------------------------------------------------------

    def _look_ahead(self, now) -> tuple[dict, list[int]]:
        """Of events of the last 30 days; of the monthly programme of the next 30."""
        self.env.flush_all()
        found = {reason: (count, partner_ids)
                 for reason, count, partner_ids in self._query_preview(now)}
        free, partner_ids = found.pop(None, (0, []))
        held = {reason: count for reason, (count, _partners) in found.items()}
        return {"free": free, "held": held}, partner_ids

    # ---- queries --------------------------------------------------------------------------------

    def _query_preview(self, now) -> list[tuple]:
        """(reason or None, people, contacts of the first of those who are free)."""
        span = timedelta(days=WINDOW_DAYS)
        since, until = (now, now + span) if self.trigger == "relational" else (now - span, now)
        invitations = self.env["care.survey.invitation"].with_context(care_preview=True)
        judged = invitations._query_judged(
            self, now, self._query_due(since, until), but=("late",))
        return self.env.execute_query(SQL(
            """SELECT reason, COUNT(*),
                      (array_agg(partner_id ORDER BY event_at, event)
                       FILTER (WHERE reason IS NULL))[1:%s]
                 FROM (%s) j GROUP BY reason""", LISTED, judged))

    def _query_due(self, since, until) -> SQL:
        return getattr(self, f"_query_due_{self.trigger}")(since, until)

    def _query_rows(self, partner: SQL, event: SQL, at: SQL, rest: SQL, **records: SQL) -> SQL:
        """The columns that every trigger gives."""
        given = {name: records.get(name, SQL("NULL::int")) for name in
                 ("case_id", "order_id", "move_id")}
        return SQL(
            """SELECT %(partner)s AS partner_id, %(event)s AS event, %(at)s AS event_at,
                      %(case)s AS case_id, %(order)s AS order_id, %(move)s AS move_id
                 FROM %(rest)s""",
            partner=partner, event=event, at=at, rest=rest, case=given["case_id"],
            order=given["order_id"], move=given["move_id"])

    def _query_day_end(self, day: SQL) -> SQL:
        """The last second of a day of the company, as a naive UTC moment."""
        return SQL(
            "((%s + 1)::timestamp - '1 second'::interval) AT TIME ZONE %s AT TIME ZONE 'UTC'",
            day, self.company_id._care_zone())

    def _query_due_case_resolved(self, since, until) -> SQL:
        """Each resolution once. Index care_case_survey_idx."""
        filters = [SQL("TRUE")]
        if self.team_ids:
            filters.append(SQL("c.team_id = ANY(%s)", self.team_ids.ids))
        if self.case_kind:
            filters.append(SQL("c.kind = %s", self.case_kind))
        if self.category_ids:
            within = self.env["care.category"].with_context(active_test=False).search(
                [("id", "child_of", self.category_ids.ids)])
            filters.append(SQL("c.category_id = ANY(%s)", within.ids))
        return self._query_rows(
            SQL("c.partner_id"),
            SQL("'case:' || c.id || ':' || extract(epoch FROM c.last_resolved_at)::bigint"),
            SQL("c.last_resolved_at"),
            SQL("""care_case c
                 WHERE c.company_id = %s AND c.last_resolved_at >= %s AND c.last_resolved_at < %s
                   AND c.stage_kind IN ('resolved', 'closed') AND c.partner_id IS NOT NULL
                   AND %s""", self.company_id.id, since, until, SQL(" AND ").join(filters)),
            case_id=SQL("c.id"), order_id=SQL("c.order_id"))

    def _query_due_order_confirmed(self, since, until) -> SQL:
        """Index sale_order_date_order_id_idx of core."""
        return self._query_rows(
            SQL("o.partner_id"), SQL("'order:' || o.id"), SQL("o.date_order"),
            SQL("""sale_order o WHERE o.company_id = %s AND o.state = 'sale'
                    AND o.date_order >= %s AND o.date_order < %s""",
                self.company_id.id, since, until),
            order_id=SQL("o.id"))

    def _query_due_delivery(self, since, until) -> SQL:
        """Outgoing transfers that were done, of orders where they have one."""
        order = SQL("NULL::int")
        if "sale_id" in self.env["stock.picking"]._fields:  # sales and stock both installed
            order = SQL("k.sale_id")
        return self._query_rows(
            SQL("k.partner_id"), SQL("'delivery:' || k.id"), SQL("k.date_done"),
            SQL("""stock_picking k JOIN stock_picking_type t ON t.id = k.picking_type_id
                 WHERE k.company_id = %s AND k.state = 'done' AND t.code = 'outgoing'
                   AND k.date_done >= %s AND k.date_done < %s AND k.partner_id IS NOT NULL""",
                self.company_id.id, since, until),
            order_id=order)

    def _query_due_invoice(self, since, until) -> SQL:
        return self._query_documents("out_invoice", since, until)

    def _query_due_return(self, since, until) -> SQL:
        return self._query_documents("out_refund", since, until)

    def _query_documents(self, kind, since, until) -> SQL:
        """Posted documents by their day. Core's index on invoice_date."""
        at = self._query_day_end(SQL("m.invoice_date"))
        return self._query_rows(
            SQL("m.partner_id"), SQL("'move:' || m.id"), at,
            SQL("""account_move m
                 WHERE m.company_id = %s AND m.state = 'posted' AND m.move_type = %s
                   AND m.invoice_date >= %s AND %s >= %s AND %s < %s""",
                self.company_id.id, kind, since - timedelta(days=2), at, since, at, until),
            move_id=SQL("m.id"))

    def _query_due_first_purchase(self, since, until) -> SQL:
        """Index care_customer_first_idx."""
        at = self._query_day_end(SQL("c.first_purchase"))
        return self._query_rows(
            SQL("c.partner_id"), SQL("'first:' || c.partner_id"), at,
            SQL("""care_customer c
                 WHERE c.company_id = %s AND c.first_purchase >= %s AND %s >= %s AND %s < %s""",
                self.company_id.id, since - timedelta(days=2), at, since, at, until))

    def _query_due_registration(self, since, until) -> SQL:
        """Users are few beside customers."""
        return self._query_rows(
            SQL("u.partner_id"), SQL("'user:' || u.id"), SQL("u.create_date"),
            SQL("""res_users u
                 WHERE u.share AND u.active AND u.company_id = %s
                   AND u.create_date >= %s AND u.create_date < %s""",
                self.company_id.id, since, until))

    def _query_due_renewal(self, since, until) -> SQL:
        """An agreement that follows another one began; the relation has a unique index."""
        at = self._query_day_end(SQL("a.date_start"))
        return self._query_rows(
            SQL("a.partner_id"), SQL("'agreement:' || a.id"), at,
            SQL("""care_agreement a
                 WHERE a.predecessor_id IS NOT NULL AND a.company_id = %s AND a.state IN %s
                   AND %s >= %s AND %s < %s""",
                self.company_id.id, LIVE, at, since, at, until))

    def _query_due_relational(self, since, until) -> SQL:
        """Customers who bought, so many of each 100 a month, each on a day of his own.

        Who is drawn, and his day, follow from programme, customer and month. One pass over the
        company's customers, once a day.
        """
        draw = SQL("abs(hashtextextended(c.partner_id::text || to_char(m.month, 'YYYYMM'), %s))",
                   self.id)
        at = SQL("(m.month + (%s / 100 %% 28) * '1 day'::interval)", draw)
        return self._query_rows(
            SQL("c.partner_id"),
            SQL("'month:' || c.partner_id || ':' || to_char(m.month, 'YYYY-MM')"), at,
            SQL("""care_customer c
        CROSS JOIN generate_series(date_trunc('month', %s::timestamp), %s::timestamp,
                                   '1 month') AS m (month)
                 WHERE c.company_id = %s AND c.first_purchase IS NOT NULL
                   AND %s %% 100 < %s AND %s >= %s AND %s < %s""",
                since, until, self.company_id.id, draw, self.sample_percent, at, since, at, until))

    def _query_due_web(self, since, until) -> SQL:
        """Nobody is written to."""
        return self._query_due_manual(since, until)

    def _query_due_manual(self, since, until) -> SQL:
        return SQL(
            """SELECT NULL::int AS partner_id, NULL::varchar AS event, NULL::timestamp AS event_at,
                      NULL::int AS case_id, NULL::int AS order_id, NULL::int AS move_id
                WHERE FALSE""")
