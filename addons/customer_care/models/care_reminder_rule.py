from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: How far ahead reminders are planned and previewed.
HORIZON_DAYS = 30
#: Reminders old enough to judge, below which no share is told.
FEW = 10
#: Writing these changes no plan.
QUIET = frozenset({"sequence", "name", "is_on", "preview_counts", "previewed_at"})
#: What the empty screen offers: key → values beside the name and the mail.
PRESETS = {
    "repurchase": {"kind": "repurchase", "lead_days": 3},
    "maintenance": {"kind": "maintenance", "lead_days": 14},
    "warranty": {"kind": "warranty", "lead_days": 30, "channel": "activity", "make_offer": True},
    "renewal": {"kind": "renewal", "lead_days": 30},
}


class CareReminderRule(models.Model):
    """Whom to remind of what, when and how: one line of "beans run out, write three days before".

    A rule that is switched on plans care.reminder rows every night, 30 days ahead; switched off,
    its plans go and what was sent stays.
    """

    _name = "care.reminder.rule"
    _inherit = ["care.ahead"]
    _description = "Reminder rule"
    _order = "sequence, id"
    _check_company_auto = True
    _preview_decided_by = frozenset({
        "kind", "basis", "interval_number", "interval_unit", "by_quantity", "lead_days", "channel",
        "late_days", "product_tmpl_ids", "categ_ids", "company_id"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_on = fields.Boolean("On", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade")
    kind = fields.Selection(
        [("repurchase", "Repurchase"), ("maintenance", "Maintenance"),
         ("warranty", "End of warranty"), ("renewal", "Renewal of an agreement")],
        required=True, default="repurchase",
        help="Repurchase looks at what customers buy again and again; maintenance and end of "
        "warranty at goods delivered to them; renewal at agreements that end and do not renew "
        "themselves.")
    product_tmpl_ids = fields.Many2many(
        "product.template", string="Products", check_company=True,
        help="Remind of these products, and of those of the categories. Both empty: of all.")
    categ_ids = fields.Many2many(
        "product.category", string="Product categories", help="With the categories below them.")
    basis = fields.Selection(
        [("own", "Own date"), ("fixed", "A fixed time after")], "Due on", required=True,
        default="own",
        help="Own date: the customer's own rhythm for a repurchase, the product's service interval "
        "or warranty for delivered goods, the last day of an agreement. A fixed time after: so "
        "long after the last purchase, the delivery or the first day, for everybody.")
    interval_number = fields.Integer("Time", default=3)
    interval_unit = fields.Selection(
        [("days", "days"), ("months", "months")], required=True, default="months")
    by_quantity = fields.Boolean(
        "By quantity", default=True,
        help="Twice the quantity lasts twice as long.")
    lead_days = fields.Integer(
        "Days before", default=3, help="How many days before the due date the reminder leaves.")
    late_days = fields.Integer(
        "At most days late", default=7,
        help="A reminder that could not leave on its day is held back after so many days, so that "
        "nothing is sent in a heap after a standstill. Who is overdue by his own rhythm when the "
        "rule begins is reminded at once, unless he has been silent for twice his rhythm.")
    channel = fields.Selection(
        [("mail", "Mail to the customer"), ("activity", "Activity for us")],
        required=True, default="mail")
    template_id = fields.Many2one(
        "mail.template", "Mail", domain=[("model", "=", "care.reminder")], ondelete="restrict",
        help="Written in each customer's language. Empty: the mail of this kind that comes along.")
    activity_type_id = fields.Many2one("mail.activity.type", "Activity type", ondelete="set null")
    user_id = fields.Many2one(
        "res.users", "Responsible", check_company=True,
        help="Gets the activity where the customer has no salesperson of his own.")
    make_offer = fields.Boolean(
        "Draft a quotation",
        help="With each reminder, draft a quotation for the salesperson: of the product itself for "
        "a repurchase, of the service to offer for delivered goods. Without such a product, none.")
    reminder_ids = fields.One2many("care.reminder", "rule_id")
    result = fields.Char("So far", compute="_compute_result")

    _numbers = models.Constraint(
        "CHECK(lead_days >= 0 AND late_days >= 0 AND (basis <> 'fixed' OR interval_number > 0))",
        "Days cannot be negative, and a fixed time must be a day or more.")

    @api.constrains("template_id")
    def _check_template(self):
        for rule in self:
            if rule.template_id and rule.template_id.model != "care.reminder":
                raise ValidationError(self.env._(
                    "The mail “%s” is not written for reminders.", rule.template_id.name))

    def _look_ahead(self, now):
        return self.env["care.reminder"]._preview(self, now)

    def _tell_preview(self, counts) -> str:
        """How many the rule would remind, and how many it would hold back and why."""
        held, later = dict(counts["held"]), counts["held"].get("limit")
        if not counts["free"] and not held:
            return self.env._("Nobody: nothing falls due in the next 30 days.")
        held.pop("limit", None)
        told = self.env._(
            "Reminders: %(count)s, customers: %(customers)s", count=counts["free"],
            customers=counts["customers"])
        if later:
            told = self.env._(
                "%(told)s. Later, after another mail to the same customer: %(later)s", told=told,
                later=later)
        if not held:
            return self.env._("%s. None would be held back.", told)
        return self.env._(
            "%(told)s. Held back: %(held)s.", told=told,
            held=self._tell_held(held, self.env["care.reminder"]._suppression_reasons()))

    def _compute_result(self):
        groups = self.env["care.reminder"]._read_group(
            [("rule_id", "in", self.ids), ("reached", "=", 1)],
            ["rule_id"], ["__count", "matured:sum", "bought:sum"])
        found = {rule: numbers for rule, *numbers in groups}
        for rule in self:
            rule.result = rule._tell_result(*found.get(rule, (0, 0, 0)))

    def _tell_result(self, sent, matured, bought) -> str:
        """What became of the reminders, with the denominator; too few say so."""
        words = {"sent": sent, "matured": matured, "bought": bought,
                 "days": self.company_id.care_reminder_window_days}
        if not sent:
            return self.env._("Nothing sent yet.")
        if not matured:
            return self.env._(
                "%(sent)s sent, bought within %(days)s days: n/a, none is that old yet.", **words)
        if matured < FEW:
            return self.env._(
                "%(sent)s sent; %(bought)s of %(matured)s bought within %(days)s days: too few "
                "for a share.", **words)
        return self.env._(
            "%(sent)s sent; %(bought)s of %(matured)s bought within %(days)s days (%(share)s %%).",
            share=round(100 * bought / matured), **words)

    def write(self, vals):
        """Plans follow the rule: what was planned by its old words goes."""
        result = super().write(vals)
        if not QUIET.issuperset(vals):
            self.filtered("is_on")._plan_again()
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_switch_on(self):
        self.check_access("write")
        for rule in self:
            if rule.channel == "mail" and not rule._get_template():
                raise UserError(self.env._(
                    "“%s” needs a mail before it is switched on.", rule.name))
        self.is_on = True
        self._plan_again()

    def action_switch_off(self):
        self.check_access("write")
        self.is_on = False
        self._drop_plans()

    def action_preview(self):
        """What the rule would remind of in the next 30 days, when, and what holds it back."""
        self.ensure_one()
        listed = self._count_preview()
        ahead = self.env["care.reminder.ahead"].create([
            {"rule_id": self.id, "outcome": self._tell_outcome(due.reason),
             **{name: value for name, value in due._asdict().items() if name != "id"}}
            for due in listed])
        counts = self.preview_counts
        title = self._tell_listed(
            self.env._("Would be reminded: %s", self.name), len(listed),
            counts["free"] + sum(counts["held"].values()))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_reminder_ahead_action") | {
            "name": title, "display_name": title, "domain": [("id", "in", ahead.ids)]}

    @api.model
    def _tell_outcome(self, reason) -> str:
        return {None: "free", "limit": "later"}.get(reason, "held")

    def action_open_reminders(self):
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_reminder_action") | {
            "domain": [("rule_id", "=", self.id)], "context": {}}

    @api.model
    def action_create_presets(self):
        """The rules that most companies begin with, switched off, to be looked at first."""
        self.check_access("create")
        names = {
            "repurchase": self.env._("Runs out soon"),
            "maintenance": self.env._("Service is due"),
            "warranty": self.env._("Warranty ends"),
            "renewal": self.env._("Agreement ends"),
        }
        known = self.search([("company_id", "=", self.env.company.id)]).mapped("kind")
        self.create([
            {"name": names[key], **values}
            for key, values in PRESETS.items() if values["kind"] not in known
        ])
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_reminder_rule_action")

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _get_template(self):
        """The rule's mail, else the one that comes along for its kind."""
        self.ensure_one()
        return self.template_id or self.env.ref(
            f"customer_care.mail_template_reminder_{self.kind}", raise_if_not_found=False)

    def _get_product_ids(self) -> list[int] | None:
        """Variants the rule is about; None for all."""
        self.ensure_one()
        if not (self.product_tmpl_ids or self.categ_ids):
            return None
        # Whatever products the reader may see: the night reminds of them all.
        return self.env["product.product"].sudo().with_context(active_test=False).search([
            "|", ("product_tmpl_id", "in", self.product_tmpl_ids.ids),
            ("categ_id", "child_of", self.categ_ids.ids)]).ids

    def _follows_rhythm(self) -> bool:
        """Whether the due day is a guess from the customer's own purchases."""
        self.ensure_one()
        return self.kind == "repurchase" and self.basis == "own"

    def _get_span(self, today):
        """First and last due day (half-open) of what is to be planned on a day."""
        self.ensure_one()
        first = today - timedelta(days=self.late_days - self.lead_days)
        return first, today + timedelta(days=HORIZON_DAYS + self.lead_days + 1)

    def _plan_again(self):
        """Plan anew with the next minute's night."""
        self._drop_plans()
        for company in self.company_id:
            self.env["care.night"]._wake("reminder_plan", company=company)

    def _drop_plans(self):
        # Reminders are written by code only, whoever changed the rule.
        self.env["care.reminder"].sudo().search([
            ("rule_id", "in", self.ids), ("state", "=", "planned")]).unlink()
