from odoo import fields, models


class NurtureWeekday(models.Model):
    """One day of the week, to be chosen where hours are set."""

    _name = "nurture.weekday"
    _description = "Day of the week"
    _order = "number"

    name = fields.Char(required=True, translate=True)
    number = fields.Integer(required=True, help="0 is Monday.")

    _number_uniq = models.UniqueIndex("(number)", "This day exists already.")

    def _numbers(self):
        """Of the chosen days; of all when none is chosen."""
        return self.mapped("number") or list(range(7))
