from odoo import api, fields, models
from odoo.exceptions import UserError

from .care_case import CASE_KINDS, SEVERITIES

#: severity → hours to the first reply and to the resolution; None holds for all others.
PRESET = {"4": (1, 8), "3": (4, 16), "2": (8, 40), "1": (16, 80)}
#: Terms of a policy, and the field of the policy that holds each.
TERMS = ("team_ids", "kind", "severity", "category_ids", "tag_ids", "segment_ids")
#: What cases' deadlines are told from.
PROMISED = (
    *TERMS, "reply_within", "resolve_within", "pause_waiting", "warn_percent", "sequence",
    "active", "level_ids")


class CareSla(models.Model):
    """What is promised to customers: how soon the first reply and the resolution are due.

    Hours are working hours of the team that has the case. The policy that names most conditions
    wins; among those that name equally many, the one that stands higher.
    """

    _name = "care.sla"
    _description = "Service level"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company)
    team_ids = fields.Many2many(
        "care.team", string="Teams", check_company=True, help="None: all teams.")
    kind = fields.Selection(CASE_KINDS, "Kind of case", help="Empty: all kinds.")
    severity = fields.Selection(SEVERITIES, help="Empty: all severities.")
    category_ids = fields.Many2many(
        "care.category", string="Categories", check_company=True,
        help="Those within them count, too. None: all categories.")
    tag_ids = fields.Many2many(
        "res.partner.category", string="Customer tags",
        help="Customers who have one of these tags. None: all customers.")
    segment_ids = fields.Many2many(
        "care.rfm.segment", string="Customer segments",
        help="Customers in one of these segments. None: all customers.")
    reply_within = fields.Float(
        "First reply within (working h)",
        help="Working hours of the team from the case's opening to the first answer to the "
        "customer. 0: not promised. Calls and chats are answered when they begin, and cases that "
        "we opened ourselves need no first reply: neither counts.")
    resolve_within = fields.Float(
        "Resolved within (working h)",
        help="Working hours of the team from the case's opening to its first resolution, without "
        "pauses. 0: not promised. A case that is opened again goes on with the hours it had left.")
    pause_waiting = fields.Boolean(
        "Waiting for the customer pauses", default=True,
        help="The clock stands while a case is in a stage that means waiting for the customer.")
    warn_percent = fields.Integer(
        "At risk from (%)", default=75,
        help="Share of the promised hours after which a case is shown as at risk.")
    level_ids = fields.One2many(
        "care.sla.level", "sla_id", "Escalation", copy=True,
        default=lambda self: self._default_levels())
    open_count = fields.Integer("Open cases", compute="_compute_open_count")

    _reply_positive = models.Constraint(
        "CHECK(reply_within >= 0 AND resolve_within >= 0)", "Hours cannot be negative.")
    _warn_share = models.Constraint(
        "CHECK(warn_percent BETWEEN 1 AND 100)", "The warning is a share from 1 to 100 %.")

    # ---- defaults and computes ------------------------------------------------------------------

    def _default_levels(self):
        return [
            fields.Command.create({"amount": 75, "reach": "agent"}),
            fields.Command.create({"amount": 100, "reach": "leader"}),
        ]

    def _compute_open_count(self):
        counts = dict(self.env["care.case"]._read_group(
            [("sla_id", "in", self.ids), ("resolved_at", "=", False), ("closed_at", "=", False)],
            ["sla_id"], ["__count"]))
        for policy in self:
            policy.open_count = counts.get(policy, 0)

    # ---- CRUD -----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._tell_again()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(PROMISED):
            self._tell_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        # Cases of any age keep the promise that they were judged by.
        cases = self.env["care.case"].sudo().with_context(active_test=False)
        if cases.search_count(
                ["|", ("sla_id", "in", self.ids), ("reply_sla_id", "in", self.ids)], limit=1):
            raise UserError(self.env._(
                "Cases were judged by this service level. Archive it instead."))

    def _tell_again(self):
        """Open cases get their deadlines anew; what was settled under the old promise stays."""
        # Whoever sets the promise sets it for all cases of the company.
        self.env["care.case"].sudo()._set_deadlines_due(self.company_id)

    # ---- actions --------------------------------------------------------------------------------

    @api.model
    def action_create_preset(self):
        """Four service levels by severity, to begin with."""
        self.check_access("create")
        words = dict(self._fields["severity"]._description_selection(self.env))
        self.create([
            {"name": words[severity], "severity": severity, "reply_within": reply,
             "resolve_within": resolve, "sequence": 10 * (5 - int(severity))}
            for severity, (reply, resolve) in PRESET.items()
        ])
        return self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_sla_action")

    def action_open_cases(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": "care.case",
            "views": [(False, "list"), (False, "form")],
            "domain": [("sla_id", "=", self.id), ("resolved_at", "=", False),
                       ("closed_at", "=", False)]}

    # ---- which one holds ------------------------------------------------------------------------

    @api.model
    def _match(self, cases) -> dict:
        """{case: the policy that holds for it, or an empty one}."""
        policies = self.search([("company_id", "in", cases.company_id.ids)])
        segments = policies.segment_ids and self._get_segments(cases)
        return {
            case: max(
                (policy for policy in policies if policy._covers(case, segments)),
                key=lambda policy: sum(bool(policy[term]) for term in TERMS),
                default=self.browse())
            for case in cases}

    def _covers(self, case, segments) -> bool:
        """Whether all conditions of the policy hold for a case."""
        customer = case.commercial_partner_id
        return (
            self.company_id == case.company_id
            and (not self.team_ids or case.team_id in self.team_ids)
            and (not self.kind or case.kind == self.kind)
            and (not self.severity or case.severity == self.severity)
            and (not self.category_ids or self._covers_category(case.category_id))
            and (not self.tag_ids
                 or bool(self.tag_ids & (case.partner_id | customer).category_id))
            and (not self.segment_ids
                 or segments.get((case.company_id, customer)) in self.segment_ids))

    def _covers_category(self, category) -> bool:
        return bool(category) and any(
            category.parent_path.startswith(one.parent_path) for one in self.category_ids)

    def _get_segments(self, cases):
        """{(company, customer): segment}."""
        customers = self.env["care.customer"].search_fetch(
            [("partner_id", "in", cases.commercial_partner_id.ids),
             ("company_id", "in", cases.company_id.ids)],
            ["company_id", "partner_id", "rfm_segment_id"])
        return {(one.company_id, one.partner_id): one.rfm_segment_id for one in customers}

    def _longest(self) -> float:
        """Working hours after which nothing of these policies is left to be watched."""
        return max((
            max(policy.reply_within, policy.resolve_within)
            * max([100.0, *policy.level_ids.filtered(lambda one: one.unit == "percent").mapped(
                "amount")]) / 100
            for policy in self), default=0.0)
