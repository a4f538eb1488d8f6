from odoo import api, models

from .care_case_corrective import ACTIVITY

#: What goes over together, by the field that tells whether the case that stays has its own.
FILE = {
    "remedy_wanted": (),
    "root_cause_id": ("root_cause_note",),
    "corrective_action": (
        "corrective_user_id", "corrective_due", "corrective_done_on", "corrective_effect"),
    "letter_cause": (),
    "letter_change": (),
}


class CareCase(models.Model):
    """The file of a complaint goes over with its words: findings, remedies, the customer's word,
    and the time spent. A question that takes over a complaint is one from then on.
    """

    _inherit = "care.case"

    @api.model
    def _merge_links(self):
        # A credit note takes its remedy along: the remedies have to be there before it.
        return [*super()._merge_links(), ("care.remedy", "case_id"),
                ("account.move", "care_case_id"), ("care.case.time", "case_id")]

    def _take_over_values(self, others):
        super()._take_over_values(others)
        self._become_complaint(others)
        for name, beside in FILE.items():
            source = others.filtered(name)[:1]
            if self[name] or not source:
                continue
            if name == "corrective_action":
                # Its owner gets an activity on the case that goes on.
                source.sudo().activity_unlink([ACTIVITY])  # it may be a colleague's
            self._note({
                field: self._fields[field].convert_to_write(source[field], source)
                for field in (name, *beside)})
        self._keep_remedies(others)

    def _find_complaint(self, others):
        """The first complaint among the others, where the case itself is none."""
        if self.is_complaint:
            return self.browse()
        return others.filtered("is_complaint").sorted("opened_at, id")[:1]

    def _become_complaint(self, others):
        """Of the kind of that complaint, with what the customer said of its end."""
        complaint = self._find_complaint(others)
        if complaint:
            self.write({name: complaint[name] for name in (
                "kind", "acceptance", "acceptance_on", "acceptance_note")})

    def _keep_remedies(self, others):
        """Where something was given, “No remedy” is true no more; else it is said once."""
        # Whoever may merge them merges what was given.
        remedies = (self | others).sudo().remedy_ids
        none = remedies.filtered(lambda one: one.kind == "none")
        (none[1:] if none == remedies else none).unlink()
