from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools.mail import append_content_to_html

from .care_reminder_suppression import DECIDED
from .moments import tell_day

#: What the mail's list of other things is known by, wherever a template puts it.
MARK = "o_care_also_due"


class CareReminder(models.Model):
    """Several things due at once are one mail: the first names the others."""

    _inherit = "care.reminder"

    joined_id = fields.Many2one(
        "care.reminder", "Named in the mail of", readonly=True, ondelete="set null",
        index="btree_not_null")
    joined_ids = fields.One2many("care.reminder", "joined_id", readonly=True)
    also_due = fields.Html(
        compute="_compute_also_due", sanitize=False,
        help="What else the mail reminds of, as a list for the mail's text.")

    @api.depends("joined_ids.due_on")
    @api.depends_context("lang")
    def _compute_also_due(self):
        for reminder in self:
            rows = Markup("").join(
                Markup("<li>{}: {}</li>").format(other._tell_thing(), tell_day(
                    other.env, other.due_on, year=True))
                for other in reminder.joined_ids)
            reminder.also_due = rows and Markup(
                '<div class="{}"><p>{}</p><ul>{}</ul></div>').format(
                    MARK, self.env._("Soon due as well:"), rows)

    def _tell_thing(self):
        self.ensure_one()
        return (self.item_id.display_name or self.product_id.name
                or self.agreement_id.display_name)

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    @api.model
    def _join_days(self, company) -> int:
        """What is due within so many days goes with today's mail: the next is farther away."""
        return company.care_reminder_limit_days // 2

    def _take_along(self, company, today, now):
        """Of several mails to one customer the first (soonest due) leaves, with all in it.

        Returns what leaves now: activities, and one mail for each customer.
        """
        heads = {}
        for reminder in self.filtered(lambda r: r.channel == "mail"):
            heads.setdefault(reminder.partner_id, reminder)
        leaving = self.filtered(lambda r: r.channel != "mail").union(*heads.values())
        soon = self.search([
            ("company_id", "=", company.id), ("channel", "=", "mail"), ("state", "=", "planned"),
            ("partner_id", "in", [partner.id for partner in heads]), ("id", "not in", self.ids),
            ("rule_id.is_on", "=", True),
            ("send_on", "<=", today + timedelta(days=self._join_days(company))),
        ]).try_lock_for_update()
        free = soon._judge(now, but=DECIDED).get(None, self.browse())
        for other in (self - leaving) | free:
            other.joined_id = heads[other.partner_id]
        return leaving

    def _ensure_all_named(self):
        """Whatever a rule's own mail says: it names everything that it reminds of."""
        self.ensure_one()
        if self.joined_ids and MARK not in (self.mail_id.body_html or ""):
            told = self.with_context(lang=self.partner_id.lang or self.env.lang)
            self.mail_id.body_html = append_content_to_html(
                self.mail_id.body_html, told.also_due, plaintext=False)

    def _leave_mail(self):
        """Its mail does not leave, or not with it: what went along goes its own way."""
        (self | self.joined_ids).joined_id = False
