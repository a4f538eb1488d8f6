import ast
import math

from odoo import _, api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

MAX_DOMAIN = 4_000
MAX_POINTS = 1_000
SOURCES = {"lead": "crm.lead", "partner": "res.partner"}


class NurtureScoreRule(models.Model):
    """One row: one reason to give or take points.

    A fit rule holds when a record of the person matches a filter. A behaviour rule counts events,
    or days with such events, within a window; older events may weigh less.
    """

    _name = "nurture.score.rule"
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

    # behaviour
    event_kind = fields.Selection(
        lambda self: [*self._rule_kinds().items()], "What happens", default="visit"
    )
    url_pattern = fields.Text(
        "On pages",
        help="One per line. Part of the address, or a pattern with * for anything: /pricing or "
        "*/product/*/demo. Empty: any page or link.",
    )
    topic = fields.Char(help="Only events of exactly this topic.")
    count_by = fields.Selection(
        [("event", "Each time"), ("day", "Each day on which it happens")],
        "Count",
        required=True,
        default="event",
    )
    min_count = fields.Integer(
        "Needed at least", default=1,
        help="Times or days under which the rule gives nothing.",
    )  # fmt: skip
    max_count = fields.Integer(
        "Counted at most", help="The rule gives at most this many times its points. 0: no limit."
    )
    max_per_day = fields.Integer(
        "At most per day", help="Events of one day that count. 0: no limit."
    )
    window_days = fields.Integer(
        "Within days", help="Older events do not count. 0: all events that are kept."
    )
    half_life_days = fields.Float(
        "Half-life in days",
        help="After this time an event is worth half, after twice the time a quarter. 0: it keeps "
        "its worth.",
    )  # fmt: skip
    include_suspect = fields.Boolean(
        "Count doubtful ones", help="Also count events that were perhaps made by a machine."
    )

    _counts_positive = models.Constraint(
        """CHECK (min_count >= 1 AND max_count >= 0 AND max_per_day >= 0 AND window_days >= 0
                  AND half_life_days >= 0)""",
        "Numbers of a rule must not be negative, and at least one event is needed.",
    )

    @api.model
    def _rule_kinds(self):
        """What a behaviour rule may count: the kinds of events, and kinds taken together."""
        return {
            "visit": _("Visit: page viewed or link clicked"),
            "contact": _("Contact: call, meeting or answered mail"),
            **{
                kind: label
                for kind, label in self.env["nurture.event"]._event_kinds().items()
                if not kind.startswith("band_")
            },
        }

    @api.model
    def _event_kinds_of(self, rule_kind):
        return {
            "visit": ["page_view", "mail_click"],
            "contact": ["call", "meeting", "mail_reply"],
        }.get(rule_kind, [rule_kind])

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("points", "half_life_days")
    def _check_numbers(self):
        for rule in self:
            if not math.isfinite(rule.points) or abs(rule.points) > MAX_POINTS:
                raise ValidationError(
                    _("Points of “%(rule)s” must be a number up to %(limit)s.",
                      rule=rule.name, limit=MAX_POINTS)
                )  # fmt: skip
            if not math.isfinite(rule.half_life_days):
                raise ValidationError(_("The half-life of “%s” must be a number.", rule.name))

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
        for rule in self.filtered(lambda r: r.source in SOURCES):
            try:
                domain = rule._parse_domain()
                author = rule.sudo(False)  # checks run with all rights, the author has his own
                author._check_stored(author.env[SOURCES[rule.source]], domain)
                # the planner knows whether it can run, without running it
                condition = rule.sudo()._query_condition()  # sudo: as it will be run
                self.env.execute_query(rule._query_explain(condition))
            except (ValueError, TypeError, SyntaxError, UserError, KeyError) as error:
                raise ValidationError(
                    _("The filter of “%(rule)s” cannot be used: %(error)s",
                      rule=rule.name, error=error)
                ) from error  # fmt: skip

    def _parse_domain(self):
        text = self.domain or "[]"
        if len(text) > MAX_DOMAIN:
            raise ValueError(_("it is longer than %s characters.", MAX_DOMAIN))
        try:
            parsed = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError(_("only fixed values may stand in it.")) from error
        return Domain(parsed)

    def _check_stored(self, target, domain):
        """Refuse what would be searched in Python, and what the writer may not read."""
        domain.validate(target)
        target.check_access("read")
        for condition in domain.iter_conditions():
            model = target
            for name in condition.field_expr.split("."):
                field = model._fields.get(name)
                if field is None:
                    break  # a property, or part of a date: the validation above has seen it
                if not (field.store or field.related or field.inherited):
                    label = field.get_description(self.env, ["string"])["string"]
                    raise ValueError(_("“%s” is not stored.", label))
                model._check_field_access(field, "read")
                if field.relational:
                    model = self.env[field.comodel_name]
                    model.check_access("read")
            if condition.operator in ("any", "not any"):
                self._check_stored(model, Domain(condition.value))

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

    @api.depends("source", "event_kind", "url_pattern", "topic", "count_by", "min_count",
                 "max_count", "max_per_day", "window_days", "half_life_days")  # fmt: skip
    def _compute_summary(self):
        kinds = self._rule_kinds()
        sources = dict(self._fields["source"]._description_selection(self.env))
        for rule in self:
            if rule.source != "event":
                rule.summary = sources[rule.source]
                continue
            parts = [kinds.get(rule.event_kind, "")]
            if rule.url_pattern:
                parts.append(_("on %s", " | ".join(rule.url_pattern.split())))
            if rule.topic:
                parts.append(_("about %s", rule.topic))
            parts += rule._summary_of_counts()
            rule.summary = ", ".join(parts)

    def _summary_of_counts(self):
        days = self.count_by == "day"
        texts = []
        if self.min_count > 1:
            texts.append(
                _("on at least %s days", self.min_count)
                if days
                else _("at least %s times", self.min_count)
            )
        elif days:
            texts.append(_("per day"))
        if self.max_count:
            texts.append(_("counted %s × at most", self.max_count))
        if self.max_per_day:
            texts.append(_("%s a day at most", self.max_per_day))
        if self.window_days:
            texts.append(_("within %s days", self.window_days))
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
            for condition in rule._parse_domain().iter_conditions()
        )

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_condition(self):
        """The filter as a condition on the table of its model, whose alias is the table's name."""
        target = self.env[SOURCES[self.source]].with_context(
            active_test=False, tz=self.model_id.tz, lang="en_US"
        )
        query = target._search(self._parse_domain(), active_test=False, bypass_access=True)
        if query.is_empty():
            return SQL("FALSE")
        if not query.where_clause.code:
            return SQL("TRUE")
        if query.from_clause.code == SQL.identifier(target._table).code:
            return SQL("(%s)", query.where_clause)
        # joined tables: the inner table hides the outer one of the same name, hence `scored`
        return SQL(
            "EXISTS (SELECT 1 FROM %s WHERE %s AND %s = scored.res_id)",
            query.from_clause,
            query.where_clause,
            SQL.identifier(target._table, "id"),
        )

    def _query_explain(self, condition):
        table = self.env[SOURCES[self.source]]._table
        return SQL(
            "EXPLAIN SELECT 1 FROM %(table)s CROSS JOIN LATERAL (SELECT %(id)s AS res_id) scored "
            "WHERE %(condition)s",
            table=SQL.identifier(table),
            id=SQL.identifier(table, "id"),
            condition=condition,
        )

    def _query_match(self):
        """The condition under which an event `e` counts: `e.age` in days, `e.url` in lower case,
        machines already left out."""
        kinds = self._event_kinds_of(self.event_kind)
        conditions = [SQL(" OR ").join(SQL("e.kind = %s", kind) for kind in kinds)]
        if len(kinds) > 1:
            conditions = [SQL("(%s)", conditions[0])]
        if not self.include_suspect:
            conditions.append(SQL("e.actor = 'human'"))
        if self.window_days:
            conditions.append(SQL("e.age < %s", float(self.window_days)))
        if self.topic:
            conditions.append(SQL("e.topic = %s", self.topic))
        if patterns := self._like_patterns():
            liked = SQL(" OR ").join(SQL("e.url LIKE %s", pattern) for pattern in patterns)
            conditions.append(SQL("(%s)", liked))
        return SQL(" AND ").join(conditions)

    def _like_patterns(self):
        """Page patterns in the language of LIKE: * is anything, the rest is taken literally."""
        patterns = []
        for line in (self.url_pattern or "").lower().splitlines():
            text = line.strip()
            if not text:
                continue
            escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            patterns.append(escaped.replace("*", "%") if "*" in text else f"%{escaped}%")
        return patterns
