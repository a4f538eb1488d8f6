from odoo.tests import tagged

from .common import SalesDeskCase
from .test_clock import DAY_1, DAY_2, DAY_3, DAY_4, DAY_5, DAY_6


@tagged("post_install", "-at_install")
class TestBackfill(SalesDeskCase):
    """At installation the past is rebuilt from the chatter as the live clock would have told it."""

    def _rebuild(self, deals):
        self._flush_tracking()
        self.env["sales.stage.history"]._backfill(deals.ids)

    def _facts(self, deal):
        return deal.sales_outcome, deal.won_at, deal.lost_at

    def _born(self, deals, moment):
        """create_date is the transaction's real clock: bring it into the story."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)", (moment, deals.ids))
        deals.invalidate_recordset(["create_date"], flush=False)

    def test_backfill_equals_live(self):  # SA-1, SA-2
        with self.at(DAY_1):
            won, lost, reopened, swung, _untouched, put_off = deals = self._create_deals(6)
            self._born(deals, DAY_1)
        with self.at(DAY_2):
            (won | lost | reopened | swung).stage_id = self.stage_offer
            put_off.action_set_lost(lost_reason_id=self.not_now.id)
        with self.at(DAY_3):
            won.stage_id = self.stage_new
            (lost | reopened).action_set_lost(lost_reason_id=self.too_dear.id)
            swung.stage_id = self.stage_won
        with self.at(DAY_4):
            won.stage_id = self.stage_won
            reopened.action_restore()
            swung.write({"stage_id": self.stage_offer.id, "probability": 40})
        with self.at(DAY_5):
            won.action_archive()
            reopened.stage_id = self.stage_won
        with self.at(DAY_6):
            lost.message_post(body="Still too dear.")
        live = {deal: (self._tell(deal), self._facts(deal)) for deal in deals}
        self._rebuild(deals)
        for deal in deals:
            self.assertEqual((self._tell(deal), self._facts(deal)), live[deal])
        self.assertEqual(set(deals.stage_history_ids.mapped("origin")), {"backfill"})
        self._rebuild(deals)  # repeatable
        self.assertEqual(
            {deal: (self._tell(deal), self._facts(deal)) for deal in deals}, live)

    def test_labels_in_another_language(self):  # SA-1: a selection is tracked by its label
        self.env["res.lang"]._activate_lang("fr_FR")
        selection = self.env["ir.model.fields.selection"].search([
            ("field_id.model", "=", "crm.lead"), ("field_id.name", "=", "won_status"),
            ("value", "=", "lost")])
        selection.with_context(lang="fr_FR").name = "Perdu"
        with self.at(DAY_1):
            deal = self._create_deal()
            self._born(deal, DAY_1)
        with self.at(DAY_2):
            deal.with_context(lang="fr_FR").action_set_lost(lost_reason_id=self.too_dear.id)
        self.env.cr.execute(
            "UPDATE mail_tracking_value SET new_value_char = 'Perdu' "
            "WHERE new_value_char = 'Lost' AND mail_message_id = ANY(%s)",
            (deal.message_ids.ids,))
        deal.with_context(tracking_disable=True).date_closed = DAY_6
        self._rebuild(deal)
        self.assertStory(deal, ("Fresh", "first", DAY_1, DAY_2, "lost"))
        self.assertEqual(str(deal.lost_at), DAY_2)

    def test_imported_without_tracking(self):  # SA-1: the lead's own dates close the gap
        with self.at(DAY_1):
            won, lost = deals = self._create_deals(2).with_context(tracking_disable=True)
            self._born(deals, DAY_1)
        with self.at(DAY_3):
            won.stage_id = self.stage_won
            lost.action_set_lost(lost_reason_id=self.too_dear.id)
        self._rebuild(deals)
        # Nothing tells that the deal was once in another stage than the one it was won in.
        self.assertStory(won, ("Sold", "first", DAY_3, DAY_3, "won"))
        self.assertStory(lost, ("Fresh", "first", DAY_1, DAY_3, "lost"))
        self.assertEqual((str(won.won_at), str(lost.lost_at)), (DAY_3, DAY_3))

    def test_converted_lead_begins_at_its_conversion(self):  # SA-1
        with self.at(DAY_1):
            lead = self._create_deal(type="lead")
            self._born(lead, DAY_1)
        with self.at(DAY_2):
            lead.convert_opportunity(False)
        with self.at(DAY_3):
            lead.stage_id = self.stage_offer
        live = self._tell(lead)
        self._rebuild(lead)
        self.assertEqual(self._tell(lead), live)

    def test_goes_on_live_afterwards(self):  # SA-1
        with self.at(DAY_1):
            deal = self._create_deal()
            self._born(deal, DAY_1)
        self._rebuild(deal)
        with self.at(DAY_2):
            deal.stage_id = self.stage_offer
        self.assertStory(
            deal,
            ("Fresh", "first", DAY_1, DAY_2, False),
            ("Offer", "forward", DAY_2, False, False))
