from odoo import fields, models
from odoo.tools import unique

from .nurture_segment_condition import TARGETS

SHOWN_RECORDS = 3


class NurtureSegmentCondition(models.Model):
    """What the answer to a condition rests on."""

    _inherit = "nurture.segment.condition"

    def _prepare_reason(self, person, answers):
        return {
            "id": self.id,
            "text": self.summary,
            "holds": answers[f"h{self.id}"],
            "facts": getattr(self, f"_facts_of_{self.kind}")(person, answers),
            "last": fields.Datetime.to_string(answers.get(f"t{self.id}")) or False,
        }

    def _facts_of_event(self, person, answers):
        count = answers[f"n{self.id}"] or 0
        if self.count_by == "day":
            return self.env._("on one day") if count == 1 else self.env._("on %s days", count)
        return {0: self.env._("never"), 1: self.env._("once")}.get(
            count, self.env._("%s times", count)
        )

    def _facts_of_score(self, person, answers):
        name = {"total": "nurture_score", "band": "nurture_band", "grade": "nurture_grade"}
        if self.score_model_id or self.score_measure not in name:
            model = self.score_model_id.id or self.env["nurture.score.model"]._main_models().get(
                person.company_id.id or 0
            )
            score = self.env["nurture.score"].search(
                [("person_id", "=", person.id), ("model_id", "=", model)], limit=1
            )
            return self._value_in_words(score, self.score_measure) if score else ""
        return self._value_in_words(person, name[self.score_measure])

    def _facts_of_segment(self, person, answers):
        stay = self.env["nurture.segment.member"].search(
            [
                ("person_id", "=", person.id),
                ("segment_id", "=", self.other_segment_id.id),
                ("left_at", "=", False),
            ],
            limit=1,
        )
        if not stay:
            return self.env._("not in it")
        entered = fields.Datetime.context_timestamp(self, stay.entered_at).date()
        return self.env._("since %s", fields.Date.to_string(entered))

    def _facts_of_person(self, person, answers):
        return self._facts_of_records(person)

    def _facts_of_partner(self, person, answers):
        return self._facts_of_records(person.partner_id)

    def _facts_of_lead(self, person, answers):
        count = answers[f"n{self.id}"] or 0
        found = {0: self.env._("No lead matches"), 1: self.env._("One lead matches")}.get(
            count, self.env._("%s leads match", count)
        )
        facts = self._facts_of_records(person.lead_ids)
        return f"{found}. {facts}" if facts else found

    def _facts_of_records(self, records):
        """What the first records say in the fields that are asked for, as far as the reader may
        read them."""
        records = records._filtered_access("read")[:SHOWN_RECORDS]
        target = self.env[TARGETS[self.kind]]
        leaves = self._parse_domain(self.domain).iter_conditions()
        names = list(unique(leaf.field_expr.split(".")[0] for leaf in leaves))
        texts = []
        for record in records:
            facts = [
                f"{target._fields[name].get_description(self.env, ['string'])['string']}: "
                f"{self._value_in_words(record, name)}"
                for name in names
                if target._has_field_access(target._fields[name], "read")
            ]
            texts.append(", ".join(facts))
        return "; ".join(filter(None, texts))

    def _value_in_words(self, record, name):
        field, value = record._fields[name], record[name]
        if field.relational:
            return ", ".join(value[:SHOWN_RECORDS].mapped("display_name")) or self.env._("empty")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        return str(value) if value or (value == 0 and value is not False) else self.env._("empty")
