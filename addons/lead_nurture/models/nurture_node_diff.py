from odoo import models
from odoo.addons.lead_nurture.engine import revision

# of a step, but not settings of it
NO_SETTINGS = {"version_id", "scenario_id", "company_id", "uid", "sequence", "mailing_id", "name"}
MAIL_SETTINGS = ("subject", "preview", "body_html")
SHOWN = 60


class NurtureNode(models.Model):
    """A step beside the same step of another version."""

    _inherit = "nurture.node"

    def _differences(self, old):
        """[(old, new)] in words: the summary where it tells the change, else setting by setting."""
        self.ensure_one()
        pairs = []
        if self.name != old.name:
            pairs.append((old.name, self.name))
        changed = self._changed_settings(old)
        if changed and self._summary_text() != old._summary_text():
            pairs.append((old._summary_text(), self._summary_text()))
        else:
            pairs += [
                (self._setting_text(old, name), self._setting_text(self, name)) for name in changed
            ]
        mail, before = self.mailing_id, old.mailing_id
        if "subject" not in changed and (mail.subject or "") != (before.subject or ""):
            pairs.append((before.subject or "", mail.subject or ""))
        if (mail.body_html or "") != (before.body_html or ""):
            pairs.append((self.env._("text of the mail"), self.env._("new text of the mail")))
        return list(dict.fromkeys(pairs))

    def _acts_otherwise(self, old):
        """Whether the step does something else than in the other version."""
        mail, before = self.mailing_id, old.mailing_id
        return bool(self._changed_settings(old)) or any(
            (mail[name] or "") != (before[name] or "") for name in MAIL_SETTINGS
        )

    def _changed_settings(self, old):
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and field.copy
            and name not in models.MAGIC_COLUMNS
            and self._has_field_access(field, "read")
            and field.type != "one2many"
            and name not in NO_SETTINGS
            and self[name] != old[name]
        ]

    def _setting_text(self, node, name):
        field = self._fields[name]
        label = field._description_string(self.env)
        value = node[name]
        if field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value, value)
        elif field.relational:
            value = ", ".join(value.mapped("display_name"))
        elif field.type == "boolean":
            value = self.env._("yes") if value else self.env._("no")
        return f"{label}: {str(value or '–')[:SHOWN]}"

    def _way_on(self, label=None):
        """The exit `label` if the step has it, else the one for whom nothing happened."""
        exits = tuple(self._exits())
        return label if label in exits else revision.quiet_way(exits)
