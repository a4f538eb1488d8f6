from odoo import api, fields, models
from odoo.exceptions import UserError

from .care_stage import OPEN_KINDS

SEVERITIES = [("1", "Minor"), ("2", "Normal"), ("3", "Severe"), ("4", "Critical")]
#: From here on a case is severe: nothing is sold to the customer while it is open.
SEVERE = ("3", "4")
CASE_KINDS = [
    ("question", "Question"), ("request", "Request"), ("complaint", "Complaint"),
    ("defect", "Defect"), ("return", "Return"), ("praise", "Praise"),
]
CHANNELS = [
    ("email", "Email"), ("phone", "Phone"), ("portal", "Portal"), ("web", "Web form"),
    ("chat", "Chat"), ("survey", "Survey"), ("visit", "In person"), ("internal", "Internal"),
]
CLOSE_REASONS = [
    ("solved", "Solved"), ("merged", "Merged into another case"), ("duplicate", "Duplicate"),
    ("spam", "Spam"), ("cancelled", "Cancelled by the customer"), ("no_answer", "No answer"),
]
#: Channels on which the customer has a person of ours before him when the case begins.
SPOKEN = ("phone", "chat", "visit")


class CareCase(models.Model):
    """One matter of one customer, from his first word until it is settled.

    What happened when is stamped once by the methods `_set_<what>`: the first resolution stays
    when the case is opened again. What other subjects (deadlines, surveys, first contact
    resolution, complaints) do at these moments stands in their files, by super() of
    `_on_opened`, `_on_inbound`, `_on_outbound`, `_on_resolved`, `_on_reopened`, `_on_closed`.
    """

    _name = "care.case"
    _description = "Case"
    _inherit = [
        "mail.thread.cc", "mail.activity.mixin", "portal.mixin", "rating.mixin",
        "mail.tracking.duration.mixin",
    ]
    _order = "severity desc, id desc"
    _primary_email = "email_from"
    _mail_post_access = "read"
    _track_duration_field = "stage_id"
    _check_company_auto = True
    _rec_names_search = ["number", "name", "partner_id"]

    number = fields.Char(readonly=True, copy=False, index="trigram")
    name = fields.Char("Subject", required=True, tracking=True, index="trigram")
    description = fields.Html()
    kind = fields.Selection(CASE_KINDS, required=True, default="question", tracking=True)
    severity = fields.Selection(SEVERITIES, required=True, default="2", tracking=True)
    channel = fields.Selection("_select_channel", required=True, default="phone")
    is_proactive = fields.Boolean(
        "Opened by us", help="We wrote first: the customer has not asked, so the case is not part "
        "of first contact resolution.")
    active = fields.Boolean(default=True)

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner", "Contact", index=True, tracking=True, check_company=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", "Customer", related="partner_id.commercial_partner_id", store=True,
        index=True)
    partner_name = fields.Char("Name given")
    email_from = fields.Char("Email", compute="_compute_reach", store=True, readonly=False)
    phone = fields.Char(compute="_compute_reach", store=True, readonly=False)

    team_id = fields.Many2one(
        "care.team", required=True, index=True, tracking=True, check_company=True,
        default=lambda self: self.env["care.team"]._default_team(self.env.company, self.env.user))
    user_id = fields.Many2one(
        "res.users", "Agent", index=True, tracking=True, check_company=True,
        domain="[('share', '=', False)]")
    stage_id = fields.Many2one(
        "care.stage", required=True, index=True, tracking=True, copy=False, ondelete="restrict",
        group_expand="_group_expand_stage_id", default=lambda self: self._default_stage_id(),
        domain="[('team_ids', 'in', (False, team_id))]")
    stage_kind = fields.Selection(related="stage_id.kind", store=True, index=True)
    category_id = fields.Many2one("care.category", index=True, tracking=True, check_company=True)
    close_reason = fields.Selection(CLOSE_REASONS, readonly=True, copy=False, tracking=True)

    product_id = fields.Many2one("product.product", index="btree_not_null", check_company=True)
    lot_name = fields.Char("Lot or serial number", index="btree_not_null")
    order_line_id = fields.Many2one(
        "sale.order.line", "Order line", index="btree_not_null", check_company=True)
    order_id = fields.Many2one("sale.order", index="btree_not_null", check_company=True)
    campaign_id = fields.Many2one("utm.campaign", related="order_id.campaign_id", store=True)

    parent_id = fields.Many2one(
        "care.case", "Merged into", readonly=True, copy=False, index="btree_not_null")
    duplicate_of_id = fields.Many2one(
        "care.case", "Duplicate of", copy=False, index="btree_not_null")
    previous_id = fields.Many2one(
        "care.case", "Follow-up of", readonly=True, copy=False, index="btree_not_null",
        help="The customer wrote again long after that case was closed.")
    followup_ids = fields.One2many("care.case", "previous_id", "Follow-ups")
    merged_ids = fields.One2many("care.case", "parent_id", "Merged cases")
    contact_ids = fields.One2many("care.case.contact", "case_id", "Contacts")

    opened_at = fields.Datetime(
        "Opened", required=True, readonly=True, copy=False, default=fields.Datetime.now)
    first_response_at = fields.Datetime("First reply", readonly=True, copy=False)
    resolved_at = fields.Datetime("First resolved", readonly=True, copy=False, index=True)
    last_resolved_at = fields.Datetime("Resolved", readonly=True, copy=False)
    resolver_id = fields.Many2one("res.users", "Resolved by", readonly=True, copy=False)
    closed_at = fields.Datetime("Closed", readonly=True, copy=False)
    last_inbound_at = fields.Datetime(
        "Customer's last word", readonly=True, copy=False,
        help="The last contact of the customer that needs an answer.")
    reopen_count = fields.Integer("Reopened", readonly=True, copy=False)
    transfer_count = fields.Integer("Handed over", readonly=True, copy=False)

    # ---- defaults -------------------------------------------------------------------------------

    def _default_stage_id(self):
        return self.env["care.stage"].search([("kind", "=", "new")], limit=1)

    @api.model
    def _select_channel(self):
        return CHANNELS

    @api.model
    def _group_expand_stage_id(self, stages, domain):
        return stages.search([])

    # ---- computes -------------------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_reach(self):
        for case in self:
            if case.partner_id:
                case.email_from = case.email_from or case.partner_id.email
                case.phone = case.phone or case.partner_id.phone

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"[{case.number}] {case.name}" if case.number else case.name

    def _compute_access_url(self):
        super()._compute_access_url()
        for case in self:
            case.access_url = f"/my/cases/{case.id}"

    # ---- CRUD -----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"]
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            vals.setdefault("number", sequence.with_company(company).next_by_code("care.case"))
        cases = super().create(vals_list)
        for case in cases:
            case._set_opened()
        return cases

    def write(self, vals):
        if vals.keys().isdisjoint({"stage_id", "user_id", "team_id", "partner_id"}):
            return super().write(vals)
        before = [(case, case.stage_kind, case.user_id, case.team_id, case.partner_id)
                  for case in self]
        result = super().write(vals)
        now = fields.Datetime.now()
        for case, kind, user, team, customer in before:
            if team != case.team_id or (user and case.user_id and case.user_id != user):
                case._note({"transfer_count": case.transfer_count + 1})
            if customer != case.partner_id:
                case._set_customer(customer)
            if kind != case.stage_kind:
                case._set_moved(kind, now)
        return result

    # ---- state machine: the only writers of the stamps ------------------------------------------

    def _set_opened(self):
        """A case begins with a contact of the customer, unless we began, or a mail brings it."""
        self.ensure_one()
        if not self.is_proactive and not self.env.context.get("care_by_mail"):
            self._add_contact("in", self.channel, self.opened_at, partner=self.partner_id)
        if self._is_spoken():
            self._note({"first_response_at": self.opened_at})
        self._set_customer(self.partner_id.browse())
        self._on_opened()

    def _is_spoken(self):
        """Somebody of ours was there when the customer came: he was answered at once."""
        return self.channel in SPOKEN and not self.is_proactive

    def _set_customer(self, before):
        """Answers go to the customer, and to nobody who is not the customer any more."""
        if before:
            self.message_unsubscribe(before.ids)
        if self.partner_id:
            self.message_subscribe(self.partner_id.ids)

    def _set_moved(self, before: str, now):
        """The stage's kind changed: stamp what that means."""
        self.ensure_one()
        if self.stage_kind in OPEN_KINDS:
            if before not in OPEN_KINDS:
                self._set_reopened(now)
        elif self.stage_kind == "resolved":
            self._set_resolved(now)
        else:
            self._set_closed(before, now)

    def _set_resolved(self, now):
        self._note({
            "resolved_at": self.resolved_at or now, "last_resolved_at": now,
            "resolver_id": self._tell_resolver().id})
        self._on_resolved(now)

    def _tell_resolver(self):
        return self.env.user

    def _set_reopened(self, now):
        self._note({
            "reopen_count": self.reopen_count + 1, "closed_at": False, "close_reason": False})
        self._on_reopened(now)

    def _set_closed(self, before: str, now):
        """Closing what nobody resolved resolves it, unless it ends for another reason."""
        reason = self.close_reason or "solved"
        self._note({"closed_at": now, "close_reason": reason})
        if reason == "solved" and before in OPEN_KINDS:
            self._set_resolved(now)
        self._on_closed(now)

    def _add_contact(self, direction: str, channel: str, at, partner=None, user=None, message=None,
                     noise=None):
        """Write down a contact and tell whoever wants to know; `noise` is the reason it is none."""
        self.ensure_one()
        # Portal users and the mail gateway make contacts, too.
        contact = self.env["care.case.contact"].sudo().create({
            "case_id": self.id, "direction": direction, "channel": channel, "at": at,
            "partner_id": partner and partner.id, "user_id": user and user.id,
            "message_id": message and message.id, "is_noise": bool(noise), "noise_reason": noise})
        if direction == "in":
            self._on_inbound(contact)
        else:
            if not self.first_response_at and not noise:
                self._note({"first_response_at": at})
            self._on_outbound(contact)
        return contact

    # ---- moments: other subjects add to these by super() ----------------------------------------

    def _on_opened(self):
        """The case exists, with its first contact."""

    def _on_inbound(self, contact):
        """The customer spoke; noise as well."""

    def _on_outbound(self, contact):
        """We spoke to the customer."""

    def _on_resolved(self, now):
        """It was resolved, for the first time or again."""

    def _on_reopened(self, now):
        """It is open again."""

    def _on_closed(self, now):
        """Its file is closed; `close_reason` says why."""

    # ---- actions --------------------------------------------------------------------------------

    def _move_to(self, kind: str):
        for case in self:
            case.stage_id = self.env["care.stage"]._first(kind, case.team_id)

    def action_resolve(self):
        self.check_access("write")
        self.filtered(lambda case: case.stage_kind in OPEN_KINDS)._move_to("resolved")

    def action_reopen(self):
        self.check_access("write")
        self.filtered(lambda case: case.stage_kind not in OPEN_KINDS)._move_to("open")

    def action_take(self):
        """The case is mine, and in work; what somebody else took in the meantime stays his."""
        self.check_access("write")
        taken = self.filtered(lambda case: case.user_id and case.user_id != self.env.user)
        if taken:
            raise UserError(self.env._(
                "%(agent)s has %(case)s. If it is to change hands, assign it.",
                agent=taken[0].user_id.name, case=taken[0].display_name))
        self.user_id = self.env.user
        self.filtered(lambda case: case.stage_kind == "new")._move_to("open")

    def _close(self, reason: str):
        self._note({"close_reason": reason})
        self._move_to("closed")
