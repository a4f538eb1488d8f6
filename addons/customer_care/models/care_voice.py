from odoo import api, fields, models
from odoo.exceptions import AccessError

from .care_case import SEVERITIES

KINDS = [
    ("complaint", "Complaint"), ("defect", "Defect"), ("wish", "Wish"), ("praise", "Praise"),
    ("remark", "Remark")]
#: Kinds that rates and clusters are made of.
COUNTED = ("complaint", "defect")
SOURCES = [
    ("case", "Case"), ("feedback", "Survey or rating"), ("daily", "Daily report"),
    ("note", "Told by hand"),
]
WITHDRAWN = [
    ("merged", "Merged into another case"), ("duplicate", "Duplicate"), ("spam", "Spam"),
    ("cancelled", "Cancelled by the customer"), ("moot", "No word on a product any more"),
    ("hand", "Taken back by hand"),
]
#: Written by code alone.
DERIVED = frozenset({
    "source", "case_id", "source_ref", "alert_id", "withdrawn_reason", "safety_words"})
#: What an alert depends on.
HEARD = frozenset({
    "active", "kind", "product_id", "lot_name", "is_safety", "said_on", "company_id"})
EXCERPT = 80


class CareVoice(models.Model):
    """One thing that a customer said about a product, once, wherever he said it.

    Cases, answers and daily notes are gathered (`_keep`), and follow what they were made of; what
    is told by hand belongs to whoever heard it. A row that is withdrawn (spam, a duplicate) is
    archived with its reason and counts nowhere.
    """

    _name = "care.voice"
    _description = "Voice of the customer"
    _order = "said_on desc, id desc"
    _rec_names_search = ["text", "product_id", "partner_id"]
    _check_company_auto = True

    source = fields.Selection(SOURCES, required=True, default="note", readonly=True)
    kind = fields.Selection(KINDS, required=True, default="wish")
    text = fields.Text("What was said", required=True)
    said_on = fields.Date(
        "Said on", required=True, default=fields.Date.context_today,
        help="The day in the company's time zone.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        "res.users", "Heard by", readonly=True, default=lambda self: self.env.user)
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", check_company=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", "Customer", related="partner_id.commercial_partner_id", store=True,
        index="btree_not_null")
    product_id = fields.Many2one(
        "product.product", "Product", check_company=True, index="btree_not_null")
    product_tmpl_id = fields.Many2one(
        "product.template", "Product of all variants", compute="_compute_product_tmpl_id",
        store=True, readonly=False, precompute=True, index="btree_not_null")
    lot_name = fields.Char("Lot or serial number")
    category_id = fields.Many2one("care.category", "About", check_company=True)
    campaign_id = fields.Many2one("utm.campaign", help="The campaign of the order it is about.")
    severity = fields.Selection(SEVERITIES, required=True, default="2")
    is_safety = fields.Boolean(
        "Safety", help="Somebody could be hurt: a safety word stands in it, or whoever heard it "
        "says so. Raises an alert at once.")
    safety_words = fields.Char(readonly=True, help="The safety words that stand in it.")
    active = fields.Boolean(default=True)
    withdrawn_reason = fields.Selection(WITHDRAWN, "Does not count", readonly=True)
    case_id = fields.Many2one("care.case", readonly=True, ondelete="cascade")
    source_ref = fields.Integer(
        "Record of the source", readonly=True, aggregator=None,
        help="Identifies the answer or the daily note it was gathered from.")
    heard_at = fields.Datetime("Read", readonly=True, help="When its source was last read.")
    alert_id = fields.Many2one(
        "care.alert", "Product alert", readonly=True, index="btree_not_null",
        ondelete="set null")

    _case_uniq = models.UniqueIndex(
        "(case_id) WHERE case_id IS NOT NULL", "A case is heard once.")
    _source_uniq = models.UniqueIndex(
        "(source, source_ref) WHERE source_ref <> 0", "This was heard before.")
    # Clusters look for what was said lately of a product, and at its year before.
    _product_idx = models.Index("(company_id, product_id, said_on) WHERE active")

    @api.depends("product_id")
    def _compute_product_tmpl_id(self):
        """Of its product; a note may name one without saying which of its variants."""
        for voice in self:
            voice.product_tmpl_id = voice.product_id.product_tmpl_id or voice.product_tmpl_id

    @api.depends("kind", "text")
    def _compute_display_name(self):
        words = dict(self._fields["kind"]._description_selection(self.env))
        for voice in self:
            line = (voice.text or "").strip().split("\n")[0]
            short = line if len(line) <= EXCERPT else f"{line[:EXCERPT - 1]}…"
            voice.display_name = f"{words.get(voice.kind, '')}: {short}"

    # ---- CRUD -----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_by_hand(vals)
            vals["lot_name"] = (vals.get("lot_name") or "").strip() or False
        voices = super().create(vals_list)
        voices.filtered(lambda voice: voice.source == "note")._mark_safety()
        voices._heard()
        return voices

    def write(self, vals):
        self._check_by_hand(vals)
        if "lot_name" in vals:
            vals = vals | {"lot_name": (vals["lot_name"] or "").strip() or False}
        result = super().write(vals)
        if "text" in vals:
            self.filtered(lambda voice: voice.source == "note")._mark_safety()
        if not HEARD.isdisjoint(vals):
            self._heard()
        return result

    def unlink(self):
        # Alerts are written by code only, whoever takes a voice back.
        alerts = self.sudo().alert_id
        result = super().unlink()
        alerts._refresh(fields.Datetime.now())
        return result

    def _check_by_hand(self, vals):
        """People tell what they heard; where it was gathered and what follows, code writes."""
        if not self.env.su and any(vals.get(name) for name in DERIVED):
            raise AccessError(self.env._(
                "Where a voice comes from and which alert it belongs to cannot be changed."))

    def _mark_safety(self):
        """A safety word makes what was told by hand a matter of safety, too."""
        for voice in self:
            found = self.env["care.safety.word"]._find(voice.company_id, voice.text)
            said = ", ".join(found) or False
            if voice.safety_words != said or (found and not voice.is_safety):
                # derived from the text, whoever wrote it
                voice.sudo().write({
                    "safety_words": said, "is_safety": voice.is_safety or bool(found)})

    def _heard(self):
        """Alerts follow at once."""
        if self and not self.env.context.get("care_voice_quiet"):
            # Alerts are written by code only, whoever heard the customer.
            self.env["care.alert"].sudo()._hear(self.sudo())

    # ---- actions --------------------------------------------------------------------------------

    def action_withdraw(self):
        """What was told by hand does not count any more; the row stays with its reason."""
        self.check_access("write")
        # the reason is written by code alone
        self.sudo().write({"active": False, "withdrawn_reason": "hand"})

    @api.model
    def _open_quick(self, **context):
        """The dialog in which anybody writes down what a customer said."""
        self.check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_voice_action_quick")
        return {**action, "context": context}

    def action_save(self):
        """The quick dialog has saved the record already."""
        return {"type": "ir.actions.act_window_close"}

    def action_open_source(self):
        """The case it was said in, else the voice itself."""
        self.ensure_one()
        record = self.case_id if self.case_id and self.case_id.has_access("read") else self
        return {
            "type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id,
            "views": [(False, "form")]}

    # ---- gathering ------------------------------------------------------------------------------

    @api.model
    def _keep(self, source: str, wanted: dict):
        """Rows of a source follow it: {id of its record: values, or why it does not count}."""
        rows = self.sudo().with_context(active_test=False, care_voice_quiet=True)  # for all users
        key = "case_id" if source == "case" else "source_ref"
        known = rows.search([("source", "=", source), (key, "in", list(wanted))])
        voices = {voice.case_id.id if source == "case" else voice.source_ref: voice
                  for voice in known}
        new, touched, now = [], rows.browse(), self.env.cr.now()
        known.write({"heard_at": now})
        for ref, vals in wanted.items():
            voice = voices.get(ref)
            if isinstance(vals, str):
                vals = {"active": False, "withdrawn_reason": vals}
                if not voice or voice.withdrawn_reason == vals["withdrawn_reason"]:
                    continue
            else:
                vals = {**vals, "source": source, "active": True, "withdrawn_reason": False}
            if not voice:
                new.append({**vals, key: ref, "heard_at": now})
            elif voice._differs(vals):
                voice.write(vals)
                touched |= voice
        touched |= rows.create(new)
        touched.with_context(care_voice_quiet=False)._heard()
        return touched

    def _differs(self, vals) -> bool:
        """Does any of the values differ from what is stored?"""
        return any(
            self._fields[name].convert_to_write(self[name], self) != value
            for name, value in vals.items())
