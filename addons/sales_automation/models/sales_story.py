from odoo import api, fields, models
from odoo.addons.sales_automation.engine import anonymise
from odoo.exceptions import AccessError, UserError

from .system_fields import refuse_system_fields, without_defaults

TEXTS = ("name", "problem", "approach", "objections", "reason", "competitor")
SYSTEM_FIELDS = frozenset({
    "state", "published_at", "approved_by_id", "user_id", "team_id", "company_id", "outcome"})


class SalesStory(models.Model):
    """One row per story of a deal that was won or lost, told so that others can use it.

    draft → waiting → published; waiting → draft with a note; published → draft when it is taken
    back; "skipped" stands for a deal of which nobody wants to tell. Each state is written by its
    `_set_<state>()` only. The deal itself is known to `sales.story.source` alone: an anonymised
    story holds no way to the customer.
    """

    _name = "sales.story"
    _description = "Win Story"
    _order = "published_at desc, id desc"

    name = fields.Char("Title", required=True)
    outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost")], default="won", required=True, readonly=True)
    state = fields.Selection(
        [("draft", "Draft"), ("waiting", "To Approve"), ("published", "Published"),
         ("skipped", "No Story")], default="draft", required=True, readonly=True, index=True,
        copy=False)
    user_id = fields.Many2one(
        "res.users", "Author", required=True, readonly=True, index=True,
        default=lambda self: self.env.user)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    problem = fields.Text(help="What the customer wanted to solve, and why then.")
    approach = fields.Text(help="What was done, in which order, with whom.")
    objections = fields.Text(help="What spoke against it, and what answered it.")
    reason = fields.Text("What Decided", help="Why it was won, or lost.")
    competitor = fields.Char("Competitors")
    product_tmpl_ids = fields.Many2many("product.template", string="Products")
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    industry_id = fields.Many2one("res.partner.industry", index="btree_not_null")
    country_id = fields.Many2one("res.country", index="btree_not_null")
    size_band = fields.Selection(
        [("1", "1–10"), ("2", "11–50"), ("3", "51–200"), ("4", "201–1,000"), ("5", "over 1,000")],
        "Employees")
    amount_band = fields.Char(
        "Deal Size", readonly=True, help="The amount as a band; the limits are set in Settings.")
    duration_days = fields.Integer("Days to Close", readonly=True)
    anonymous = fields.Boolean(
        "Anonymous", default=True, help="When the story is published, the customer, his people, "
        "links and longer numbers are taken out of every text, and no reader finds the deal.")
    customer_agreed = fields.Boolean(
        "Customer Agreed", help="The customer may be named outside the house. Only then a story "
        "that is not anonymous can be sent to somebody outside.")
    review_note = fields.Text(
        "What Is Missing", readonly=True, copy=False, help="Why it was not published yet.")
    published_at = fields.Datetime("Published On", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", "Approved By", readonly=True, copy=False)
    # Only for those who may know; everybody else finds nothing here.
    lead_id = fields.Many2one("crm.lead", "Opportunity", compute="_compute_source")
    customer = fields.Char(compute="_compute_source")
    can_edit = fields.Boolean(compute="_compute_my_part")
    can_approve = fields.Boolean(compute="_compute_my_part")
    use_count = fields.Integer("Opened", compute="_compute_use_count")

    # The stories in which those for an open deal are looked up.
    _published_idx = models.Index("(company_id, published_at) WHERE state = 'published'")

    @api.depends("anonymous", "state", "user_id", "team_id.user_id")
    @api.depends_context("uid")
    def _compute_source(self):
        sources = self.env["sales.story.source"].sudo().search(  # told below to whom it may be
            [("story_id", "in", self.ids)])
        by_story = {source.story_id.id: source for source in sources}
        leads = self.env["crm.lead"].browse(sources.lead_id.ids).with_context(active_test=False)
        readable = leads._filtered_access("read")
        for story in self:
            source = by_story.get(story.id, sources.browse())
            knows = story._knows_source()
            story.customer = source.customer if knows or not story.anonymous else False
            lead = source.lead_id.with_env(self.env)
            story.lead_id = lead if (knows or not story.anonymous) and lead in readable else False

    def _knows_source(self):
        """The author and whoever approves know of whom the story tells."""
        self.ensure_one()
        user = self.env.user
        leader = self.sudo().team_id.user_id  # a team is no secret
        return self.env.su or user in (self.user_id, leader) \
            or user.has_group("sales_automation.group_sales_automation_manager")

    @api.depends("state", "user_id", "team_id.user_id")
    @api.depends_context("uid")
    def _compute_my_part(self):
        user = self.env.user
        is_manager = user.has_group("sales_automation.group_sales_automation_manager")
        for story in self:
            leads = is_manager or user == story.sudo().team_id.user_id  # a team is no secret
            story.can_approve = leads and story.state in ("draft", "waiting")
            story.can_edit = story.state != "published" and (leads or user == story.user_id)

    def _compute_use_count(self):
        uses = self.env["sales.story.use"].sudo()  # the number only
        counts = dict(uses._read_group([("story_id", "in", self.ids)], ["story_id"], ["__count"]))
        for story in self:
            story.use_count = counts.get(story._origin, 0)

    # ---- CRUD ---------------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            refuse_system_fields(self, SYSTEM_FIELDS, vals)
            if {*TEXTS, "anonymous"} & vals.keys() \
                    and any(story.state == "published" for story in self):
                raise UserError(self.env._(
                    "A published story is not changed. Take it back first, then publish it anew."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_system_fields(self, SYSTEM_FIELDS, vals)
            vals.setdefault("company_id", self.env.company.id)
        clean = without_defaults(self, SYSTEM_FIELDS)
        return super(SalesStory, clean).create(vals_list).with_env(self.env)

    # ---- actions ------------------------------------------------------------------------------

    def action_ask_approval(self):
        for story in self:
            if not story.can_edit or story.state != "draft":
                raise UserError(self.env._("Only its author hands in a draft."))
            if not (story.problem or "").strip() or not (story.reason or "").strip():
                raise UserError(self.env._(
                    "Say at least what the problem was and what decided it."))
        self.sudo()._set_waiting()  # the state is the system's
        return True

    def action_publish(self):
        self._claim_approval()._set_published(self.env.user, fields.Datetime.now())
        return True

    def action_return(self):
        """Ask what is missing; the dialog gives the story back to its author."""
        self.ensure_one()
        self._claim_approval()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_story_return_action")
        return {**action, "context": {"default_story_id": self.id}}

    def action_take_back(self):
        """Out of the library, with its own words again."""
        self.check_access("read")
        for story in self:
            if story.state != "published" or not story._knows_source():
                raise UserError(self.env._(
                    "Only the author or a manager takes a published story back."))
        self.sudo()._set_draft()  # the state is the system's
        return True

    def action_read(self):
        """Open the story from the library; that it was opened counts."""
        self.ensure_one()
        self._count_use()
        return self._open()

    def action_open(self):
        """Open the story from a line of My Day; to approve it is not to use it."""
        self.ensure_one()
        self.check_access("read")
        return self._open()

    def action_open_deal(self):
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("The deal behind this story is not shown to you."))
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
            "views": [(False, "form")], "target": "current",
        }

    def action_send(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_story_send_action")
        return {**action, "context": {
            "default_story_id": self.id,
            "default_lead_id": self.env.context.get("story_lead_id", False)}}

    # ---- states -------------------------------------------------------------------------------

    def _claim_approval(self):
        self.check_access("read")
        if not all(story.can_approve for story in self):
            raise AccessError(self.env._(
                "Only the team leader or a manager decides on a story that waits."))
        return self.sudo()  # the story is the author's, the state the system's

    def _set_waiting(self):
        self.write({"state": "waiting", "review_note": False})

    def _set_published(self, user, now):
        for story in self:
            if story.anonymous:
                story._take_names_out()
        self.write({
            "state": "published", "published_at": now, "approved_by_id": user.id,
            "review_note": False})

    def _set_draft(self, note=False):
        """Back to the author; the words that were taken out come back."""
        sources = self.env["sales.story.source"].search([("story_id", "in", self.ids)])
        for source in sources.filtered("originals"):
            source.story_id.write(source.originals)
            source.originals = False
        self.write({
            "state": "draft", "review_note": note, "published_at": False,
            "approved_by_id": False})

    def _take_names_out(self):
        """Replace the texts by what may be told; the originals are kept with the source."""
        source = self.env["sales.story.source"].search([("story_id", "=", self.id)])
        names = self._find_names(source)
        link, number = self.env._("[link]"), self.env._("[number]")
        telling = self.tag_ids.filtered(
            lambda tag: anonymise.holds_name(tag.name, [name for name, _instead in names]))
        source.write({
            "originals": {
                **{name: self[name] for name in TEXTS if self[name]},
                "tag_ids": self.tag_ids.ids},
            "names": names})
        self.write({
            **{name: anonymise.anonymise(self[name], names, link, number)
               for name in TEXTS if self[name]},
            "tag_ids": (self.tag_ids - telling).ids})

    def _find_names(self, source):
        """Return [(name, what stands for it)] of the customer and everybody who belongs to him."""
        customer, contact = self.env._("the customer"), self.env._("the contact")
        partner, lead = source.partner_id, source.lead_id
        house = partner.commercial_partner_id
        people = self.env["res.partner"].with_context(active_test=False).search(
            [("commercial_partner_id", "in", house.ids)])
        names = [
            (person.name, customer if person.is_company or person == house else contact)
            for person in people | partner if person.name]
        names += [(name, customer) for name in (
            source.customer, lead.partner_name, house.company_name,
            *(self._find_domains(people | partner))) if name]
        if lead.contact_name:
            names.append((lead.contact_name, contact))
        return names

    @api.model
    def _find_domains(self, partners):
        """The name in a customer's own mail domain gives him away too."""
        hosts = {(partner.email_normalized or "").rpartition("@")[2] for partner in partners}
        return sorted(host.split(".")[0] for host in hosts if len(host.split(".")[0]) > 2)

    # ---- business -----------------------------------------------------------------------------

    def _open(self, lead=None):
        return {
            "type": "ir.actions.act_window", "res_model": "sales.story", "res_id": self.id,
            "views": [(False, "form")], "target": "current",
            "context": {"story_lead_id": lead.id if lead else False},
        }

    def _count_use(self, lead=None):
        """A published story was opened by somebody else than its author."""
        if self.state == "published" and self.user_id != self.env.user:
            self.env["sales.story.use"].sudo()._record(self, self.env.user, lead)  # a fact
