import math

from odoo import _, api, fields, models, tools
from odoo.addons.lead_nurture.engine import score as engine
from odoo.exceptions import ValidationError

MAX_POINTS = 1_000
MAX_SUMMARY = 120  # characters of a filter in words: it stands in lists and explanations
SOURCES = {"lead": "crm.lead", "partner": "res.partner"}


class NurtureScoreRule(models.Model):
    """One row: one reason to give or take points.

    A fit rule holds when a record of the person matches a filter. A behaviour rule counts events,
    or days with such events, within a window; older events may weigh less.
    """

    _name = "nurture.score.rule"
    _inherit = ["nurture.shared", "nurture.event.filter", "nurture.record.filter"]
    _description = "Score rule"
    _order = "group_id, sequence, id"

    name = fields.Char("Reason", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    group_id = fields.Many2one(
        "nurture.score.group", "Group", required=True, index=True, ondelete="cascade"
    )
    model_id = fields.Many2one(related="group_id.model_id", store=True, index=True)
    company_id = fields.Many2one(related="group_id.company_id", store=True)
    group_kind = fields.Selection(related="group_id.kind")
    points = fields.Float(
        required=True, default=10,
        help="For each counted event or day; once for a fit rule. May be negative.",
    )  # fmt: skip
    summary = fields.Char("In words", compute="_compute_summary")

    # fit
    source = fields.Selection(
        [("lead", "A lead matches"), ("partner", "The contact matches"), ("event", "It happens")],
        "When",
        compute="_compute_source",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    res_model = fields.Char(compute="_compute_res_model")
    domain = fields.Char(
        "Filter", default="[]",
        help="Stored fields and fixed values; dates may be relative, like “today -30d”.",
    )  # fmt: skip

    # behaviour, see nurture.event.filter
    max_count = fields.Integer(
        "Counted at most", help="The rule gives at most this many times its points. 0: no limit."
    )
    max_per_day = fields.Integer(
        "At most per day", help="Events of one day that count. 0: no limit."
    )
    half_life_days = fields.Float(
        "Half-life in days",
        help="After this time an event is worth half, after twice the time a quarter. 0: it keeps "
        "its worth.",
    )  # fmt: skip

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.model
    def _fields_of_numbers(self):
        return (*super()._fields_of_numbers(), "max_count", "max_per_day", "half_life_days")

    def _least_numbers(self):
        limits = {"max_count": 0, "max_per_day": 0, "half_life_days": 0}
        return {**super()._least_numbers(), **limits}

    @api.constrains("points")
    def _check_points(self):
        for rule in self:
            if not math.isfinite(rule.points) or abs(rule.points) > MAX_POINTS:
                raise ValidationError(
                    _("“Points” of “%(rule)s” must be a number up to %(limit)s.",
                      rule=rule.name, limit=MAX_POINTS)
                )  # fmt: skip

    @api.constrains("source", "group_id")
    def _check_source(self):
        for rule in self:
            if (rule.source == "event") != (rule.group_id.kind == "engagement"):
                raise ValidationError(
                    _("“%s” does not belong here: groups of fit hold rules about leads and "
                      "contacts, groups of interest hold rules about events.", rule.name)
                )  # fmt: skip

    @api.constrains("domain", "source")
    def _check_domain(self):
        for rule in self.filtered(lambda r: r.source in SOURCES and r.group_kind == "fit"):
            target = self.env[SOURCES[rule.source]]
            fault = rule._fault_of_domain(target, rule.domain, rule.model_id.tz)
            if not fault and rule._parse_domain(rule.domain).is_true():
                fault = _("say who gets the points; an empty filter is everybody.")
            if fault:
                raise ValidationError(
                    _("The filter of “%(rule)s” cannot be used: %(error)s",
                      rule=rule.name, error=fault)
                )  # fmt: skip

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("group_id.kind")
    def _compute_source(self):
        """A group of interest holds events, a group of fit holds records."""
        for rule in self:
            if rule.group_id.kind == "engagement":
                rule.source = "event"
            elif rule.source not in SOURCES:
                rule.source = "lead"

    @api.depends("source")
    def _compute_res_model(self):
        for rule in self:
            rule.res_model = SOURCES.get(rule.source, "crm.lead")

    @api.depends("source", "domain", "event_kind", "url_pattern", "topic", "count_by", "min_count",
                 "max_count", "max_per_day", "window_days", "half_life_days")  # fmt: skip
    def _compute_summary(self):
        for rule in self:
            if rule.source == "event":
                rule.summary = ", ".join(rule._summary_of_events() + rule._summary_of_limits())
            else:
                rule.summary = rule._summary_of_record()

    def _summary_of_record(self):
        words = self._words_of_domain(self.env[self.res_model], self.domain)
        text = _("Contact: %s", words) if self.source == "partner" else _("Lead: %s", words)
        return text if len(text) <= MAX_SUMMARY else f"{text[: MAX_SUMMARY - 1].rstrip()}…"

    def _summary_of_limits(self):
        texts = []
        if self.max_count:
            texts.append(_("counted %s × at most", self.max_count))
        if self.max_per_day:
            texts.append(_("%s a day at most", self.max_per_day))
        if self.half_life_days:
            texts.append(_("halved every %s days", f"{self.half_life_days:g}"))
        return texts

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._after_change(rules.model_id)
        return rules

    def write(self, vals):
        before = self.model_id
        result = super().write(vals)
        if vals.keys() - {"name", "sequence"}:
            self._after_change(before | self.model_id)
        return result

    def unlink(self):
        scoring_models = self.model_id
        result = super().unlink()
        self._after_change(scoring_models)
        return result

    def _most(self):
        """The most points that the rule can give."""
        self.ensure_one()
        if self.source != "event":
            return max(self.points, 0)
        per_day = 1 if self.count_by == "day" else self.max_per_day
        return engine.most_of_rule(self.points, self.max_count, self.window_days, per_day)

    def _after_change(self, scoring_models):
        self.env.registry.clear_cache()
        scoring_models._request_pass(silent=True)

    # ------------------------------------------------------------
    # For those who save leads and contacts
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache("source")
    def _watched_fields(self, source):
        """Fields of a lead or contact on which a rule of an active model depends."""
        rules = self.sudo().search(  # sudo: of all companies
            [("source", "=", source), ("model_id.state", "=", "active")]
        )
        return frozenset(
            condition.field_expr.split(".")[0]
            for rule in rules
            for condition in self._parse_domain(rule.domain).iter_conditions()
        )

    def _query_holds(self):
        """The filter of a fit rule as a condition on the table of its records."""
        return self._query_condition(self.env[SOURCES[self.source]], self.domain, self.model_id.tz)
