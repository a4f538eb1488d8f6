from odoo import models


class CalendarEvent(models.Model):
    """Meetings of deals: what is over counts as a contact with the customer."""

    _inherit = "calendar.event"

    # The hourly job asks which meetings of deals have ended lately.
    _sales_idx = models.Index("(stop) WHERE opportunity_id IS NOT NULL")
