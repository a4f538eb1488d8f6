from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .system_fields import refuse_system_fields, without_defaults

SYSTEM_FIELDS = frozenset({
    "state", "taken_by_id", "taken_at", "answered_at", "message_id", "company_id"})
# Whose word it is; whoever could change that could change the words.
ORIGIN_FIELDS = frozenset({"user_id", "report_id"})


class SalesVoice(models.Model):
    """One row per thing that a customer said: heard once, taken by somebody, answered.

    new → taken → answered; each state is written by its `_set_<state>()` only. The words are
    also noted once on the customer, so that other departments find them without the Sales Desk.
    """

    _name = "sales.voice"
    _inherit = ["mail.thread"]
    _description = "Customer Voice"
    _order = "is_safety desc, heard_on desc, id desc"
    _rec_name = "text"
    _mail_post_access = "read"

    text = fields.Text(
        "What the Customer Said", required=True, help="In the customer's words, as short as it is.")
    type_id = fields.Many2one(
        "sales.voice.type", "Kind", required=True, index=True, ondelete="restrict",
        group_expand="_read_group_expand_full",
        default=lambda self: self.env["sales.voice.type"].search([], limit=1))
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", ondelete="set null", index="btree_not_null",
        domain="[('type', '=', 'opportunity')]")
    partner_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_partner_id", store=True, readonly=False,
        precompute=True, index="btree_not_null", ondelete="set null")
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", index="btree_not_null", ondelete="set null")
    severity = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Critical")], default="0",
        required=True, help="How much it matters to the customer.")
    is_safety = fields.Boolean(
        "Safety", help="Somebody could be hurt, or something damaged. Such voices stand first.")
    user_id = fields.Many2one(
        "res.users", "Heard By", required=True, readonly=True, index=True,
        default=lambda self: self.env.user)
    heard_on = fields.Date(
        "Heard On", required=True, default=lambda self: fields.Date.context_today(self))
    report_id = fields.Many2one(
        "sales.daily.report", "Daily Report", readonly=True, ondelete="set null",
        index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(
        [("new", "New"), ("taken", "Taken"), ("answered", "Answered")], default="new",
        required=True, readonly=True, index=True, copy=False)
    taken_by_id = fields.Many2one("res.users", "Taken By", readonly=True, copy=False)
    taken_at = fields.Datetime("Taken On", readonly=True, copy=False)
    answer = fields.Text(
        copy=False, help="What becomes of it. Whoever heard the customer is told, so that he can "
        "tell the customer.")
    answered_at = fields.Datetime("Answered On", readonly=True, copy=False)
    message_id = fields.Many2one(
        "mail.message", "Note on the Customer", readonly=True, copy=False, ondelete="set null")

    @api.depends("lead_id")
    def _compute_partner_id(self):
        for voice in self:
            voice.partner_id = voice.lead_id.partner_id or voice.partner_id

    @api.depends("text", "type_id.name")
    def _compute_display_name(self):
        for voice in self:
            first_line = (voice.text or "").strip().split("\n")[0]
            short = first_line if len(first_line) <= 60 else f"{first_line[:59]}…"
            voice.display_name = f"{voice.type_id.name}: {short}" if short else voice.type_id.name

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = self.env["crm.lead"].browse(
            [vals["lead_id"] for vals in vals_list if vals.get("lead_id")])
        reports = self.env["sales.daily.report"].browse(
            [vals["report_id"] for vals in vals_list if vals.get("report_id")])
        leads.check_access("read")  # nobody speaks for the customer of a deal that he cannot see
        reports.check_access("write")
        for vals in vals_list:
            refuse_system_fields(self, SYSTEM_FIELDS, vals)
            if vals.get("user_id", self.env.uid) != self.env.uid:
                refuse_system_fields(self, ORIGIN_FIELDS, {"user_id": vals["user_id"]})
            lead = leads.browse(vals.get("lead_id"))
            vals["company_id"] = (lead.company_id or self.env.company).id
        clean = without_defaults(self, SYSTEM_FIELDS | {"user_id"})
        voices = super(SalesVoice, clean).create(vals_list).with_env(self.env)
        voices._note_on_customer()
        voices.filtered("is_safety")._warn_of_danger()
        return voices

    def write(self, vals):
        refuse_system_fields(self, SYSTEM_FIELDS | ORIGIN_FIELDS, vals)
        if "text" in vals and not self.env.su:
            self._check_own_words()
        dangerous = self.browse()
        if vals.get("is_safety"):
            dangerous = self.filtered(lambda voice: not voice.is_safety)
        result = super().write(vals)
        dangerous._warn_of_danger()
        if {"partner_id", "lead_id"} & vals.keys():
            self._note_on_customer()
        return result

    def _check_own_words(self):
        """What a customer said is not rewritten by whoever answers it."""
        is_manager = self.env.user.has_group("sales_automation.group_sales_automation_manager")
        if not is_manager and any(voice.user_id != self.env.user for voice in self):
            raise AccessError(self.env._(
                "Only whoever heard the customer, or a manager, changes his words."))

    # ---- actions ------------------------------------------------------------------------------

    def action_take(self):
        """The user cares for it from now on."""
        self.check_access("read")
        voices = self.sudo()  # whoever reads a voice may take it
        if taken := voices.filtered(lambda voice: voice.state == "answered" or (
                voice.state == "taken" and voice.taken_by_id != self.env.user)):
            raise UserError(self.env._(
                "%(user)s has already taken this.", user=taken[0].taken_by_id.name))
        voices._set_taken(self.env.user, fields.Datetime.now())
        return True

    def action_answer(self):
        """Send the answer to whoever heard the customer."""
        self.check_access("read")
        voices = self.sudo()  # whoever took a voice answers it
        for voice in voices:
            if voice.taken_by_id and voice.taken_by_id != self.env.user:
                raise UserError(self.env._(
                    "%(user)s has taken this and answers it.", user=voice.taken_by_id.name))
            if not (voice.answer or "").strip():
                raise UserError(self.env._("Write the answer first: what becomes of it?"))
        voices._set_answered(fields.Datetime.now())
        return True

    def action_save_and_close(self):
        """The quick dialog has saved the record already."""
        return {"type": "ir.actions.act_window_close"}

    # ---- states -------------------------------------------------------------------------------

    def _set_taken(self, user, now):
        self.write({"state": "taken", "taken_by_id": user.id, "taken_at": now})

    def _set_answered(self, now):
        for voice in self:
            voice.write({
                "state": "answered", "answered_at": now,
                "taken_by_id": voice.taken_by_id.id or self.env.uid})
            if voice.user_id != self.env.user:
                voice.message_notify(
                    partner_ids=voice.user_id.partner_id.ids,
                    subject=self.env._("Answer to what your customer said"),
                    body=voice.answer)

    # ---- business -----------------------------------------------------------------------------

    def _warn_of_danger(self):
        """Where somebody could be hurt nobody waits for a list to be read: leaders know at once."""
        for voice in self.sudo():  # whoever leads, whatever the hearer may see of his teams
            teams = voice.user_id.crm_team_member_ids.crm_team_id | voice.lead_id.team_id
            leaders = (teams.user_id - voice.user_id).filtered("active")
            if leaders:
                voice.message_notify(
                    partner_ids=leaders.partner_id.ids,
                    subject=self.env._("Safety: %s", voice.partner_id.name or voice.type_id.name),
                    body=voice.text)

    def _note_on_customer(self):
        """Keep the words on the customer's own record, once; safety is said first."""
        for voice in self.sudo():  # a note may be added to any customer of whom one tells
            if voice.message_id or not voice.partner_id:
                continue
            head = f"{voice.type_id.name}: " if not voice.is_safety else self.env._(
                "SAFETY, %(kind)s: ", kind=voice.type_id.name)
            product = f" ({voice.product_tmpl_id.name})" if voice.product_tmpl_id else ""
            voice.message_id = voice.partner_id.message_post(
                body=f"{head}{voice.text}{product}", author_id=voice.user_id.partner_id.id,
                subtype_xmlid="sales_automation.mt_sales_voice").id
