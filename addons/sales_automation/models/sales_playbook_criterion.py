from odoo import api, fields, models
from odoo.fields import Domain


class SalesPlaybookCriterion(models.Model):
    """One row per thing that must be true before a deal leaves a stage forward.

    A kind of criterion is an entry of `_kinds` and a method `_met_<kind>(leads, now)` that
    returns the ids of the deals that meet it, in a number of queries that does not depend on
    how many there are.
    """

    _name = "sales.playbook.criterion"
    _description = "Playbook Exit Criterion"
    _inherit = ["sales.playbook.part"]
    _order = "sequence, id"
    _rec_name = "label"

    step_id = fields.Many2one(
        "sales.playbook.step", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection="_selection_kind", required=True)
    field_name = fields.Selection(
        selection=lambda self: self.env["sales.playbook.key.field"]._selection_field_name(),
        string="Field", help="Must be filled. A number must not be zero.")
    item_ids = fields.Many2many(
        "sales.playbook.item", string="Boxes",
        domain="[('step_id', '=', step_id)]", help="Empty: the whole checklist of the step.")
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="cascade")
    role_id = fields.Many2one(
        "sales.contact.role", "Role", ondelete="cascade",
        help="The part that a person of the customer must have on the deal's contact map.")
    domain = fields.Char(
        "Condition", help="The deal must match it at the moment at which it leaves.")
    advice = fields.Char(
        "In Your Words", translate=True,
        help="What the salesperson reads when it is missing. Empty: said by the system.")
    label = fields.Char(compute="_compute_label")
    company_id = fields.Many2one(related="step_id.company_id", store=True)

    @api.depends(
        "kind", "field_name", "item_ids.name", "activity_type_id.name", "role_id.name", "advice")
    @api.depends_context("lang")
    def _compute_label(self):
        for criterion in self:
            criterion.label = criterion.advice or getattr(
                criterion, f"_tell_{criterion.kind}", lambda: "")()

    # ---- kinds --------------------------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return {kind: what the registry knows of it}.

        at_create: can be met by a deal that is just being created
        looks_back: can be answered for deals that were won before the playbook existed
        """
        return {
            "field": {
                "label": self.env._("A field is filled"), "at_create": True, "looks_back": True},
            "checklist": {"label": self.env._("The checklist is ticked off")},
            "activity": {
                "label": self.env._("An activity of a type was done"), "looks_back": True},
            "meeting": {"label": self.env._("A meeting was held"), "looks_back": True},
            "quote": {"label": self.env._("A quotation was sent"), "looks_back": True},
            "next_activity": {"label": self.env._("The next activity is planned")},
            "contact": {
                "label": self.env._("A contact is known"), "at_create": True, "looks_back": True},
            "role": {
                "label": self.env._("A person with a role is known"), "looks_back": True},
            "domain": {
                "label": self.env._("The deal matches a condition"), "at_create": True,
                "looks_back": True},
        }

    @api.model
    def _selection_kind(self):
        return [(kind, entry["label"]) for kind, entry in self._kinds().items()]

    @api.model
    def _kinds_that(self, ability):
        return {kind for kind, entry in self._kinds().items() if entry.get(ability)}

    # ---- checking -----------------------------------------------------------------------------

    @api.model
    def _find_unmet(self, wanted, now):
        """Return {lead id: criteria not met}, in the order in which they were wanted.

        :param wanted: {lead: criteria to check}
        """
        leads_by_criterion = {}
        for lead, criteria in wanted.items():
            for criterion in criteria:
                leads_by_criterion.setdefault(criterion, lead.browse())
                leads_by_criterion[criterion] |= lead
        met = {
            criterion: getattr(criterion, f"_met_{criterion.kind}")(leads, now)
            for criterion, leads in leads_by_criterion.items()}
        unmet = {
            lead.id: criteria.filtered(lambda row: lead.id not in met[row])  # noqa: B023
            for lead, criteria in wanted.items()}
        return {lead_id: criteria for lead_id, criteria in unmet.items() if criteria}

    def _met_field(self, leads, now):
        name = self.field_name
        if name not in leads._fields:  # its addon was removed: nobody could fill it
            return set(leads.ids)
        return {lead.id for lead in leads if lead[name]}

    def _met_checklist(self, leads, now):
        items = self._get_items()
        rows = self.env["sales.playbook.answer"]._read_group(
            [("lead_id", "in", leads.ids), ("item_id", "in", items.ids)], ["lead_id"], ["__count"])
        return {lead.id for lead, count in rows if count >= len(items)}

    def _met_activity(self, leads, now):
        if not self.activity_type_id.active:  # archived since: nobody can plan one
            return set(leads.ids)
        return leads._with_done_activity(
            Domain("activity_type_id", "=", self.activity_type_id.id))

    def _met_meeting(self, leads, now):
        held = self.env["calendar.event"]._read_group(
            [("opportunity_id", "in", leads.ids), ("stop", "<=", now)], ["opportunity_id"])
        return {lead.id for (lead,) in held} | leads._with_done_activity(
            Domain("activity_type_id.category", "=", "meeting"))

    def _met_quote(self, leads, now):
        sent = self.env["sale.order"]._read_group(
            [("opportunity_id", "in", leads.ids), ("state", "in", ("sent", "sale"))],
            ["opportunity_id"])
        return {lead.id for (lead,) in sent}

    def _met_next_activity(self, leads, now):
        rows = self.env["mail.activity"]._read_group(
            [("res_model", "=", "crm.lead"), ("res_id", "in", leads.ids),
             ("date_deadline", ">=", fields.Date.context_today(self))], ["res_id"])
        return {res_id for (res_id,) in rows}

    def _met_contact(self, leads, now):
        return {lead.id for lead in leads
                if (lead.partner_id or lead.contact_name) and (lead.email_from or lead.phone)}

    def _met_role(self, leads, now):
        if not self.role_id.active:  # archived since: nobody can choose it
            return set(leads.ids)
        rows = self.env["sales.deal.contact"]._read_group(
            [("lead_id", "in", leads.ids), ("role_id", "=", self.role_id.id)], ["lead_id"])
        return {lead.id for (lead,) in rows}

    def _met_domain(self, leads, now):
        domain = self.step_id.playbook_id._parse(self.domain)
        return set((leads if domain is None else leads._matching(domain)).ids)

    # ---- saying what is missing ---------------------------------------------------------------

    def _get_labels(self):
        """What these ask, in words; what several stages ask is said once."""
        return list(dict.fromkeys(self.mapped("label")))

    def _get_items(self):
        return self.item_ids or self.step_id.item_ids

    def _tell_field(self):
        labels = dict(self._fields["field_name"]._description_selection(self.env))
        return self.env._("Fill in %s", labels.get(self.field_name, self.field_name or ""))

    def _tell_checklist(self):
        if not self.item_ids:
            return self.env._("Tick off the checklist")
        return self.env._(
            "Tick off: %s", ", ".join(self.item_ids.mapped("name")))

    def _tell_activity(self):
        return self.env._("Do an activity: %s", self.activity_type_id.name or "")

    def _tell_meeting(self):
        return self.env._("Hold a meeting with the customer")

    def _tell_quote(self):
        return self.env._("Send a quotation")

    def _tell_next_activity(self):
        return self.env._("Plan the next activity, today or later")

    def _tell_contact(self):
        return self.env._("Note a contact with mail or phone")

    def _tell_role(self):
        return self.env._("Find the person: %s", self.role_id.name or "")

    def _tell_domain(self):
        return self.env._("Meet the condition of the playbook")

    def _get_playbooks(self):
        return self.step_id.playbook_id
