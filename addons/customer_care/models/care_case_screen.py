from odoo import api, fields, models
from odoo.addons.customer_care.engine import phone
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .care_case import SEVERE
from .care_customer_health import LEVEL_SELECTION
from .care_stage import OPEN_KINDS
from .care_status_rule import STATUS_SELECTION

#: Ends that nobody solved.
ENDED_AS = ("spam", "cancelled", "no_answer")

#: Cases of one number that a search takes.
CALLS = 500


class CareCase(models.Model):
    """What the screens of cases show of the customer, and what people search by."""

    _inherit = "care.case"

    care_status = fields.Selection(
        STATUS_SELECTION, "Customer status", compute="_compute_care",
        help="Where the customer stands by his purchases; from his care record.")
    care_health = fields.Selection(
        LEVEL_SELECTION, "Customer health", compute="_compute_care",
        help="From his care record, where its reasons stand.")
    who = fields.Char("Customer or sender", compute="_compute_who")
    reach = fields.Char(
        "Telephone", compute="_compute_reach_word", search="_search_reach",
        help="Any form of a number finds it, and its last digits.")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    invoice_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt')),"
        " ('commercial_partner_id', '=?', commercial_partner_id)]")

    # the end of a number finds it in any form that people write
    _reach_idx = models.Index(
        "(reverse(regexp_replace(phone, '[^0-9]', '', 'g')) text_pattern_ops)"
        " WHERE phone IS NOT NULL")

    @api.depends("commercial_partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_care(self):
        """One look for a whole page of cases."""
        customers = self.env["care.customer"]
        found = customers.browse()
        if customers.has_access("read"):
            found = customers.search_fetch(
                [("partner_id", "in", self.commercial_partner_id.ids),
                 ("company_id", "in", self.company_id.ids)],
                ["partner_id", "company_id", "status", "health_level"])
        by_key = {(row.partner_id.id, row.company_id.id): row for row in found}
        for case in self:
            customer = by_key.get((case.commercial_partner_id.id, case.company_id.id), customers)
            case.care_status = customer.status
            case.care_health = customer.health_level

    @api.depends("partner_id", "partner_name", "email_from", "phone")
    def _compute_who(self):
        for case in self:
            case.who = (
                case.partner_id.display_name or case.partner_name or case.email_from
                or case.phone)

    @api.depends("phone", "partner_id.phone")
    def _compute_reach_word(self):
        for case in self:
            case.reach = case.phone or case.partner_id.phone

    def _search_reach(self, operator, value):
        """Cases whose number, or whose contact's, ends as the digits of the word do."""
        if operator not in ("ilike", "=", "=ilike"):
            return NotImplemented
        end = phone.tail(value)
        if len(end) < phone.MIN_DIGITS:
            return Domain("phone", "ilike", value)
        partners = self.env["res.partner"]._care_by_phone(value, CALLS)
        cases = [case for case, number in self._query_by_phone(end) if phone.fits(value, number)]
        return Domain("id", "in", cases) | Domain("partner_id", "in", partners.ids)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for case in self:
            case.is_mine = case.user_id == self.env.user

    @api.onchange("order_line_id")
    def _onchange_order_line_id(self):
        self._fill_from_line()

    @api.model
    def get_beside(self, case_id=False, partner_id=False, company_id=False):
        """The customer beside a case, as far as the user may read him.

        :param partner_id: the contact chosen in the form, which may not be saved yet
        """
        case = self.browse(case_id or False)
        case.check_access("read")
        partner = self.env["res.partner"].browse(partner_id or False)
        partner.check_access("read")
        company = self.env["res.company"].browse(company_id or False) or self.env.company
        if company not in self.env.companies:
            company = self.env.company
        return self.env["care.beside"]._tell(partner, company, case)

    def action_create_contact(self):
        """The sender becomes a contact, and the case is his."""
        self.ensure_one()
        self.check_access("write")
        if not self.partner_id:
            # Agents take down who writes or calls, also without rights on the address book.
            self.partner_id = self.env["res.partner"].sudo().create({
                "name": self.partner_name or self.email_from or self.phone,
                "email": self.email_from, "phone": self.phone})

    def action_close_as(self, reason):
        """The case ends without a solution: spam, cancelled, or the customer never answered."""
        self.check_access("write")
        if reason not in ENDED_AS:
            raise UserError(self.env._("A case does not end this way."))
        for case in self.filtered(lambda case: case.stage_kind != "closed"):
            case._close(reason)

    # ---- business -------------------------------------------------------------------------------

    def _domain_open(self):
        return Domain("stage_kind", "in", OPEN_KINDS)

    def _is_severe(self):
        return self.severity in SEVERE

    def _fill_from_line(self):
        """The goods that an order line names."""
        for case in self.filtered("order_line_id"):
            case.order_id = case.order_line_id.order_id
            case.product_id = case.order_line_id.product_id
            case.lot_name = case.lot_name or case._find_lot()

    def _find_lot(self):
        """The lot of these goods, where the customer has only one of them."""
        items = self.env["care.item"]
        if not items.has_access("read"):
            return False
        found = items.search(
            [("partner_id", "=", self.commercial_partner_id.id),
             ("company_id", "=", self.company_id.id), ("product_id", "=", self.product_id.id)],
            limit=2)
        return found.lot_name if len(found) == 1 else False

    def _query_by_phone(self, end: str) -> list[tuple[int, str]]:
        """Cases whose own number ends so, with it, the last ones first.
        Index care_case__reach_idx, which only a list of its own keeps: sorted by id, the limit
        would lead the planner through all cases from the last one."""
        self.flush_model(["phone"])
        return self.env.execute_query(SQL(
            """WITH found AS MATERIALIZED (
                    SELECT id, phone FROM care_case
                     WHERE phone IS NOT NULL
                       AND reverse(regexp_replace(phone, '[^0-9]', '', 'g')) LIKE %s)
             SELECT id, phone FROM found ORDER BY id DESC LIMIT %s""", end + "%", CALLS))

    @api.model
    def _count_open_and_all(self, name, ids):
        """{id of the record: (open cases, all cases)}, as far as the user may read them."""
        if not ids or not self.has_access("read"):
            return {}
        counts = {}
        for record, kind, count in self._read_group(
                [(name, "in", ids)], [name, "stage_kind"], ["__count"]):
            now_open, all_of_it = counts.get(record.id, (0, 0))
            counts[record.id] = (
                now_open + count * (kind in OPEN_KINDS), all_of_it + count)
        return counts

    @api.model
    def _prepare_cases_action(self, domain, context):
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_case_action")
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        return action | {
            "domain": list(domain), "context": context, "views": views, "path": False}

    @api.model
    def _prepare_new_case(self, context):
        self.check_access("create")
        return {
            "type": "ir.actions.act_window", "res_model": "care.case",
            "name": self.env._("New case"), "views": [(False, "form")], "context": context}
