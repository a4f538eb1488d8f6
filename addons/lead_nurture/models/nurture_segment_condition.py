from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .nurture_event import PASSIVE_KINDS

TARGETS = {"person": "nurture.person", "lead": "crm.lead", "partner": "res.partner"}
# events that follow from others and that a segment may ask for all the same
TOLD_KINDS = ("band_up", "band_down", "status_change")


class NurtureSegmentCondition(models.Model):
    """One row: one thing that must, or must not, be so of a person for him to be in a segment.

    What a kind of condition asks is said by one registry entry and one `_query_part_<kind>` on
    nurture.segment.
    """

    _name = "nurture.segment.condition"
    _inherit = ["nurture.shared", "nurture.event.filter", "nurture.record.filter"]
    _description = "Condition of a segment"
    _order = "segment_id, sequence, id"

    segment_id = fields.Many2one(
        "nurture.segment", "Segment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="segment_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection="_selection_kind", string="About", required=True, default="event"
    )
    negate = fields.Boolean("Not", help="Holds for those of whom this is not so.")
    summary = fields.Char("In words", compute="_compute_summary")

    # records
    res_model = fields.Char(compute="_compute_res_model")
    domain = fields.Char(
        "Filter", default="[]",
        help="Stored fields and fixed values; dates may be relative, like “today -30d”.",
    )  # fmt: skip

    # behaviour, see nurture.event.filter
    count_operator = fields.Selection(
        [("least", "At least"), ("most", "At most")], "How often", required=True, default="least"
    )
    min_count = fields.Integer("Times", default=1, help="Times, or days on which it happens.")

    # score
    score_model_id = fields.Many2one(
        "nurture.score.model", "Score model", ondelete="restrict",
        help="Empty: the score that leads show.",
    )  # fmt: skip
    score_measure = fields.Selection(
        [
            ("band", "Interest"),
            ("grade", "Fit"),
            ("total", "Score"),
            ("engagement", "Points of interest"),
            ("fit", "Points of fit"),
        ],
        "What of the score",
        required=True,
        default="band",
    )
    band = fields.Selection(
        [("hot", "Hot"), ("warm", "Warm or hotter"), ("cold", "Cold")], default="hot"
    )
    grade = fields.Selection([("A", "A"), ("B", "B or better"), ("C", "C or better")], default="B")
    score_from = fields.Integer("At least", default=50, help="Points.")

    # other segments
    other_segment_id = fields.Many2one(
        "nurture.segment", "Other segment", index="btree_not_null", ondelete="restrict"
    )

    @api.model
    def _condition_kinds(self):
        """Registry of what can be asked: {kind: label}."""
        _ = self.env._
        return {
            "event": _("What the person did"),
            "score": _("The score"),
            "lead": _("A lead"),
            "partner": _("The contact"),
            "person": _("The person"),
            "segment": _("Another segment"),
        }

    @api.model
    def _selection_kind(self):
        return [*self._condition_kinds().items()]

    @api.model
    def _rule_kinds(self):
        events = self.env["nurture.event"]._event_kinds()
        return {
            "any": self.env._("Anything by himself"),
            **super()._rule_kinds(),
            **{kind: events[kind] for kind in TOLD_KINDS if kind in events},
        }

    @api.model
    def _event_kinds_of(self, rule_kind):
        if rule_kind != "any":
            return super()._event_kinds_of(rule_kind)
        return [k for k in self.env["nurture.event"]._event_kinds() if k not in PASSIVE_KINDS]

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.model
    def _fields_of_numbers(self):
        return (*super()._fields_of_numbers(), "kind", "count_operator")

    def _least_numbers(self):
        """“At most 0 times” is never; other kinds do not count."""
        counts = self.kind == "event" and self.count_operator == "least"
        return {**super()._least_numbers(), "min_count": 1 if counts else 0}

    @api.constrains("kind", "domain")
    def _check_domain(self):
        for condition in self.filtered(lambda c: c.kind in TARGETS):
            target = self.env[TARGETS[condition.kind]]
            fault = condition._fault_of_domain(target, condition.domain, condition.segment_id.tz)
            everybody = not fault and condition._parse_domain(condition.domain).is_true()
            if everybody and condition.kind != "lead":  # to have a lead says something
                fault = self.env._("it is empty, so it would be everybody.")
            if fault:
                raise ValidationError(
                    self.env._(
                        "The filter on %(about)s cannot be used: %(error)s",
                        about=self._condition_kinds()[condition.kind].lower(),
                        error=fault,
                    )
                )

    @api.constrains("kind", "event_kind")
    def _check_event_kind(self):
        if self.filtered(lambda c: c.kind == "event" and not c.event_kind):
            raise ValidationError(self.env._("Say what the person did, or did not do."))

    @api.constrains("kind", "other_segment_id", "segment_id")
    def _check_other_segment(self):
        for condition in self.filtered(lambda c: c.kind == "segment"):
            if not condition.other_segment_id:
                raise ValidationError(self.env._("Say which other segment."))
            condition._check_circle()
            condition._check_company_of_others()

    @api.constrains("score_model_id", "segment_id")
    def _check_company_of_others(self):
        """What a segment of one company builds on must not be another company's."""
        for condition in self:
            company = condition.segment_id.company_id
            for other in (condition.other_segment_id, condition.score_model_id):
                if other.company_id and other.company_id != company:
                    raise ValidationError(
                        self.env._(
                            "“%(other)s” is of %(company)s only, “%(segment)s” is not.",
                            other=other.name,
                            company=other.company_id.name,
                            segment=condition.segment_id.name,
                        )
                    )

    def _check_circle(self):
        """Refuse a segment that would have to know itself first."""
        way = self._way_back(self.other_segment_id, [self.segment_id])
        if way:
            raise ValidationError(
                self.env._(
                    "Other segment: a segment cannot build on itself: %s.",
                    " → ".join(segment.name for segment in way),
                )
            )

    def _others(self):
        """The segments that these conditions ask for."""
        return self.filtered(lambda condition: condition.kind == "segment").other_segment_id

    def _way_back(self, segment, way):
        """The way from the first segment of `way` through `segment` back to it, or None."""
        if segment == way[0]:
            return [*way, segment]
        if segment in way:
            return None
        for other in segment.condition_ids._others():
            found = self._way_back(other, [*way, segment])
            if found:
                return found
        return None

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_res_model(self):
        for condition in self:
            condition.res_model = TARGETS.get(condition.kind, "nurture.person")

    @api.depends(
        "kind", "negate", "domain", "count_operator", "min_count", "event_kind", "url_pattern",
        "topic", "count_by", "window_days", "score_model_id", "score_measure", "band", "grade",
        "score_from", "other_segment_id",
    )  # fmt: skip
    def _compute_summary(self):
        for condition in self:
            if condition._is_never():
                condition.summary = condition._summary_of_never()
                continue
            text = getattr(condition, f"_summary_of_{condition.kind or 'event'}")()
            condition.summary = self.env._("Not: %s", text) if condition.negate else text

    @api.depends("summary")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = condition.summary

    def _summary_of_event(self):
        return ", ".join(self._summary_of_events())

    def _is_never(self):
        """Whether it asks for people of whom something is not so at all."""
        if self.kind == "lead":
            return self.negate and self._is_any_record()
        if self.kind != "event":
            return self.negate and self.kind == "segment"
        if self.negate:
            return self.count_operator == "least" and self.min_count == 1
        return self.count_operator == "most" and not self.min_count

    def _summary_of_never(self):
        if self.kind == "segment":
            return self.env._("Is not in “%s”", self.other_segment_id.name or "")
        if self.kind == "lead":
            return self.env._("Has no lead")
        what, *limits = self._summary_of_events()
        nothing = {
            "any": self.env._("Did nothing by himself"),
            "visit": self.env._("No visit"),
            "contact": self.env._("No call, meeting or answered mail"),
        }
        return " ".join([nothing.get(self.event_kind) or self.env._("Not once: %s", what), *limits])

    def _summary_of_count(self):
        days = self.count_by == "day"
        if (self.count_operator == "least" and self.min_count == 1) or self._is_never():
            return []
        if self.count_operator == "most":
            text = self.env._("on at most %s days") if days else self.env._("at most %s times")
        else:
            text = self.env._("on at least %s days") if days else self.env._("at least %s times")
        return [text % self.min_count]

    def _summary_of_score(self):
        measures = dict(self._fields["score_measure"]._description_selection(self.env))
        value = self.env._("at least %s", self.score_from)
        if self.score_measure in ("band", "grade"):
            options = dict(self._fields[self.score_measure]._description_selection(self.env))
            value = options.get(self[self.score_measure], "")
        text = self.env._(
            "%(what)s: %(value)s", what=measures.get(self.score_measure, ""), value=value
        )
        if self.score_model_id:
            text = self.env._("%(text)s, by “%(model)s”", text=text, model=self.score_model_id.name)
        return text

    def _summary_of_segment(self):
        return self.env._("Is in “%s”", self.other_segment_id.name or "")

    def _summary_of_lead(self):
        if self._is_any_record():
            return self.env._("Has a lead")
        return self.env._("A lead where %s", self._domain_in_words())

    def _summary_of_partner(self):
        return self.env._("A contact where %s", self._domain_in_words())

    def _summary_of_person(self):
        return self.env._("A person where %s", self._domain_in_words())

    def _is_any_record(self):
        """Whether there is no filter, so that only the record itself is asked for."""
        return (self.domain or "[]") == "[]"

    def _domain_in_words(self):
        return self._words_of_domain(self.env[TARGETS[self.kind]], self.domain)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.segment_id._set_changed()
        return conditions

    def write(self, vals):
        before = self.segment_id
        result = super().write(vals)
        if vals.keys() - {"sequence"}:
            (before | self.segment_id)._set_changed()
        return result

    def unlink(self):
        segments = self.segment_id
        result = super().unlink()
        segments._set_changed()
        return result

    # ------------------------------------------------------------
    # For those who save leads and contacts
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache("source")
    def _watched_fields(self, source):
        """Fields of a lead or contact on which a segment at work depends."""
        conditions = self.sudo().search(  # sudo: of all companies
            [("kind", "=", source), ("segment_id.state", "=", "active")]
        )
        return frozenset(
            leaf.field_expr.split(".")[0]
            for condition in conditions
            for leaf in self._parse_domain(condition.domain).iter_conditions()
        )
