"""Numbers that may be unknown."""

from odoo import fields


class Optional:
    """An empty number stays empty: it is read and shown as nothing, and no filter takes it for 0.

    For Odoo an empty number is 0, so "health below 30" would find everybody who was never judged.
    """

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is False else super().convert_to_export(value, record)


class OptionalInteger(Optional, fields.Integer):
    pass


class OptionalFloat(Optional, fields.Float):
    pass


class OptionalMonetary(Optional, fields.Monetary):
    pass
