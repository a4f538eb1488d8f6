from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.addons.lead_nurture.engine import local_time

from .common_scenario import ScenarioCase

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


class GateCase(ScenarioCase):
    """Limits of the company on a clock of their own: `cls.monday` is the next one, 11:30 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pumps.partner_id.tz = "UTC"
        today = fields.Datetime.now().replace(hour=11, minute=30, second=0, microsecond=0)
        cls.monday = today + timedelta(days=7 - today.weekday())

    @classmethod
    def _sends(cls, name="welcome", **vals):
        """The steps of a scenario with one mail, which is sent however late it is."""
        return {name: ("mail", {"max_late_days": 0, **vals}, {"next": "end"}),
                "end": ("exit", {}, {})}  # fmt: skip

    def _stands_at(self, lead):
        return self._enrolment_of(lead)[-1:]

    def _local(self, moment, zone):
        return local_time.to_local(moment, zone)

    def _mails(self, lead):
        return len(self._sends_of(lead).filtered(lambda send: send.state == "queued"))

    @classmethod
    def _create_people(cls, number):
        leads = cls.env["crm.lead"]
        for index in range(number):
            leads |= cls._create_lead(f"P{index}", f"p{index}@pumps.test", sync=False)
        cls._sync()
        return leads
