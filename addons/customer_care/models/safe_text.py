"""Text of strangers that leaves the database in a spreadsheet."""

from odoo import fields

#: A cell that begins with one of these is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SafeText(fields.Text):
    """Text that customers write: an export cannot make a formula of it."""

    def convert_to_export(self, value, record):
        text = super().convert_to_export(value, record)
        return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text
