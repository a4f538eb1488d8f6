from odoo import fields
from odoo.tests import tagged

from .common import SalesDeskCase

MARCH = "2026-03-"
# The sheet, kept by hand while the story was told. One line per stay:
# deal | stage | entered | left | seconds | how it came | stages skipped | ended as | merged
# The stages of the team: Fresh, Proposal, Offer, Inside only, Sold. "-" is empty.
# A day has 86,400 seconds; what is between two moments was added up by hand.
SHEET = """
pump    Fresh     02 09:00:01  03 10:15:30  90929   first    - -    -
pump    Proposal  03 10:15:30  05 16:45:10  196180  forward  - -    -
pump    Fresh     05 16:45:10  09 08:00:05  314095  back     - -    -
pump    Sold      09 08:00:05  09 08:00:05  -       forward  3 won  -
press   Fresh     02 09:00:01  03 10:15:30  90929   first    - -    -
press   Proposal  03 10:15:30  04 11:00:00  89070   forward  - -    -
press   Offer     04 11:00:00  -            -       forward  - -    -
saw     Fresh     02 12:30:00  04 11:00:00  167400  first    - -    -
saw     Offer     04 11:00:00  06 14:20:59  184859  forward  1 lost -
saw     Offer     10 07:00:00  11 09:30:15  95415   reopen   - -    -
saw     Sold      11 09:30:15  11 09:30:15  -       forward  1 won  -
lathe   Fresh     02 13:00:00  05 18:00:00  277200  first    - -    merged
lathe   Fresh     02 13:00:07  03 10:15:30  76523   first    - -    -
lathe   Proposal  03 10:15:30  -            -       forward  - -    -
old     Sold      08 15:00:00  08 15:00:00  -       first    - won  -
"""


@tagged("post_install", "-at_install")
class TestClockCase(SalesDeskCase):
    """One week of five deals, followed by the clock and kept on a sheet by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["crm.stage"]
        # only the stages of this story are the team's
        cls.env["crm.stage"].search([]).write(
            {"team_ids": [fields.Command.link(cls.team_field.id)]})
        (cls.stage_new | cls.stage_offer | cls.stage_won).team_ids = False
        cls.stage_proposal = stages.create({"name": "Proposal", "sequence": 20})

    def _day(self, text):
        return self.at(f"{MARCH}{text}")

    def test_the_sheet_matches_to_the_second(self):  # SA-1, SA-2
        with self._day("02 09:00:01"):
            pump, press = self._create_deals(2)
        with self._day("02 12:30:00"):
            saw = self._create_deal()
        with self._day("02 13:00:00"):
            lathe = self._create_deal()
        with self._day("02 13:00:07"):
            double = self._create_deal()
        with self._day("03 10:15:30"):
            (pump | press | double).stage_id = self.stage_proposal  # a batch
        with self._day("04 11:00:00"):
            (press | saw).stage_id = self.stage_offer  # a batch in which one skips
        with self._day("05 16:45:10"):
            pump.stage_id = self.stage_new
        with self._day("05 18:00:00"):
            kept = (lathe | double).merge_opportunity()  # core keeps the one that is further
        with self._day("06 14:20:59"):
            saw.action_set_lost(lost_reason_id=self.too_dear.id)
        with self._day("08 15:30:00"):
            old = self._import_won("08 15:00:00")
        with self._day("09 08:00:05"):
            pump.action_set_won()
        with self._day("10 07:00:00"):
            saw.action_restore()
        with self._day("10 10:00:00"):
            pump.action_archive()
        with self._day("11 09:30:15"):
            saw.stage_id = self.stage_won
        with self._day("12 09:00:00"):
            pump.action_unarchive()

        deals = {"pump": pump, "press": press, "saw": saw, "lathe": kept, "old": old}
        self.assertEqual(self._write_sheet(deals), SHEET.strip().splitlines())
        self.assertEqual(str(pump.won_at), f"{MARCH}09 08:00:05")
        self.assertEqual(str(saw.won_at), f"{MARCH}11 09:30:15")
        self.assertEqual(str(old.won_at), f"{MARCH}08 15:00:00")

    def test_a_deal_that_is_imported_as_lost(self):  # SA-1, SA-2: its own date, too
        with self._day("08 15:30:00"):
            deal = self._create_deal(
                active=False, probability=0, date_closed=f"{MARCH}04 10:00:00")
        self.assertEqual(str(deal.lost_at), f"{MARCH}04 10:00:00")
        self.assertStory(
            deal, ("Fresh", "first", f"{MARCH}04 10:00:00", f"{MARCH}04 10:00:00", "lost"))

    def _import_won(self, moment):
        """A deal that was won before it was imported, the way the import screen loads it."""
        result = self.env["crm.lead"].load(
            ["name", "type", "user_id/.id", "team_id/.id", "stage_id/.id", "probability",
             "date_closed"],
            [["Old sale", "opportunity", str(self.ines.id), str(self.team_inside.id),
              str(self.stage_won.id), "100", f"{MARCH}{moment}"]])
        self.assertFalse(result["messages"])
        return self.env["crm.lead"].browse(result["ids"])

    def _write_sheet(self, deals):
        stays = self.env["sales.stage.history"].search(
            [("lead_id", "in", [deal.id for deal in deals.values()])], order="entered_at, id")
        return [
            " ".join(text.ljust(width) for text, width in zip(
                self._write_line(name, stay), (7, 9, 12, 12, 7, 8, 1, 4, 6),
                strict=True)).rstrip()
            for name, deal in deals.items()
            for stay in stays.filtered(lambda row, deal=deal: row.lead_id == deal)]

    def _write_line(self, name, stay):
        won_moment = stay.entered_at == stay.left_at
        return (
            name, stay.stage_id.name, str(stay.entered_at)[8:],
            str(stay.left_at)[8:] if stay.left_at else "-",
            str(stay.seconds) if stay.left_at and not won_moment else "-",
            stay.direction, str(stay.skipped or "-"), stay.outcome or "-",
            "merged" if stay.is_merged else "-")
