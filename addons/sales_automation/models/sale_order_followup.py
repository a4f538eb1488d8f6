from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .moments import tell_ago, tell_day

# What a quotation can be in the eyes of who follows it up, and the state of core it needs.
OPEN_STATES = ("draft", "sent")
STATES = {"late": ("sale",), "confirmed": ("sale",), "cancelled": ("cancel",)}
# What asks for a step of ours, most pressing first.
TO_DO = ("answered", "expired", "expiring", "late", "unanswered", "seen", "unsent")


class SaleOrder(models.Model):
    """Where a quotation stands with the customer: sent, seen, answered, running out.

    Nothing of it is stored but the moment of sending: what changes with time is worked out when
    it is read, by one statement that the list's filters use too.
    """

    _inherit = "sale.order"

    sales_sent_at = fields.Datetime(
        "Sent to Customer", readonly=True, copy=False,
        help="When the quotation was sent or marked as sent for the last time.",
        groups="base.group_user")
    sales_followup = fields.Selection(
        [
            ("draft", "In Preparation"),
            ("unsent", "Not Sent Yet"),
            ("sent", "Sent"),
            ("seen", "Seen by the Customer"),
            ("answered", "Customer Wrote"),
            ("unanswered", "Unanswered"),
            ("expiring", "Expires Soon"),
            ("expired", "Expired"),
            ("confirmed", "Confirmed"),
            ("late", "Delivery Overdue"),
            ("cancelled", "Cancelled"),
        ], "Follow-up", compute="_compute_sales_followup", search="_search_sales_followup",
        groups="base.group_user")
    sales_seen_at = fields.Datetime(
        "Last Seen", compute="_compute_sales_followup", groups="base.group_user")
    sales_last_word_at = fields.Datetime(
        "Last Message", compute="_compute_sales_followup",
        help="When we or the customer last wrote about the quotation or its opportunity.",
        groups="base.group_user")
    sales_followup_text = fields.Char(
        "What Happened", compute="_compute_sales_followup", groups="base.group_user")

    # My day and the list ask for promised deliveries whose day has passed.
    _sales_delivery_idx = models.Index(
        "(commitment_date) WHERE state = 'sale' AND commitment_date IS NOT NULL")

    @api.depends(
        "state", "validity_date", "commitment_date", "sales_sent_at", "company_id",
        "opportunity_id", "message_ids", "order_line.qty_delivered")
    @api.depends_context("lang", "tz")
    def _compute_sales_followup(self):
        now = fields.Datetime.now()
        self._flush_followup()
        rows = {
            row["id"]: row for row in self.env.execute_query_dict(
                self._query_followup_of(self._origin.ids, now))
        } if self._origin else {}
        for order in self:
            row = rows.get(order._origin.id, {})
            order.sales_followup = row.get("followup") or "draft"
            order.sales_seen_at = row.get("seen_at")
            order.sales_last_word_at = max(
                filter(None, (row.get("out_at"), row.get("in_at"))), default=False)
            order.sales_followup_text = order._tell_followup(row, now) if row else False

    def _search_sales_followup(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_followup()
        now = fields.Datetime.now()
        return Domain.custom(
            to_sql=lambda model, alias, query: self._query_is_followup(alias, value, now))

    def write(self, vals):
        if vals.get("state") == "sent":
            vals = {**vals, "sales_sent_at": fields.Datetime.now()}
        return super().write(vals)

    # ---- actions ------------------------------------------------------------------------------

    def action_sales_remind(self):
        """Open a mail to the customer that asks about the quotation; nothing goes unread."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("Only an open quotation can be followed up."))
        template = self.env.ref(
            "sales_automation.mail_template_quote_reminder", raise_if_not_found=False)
        self._portal_ensure_token()
        return {
            "type": "ir.actions.act_window", "res_model": "mail.compose.message",
            "name": self.env._("Remind the Customer"), "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": "sale.order", "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment", "force_email": True,
                "default_email_layout_xmlid":
                    "mail.mail_notification_layout_with_responsible_signature",
            },
        }

    def action_sales_extend(self):
        """Make quotations valid again for the days of the setting, counted from today."""
        self.check_access("write")
        if any(order.state not in OPEN_STATES for order in self):
            raise UserError(self.env._("Only the validity of an open quotation can be extended."))
        for order in self:
            days = order.company_id.sales_quote_extend_days
            until = fields.Date.context_today(self) + timedelta(days=days)
            order.validity_date = max(until, order.validity_date or until)
            order.message_post(body=self.env._(
                "Validity extended until %s",
                tell_day(self.env, order.validity_date, year=True)))
        return True

    def action_sales_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "sale.order", "res_id": self.id,
            "views": [(False, "form")], "target": "current", "name": self.name,
        }

    @api.model
    def _flush_followup(self):
        """What the statement reads has to be in the database."""
        for model in ("sale.order", "sale.order.line", "mail.message", "res.company"):
            self.env[model].flush_model()

    # ---- words --------------------------------------------------------------------------------

    def _tell_followup(self, row, now):
        """Return the facts of one quotation in a line: sent, seen, written, valid, delivery."""
        _ = self.env._
        if self.state == "sale":
            return self._tell_delivery(row)
        if self.state == "cancel":
            return _("Cancelled")
        parts = []
        if self.state == "sent":
            parts.append(_("sent %s", tell_ago(self.env, row["sent_at"], now)))
            if row["seen_at"]:
                parts.append(_("seen %s", tell_ago(self.env, row["seen_at"], now)))
            if row["in_at"] and row["in_at"] > row["sent_at"]:
                parts.append(_("customer wrote %s", tell_ago(self.env, row["in_at"], now)))
            elif row["out_at"] and row["out_at"] > row["sent_at"] + timedelta(hours=1):
                parts.append(_("reminded %s", tell_ago(self.env, row["out_at"], now)))
        else:
            parts.append(_("written %s, not sent", tell_ago(self.env, row["create_date"], now)))
        if self.validity_date:
            date = tell_day(self.env, self.validity_date)
            parts.append(_("expired on %s", date) if row["followup"] == "expired"
                         else _("valid until %s", date))
        line = ", ".join(parts)
        return line[:1].upper() + line[1:]

    def _tell_delivery(self, row):
        _ = self.env._
        parts = [_("Signed by %s", self.signed_by) if self.signed_by else _("Confirmed")]
        if self.commitment_date:
            date = tell_day(self.env, self.commitment_date)
            parts.append(_("delivery was promised for %s and is not complete", date)
                         if row["followup"] == "late" else _("delivery promised for %s", date))
        elif self.expected_date:
            parts.append(_("delivery expected on %s", tell_day(self.env, self.expected_date)))
        return ", ".join(parts)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_is_followup(self, alias, wanted, now):
        """Whether one order is at one of these points; worked out for those that can be.

        Open quotations by sale_order's index on state, deliveries by sale_order_sales_delivery_idx.
        """
        order = {name: SQL.identifier(alias, name) for name in ("id", "state", "commitment_date")}
        states = {state for each in wanted for state in STATES.get(each, OPEN_STATES)}
        scope = SQL("%s = ANY(%s)", order["state"], list(states))
        if "late" in wanted and "confirmed" not in wanted:
            scope = SQL(
                "(%s = ANY(%s) OR (%s = 'sale' AND %s < %s))", order["state"],
                list(states - {"sale"}), order["state"], order["commitment_date"], now)
        return SQL(
            "(%s AND EXISTS (SELECT FROM (%s) f WHERE f.followup = ANY(%s)))", scope,
            self._query_followup(now, SQL("o.id = %s", order["id"])), list(wanted))

    @api.model
    def _query_followup_of(self, ids, now):
        return self._query_followup(now, SQL("o.id = ANY(%s)", list(ids)))

    @api.model
    def _query_followup(self, now, condition):
        """Return (id, followup, sent_at, seen_at, out_at, in_at, create_date) of orders.

        Core logs a customer's look at the portal page as a message of its own subtype. Messages
        are reached by mail_message_model_res_id_idx, orders by their state's index.
        """
        return SQL(
            """
            SELECT o.id, o.create_date, f.sent_at, m.seen_at, m.out_at, m.in_at,
                   CASE WHEN o.state = 'cancel' THEN 'cancelled'
                        WHEN o.state = 'sale' THEN
                             CASE WHEN o.commitment_date < %(now)s AND EXISTS (
                                       SELECT FROM sale_order_line l
                                         JOIN product_product p ON p.id = l.product_id
                                         JOIN product_template t ON t.id = p.product_tmpl_id
                                        WHERE l.order_id = o.id AND t.type = 'consu'
                                          AND COALESCE(l.qty_delivered, 0) < l.product_uom_qty)
                                  THEN 'late' ELSE 'confirmed' END
                        WHEN o.state = 'sent' AND m.in_at > f.sent_at
                             AND m.in_at > COALESCE(m.out_at, m.in_at - interval '1 second')
                             THEN 'answered'
                        WHEN o.validity_date < %(today)s THEN 'expired'
                        WHEN o.state = 'draft' THEN
                             CASE WHEN o.create_date
                                       <= %(now)s - c.sales_quote_draft_days * interval '1 day'
                                  THEN 'unsent' ELSE 'draft' END
                        WHEN o.validity_date <= %(today)s + c.sales_quote_expiry_days
                             THEN 'expiring'
                        WHEN GREATEST(f.sent_at, m.out_at, m.in_at)
                             <= %(now)s - c.sales_quote_answer_days * interval '1 day'
                             THEN 'unanswered'
                        WHEN m.seen_at >= f.sent_at THEN 'seen'
                        ELSE 'sent' END AS followup
              FROM sale_order o
              JOIN res_company c ON c.id = o.company_id
             CROSS JOIN LATERAL (SELECT COALESCE(o.sales_sent_at, o.date_order) AS sent_at) f
              LEFT JOIN LATERAL (%(messages)s) m ON o.state IN ('draft', 'sent')
             WHERE %(condition)s
            """,
            now=now, today=fields.Date.context_today(self),
            condition=condition,
            messages=self._query_last_words())

    @api.model
    def _query_last_words(self):
        """Return, for one order `o`: last seen, our last word, the customer's last word."""
        return SQL(
            """
            SELECT MAX(w.date) FILTER (WHERE w.subtype_id = %(viewed)s) AS seen_at,
                   MAX(w.date) FILTER (WHERE w.subtype_id = %(comment)s AND w.ours) AS out_at,
                   MAX(w.date) FILTER (WHERE w.subtype_id = %(comment)s AND NOT w.ours) AS in_at
              FROM (
                    SELECT x.date, x.subtype_id, EXISTS (
                           SELECT FROM res_users u
                            WHERE u.partner_id = x.author_id AND NOT u.share) AS ours
                      FROM (SELECT date, subtype_id, author_id, message_type FROM mail_message
                             WHERE model = 'sale.order' AND res_id = o.id
                            UNION ALL
                            SELECT date, subtype_id, author_id, message_type FROM mail_message
                             WHERE model = 'crm.lead' AND res_id = o.opportunity_id) x
                     WHERE x.subtype_id = %(viewed)s OR (x.subtype_id = %(comment)s
                           AND x.message_type IN ('comment', 'email', 'email_outgoing'))) w
            """,
            viewed=self.env["ir.model.data"]._xmlid_to_res_id("sale.mt_order_viewed"),
            comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"))
