import re
from collections.abc import Collection

from odoo import _, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainNot, DomainOr


class NurtureRecordFilter(models.AbstractModel):
    """Says a filter in words, for lists and reasons."""

    _inherit = "nurture.record.filter"

    def _words_of_domain(self, target, text):
        try:
            return self._words_of(target, self._parse_domain(text))
        except (ValueError, KeyError, TypeError, SyntaxError):
            return _("a filter that cannot be read")

    def _words_of(self, target, domain):
        if isinstance(domain, DomainAnd):
            parts = [(child, self._words_of(target, child)) for child in domain.children]
            return _(" and ").join(
                f"({words})" if isinstance(child, DomainOr) else words for child, words in parts
            )
        if isinstance(domain, DomainOr):
            return _(" or ").join(self._words_of(target, child) for child in domain.children)
        if isinstance(domain, DomainNot):
            return _("not (%s)", self._words_of(target, domain.child))
        if isinstance(domain, DomainCondition):
            return self._words_of_leaf(target, domain)
        return _("anything")

    def _words_of_leaf(self, target, leaf):
        operators = {
            "=": _("is"), "!=": _("is not"), "in": _("is one of"), "not in": _("is none of"),
            "ilike": _("contains"), "not ilike": _("does not contain"), ">": _("is above"),
            ">=": _("is at least"), "<": _("is below"), "<=": _("is at most"), "any": _("has"),
            "not any": _("has no"), "child_of": _("is under"), "like": _("contains"),
            "not like": _("does not contain"),
        }  # fmt: skip
        of_time = {
            ">": _("is after"), ">=": _("is not before"), "<": _("is before"),
            "<=": _("is not after"),
        }  # fmt: skip
        model, labels, field = target, [], None
        for name in leaf.field_expr.split("."):
            field = model._fields.get(name)
            if field is None:
                break
            labels.append(field.get_description(self.env, ["string"])["string"])
            model = self.env[field.comodel_name] if field.relational else model
        if field is not None and field.type in ("date", "datetime"):
            operators |= of_time
        label = " › ".join(labels) or leaf.field_expr
        if leaf.operator in ("=", "!=", "in", "not in") and leaf.value in (False, None, [False]):
            empty = leaf.operator in ("=", "in")
            return _("%s is empty", label) if empty else _("%s is filled", label)
        if leaf.operator in ("=like", "=ilike"):
            return f"{label} {self._words_of_pattern(str(leaf.value))}"
        if leaf.operator in ("any", "not any"):
            value = f"({self._words_of(model, Domain(leaf.value))})"
        else:
            value = self._words_of_value(field, leaf.value)
        return f"{label} {operators.get(leaf.operator, leaf.operator)} {value}"

    def _words_of_pattern(self, pattern):
        """What “@%” asks of a text; a sign in the middle stays as it is."""
        text = pattern.strip("%")
        starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
        if "%" in text or "_" in text:
            return _("is like “%s”", pattern)
        if starts and ends:
            return _("is “%s”", text)
        if starts:
            return _("begins with “%s”", text)
        return _("ends with “%s”", text) if ends else _("contains “%s”", text)

    def _words_of_value(self, field, value):
        """What a reader calls this value of the field: names instead of numbers."""
        if isinstance(value, Collection) and not isinstance(value, str):
            return ", ".join(self._words_of_value(field, item) for item in value)
        if field is not None and field.relational and isinstance(value, int):
            record = self.env[field.comodel_name].browse(value).exists()
            # the filter was written by somebody who may read it; the words go to any reader
            readable = record.sudo(False).has_access("read")
            return record.display_name if readable else f"#{value}"
        if field is not None and field.type == "selection":
            options = dict(field._description_selection(self.env))
            return str(options.get(value, value))
        if field is not None and field.type in ("date", "datetime") and isinstance(value, str):
            return self._words_of_moment(value)
        if value is True:
            return _("yes")
        if value is False:
            return _("no")
        return _("“%s”", value) if isinstance(value, str) else str(value)

    def _words_of_moment(self, text):
        """Units in words for what a filter writes as “today -90d”; the rest as it is."""
        units = {
            "d": _("days"), "w": _("weeks"), "m": _("months"), "y": _("years"), "H": _("hours"),
            "M": _("minutes"), "S": _("seconds"),
        }  # fmt: skip
        words = {"today": _("today"), "now": _("now")}
        return " ".join(
            f"{'−' if shift[1] == '-' else '+'}{shift[2]} {units[shift[3]]}"
            if (shift := re.fullmatch(r"([+-])(\d+)([dwmyHMS])", word))
            else words.get(word, word)
            for word in text.split()
        )
