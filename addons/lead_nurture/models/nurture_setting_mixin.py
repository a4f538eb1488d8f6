from datetime import date

from odoo import models

# what a row is, not how it is set up
NOT_SETTINGS = {"uid", "version_id", "scenario_id", "node_id", "mailing_id"}


class NurtureSettingMixin(models.AbstractModel):
    """A row of a draft whose settings can be kept as a value, and be written back."""

    _name = "nurture.setting.mixin"
    _description = "Settings that can be brought back"

    def _setting_rows(self):
        """{id: settings} of these rows."""
        rows = self.read(self._setting_names(), load=None)
        return {
            row.pop("id"): {name: self._setting_value(name, value) for name, value in row.items()}
            for row in rows
        }

    def _setting_names(self):
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and name not in NOT_SETTINGS
            and name not in models.MAGIC_COLUMNS
            and field.type not in ("one2many", "binary")
        ]

    def _setting_value(self, name, value):
        if isinstance(value, date):
            return self._fields[name].to_string(value)
        return list(value) if isinstance(value, tuple) else value
