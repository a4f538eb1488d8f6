from odoo import api, fields, models
from odoo.exceptions import UserError

#: severity → hours to the first reply and to the resolution
PRESET = {"4": (1, 8), "3": (4, 16), "2": (8, 40), "1": (16, 80)}
#: Terms of a policy, and the field of the policy that holds each.
TERMS = ("team_ids", "kind_ids", "severity_ids", "category_ids", "tag_ids", "segment_ids")
#: What cases' deadlines are told from.
PROMISED = (
    *TERMS, "reply_within", "resolve_within", "pause_waiting", "warn_percent", "sequence",
    "active", "level_ids")


class CareSla(models.Model):
    """What is promised to customers: how soon the first reply and the resolution are due.

    Hours are working hours of the team that has the case: a day off of the whole company or of the
    team's calendar is none, the time off of one of its people changes nothing. Which policy wins
    where several hold stands in care_sla_match.py.
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
    kind_ids = fields.Many2many(
        "care.choice", "care_sla_kind_rel", "sla_id", "choice_id", "Kinds of case",
        domain=[("field", "=", "kind")], help="None: all kinds.")
    severity_ids = fields.Many2many(
        "care.choice", "care_sla_severity_rel", "sla_id", "choice_id", "Severities",
        domain=[("field", "=", "severity")], help="None: all severities.")
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
        severities = self.env["care.choice"].search([("field", "=", "severity")])
        self.create([
            {"name": one.name, "severity_ids": one.ids, "sequence": one.sequence,
             "reply_within": PRESET[one.value][0], "resolve_within": PRESET[one.value][1]}
            for one in severities if one.value in PRESET
        ])
        return self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_sla_action")

    def action_open_cases(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": "care.case",
            "views": [(False, "list"), (False, "form")],
            "domain": [("sla_id", "=", self.id), ("resolved_at", "=", False),
                       ("closed_at", "=", False)]}

    def _longest(self) -> float:
        """Working hours after which nothing of these policies is left to be watched."""
        return max((
            max(policy.reply_within, policy.resolve_within)
            * max([100.0, *policy.level_ids.filtered(lambda one: one.unit == "percent").mapped(
                "amount")]) / 100
            for policy in self), default=0.0)
