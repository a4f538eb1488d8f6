import math

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .nurture_event import DERIVED_KINDS


class NurtureEventFilter(models.AbstractModel):
    """Says which events count: what happened, where, how lately and how often."""

    _name = "nurture.event.filter"
    _description = "Filter on events"

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
        "Needed at least", default=1, help="Times or days under which it does not count at all."
    )
    window_days = fields.Integer(
        "Within days", help="Older events do not count. 0: all events that are kept."
    )
    include_suspect = fields.Boolean(
        "Count doubtful ones", help="Also count events that were perhaps made by a machine."
    )

    @api.constrains(lambda self: self._fields_of_numbers())
    def _check_numbers(self):
        for record in self:
            for name in record._least_numbers():
                if sentence := record._fault_of_number(name):
                    raise ValidationError(
                        _("“%(what)s”: %(fault)s", what=record.display_name, fault=sentence)
                    )

    @api.model
    def _fields_of_numbers(self):
        """Fields on which it depends whether the numbers can be meant."""
        return ("min_count", "window_days")

    def _least_numbers(self):
        """{field: the least that can be meant}."""
        return {"min_count": 1, "window_days": 0}

    def _fault_of_number(self, name):
        """What is wrong with a number, in a sentence; None when it can be meant."""
        least = self._least_numbers()[name]
        if math.isfinite(self[name]) and self[name] >= least:
            return None
        label = self._fields[name].get_description(self.env, ["string"])["string"]
        return _("“%(field)s” must be a number of %(least)s or more.", field=label, least=least)

    @api.onchange("min_count", "window_days")
    def _onchange_numbers(self):
        """A dialog may be closed long before it is saved: say it there, and mend it."""
        faults = {n: fault for n in self._least_numbers() if (fault := self._fault_of_number(n))}
        if not faults:
            return None
        self.update({name: self._least_numbers()[name] for name in faults})
        return {"warning": {"title": _("Not possible"), "message": " ".join(faults.values())}}

    @api.model
    def _rule_kinds(self):
        """What may be counted: the kinds of events, and kinds taken together."""
        return {
            "visit": _("Visit: page viewed or link clicked"),
            "contact": _("Contact: call, meeting or answered mail"),
            **{
                kind: label
                for kind, label in self.env["nurture.event"]._event_kinds().items()
                if kind not in DERIVED_KINDS
            },
        }

    @api.model
    def _event_kinds_of(self, rule_kind):
        return {
            "visit": ["page_view", "mail_click"],
            "contact": ["call", "meeting", "mail_reply"],
        }.get(rule_kind, [rule_kind])

    def _summary_of_events(self):
        """What the filter says, in words."""
        self.ensure_one()
        parts = [self._rule_kinds().get(self.event_kind, "")]
        if self.url_pattern:
            parts.append(_("on %s", " | ".join(self.url_pattern.split())))
        if self.topic:
            parts.append(_("about %s", self.topic))
        parts += self._summary_of_count()
        if self.window_days:
            parts.append(_("within %s days", self.window_days))
        return parts

    def _summary_of_count(self):
        """How often it must happen, in words."""
        days = self.count_by == "day"
        if self.min_count > 1:
            text = _("on at least %s days") if days else _("at least %s times")
            return [text % self.min_count]
        return [_("per day")] if days else []

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

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

    def _query_recent(self, scope):
        """The events of the people in `scope` that any of these filters may count, with their age
        in days."""
        # index nurture_event_person_idx
        kinds = sorted({kind for f in self for kind in f._event_kinds_of(f.event_kind)})
        actors = ["human", "suspect"] if any(self.mapped("include_suspect")) else ["human"]
        windows = self.mapped("window_days")
        oldest = SQL()
        if all(windows):
            oldest = SQL(" AND occurred_at > %s - %s * INTERVAL '1 day'", scope.as_of, max(windows))
        return SQL(
            # date_part gives float8: power() on numeric is many times slower.
            # OFFSET 0: age and lower-case address are worked out once per event, not per filter.
            """SELECT nurture_event.person_id, kind, actor, %(url)s AS url, topic, occurred_at,
                      date_part('epoch', %(as_of)s - occurred_at) / 86400 AS age
                 FROM nurture_event%(joined)s
                WHERE %(scope)s AND occurred_at <= %(as_of)s AND kind = ANY(%(kinds)s)
                  AND actor = ANY(%(actors)s)%(oldest)s
               OFFSET 0""",
            as_of=scope.as_of,
            joined=scope.joined,
            url=SQL("LOWER(url)") if any(self.mapped("url_pattern")) else SQL("url"),
            scope=scope.holds(SQL("nurture_event.person_id")),
            kinds=kinds,
            actors=actors,
            oldest=oldest,
        )
