"""Days and figures in sentences look as fields show them."""

from datetime import date, datetime

from odoo.addons.customer_care.models.figures import tell_figure, tell_percent
from odoo.addons.customer_care.models.moments import (
    tell_day,
    tell_moment,
    tell_month,
    tell_quarter,
)
from odoo.tests import TransactionCase, freeze_time, tagged


@tagged("post_install", "-at_install")
class TestMoments(TransactionCase):
    @freeze_time("2026-11-20 12:00:00")
    def test_in_the_readers_language_and_day(self):  # CC-1
        self.env["res.lang"]._activate_lang("fr_FR")
        here = self.env(context={"lang": "en_US", "tz": "UTC"})
        paris = self.env(context={"lang": "fr_FR", "tz": "Europe/Paris"})
        late = datetime(2026, 11, 16, 23, 30)
        self.assertEqual(tell_day(here, date(2026, 11, 16)), "Nov 16")
        self.assertEqual(tell_day(here, date(2027, 1, 2)), "Jan 2, 2027")
        self.assertEqual(tell_day(here, date(2026, 11, 16), year=True), "Nov 16, 2026")
        self.assertEqual((tell_day(here, late), tell_day(paris, late)), ("Nov 16", "17 nov."))
        told = tell_moment(here, late).replace("\u202f", " ")
        self.assertEqual(told, "Nov 16, 11:30 PM")
        self.assertTrue(tell_moment(paris, late).endswith("00:30"))
        self.assertEqual((tell_day(here, False), tell_moment(here, False)), ("", ""))
        monday = tell_moment(here, late, weekday=True).replace("\u202f", " ")
        self.assertEqual(monday, "Mon, Nov 16, 11:30 PM")
        self.assertEqual(tell_day(paris, late, weekday=True), "mar. 17 nov.")
        self.assertEqual(
            (tell_month(here, date(2026, 11, 16)), tell_month(paris, date(2026, 11, 16))),
            ("Nov 2026", "nov. 2026"))
        self.assertEqual(
            (tell_quarter(here, date(2026, 11, 16)), tell_quarter(paris, date(2026, 11, 16))),
            ("Q4 2026", "T4 2026"))

    def test_figures_in_the_readers_language(self):  # ALL-4
        self.env["res.lang"]._activate_lang("fr_FR")
        here, paris = (self.env(context={"lang": lang}) for lang in ("en_US", "fr_FR"))
        self.assertEqual(tell_figure(here, 1234.56, 1), "1,234.6")
        self.assertEqual(
            [tell_figure(here, value, 1, signed=True) for value in (0.5, 0, -0.5)],
            ["+0.5", "+0.0", "-0.5"])
        self.assertEqual((tell_percent(here, 12.34), tell_percent(paris, 12.34)),
                         ("12.3 %", "12,3 %"))
