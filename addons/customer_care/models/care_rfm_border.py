from datetime import date

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_care.engine import rfm
from odoo.addons.customer_care.engine.rfm import Borders
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, formatLang

from .moments import tell_day

LETTERS = {"recency": "r", "frequency": "f", "monetary": "m"}
METHODS = [("fixed", "Fixed"), ("fifths", "Fifths of the customers")]
#: Written when borders are taken, by code.
BY_CODE = {"state", "frozen_on", "replaced_on", "user_id", "settled"}
BORDER_FIELDS = tuple(f"{letter}{i}" for letter in LETTERS.values() for i in (1, 2, 3, 4))
#: Those that a segment hangs on; value is told beside it.
SEGMENT_FIELDS = frozenset(name for name in BORDER_FIELDS if not name.startswith("m"))


class CareRfmBorder(models.Model):
    """The borders by which one company's customers are scored, with the day they were frozen.

    Frozen borders keep scores comparable: a customer moves because he bought or was silent, not
    because others did. Only a draft may be edited; taking it retires the current one, which stays
    to be looked up. A number on a border belongs to the band below it.
    """

    _name = "care.rfm.border"
    _description = "RFM borders"
    _order = "company_id, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade",
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("current", "In force"), ("replaced", "Replaced")],
        required=True, readonly=True, default="draft", copy=False)
    frozen_on = fields.Date("Frozen on", readonly=True, copy=False)
    replaced_on = fields.Date("Replaced on", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Taken by", readonly=True, copy=False)
    settled = fields.Boolean(
        "Everybody scored by it", readonly=True, copy=False, default=True,
        help="Until then a customer in another segment was moved by the borders, not by himself.")
    customers = fields.Integer(
        "Customers measured", readonly=True, help="Customers with a purchase on that day.")

    recency_method = fields.Selection(
        METHODS, "Recency by", required=True, default="fixed",
        help="Fixed: the days you write. Fifths: measured so that each score holds a fifth of the "
        "customers, as far as customers with equal numbers allow; they are never parted.")
    frequency_method = fields.Selection(
        METHODS, "Frequency by", required=True, default="fixed",
        help="Fixed: the numbers of purchases you write. Fifths: measured.")
    monetary_method = fields.Selection(
        METHODS, "Value by", required=True, default="fifths",
        help="Fixed: the amounts you write, in company currency. Fifths: measured.")
    r1 = fields.Integer("Recency 5 up to (days)", default=int(rfm.RECENCY_DAYS[0]))
    r2 = fields.Integer("Recency 4 up to (days)", default=int(rfm.RECENCY_DAYS[1]))
    r3 = fields.Integer("Recency 3 up to (days)", default=int(rfm.RECENCY_DAYS[2]))
    r4 = fields.Integer("Recency 2 up to (days)", default=int(rfm.RECENCY_DAYS[3]))
    f1 = fields.Integer("Frequency 1 up to", default=int(rfm.PURCHASES[0]))
    f2 = fields.Integer("Frequency 2 up to", default=int(rfm.PURCHASES[1]))
    f3 = fields.Integer("Frequency 3 up to", default=int(rfm.PURCHASES[2]))
    f4 = fields.Integer("Frequency 4 up to", default=int(rfm.PURCHASES[3]))
    m1 = fields.Monetary("Value 1 up to")
    m2 = fields.Monetary("Value 2 up to")
    m3 = fields.Monetary("Value 3 up to")
    m4 = fields.Monetary("Value 4 up to")
    basis = fields.Char("Rests on", compute="_compute_basis")
    effect = fields.Html("What would change", compute="_compute_effect", sanitize=False)

    _one_current = models.UniqueIndex(
        "(company_id) WHERE state = 'current'", "A company has one set of borders in force.")

    @api.constrains(*BORDER_FIELDS)
    def _check_borders(self):
        for border in self:
            for name, letter in LETTERS.items():
                if not rfm.rises(border._numbers(letter)):
                    raise ValidationError(self.env._(
                        "The borders of %s must rise from each line to the next.",
                        border._label_of(name)))

    @api.depends("state", "frozen_on", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for border in self:
            border.display_name = (
                self.env._("New borders") if border.state == "draft" else
                self.env._("Borders of %s", tell_day(self.env, border.frozen_on)))

    @api.depends("customers", "recency_method", "frequency_method", "monetary_method")
    @api.depends_context("lang")
    def _compute_basis(self):
        for border in self:
            border.basis = self.env._(
                "Measured over too few customers: %(count)s, %(needed)s are needed. Until then the "
                "fifths are measured anew every night.",
                count=border.customers, needed=rfm.ENOUGH,
            ) if border._is_provisional() else self.env._(
                "Measured over %s customers.", formatLang(self.env, border.customers, digits=0))

    @api.depends(*BORDER_FIELDS, "company_id", "state")
    @api.depends_context("lang")
    def _compute_effect(self):
        for border in self:
            border.effect = border._tell_effect() if border.state == "draft" else False

    @api.onchange("recency_method", "frequency_method", "monetary_method")
    def _onchange_methods(self):
        for border in self:
            border.update(border._measure(border.company_id, border._methods()))

    @api.model_create_multi
    def create(self, vals_list):
        borders = super().create(vals_list)
        if not self.env.su and any(border[name] != new for border in borders for name, new in (
                ("state", "draft"), ("frozen_on", False), ("replaced_on", False))):
            raise AccessError(self.env._("Borders begin as a draft."))
        return borders

    def write(self, vals):
        if not self.env.su and not BY_CODE.isdisjoint(vals):
            raise AccessError(self.env._("Borders come into force when you take them."))
        edited = set(vals) & {
            "company_id", "customers", *BORDER_FIELDS, *(f"{name}_method" for name in LETTERS)}
        if edited and any(b.state != "draft" for b in self) and not self.env.su:
            raise UserError(self.env._(
                "These borders are frozen. Measure new ones to see what would change."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(border.state != "draft" for border in self):
            raise UserError(self.env._("Frozen borders are kept: scores were given by them."))

    def action_recalibrate(self):
        """Measure again and show what would change; nothing changes before it is taken."""
        self.check_access("write")
        company = self[:1].company_id or self.env.company
        draft = self.search([("company_id", "=", company.id), ("state", "=", "draft")], limit=1)
        current = self._current(company)
        methods = current._methods() if current else self._default_methods()
        vals = self._measure(company, methods)
        if not draft:
            kept = current.read([*BORDER_FIELDS], load=False)[0] if current else {}
            kept.pop("id", None)
            draft = self.create({
                "company_id": company.id, **kept, **vals,
                **{f"{name}_method": method for name, method in methods.items()}})
        else:
            draft.write(self._measure(company, draft._methods()))
        return draft._get_form_action()

    def action_take(self):
        """Score by these borders from now on; the old ones stay, with their days."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("Only a draft can be taken."))
        self._set_current(fields.Datetime.now(), self.env.user)
        self.env["care.night"]._wake("rfm", "health", "tags", company=self.company_id)
        return self.env["care.rfm"]._get_client_action()

    @api.model
    def _current(self, company):
        return self.search([("company_id", "=", company.id), ("state", "=", "current")], limit=1)

    @api.model
    def _keep_current(self, company, now):
        """The company's borders: frozen once there are customers, provisional while too few."""
        current = self._current(company)
        if current and not current._is_provisional():
            return current
        methods = current._methods() if current else self._default_methods()
        vals = self._measure(company, methods)
        if not current and vals["customers"]:
            current = self.create({
                "company_id": company.id, **vals,
                **{f"{name}_method": method for name, method in methods.items()}})
            current._set_current(now)
        elif current:
            today = company._care_today(now)
            changed = {name for name, value in vals.items() if current[name] != value}
            if changed:
                current.write(vals | {"frozen_on": today})
            if not SEGMENT_FIELDS.isdisjoint(changed):
                current.settled = False
        return current

    def _set_current(self, now, user=None):
        self.ensure_one()
        today = self.company_id._care_today(now)
        borders = self.sudo()  # the callers have checked who asks
        borders._current(self.company_id).write({"state": "replaced", "replaced_on": today})
        self.flush_model()  # the unique key knows no order of statements
        borders.write({
            "state": "current", "frozen_on": today, "user_id": user.id if user else False,
            "settled": False})

    @api.model
    def _unsettle(self, company):
        """What counts as a purchase became another thing: nobody is scored by that yet."""
        self._current(company).settled = False

    @api.model
    def _measure(self, company, methods):
        """What the company's customers are like today, for every letter that goes by fifths."""
        count, days, purchases, money = self._query_fifths(company, company._care_today())
        measured = {"recency": days, "frequency": purchases, "monetary": money}
        vals = {"customers": count}
        for name, method in methods.items():
            if method == "fifths" and count:
                vals |= {f"{LETTERS[name]}{i}": value
                         for i, value in enumerate(measured[name], start=1)}
        return vals

    @api.model
    def _default_methods(self):
        """Days and purchases mean the same everywhere; what much money is, each company tells."""
        return {"recency": "fixed", "frequency": "fixed", "monetary": "fifths"}

    def _methods(self):
        return {name: self[f"{name}_method"] for name in LETTERS}

    def _is_provisional(self):
        return "fifths" in self._methods().values() and self.customers < rfm.ENOUGH

    def _numbers(self, letter):
        return tuple(self[f"{letter}{i}"] for i in (1, 2, 3, 4))

    def _to_engine(self):
        return Borders(**{name: self._numbers(letter) for name, letter in LETTERS.items()})

    def _label_of(self, name):
        return {"recency": self.env._("recency"), "frequency": self.env._("frequency"),
                "monetary": self.env._("value")}[name]

    def _tell_effect(self):
        """Segments now and with these borders, as a table."""
        rows = self.env["care.rfm"]._count_moves(self.company_id, self)
        segments = self.env["care.rfm.segment"].browse(
            {key for row in rows for key in row[:2] if key}).sorted()
        before = {s: sum(n for old, _new, n in rows if old == s.id) for s in segments}
        after = {s: sum(n for _old, new, n in rows if new == s.id) for s in segments}
        moved, total = sum(n for old, new, n in rows if old != new), sum(row[2] for row in rows)
        head = [self.env._("Segment"), self.env._("Now"), self.env._("With these borders"),
                self.env._("Difference")]
        cell = Markup('<td class="text-end">{}</td>')
        body = Markup().join(
            Markup("<tr><td>{}</td>{}{}{}</tr>").format(
                s.name, *(cell.format(text) for text in (
                    before[s], after[s], f"{after[s] - before[s]:+d}".replace("+0", "0"))))
            for s in segments)
        summary = self.env._(
            "%(moved)s of %(total)s customers would be in another segment.",
            moved=formatLang(self.env, moved, digits=0),
            total=formatLang(self.env, total, digits=0))
        return Markup(
            '<p><b>{}</b></p><table class="table table-sm w-auto"><thead><tr><th>{}</th>'
            '<th class="text-end">{}</th><th class="text-end">{}</th><th class="text-end">{}</th>'
            "</tr></thead><tbody>{}</tbody></table>").format(summary, *head, body)

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("RFM Borders"),
            "res_model": "care.rfm.border",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _query_fifths(self, company, today: date):
        """Customers with a purchase, and the fifths of their days, purchases and money.

        One pass over the company's rows; percentile_disc is rfm.fifths().
        """
        parts = SQL("ARRAY[0.2, 0.4, 0.6, 0.8]")
        return self.env.execute_query(SQL(
            """SELECT COUNT(*),
                      percentile_disc(%(parts)s) WITHIN GROUP
                          (ORDER BY GREATEST(%(today)s::date - last_purchase, 0)),
                      percentile_disc(%(parts)s) WITHIN GROUP (ORDER BY purchase_days),
                      percentile_disc(%(parts)s) WITHIN GROUP (ORDER BY revenue_net)
                 FROM care_customer WHERE company_id = %(company)s AND purchase_days > 0""",
            parts=parts, today=today, company=company.id,
        ))[0]
