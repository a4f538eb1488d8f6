from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .moments import tell_day

#: States in which a product is being proposed to a customer.
OPEN = ("proposed", "accepted")
#: Why a proposal ended; the first ones are said by people.
SAID = [
    ("no_need", "Has no need of it"),
    ("elsewhere", "Has it from somebody else"),
    ("no_fit", "Does not fit"),
    ("price", "Too dear"),
    ("other", "Another reason"),
]
REASONS = [
    *SAID,
    ("lost", "Opportunity or quotation lost"),
    ("gone", "Opportunity or quotation deleted"),
    ("time", "Nobody took it up in time"),
    ("owned", "Bought it before"),
    ("left", "The customer is leaving"),
    ("merged", "Contacts were merged"),
]


class CareProposal(models.Model):
    """One product proposed to one customer of one company, with its reason and what became of it.

    Written by the night (care_proposal_night.py) and by the actions below alone: proposed →
    accepted (an opportunity or a quotation was made) → won (the customer bought), or dismissed by
    people, or expired. The figures of the reason are those of the day it was proposed.
    """

    _name = "care.proposal"
    _description = "Cross-sell proposal"
    _order = "expected_value desc, lift_low desc, id"
    _rec_name = "product_tmpl_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, index="btree_not_null",
        help="The customer's salesperson; follows the customer while the proposal is new.")
    product_tmpl_id = fields.Many2one(
        "product.template", "Proposed", required=True, readonly=True, ondelete="cascade",
        index=True)
    product_id = fields.Many2one(
        "product.product", "Variant", readonly=True, ondelete="cascade", index="btree_not_null")
    because_tmpl_id = fields.Many2one(
        "product.template", "Because of", readonly=True, ondelete="cascade",
        index="btree_not_null")
    because_on = fields.Date("Bought on", readonly=True)
    affinity_id = fields.Many2one(
        "care.affinity", "Pair", readonly=True, ondelete="set null", index="btree_not_null")
    kind = fields.Selection(
        [("cross", "Cross-sell"), ("up", "Up-sell")], required=True, readonly=True)
    origin = fields.Selection(
        [("measured", "Found in purchases"), ("chosen", "Chosen on the product")],
        required=True, readonly=True)
    state = fields.Selection(
        [("proposed", "New"), ("accepted", "In sales"), ("won", "Bought"),
         ("dismissed", "Dismissed"), ("expired", "Expired")],
        required=True, readonly=True, default="proposed", group_expand=True)

    customers = fields.Integer("Customers of both", readonly=True, aggregator=None)
    customers_with = fields.Integer("Customers of the product", readonly=True, aggregator=None)
    lift_low = fields.Float("Lift at least", readonly=True, digits=(16, 2), aggregator=None)
    later = fields.Integer("Number who followed", readonly=True, aggregator=None)
    waiting = fields.Integer("Could follow", readonly=True, aggregator=None)
    window_days = fields.Integer("Within days", readonly=True, aggregator=None)
    chance = fields.Float(
        readonly=True, digits=(16, 4), aggregator="avg",
        help="Of the customers who had bought the one product and not the other, the share that "
        "bought it within the days of the settings; on the day of the proposal.")
    chance_known = fields.Boolean(readonly=True)
    price = fields.Monetary(
        "Usual purchase", readonly=True,
        help="What one purchase of the product brings on average, untaxed.")
    expected_value = fields.Monetary(
        readonly=True, help="Usual purchase × chance; empty while the chance is not known.")

    proposed_on = fields.Date(required=True, readonly=True)
    expires_on = fields.Date(
        required=True, readonly=True,
        help="The days of the settings after the purchase it rests on: later nobody was measured.")
    accepted_on = fields.Date("Taken up on", readonly=True)
    closed_on = fields.Date("Ended on", readonly=True)
    close_reason = fields.Selection(REASONS, "Ended because", readonly=True)
    close_note = fields.Char("Note", readonly=True)
    won_value = fields.Monetary(
        "Bought for", readonly=True,
        help="Untaxed value of the product that the customer bought since, net of returns, on the "
        "day it was seen.")
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference("Made of it", model_field="document_model",
                                           readonly=True)
    reason = fields.Text(compute="_compute_reason")
    followed_told = fields.Char(
        "Followed", compute="_compute_reason",
        help="How many of those who had bought the one product and not the other bought it within "
        "the days of the settings.")
    taken_up = fields.Boolean(
        compute="_compute_taken_up", search="_search_taken_up",
        help="An opportunity or a quotation was made of it.")

    # Never two open ones for the same customer and product, whoever writes them.
    _open_uniq = models.UniqueIndex(
        "(company_id, partner_id, product_tmpl_id, COALESCE(product_id, 0))"
        " WHERE state IN ('proposed', 'accepted')",
        "This product is being proposed to this customer already.")
    # The board of the day.
    _board_idx = models.Index("(company_id, state, expected_value DESC)")
    _quiet_idx = models.Index(
        "(partner_id, company_id, closed_on) WHERE state IN ('dismissed', 'expired')")

    @api.depends("partner_id", "product_tmpl_id", "product_id")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = self.env._(
                "%(product)s for %(customer)s", product=proposal._get_name(),
                customer=proposal.partner_id.display_name)

    @api.depends("because_tmpl_id", "because_on", "customers", "customers_with", "later",
                 "waiting", "window_days", "chance_known", "origin")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            proposal.reason = " ".join(proposal._tell())
            proposal.followed_told = self.env._(
                "%(part)s of %(all)s", part=proposal.later, all=proposal.waiting,
            ) if proposal.chance_known else self.env._("not known")

    @api.depends("accepted_on")
    def _compute_taken_up(self):
        for proposal in self:
            proposal.taken_up = bool(proposal.accepted_on)

    def _search_taken_up(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = [("accepted_on", "!=" if one else "=", False) for one in value]
        return ["|"] * (len(domains) - 1) + domains

    def _tell(self) -> list[str]:
        """Why this product and why now, a sentence each."""
        _ = self.env._
        product = self.because_tmpl_id._care_name()
        other = self._get_name()
        told = []
        if self.customers_with:
            told.append(_(
                "%(both)s of %(with)s who bought %(product)s also bought %(other)s.", **{
                    "both": self.customers, "with": self.customers_with, "product": product,
                    "other": other}))
        elif self.origin == "chosen":
            told.append(_(
                "%(other)s is set as going with %(product)s.", other=other, product=product))
        told.append(_(
            "This customer bought %(product)s on %(day)s, never %(other)s.", product=product,
            day=tell_day(self.env, self.because_on), other=other))
        if self.chance_known:
            told.append(_(
                "%(later)s of %(waiting)s other customers of %(product)s bought %(other)s within "
                "%(days)s days.", later=self.later, waiting=self.waiting, product=product,
                other=other, days=self.window_days))
        else:
            told.append(_(
                "Too few other customers of %(product)s to tell the chance of %(other)s.",
                product=product, other=other))
        return told

    def _get_product(self):
        self.ensure_one()
        return self.product_id or self.product_tmpl_id

    def _get_name(self) -> str:
        self.ensure_one()
        return self.product_tmpl_id._care_name(self.product_id)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_accept(self):
        """Make an opportunity of each, or a quotation where there are no opportunities."""
        made = self._take("proposed")
        for proposal in made:
            proposal._set_accepted(self.env["care.loop"]._sell(proposal))
        made = self.browse(made.ids)
        if len(self) == 1 and made and made._may_open():
            return made.action_open_document()
        return self.env["care.loop"]._notification(self.env._(
            "Taken up: %(made)s of %(all)s. The others were taken up or ended before.",
            made=len(made), all=len(self)) if len(made) < len(self) else self.env._(
            "Taken up: %s.", len(made)))

    def action_dismiss(self):
        """Ask why, and do not propose it again for a while."""
        self._check_works_with_it()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_care.care_proposal_dismiss_action")
        return action | {"context": {"default_proposal_ids": self.ids}}

    def action_restore(self):
        """Propose again what was dismissed by mistake, unless it is being proposed."""
        for proposal in self._take("dismissed"):
            if self.sudo().search_count(proposal._same_open(), limit=1):  # whoever works on it
                raise UserError(self.env._(
                    "%s is being proposed to this customer already.",
                    proposal._get_name()))
            proposal._set_proposed()

    def action_open_document(self):
        self.ensure_one()
        if not self._may_open():
            raise UserError(self.env._("It is not there any more, or you may not read it."))
        return {
            "type": "ir.actions.act_window", "res_model": self.document_model,
            "res_id": self.document_id, "views": [(False, "form")],
        }

    def action_open_care(self):
        self.ensure_one()
        care = self.env["care.customer"].search(
            [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)],
            limit=1)
        if not care:
            raise UserError(self.env._("This customer has no care record yet."))
        return {
            "type": "ir.actions.act_window", "res_model": "care.customer", "res_id": care.id,
            "views": [(False, "form")],
        }

    def _check_works_with_it(self):
        """Reading is not enough; hiding a button would not be either."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_groups(
                "customer_care.group_customer_care_user,sales_team.group_sale_salesman")):
            raise AccessError(self.env._("Only users of Customer Care and Sales may do this."))

    def _may_open(self) -> bool:
        model = self.document_model
        if not model or model not in self.env or not self.document_id:
            return False
        document = self.env[model].browse(self.document_id).exists()
        return bool(document) and document.has_access("read")

    def _take(self, state):
        """Those of the user's proposals that are in a state, held until the end.

        Who comes second waits for nobody: he finds them locked, or no longer in the state.
        """
        self._check_works_with_it()
        # People may not write these rows: their states change here alone.
        return self.sudo().try_lock_for_update(allow_referencing=True).filtered(
            lambda proposal: proposal.state == state)

    def _same_open(self):
        """Domain of open proposals of the same product to the same customer."""
        self.ensure_one()
        return [
            ("company_id", "=", self.company_id.id), ("partner_id", "=", self.partner_id.id),
            ("product_tmpl_id", "=", self.product_tmpl_id.id),
            ("product_id", "=", self.product_id.id), ("state", "in", OPEN), ("id", "!=", self.id)]

    # ------------------------------------------------------------
    # States
    # ------------------------------------------------------------

    def _set_proposed(self):
        self.write({
            "state": "proposed", "accepted_on": False, "closed_on": False, "close_reason": False,
            "close_note": False, "document_model": False, "document_id": False})

    def _set_accepted(self, document):
        self.write({
            "state": "accepted", "accepted_on": self._today(),
            "document_model": document._name, "document_id": document.id})

    def _set_dismissed(self, reason, note=False):
        self._close("dismissed", reason, note)

    def _set_expired(self, reason):
        self._close("expired", reason)

    def _close(self, state, reason, note=False):
        for company, proposals in self.grouped("company_id").items():
            proposals.write({
                "state": state, "closed_on": company._care_today(), "close_reason": reason,
                "close_note": note})

    def _today(self):
        return self.company_id._care_today()
