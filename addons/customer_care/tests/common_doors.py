from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.customer_care.controllers import door
from odoo.tests import HttpCase


class DoorCase(HttpCase):
    """Public pages count calls by the minute: on a slow machine a minute would be over too soon,
    so their clock stands still."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(door, "time", SimpleNamespace(monotonic=lambda: 0.0)))
