from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from .optional import OptionalFloat

STATES = [
    ("new", "New"), ("acknowledged", "Seen"), ("acted", "Measures taken"), ("closed", "Closed"),
]
KINDS = [("cluster", "Cluster"), ("safety", "Safety")]


class CareAlert(models.Model):
    """One product, or one lot of it, that customers say is dangerous or complain of too often.

    While it is open there is no second one of the same product and lot: later voices join it. It
    is raised by code (`_hear`, `_find_clusters`), once told to the right people, and worked on:
    new → seen → measures taken → closed; each by its `_set_<state>` alone.
    """

    _name = "care.alert"
    _description = "Product alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "is_closed, kind desc, last_on desc, id desc"
    _rec_names_search = ["product_id", "lot_name"]
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, tracking=True)
    state = fields.Selection(
        STATES, required=True, readonly=True, default="new", tracking=True, group_expand=True)
    is_closed = fields.Boolean(readonly=True)
    product_id = fields.Many2one(
        "product.product", readonly=True, index="btree_not_null", ondelete="cascade")
    lot_name = fields.Char("Lot or serial number", readonly=True)
    owner_id = fields.Many2one(
        "res.users", "Owner", tracking=True, domain="[('share', '=', False)]",
        help="Answers for the product: the product's own owner, else the one of the settings.")
    measures = fields.Text(
        help="What was done: delivery stopped, lot blocked, buyers warned, supplier told …")
    pause = fields.Boolean(
        "Pause selling to buyers", tracking=True,
        help="Reminders about this product to its buyers wait (of a matter of safety: everything "
        "that asks them to buy), the product is not proposed to anybody, and the buyers carry the "
        "tag “Affected by product alert” for mailings to leave them out. Ends with the alert.")

    raised_at = fields.Datetime("Raised", readonly=True)
    acknowledged_at = fields.Datetime("Seen at", readonly=True)
    acknowledged_by_id = fields.Many2one("res.users", "Seen by", readonly=True)
    acted_at = fields.Datetime("Measures taken at", readonly=True)
    closed_at = fields.Datetime("Closed at", readonly=True)

    voice_ids = fields.One2many("care.voice", "alert_id", "What customers said", readonly=True)
    count = fields.Integer("Voices", readonly=True, help="Complaints, defects and whatever speaks "
                           "of danger, that count; a merged case counts once.")
    customer_count = fields.Integer("Customers", readonly=True, help="Who said it.")
    first_on = fields.Date("First", readonly=True)
    last_on = fields.Date("Last", readonly=True)
    window_days = fields.Integer("Days looked at", readonly=True)
    expected = OptionalFloat(
        "Usual in these days", readonly=True, digits=(16, 2), aggregator=None,
        help="Complaints and defects of the product in the 12 months before, for as many days. "
        "Empty: the product is too new, or it was a safety word.")
    sold = OptionalFloat(
        "Units", readonly=True, digits="Product Unit", aggregator=None,
        help="Of a lot: delivered and not returned (where Odoo keeps the stock). Else: sold in the "
        "last 365 days and not returned; the month in which they begin counts by its days.")
    rate = OptionalFloat(
        "Per 1,000 units", readonly=True, digits=(16, 1), aggregator=None,
        help="Voices of this alert / units × 1,000. Empty when no sold unit is known.")
    base_rate = OptionalFloat(
        "Usual per 1,000 units", readonly=True, digits=(16, 2), aggregator=None,
        help="Complaints and defects of the product in the 365 days before the alert, for as many "
        "days as the alert looks at / units sold in these 365 days and not returned × 1,000.")
    reason = fields.Char(compute="_compute_reason")
    rate_text = fields.Char(
        "This alert", compute="_compute_rate_text",
        help="Its voices / units × 1,000. Units of a lot: delivered and not returned (where Odoo "
        "keeps the stock). Else: sold in the last 365 days and not returned; the month in which "
        "they begin counts by its days.")
    base_text = fields.Char(
        "Usual for the product", compute="_compute_base_text",
        help="Complaints and defects of the product in the 365 days before the alert, for as many "
        "days as the alert looks at / units sold in these 365 days and not returned × 1,000.")

    buyer_ids = fields.One2many("care.alert.buyer", "alert_id", readonly=True)
    buyer_count = fields.Integer(
        "Buyers", readonly=True,
        help="Customers who bought it and kept it. Where the deliveries tell the lot: of this lot, "
        "else of the product.")
    is_by_lot = fields.Boolean("Buyers of the lot are known", readonly=True)
    may_act = fields.Boolean(compute="_compute_may_act")

    # Two cases at the same moment make one alert: the database says so.
    _open_uniq = models.UniqueIndex(
        "(company_id, COALESCE(product_id, 0), COALESCE(lot_name, '')) WHERE state <> 'closed'",
        "There is an open alert on this product and lot.")

    # ---- computes -------------------------------------------------------------------------------

    @api.depends("kind", "product_id", "lot_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for alert in self:
            # an alert names its product to everybody who may read it
            what = alert.product_id.sudo().display_name or self.env._("product not named")
            lot = self.env._(", lot %s", alert.lot_name) if alert.lot_name else ""
            alert.display_name = f"{kinds.get(alert.kind, '')}: {what}{lot}"

    @api.depends("kind", "count", "expected", "window_days", "voice_ids.safety_words")
    @api.depends_context("lang")
    def _compute_reason(self):
        for alert in self:
            alert.reason = alert._tell_safety() if alert.kind == "safety" else (
                alert._tell_cluster())

    def _tell_safety(self):
        # the words of danger are what the alert is about, for all its readers
        said = self.sudo().voice_ids.filtered("is_safety")
        found = sorted({word for voice in said if voice.safety_words
                        for word in voice.safety_words.split(", ")})
        if found:
            return self.env._(
                "Speaks of danger (%(words)s): %(safety)s of %(count)s voices",
                words=", ".join(found), safety=len(said), count=self.count)
        return self.env._("Somebody who heard the customer says that it is dangerous.")

    def _tell_cluster(self):
        if self.expected is False:
            return self.env._(
                "%(count)s complaints and defects; looked at were %(days)s days. The product is "
                "too new to say what is usual: the count alone decided.",
                count=self.count, days=self.window_days)
        return self.env._(
            "%(count)s complaints and defects; usual in %(days)s days: %(usual)s",
            count=self.count, days=self.window_days,
            usual=formatLang(self.env, self.expected, digits=1) if self.expected >= 0.1
            else self.env._("hardly any"))

    @api.depends("rate", "count", "sold", "lot_name")
    @api.depends_context("lang")
    def _compute_rate_text(self):
        for alert in self:
            if alert.rate is False:
                alert.rate_text = (
                    self.env._("n/a: no delivery tells the units of the lot") if alert.lot_name
                    else self.env._("n/a: no unit sold is known"))
                continue
            whole = round(alert.sold, 1).is_integer()
            alert.rate_text = self.env._(
                "%(rate)s per 1,000 (%(count)s of %(sold)s units)",
                rate=formatLang(self.env, alert.rate, digits=1), count=alert.count,
                sold=formatLang(self.env, alert.sold, digits=0 if whole else 1))

    @api.depends("base_rate")
    @api.depends_context("lang")
    def _compute_base_text(self):
        for alert in self:
            alert.base_text = (
                self.env._("n/a: the product is too new, or no unit sold is known")
                if alert.base_rate is False
                else self.env._("%s per 1,000 in as many days",
                                formatLang(self.env, alert.base_rate, digits=2)))

    @api.depends_context("uid")
    @api.depends("owner_id")
    def _compute_may_act(self):
        works = self.env.su or self.env.user.has_group("customer_care.group_customer_care_user")
        for alert in self:
            alert.may_act = works or alert.owner_id == self.env.user

    # ---- CRUD -----------------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su and any(
                name in self._fields and self._fields[name].readonly for name in vals):
            raise AccessError(self.env._("What an alert rests on is not written by hand."))
        result = super().write(vals)
        if "pause" in vals:
            self._follow_pause()
        if "owner_id" in vals and not self.env.context.get("care_alert_quiet"):
            for alert in self.filtered(lambda alert: not alert.is_closed):
                alert._hand_over()
        return result

    # ---- actions: the owner acts though he need not work with care -------------------------------

    def action_acknowledge(self):
        """Seen: somebody cares for it."""
        self._check_may_act().filtered(lambda alert: alert.state == "new")._set_acknowledged()

    def action_act(self):
        """Measures were taken."""
        alerts = self._check_may_act().filtered(lambda alert: alert.state in (
            "new", "acknowledged"))
        if any(not (alert.measures or "").strip() for alert in alerts):
            raise UserError(self.env._("Write down the measures first: what was done?"))
        alerts._set_acted()

    def action_close(self):
        """Nothing more to do; what was paused goes on."""
        self._check_may_act().filtered(lambda alert: not alert.is_closed)._set_closed()

    def action_toggle_pause(self):
        for alert in self._check_may_act().filtered(lambda alert: not alert.is_closed):
            alert.pause = not alert.pause

    def _check_may_act(self):
        self.check_access("read")
        if not all(alert.may_act for alert in self):
            raise AccessError(self.env._(
                "Alerts are worked on by their owner and by users of Customer Care."))
        return self.sudo()  # the owner need not be a user of Customer Care

    def action_open_buyers(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Buyers: %s", self.display_name),
            "res_model": "care.alert.buyer", "views": [(False, "list")],
            "domain": [("alert_id", "=", self.id)]}

    def action_open_voices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_voice_action")
        return {**action, "name": self.display_name, "context": {},
                "domain": [("alert_id", "=", self.id)]}

    # ---- states ---------------------------------------------------------------------------------

    def _set_acknowledged(self):
        self.write({"state": "acknowledged", "acknowledged_at": fields.Datetime.now(),
                    "acknowledged_by_id": self.env.uid})

    def _set_acted(self):
        self.write({"state": "acted", "acted_at": fields.Datetime.now()})
        self.activity_feedback(["customer_care.mail_activity_type_alert"])

    def _set_closed(self, why=None):
        self.write({"state": "closed", "is_closed": True, "pause": False,
                    "closed_at": fields.Datetime.now()})
        self.activity_unlink(["customer_care.mail_activity_type_alert"])
        for alert in self:
            alert._message_log(body=why or self.env._("Closed: what was paused goes on."))

    def _set_safety(self):
        """A cluster turns out to be dangerous: the same alert, and graver."""
        for alert in self:
            alert.write({"kind": "safety", "pause": bool(alert.product_id)})
            alert._message_log(body=alert.reason)
            alert._hand_over()
