from datetime import datetime

from markupsafe import Markup
from odoo import api, models
from odoo.tools import SQL

from .care_alert_hear import EVERYBODY
from .care_purchases import Scope

#: Rows of history of a product up to which its buyers are named while the case is saved.
AT_ONCE = 5000
#: Who buys the product, where purchasing is installed.
PURCHASING = "purchase.group_purchase_user"


class CareAlert(models.Model):
    """Who must know of an alert, and who bought what it is about."""

    _inherit = "care.alert"

    # ---- the right people, once -----------------------------------------------------------------

    def _get_owner(self):
        """The product's owner, else the one of the settings."""
        owners = self.product_id.care_owner_id | self.company_id.care_alert_owner_id
        return owners.filtered("active")[:1]

    @api.model
    def _own_instead_of(self, users):
        """Open alerts of people who have left get the owner that they would get today."""
        for alert in self.search([("owner_id", "in", users.ids)]).filtered(
                lambda alert: not alert.is_closed):
            alert.owner_id = alert._get_owner()

    def _get_people(self):
        """Owner, whoever buys the product, and who else the settings name; else care managers."""
        people = self.owner_id | self.company_id.care_alert_user_ids
        group = self.env.ref(PURCHASING, raise_if_not_found=False)  # where the app is installed
        if group and self.company_id.care_alert_purchasing:
            people |= group.all_user_ids
        if not people:
            people = self.env.ref("customer_care.group_customer_care_manager").all_user_ids
        return people.filtered(lambda user: (
            user.active and not user.share and self.company_id in user.company_ids))

    def _tell_people(self):
        """One mail to all, and a task for the owner."""
        root = self.env.ref("base.partner_root")
        for alert in self:
            people = alert._get_people()
            alert.message_notify(
                partner_ids=people.partner_id.ids, author_id=root.id, subject=alert.display_name,
                body=alert._prepare_body(), subtype_xmlid="mail.mt_comment")
            alert._hand_over()

    def _hand_over(self):
        """The task goes with the owner; he has his mail already."""
        self.activity_unlink(["customer_care.mail_activity_type_alert"])
        if self.owner_id:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "customer_care.mail_activity_type_alert", user_id=self.owner_id.id,
                summary=self.reason)

    def _prepare_body(self):
        lines = [self.reason, self.env._("Rate: %s", self.rate_text)]
        if self.product_id:
            lines.append(self.env._("Buyers: %s", self.buyer_count))
        said = self.voice_ids.sorted("is_safety", reverse=True)[:5]
        return Markup("<p>{}</p><ul>{}</ul>").format(
            Markup("<br/>").join(lines),
            Markup().join(Markup("<li>{}</li>").format(voice.display_name) for voice in said))

    # ---- buyers ---------------------------------------------------------------------------------

    def _reach_buyers(self):
        """Name the buyers now where they are few; the night's step does it within minutes else."""
        for alert in self.filtered("product_id"):
            histories = self.env["care.product.history"].search_count(
                [("product_id", "=", alert.product_id.id)], limit=AT_ONCE + 1)
            steps = []
            if not self.env["care.product.month"].search_count(
                    [("product_id", "=", alert.product_id.id),
                     ("company_id", "=", alert.company_id.id)], limit=1):
                steps = ["product_month", "alerts"]  # its units were never counted
            if histories <= AT_ONCE:
                alert._refresh_buyers(EVERYBODY)
                alert._follow_pause()
                self.env["care.loop"]._warn_deals(alert)
            else:
                steps = steps or ["alerts"]
            if steps:
                self.env["care.night"]._wake(*steps, company=alert.company_id)

    def _refresh_buyers(self, scope: Scope):
        """Who of these customers has the goods: new ones come, who gave them back goes."""
        self.env.flush_all()
        for alert in self.filtered("product_id"):
            alert._query_buyers(scope)
        self.env["care.alert.buyer"].invalidate_model(flush=False)
        counts = dict(self.env["care.alert.buyer"]._read_group(
            [("alert_id", "in", self.ids)], ["alert_id"], ["__count"]))
        for alert in self:
            alert.write({"buyer_count": counts.get(alert, 0),
                         "is_by_lot": bool(alert._knows_lot())})

    def _knows_lot(self) -> bool:
        """Do the deliveries tell who has the lot?"""
        return bool(self.lot_name and self._count_lot() is not None)

    # ---- what is paused -------------------------------------------------------------------------

    def _follow_pause(self):
        """Tags come and go with the alert; reminders that waited are planned again."""
        self.env.flush_all()
        over = self.filtered(lambda alert: not alert.pause)
        if over:
            self._query_plan_again(over)
            self.env["care.reminder"].invalidate_model(flush=False)
        for company in self.company_id:
            self._keep_tags(company)

    @api.model
    def _keep_tags(self, company, now: datetime | None = None):
        tag = self.env.ref("customer_care.partner_category_alert", raise_if_not_found=False)
        if tag:
            self.env["care.tag"]._keep_in_step(company, now, tag)

    # ---- queries --------------------------------------------------------------------------------

    def _query_buyers(self, scope: Scope) -> None:
        """Bring the buyers of one alert within a scope up to date."""
        self.env.execute_query(SQL(
            """WITH owns AS (%(owns)s),
               gone AS (
                   DELETE FROM care_alert_buyer b
                    WHERE b.alert_id = %(alert)s AND %(scope)s
                      AND b.partner_id NOT IN (SELECT partner_id FROM owns) RETURNING 1
               )
               INSERT INTO care_alert_buyer AS b
                      (alert_id, company_id, partner_id, quantity, last_on)
               SELECT %(alert)s, %(company)s, partner_id, quantity, last_on FROM owns
               ON CONFLICT (alert_id, partner_id)
               DO UPDATE SET quantity = EXCLUDED.quantity, last_on = EXCLUDED.last_on
            RETURNING 1""",
            owns=self._query_owns(scope), alert=self.id, company=self.company_id.id,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("b.partner_id"))))

    def _query_owns(self, scope: Scope) -> SQL:
        """Rows (partner_id, quantity, last_on) of who has the goods; by lot where it is known.

        Indexes care_product_history (product_id), stock_move (product_id).
        """
        if self._knows_lot():
            return SQL(
                """SELECT m.partner_id, SUM(m.quantity) AS quantity, MAX(m.day) AS last_on
                     FROM (%s) m (partner_id, product_id, lot_name, day, quantity)
                    WHERE m.lot_name = %s
                 GROUP BY m.partner_id HAVING SUM(m.quantity) > 0""",
                self.env["care.item"]._query_moved(self.company_id, scope, self.product_id),
                self.lot_name)
        return SQL(
            """SELECT h.partner_id, h.quantity, h.last_purchase AS last_on
                 FROM care_product_history h
                WHERE h.product_id = %s AND h.company_id = %s AND h.quantity > 0 AND %s""",
            self.product_id.id, self.company_id.id,
            self.env["care.purchases"]._query_scope(scope, SQL("h.partner_id")))

    def _query_plan_again(self, alerts) -> None:
        """What was held back by the alert waits for its day, and is judged again then."""
        self.env.execute_query(SQL(
            """UPDATE care_reminder r SET state = 'planned', reason = NULL
                 FROM care_alert_buyer b
                WHERE r.state = 'suppressed' AND r.reason = 'alert'
                  AND b.partner_id = r.partner_id AND b.company_id = r.company_id
                  AND b.alert_id = ANY(%s)
            RETURNING 1""", alerts.ids))
