from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import formatLang

from .moments import tell_day
from .optional import OptionalInteger

#: Statuses that call for nothing by themselves.
STILL_FINE = ("new", "active", "loyal", "reactivated")
LEVEL_SELECTION = [("good", "Good"), ("watch", "To watch"), ("risk", "At risk")]


class CareCustomer(models.Model):
    _inherit = "care.customer"

    health = OptionalInteger(
        readonly=True, aggregator="avg",
        help="0 to 100: the points of all health rules that fit, or what a person said while it "
        "holds. Its reasons stand on the care record.")
    health_level = fields.Selection(
        LEVEL_SELECTION, readonly=True,
        help="By the limits in Settings. Empty: nothing was bought yet, or the customer had left "
        "before health was measured.")
    health_computed = fields.Integer("Health by the figures", readonly=True, aggregator="avg")
    health_reasons = fields.Json(readonly=True)
    health_frozen_on = fields.Date(
        "Health frozen on", readonly=True,
        help="The customer churned that day; the score is the last one before it.")
    health_override_ids = fields.One2many(
        "care.health.override", compute="_compute_health_overrides")
    health_word = fields.Char(
        "Set by hand", compute="_compute_health_overrides",
        help="Who said so, until when and why; the figures are shown beside it.")
    health_story = fields.Html("Reasons", compute="_compute_health_story", sanitize=False)
    health_basis = fields.Char("Rests on", compute="_compute_health_story")
    health_note = fields.Char("About health", compute="_compute_health_note")

    # The list by risk.
    _health_idx = models.Index("(company_id, health, id) WHERE health IS NOT NULL")

    @api.model
    def _lists(self):
        return super()._lists() | {"health_override_ids": ("care.health.override", "partner_id")}

    @api.depends("health", "health_computed")
    @api.depends_context("lang", "uid")
    def _compute_health_overrides(self):
        """One look for a whole list."""
        words = self.env["care.health.override"]
        readable = words.has_access("read")
        # Who may see the score may read whose word it is.
        by_key = self.sudo()._search_list("health_override_ids", [
            ("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids),
        ]).grouped(lambda word: (word.partner_id, word.company_id))
        for customer in self:
            own = by_key.get((customer.partner_id, customer.company_id), words)
            own_rights = own.sudo(False)  # what people click on, they open with their own rights
            customer.health_override_ids = own_rights if readable else False
            word = own.filtered("holds")[:1]
            customer.health_word = self.env._(
                "%(score)s by %(who)s until %(until)s: %(reason)s", score=word.score,
                who=word.user_id.name, until=tell_day(self.env, word.date_until),
                reason=word.reason) if word else False

    @api.depends("purchase_days", "status", "health_reasons", "health_frozen_on")
    @api.depends_context("lang")
    def _compute_health_note(self):
        for customer in self:
            customer.health_note = customer._tell_no_health()

    @api.depends("health", "health_computed", "health_reasons", "health_frozen_on")
    @api.depends_context("lang")
    def _compute_health_story(self):
        """It looks at the facts of today: the form asks for it when its tab is opened."""
        health = self.env["care.health"]
        facts = health._health_facts()
        for customer in self:
            judged = bool(customer.health_reasons)
            known = health._facts_of(customer.company_id, customer.partner_id) if (
                judged and not customer.health_frozen_on) else {}
            customer.health_story = customer._tell_reasons(facts, known) if judged else False
            customer.health_basis = customer._tell_basis(facts, known) if known else False

    def _advice_candidates(self, rules):
        candidates = super()._advice_candidates(rules)
        if self.health_level == "risk" and self.status in STILL_FINE:
            candidates.append((45, self.env._(
                "Health is at risk: read why under Health, and talk to them before they are due.")))
        if self.rfm_segment_id.advice:
            candidates.append((60, self.rfm_segment_id.advice))
        return candidates

    def action_override_health(self):
        """Say what you know that the figures do not."""
        self.ensure_one()
        self._check_works_with_care()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Health of %s", self.partner_id.display_name),
            "res_model": "care.health.override",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id, "default_score": self.health},
        }

    def _tell_reasons(self, facts, known):
        """The sum, line by line: a score is never shown without what it is made of."""
        reasons = self.health_reasons
        # Who may see a score may read what it is made of.
        rules = self.env["care.health.rule"].sudo().with_context(active_test=False).search_fetch(
            [("id", "in", [int(key) for key in reasons if key != "base"])])
        lines = [(self.env._("Where everybody starts"), "", reasons.get("base", 0), False)]
        lines += [
            (rule.name, self._tell_fact(facts.get(rule.fact, {}), known.get(rule.fact)),
             reasons[str(rule.id)], True) for rule in rules]
        gone = sum(reasons.values()) - sum(line[2] for line in lines)
        if gone:
            lines.append((self.env._("By rules that were deleted since"), "", gone, True))
        total = sum(line[2] for line in lines)
        if total != self.health_computed:
            lines.append((
                self.env._("Kept between 0 and 100"), "", self.health_computed - total, True))
        return self._prepare_reasons_table(lines)

    def _tell_fact(self, fact, value):
        """The number behind a reason as it is today."""
        if value is None:
            return ""
        whole = abs(value) >= 10 or value == int(value)
        number = formatLang(self.env, value, digits=0 if whole else 1)
        return self.env._("now %(number)s %(unit)s", number=number, unit=fact.get("unit") or "")

    def _prepare_reasons_table(self, lines):
        row = Markup(
            '<tr><td>{}</td><td class="text-muted text-nowrap">{}</td>'
            '<td class="text-end text-nowrap {}">{}</td></tr>')
        tone = {True: "text-success", False: "text-danger"}
        body = Markup().join(
            row.format(name, evidence, tone[points > 0] if signed else "",
                       f"{points:+d}".replace("-", "−") if signed else points)
            for name, evidence, points, signed in lines)
        return Markup(
            '<table class="table table-sm w-auto mb-0"><tbody>{}</tbody><tfoot><tr><th>{}</th>'
            '<th></th><th class="text-end">{}</th></tr></tfoot></table>').format(
                body, self.env._("Health by the figures"), self.health_computed)

    def _tell_no_health(self):
        """Why there is no score, or why it does not move."""
        self.ensure_one()
        if not self.purchase_days:
            return self.env._("No purchase yet: there is nothing to judge by.")
        if self.health_frozen_on:
            return self.env._(
                "Frozen: the customer churned on %s; this is the last score before that.",
                tell_day(self.env, self.health_frozen_on))
        if not self.health_reasons:
            return (
                self.env._("The customer had left before health was measured.")
                if self.status == "churned" else
                self.env._("Not judged yet: health is counted every night."))
        return False

    def _tell_basis(self, facts, known):
        """What the score rests on."""
        missing = [facts[key]["label"] for key, value in known.items() if value is None]
        if not missing:
            return self.env._("All %s facts are known.", len(known))
        return self.env._(
            "Rests on %(known)s of %(all)s facts. Not known: %(missing)s.",
            known=len(known) - len(missing), all=len(known), missing=", ".join(missing))
