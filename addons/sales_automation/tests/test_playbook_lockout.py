from odoo.addons.sales_automation.tests.playbook_common import Command, PlaybookCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPlaybookLockOut(PlaybookCase):
    """A playbook that would lock everyone out is refused, and says why."""

    def _refused(self, words, **criterion):
        with self.assertRaises(ValidationError) as caught:
            self.step_talks.criterion_ids = [Command.create(criterion)]
        self.assertIn(words, str(caught.exception))

    def test_what_nobody_can_do(self):  # SA-7
        self._refused("has no boxes to tick", kind="checklist")
        self._refused("choose the field", kind="field")
        archived = self.env["mail.activity.type"].create({"name": "Fax", "active": False})
        self._refused("is archived", kind="activity", activity_type_id=archived.id)
        foreign = self.env["mail.activity.type"].create(
            {"name": "Visit a friend", "res_model": "res.partner"})
        self._refused("cannot be planned on deals", kind="activity", activity_type_id=foreign.id)

    def test_conditions_that_never_hold(self):  # SA-7
        self._refused("cannot be used", kind="domain", domain="[('no_such_field', '=', 1)]")
        self._refused("cannot be used", kind="domain", domain="[('user_id', '=', uid)]")
        self._refused("leave out Stage", kind="domain",
                      domain=f"[('stage_id', '=', {self.stage_talks.id})]")
        self._refused("no deal can ever meet", kind="domain",
                      domain="[('priority', '=', '1'), ('priority', '=', '2')]")
        self._refused("exclude each other", kind="domain",
                      domain="[('expected_revenue', '>', 10), ('expected_revenue', '<', 5)]")
        self._refused("exclude each other", kind="domain", domain="[('partner_id', '=', False)]")

    def test_two_criteria_or_the_filter_exclude_each_other(self):  # SA-7
        self.step_talks.criterion_ids = [Command.create(
            {"kind": "domain", "domain": "[('expected_revenue', '>=', 5000)]"})]
        self._refused(
            "exclude each other", kind="domain", domain="[('expected_revenue', '<', 5000)]")
        with self.assertRaises(ValidationError):
            self.playbook.filter_domain = "[('expected_revenue', '<', 1000)]"
        self.playbook.filter_domain = "[('expected_revenue', '>', 1000)]"

    def test_stages_where_no_deal_leaves(self):  # SA-7
        with self.assertRaises(ValidationError) as caught:
            self.playbook.step_ids = [Command.create({"stage_id": self.stage_won.id})]
        self.assertIn("won stage", str(caught.exception))
        self.playbook.team_ids = self.team_field
        with self.assertRaises(ValidationError) as caught:
            self.playbook.step_ids = [Command.create({"stage_id": self.stage_inside.id})]
        self.assertIn("belongs to Inside", str(caught.exception))

    def test_last_box_of_a_needed_checklist_stays(self):  # SA-7
        with self.assertRaises(ValidationError):
            self.step_new.item_ids.unlink()

    def test_what_no_won_deal_had_is_refused_when_it_blocks(self):  # SA-7
        won = self._create_deals(6, stage_id=self.stage_won.id)
        with self.assertRaises(ValidationError) as caught:
            self.playbook.is_new_practice = False
        self.assertIn("none of the 6 deals", str(caught.exception))
        self.assertIn("Fill in Expected Closing", str(caught.exception))
        self.playbook.write({"is_new_practice": False, "enforcement": "warn"})
        partner = self.env["res.partner"].create({"name": "Mill"})
        won[0].write({"date_deadline": "2026-01-01", "partner_id": partner.id})
        self.playbook.enforcement = "block"  # one of them would have passed

    def test_few_won_deals_prove_nothing(self):  # SA-7
        self._create_deals(4, stage_id=self.stage_won.id)
        self.playbook.is_new_practice = False

    def test_author_sees_how_open_deals_would_fare(self):  # SA-7
        self._ready(self._create_deals(3)[:1])
        self.assertEqual(self.step_new.fare, "1 of 3 open deals could leave this stage today.")
        self.assertEqual(self.step_talks.fare, "No open deal is in this stage.")
        self.assertEqual(self.playbook.fare, "It applies to 3 open deals today.")

    def test_salesperson_reads_and_manager_writes(self):  # SA-7
        playbook = self.playbook.with_user(self.ines)
        self.assertEqual(playbook.name, "Machines")
        with self.assertRaises(AccessError):
            playbook.enforcement = "off"
        self.playbook.with_user(self.max).enforcement = "warn"

    def test_other_company_does_not_see_it(self):  # SA-7
        other = self.env["res.company"].create({"name": "Other"})
        playbook = self._create_playbook(team_ids=False, company_id=other.id)
        found = self.env["sales.playbook"].with_user(self.max).search([])
        self.assertNotIn(playbook, found)
        self.assertEqual(self._create_deal().playbook_id, self.playbook)
