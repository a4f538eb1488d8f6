from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .care_agreement_type import RENEWAL_SELECTION

STATE_SELECTION = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("to_renew", "To renew"),
    ("ended", "Ended"),
    ("renewed", "Renewed"),
    ("cancelled", "Cancelled"),
]
#: States in which the customer pays and may be lost.
LIVE = ("running", "to_renew")
#: Written by the `_set_…` methods and the night, whoever asks for it.
BY_CODE = {"state", "ended_on", "reminded_for", "night_error"}


class CareAgreement(models.Model):
    """One agreement of a customer with a company, from its first day to its last.

    A renewal is an agreement of its own that names its predecessor. The end is the last day on
    which it holds; lost is who has not renewed within the company's grace, and he is lost on
    that last day. States are written by the `_set_…` methods alone.
    """

    _name = "care.agreement"
    _description = "Agreement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_end, id"
    _check_company_auto = True

    name = fields.Char(
        "Number", required=True, copy=False, tracking=True, index="trigram",
        default=lambda self: self.env._("New"),
        help="Your number or name of the agreement. Left as it is, the next number is taken.")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, check_company=True, tracking=True,
        ondelete="restrict", index=True)
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Company of the customer", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency")
    type_id = fields.Many2one("care.agreement.type", "Type", required=True, tracking=True,
                              default=lambda self: self.env["care.agreement.type"].search(
                                  [], limit=1))
    product_id = fields.Many2one("product.product", "Product", check_company=True)
    order_id = fields.Many2one("sale.order", "Order", check_company=True, copy=False)
    order_line_id = fields.Many2one("sale.order.line", copy=False, index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", "Responsible", tracking=True, compute="_compute_user_id", store=True,
        readonly=False, precompute=True, help="Who is reminded of the renewal.")

    date_start = fields.Date(
        "First day", required=True, tracking=True, copy=False,
        default=fields.Date.context_today)
    date_end = fields.Date(
        "Last day", tracking=True, copy=False, compute="_compute_from_type", store=True,
        readonly=False, precompute=True,
        help="The last day on which it holds. Empty: open, it runs until somebody ends it.")
    renewal = fields.Selection(
        RENEWAL_SELECTION, required=True, compute="_compute_from_type", store=True,
        readonly=False, precompute=True, tracking=True,
        help="By a new agreement: use the Renew button. By itself: when the end has passed, the "
        "night makes the next agreement of the same length and price. Never: it just ends.")
    notice_days = fields.Integer(
        "Notice", compute="_compute_from_type", store=True, readonly=False, precompute=True,
        help="Days before the end until which either side may give notice.")
    currency_id = fields.Many2one(
        "res.currency", required=True, compute="_compute_currency_id", store=True, readonly=False,
        precompute=True)
    monthly_amount = fields.Monetary(
        "Per month", tracking=True, help="Untaxed, in the agreement's own currency.")
    monthly_company = fields.Monetary(
        "Per month (company currency)", compute="_compute_monthly_company", store=True,
        currency_field="company_currency_id",
        help="The amount per month at the rate of the first day.")

    state = fields.Selection(
        STATE_SELECTION, required=True, readonly=True, default="draft", copy=False, tracking=True,
        group_expand=True)
    ended_on = fields.Date(
        "Ended on", readonly=True, copy=False,
        help="The last day that it really held, where that is not the agreed one.")
    end_reason_id = fields.Many2one(
        "care.agreement.reason", "Reason", copy=False, tracking=True, ondelete="restrict")
    reminded_for = fields.Date(
        readonly=True, copy=False, help="The end for which a renewal activity was planned.")
    night_error = fields.Text(
        "What went wrong in the night", readonly=True, copy=False,
        help="Tried again every night.")

    predecessor_id = fields.Many2one(
        "care.agreement", "Renews", check_company=True, copy=False, ondelete="restrict",
        help="The agreement that this one continues.")
    successor_ids = fields.One2many("care.agreement", "predecessor_id", readonly=True)
    renewed_by_id = fields.Many2one(
        "care.agreement", "Renewed by", compute="_compute_renewed_by_id")
    since = fields.Date(
        "Under agreement since", compute="_compute_since", store=True, recursive=True,
        help="First day of the first agreement in an unbroken chain of renewals.")
    situation = fields.Char(compute="_compute_situation")
    overlap_note = fields.Char(compute="_compute_overlap_note")

    _in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "The last day of an agreement cannot lie before its first day.")
    _amount_not_negative = models.Constraint(
        "CHECK(monthly_amount >= 0 AND notice_days >= 0)",
        "The amount per month and the days of notice cannot be negative.")
    _one_successor = models.UniqueIndex(
        "(predecessor_id) WHERE predecessor_id IS NOT NULL",
        "This agreement has a successor already.")
    # The customer's agreements on his care record, and overlaps.
    _customer_idx = models.Index("(commercial_partner_id, company_id, date_start)")
    # What the night looks for.
    _end_idx = models.Index("(company_id, date_end) WHERE state IN ('running', 'to_renew')")

    # ------------------------------------------------------------
    # Checks and computes
    # ------------------------------------------------------------

    @api.constrains("predecessor_id", "date_start", "partner_id")
    def _check_predecessor(self):
        for agreement in self.filtered("predecessor_id"):
            before = agreement.predecessor_id
            if before.commercial_partner_id != agreement.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(new)s cannot renew %(old)s: that is an agreement of another customer.",
                    new=agreement.name, old=before.name))
            if before.date_start >= agreement.date_start:
                raise ValidationError(self.env._(
                    "%(new)s cannot renew %(old)s: it must begin after that one began.",
                    new=agreement.name, old=before.name))

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for agreement in self:
            parts = (agreement.name, agreement.partner_id.name)
            agreement.display_name = " · ".join(filter(None, parts))

    @api.depends("partner_id")
    def _compute_user_id(self):
        for agreement in self:
            partner = agreement.partner_id
            agreement.user_id = (
                agreement.user_id or partner.user_id or partner.commercial_partner_id.user_id
                or self.env.user)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for agreement in self:
            agreement.currency_id = agreement.currency_id or agreement.company_id.currency_id

    @api.depends("type_id", "date_start")
    def _compute_from_type(self):
        """What is usual in the type, until the agreement is started."""
        for agreement in self:
            kind = agreement.type_id
            if agreement.state == "draft" and agreement.date_start:
                agreement.renewal = kind.renewal or "manual"
                agreement.notice_days = kind.notice_days
                agreement.date_end = kind.months and (
                    agreement.date_start + relativedelta(months=kind.months, days=-1))

    @api.depends("monthly_amount", "currency_id", "date_start", "company_id")
    def _compute_monthly_company(self):
        for agreement in self:
            company = agreement.company_id
            agreement.monthly_company = agreement.currency_id._convert(
                agreement.monthly_amount, company.currency_id, company,
                agreement.date_start or fields.Date.context_today(self))

    @api.depends("successor_ids.state")
    def _compute_renewed_by_id(self):
        for agreement in self:
            agreement.renewed_by_id = agreement.successor_ids.filtered(
                lambda successor: successor.state != "cancelled")[:1]

    @api.depends("date_start", "predecessor_id.since", "predecessor_id.date_end",
                 "predecessor_id.ended_on", "company_id.care_grace_days")
    def _compute_since(self):
        for agreement in self:
            unbroken = agreement.predecessor_id and agreement._is_within_grace()
            agreement.since = (
                agreement.predecessor_id.since if unbroken else agreement.date_start)

    @api.depends("state", "date_end", "ended_on", "renewal", "notice_days", "successor_ids")
    @api.depends_context("lang")
    def _compute_situation(self):
        for agreement in self:
            agreement.situation = agreement._tell_situation()

    @api.depends("partner_id", "type_id", "product_id", "date_start", "date_end", "state")
    def _compute_overlap_note(self):
        for agreement in self:
            found = agreement._find_overlaps()
            agreement.overlap_note = bool(found) and self.env._(
                "Overlaps with %s: the same customer and type in the same days.",
                ", ".join(found.mapped("name")))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        new = self.env._("New")
        defaults = {f"default_{name}" for name in BY_CODE}
        self = self.with_context(
            {key: value for key, value in self.env.context.items() if key not in defaults})
        for vals in vals_list:
            self._check_by_code(vals)
            if vals.get("name", new) in (False, "", new):
                company = vals.get("company_id") or self.env.company.id
                # Whoever makes an agreement gets its number.
                numbers = self.env["ir.sequence"].sudo().with_company(company)
                vals["name"] = numbers.next_by_code("care.agreement") or new
        return super().create(vals_list)

    def write(self, vals):
        self._check_by_code(vals)
        result = super().write(vals)
        if "date_end" in vals or "renewal" in vals:
            self.filtered(
                lambda a: a.state == "to_renew" and not a._is_due_for_renewal()
            )._set_running()
        return result

    def _check_by_code(self, vals):
        if not self.env.su and not BY_CODE.isdisjoint(vals):
            raise AccessError(self.env._(
                "The state of an agreement is not written: start, renew, end or reopen it."))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(agreement.state != "draft" for agreement in self):
            raise UserError(self.env._(
                "Only drafts are deleted: an agreement that ran is part of the figures. End it "
                "instead."))

    @api.model
    def get_import_templates(self):
        return [{
            "label": self.env._("Import template for agreements"),
            "template": "/customer_care/static/xls/agreements.csv",
        }]

    @api.model
    def load(self, fields, data):
        """Imported agreements run from their first day; what looks odd is said, not refused."""
        result = super().load(fields, data)
        # A dry run comes here too and is rolled back by the caller.
        agreements = self.browse(result.get("ids") or [])
        agreements.filtered(lambda a: a.state == "draft").sorted("date_start")._set_running()
        result["messages"] += [
            {"type": "warning", "record": row, "rows": {"from": row, "to": row},
             "field": "date_start", "message": agreement.overlap_note}
            for row, agreement in enumerate(agreements) if agreement.overlap_note
        ]
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        # What it continues is renewed by it.
        (self | self.predecessor_id).check_access("write")
        self.filtered(lambda a: a.state == "draft").sorted("date_start")._set_running()

    def action_renew(self):
        """The draft of the next agreement, ready to be changed and started."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in (*LIVE, "ended"):
            raise UserError(self.env._("Only an agreement that ran can be renewed."))
        successor = self.renewed_by_id or self.create(self._prepare_successor_vals())
        return successor._get_form_action()

    def action_end(self):
        """Ask for the last day and the reason."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End agreement"),
            "res_model": "care.agreement.end",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    def action_reopen(self):
        """Take an end back that was entered by mistake."""
        self.check_access("write")
        closed = self.filtered(lambda a: a.state in ("ended", "cancelled"))
        closed._write_by_code({"ended_on": False, "end_reason_id": False})
        closed._set_running()

    def action_open_renewed_by(self):
        self.ensure_one()
        return self.renewed_by_id._get_form_action()

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # States: the only writers
    # ------------------------------------------------------------

    def _write_by_code(self, vals):
        self.sudo().write(vals)  # the callers have checked who asks

    def _set_running(self):
        """It counts from its first day; one that it continues is renewed, or was lost before."""
        self._write_by_code({"state": "running"})
        for before in self.predecessor_id:
            if before.renewed_by_id._is_within_grace():
                before._set_renewed()
            elif before.state in LIVE:
                before._set_ended()

    def _set_to_renew(self):
        self._write_by_code({"state": "to_renew"})

    def _set_renewed(self):
        self.ensure_one()
        start = self.renewed_by_id.date_start
        last = min(self._last_day() or start, start - relativedelta(days=1))
        self._write_by_code({
            "state": "renewed",
            "ended_on": last if last != self.date_end else False,
            "end_reason_id": False,
        })
        self._close_renewal(self.env._("Renewed by %s", self.renewed_by_id.name))

    def _set_ended(self, on=None, reason=None):
        """Lost, on its last day."""
        self._write_by_code({
            "state": "ended",
            "ended_on": on if on and on != self.date_end else False,
            "end_reason_id": reason.id if reason else self.end_reason_id.id,
        })
        self._close_renewal(self.env._("The agreement ended."))

    def _set_cancelled(self, reason=None):
        """It never counted: signed by mistake, or withdrawn before its first day."""
        self._write_by_code(
            {"state": "cancelled", "end_reason_id": reason.id if reason else False})
        self._close_renewal(self.env._("The agreement was cancelled."))

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _last_day(self):
        """The day on which it ended or will end; False while it is open."""
        self.ensure_one()
        return self.ended_on or self.date_end

    def _is_within_grace(self) -> bool:
        """This renewal began in time: the day after the end, or by the last day of the grace."""
        self.ensure_one()
        last = self.predecessor_id._last_day()
        grace = max(self.company_id.care_grace_days, 1)
        return not last or self.date_start <= last + relativedelta(days=grace)

    def _prepare_successor_vals(self) -> dict:
        """The same again, for the same length, from the day after the last one."""
        self.ensure_one()
        last = self._last_day()
        start = (last or self.company_id._care_today()) + relativedelta(days=1)
        values = {name: self[name].id for name in (
            "partner_id", "company_id", "type_id", "product_id", "user_id", "currency_id")}
        return values | {
            "predecessor_id": self.id,
            "date_start": start,
            "date_end": self._next_end(start),
            "renewal": self.renewal,
            "notice_days": self.notice_days,
            "monthly_amount": self.monthly_amount,
        }

    def _next_end(self, start):
        """Whole months stay whole months (28 February follows 31 January), else days are kept."""
        self.ensure_one()
        if not self.date_end:
            return False
        after = self.date_end + relativedelta(days=1)
        length = relativedelta(after, self.date_start)
        if not length.days:
            return start + length - relativedelta(days=1)
        return start + (self.date_end - self.date_start)

    def _find_overlaps(self):
        self.ensure_one()
        if not self.partner_id or not self.date_start or self.state == "cancelled":
            return self.browse()
        domain = Domain([
            ("id", "not in", [*self._origin.ids, *self.predecessor_id.ids]),
            ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id), ("type_id", "=", self.type_id.id),
            ("product_id", "=", self.product_id.id), ("state", "!=", "cancelled"),
            ("predecessor_id", "not in", self._origin.ids),
        ])
        if self.date_end:
            domain &= Domain("date_start", "<=", self.date_end)
        others = self.search(domain)
        return others.filtered(lambda a: not a._last_day() or a._last_day() >= self.date_start)

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Agreement"),
            "res_model": "care.agreement",
            "res_id": self.id,
            "views": [(False, "form")],
        }
