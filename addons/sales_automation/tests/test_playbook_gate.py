from unittest.mock import patch

from odoo.addons.sales_automation.models.playbook_refusal import PlaybookRefusal
from odoo.addons.sales_automation.tests.playbook_common import Command, PlaybookCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, HttpCase, JsonRpcException, tagged


@tagged("post_install", "-at_install")
class TestPlaybookGate(PlaybookCase):
    """A deal goes on when its stage is done: whoever moves it, and by whatever door."""

    def test_refusal_says_what_to_do(self):  # SA-7
        deal = self._create_deal(name="Grinder").with_user(self.ines)
        with self.assertRaises(PlaybookRefusal) as caught:
            deal.stage_id = self.stage_talks
        said = str(caught.exception)
        for words in ("Grinder (Fresh → Talks)", "Fill in Expected Closing",
                      "Tick off the checklist"):
            self.assertIn(words, said)
        self.assertNotIn("Contact", said)  # asked in the next stage only
        self.assertEqual(caught.exception.context["playbook_lead_ids"], deal.ids)
        self.assertEqual(caught.exception.context["playbook_stage_id"], self.stage_talks.id)
        self.assertEqual(deal.stage_id, self.stage_new)

    def test_ready_deal_goes_on_and_may_come_with_its_last_field(self):  # SA-7
        deal = self._create_deal().with_user(self.ines)
        for box in (self.box_budget, self.box_people):
            deal.playbook_tick(box.id)
        deal.write({"stage_id": self.stage_talks.id, "date_deadline": "2026-06-30"})
        self.assertEqual(deal.stage_id, self.stage_talks)
        self.assertFalse(self._exceptions(deal))

    def test_skipped_stage_is_asked_too(self):  # SA-7
        deal = self._ready(self._create_deal())
        with self.assertRaises(PlaybookRefusal) as caught:
            deal.stage_id = self.stage_offer
        self.assertIn("Fill in Contact", str(caught.exception))
        self.assertNotIn("Expected Closing", str(caught.exception))

    def test_won_is_forward(self):  # SA-7
        deal = self._create_deal().with_user(self.ines)
        with self.assertRaises(PlaybookRefusal):
            deal.action_set_won()
        self.assertFalse(deal.won_at)

    def test_back_lost_and_not_now_are_free(self):  # SA-7
        deals = self._create_deals(3)
        for deal in deals:
            self._ready(deal).stage_id = self.stage_talks
        deals = deals.with_user(self.ines)
        deals[0].stage_id = self.stage_new
        self.assertEqual(deals[0].stage_id, self.stage_new)
        deals[1].action_set_lost(lost_reason_id=self.too_dear.id)
        self.assertEqual(deals[1].sales_outcome, "lost")
        self._put_off(deals[2], "2030-01-01")
        self.assertEqual(deals[2].sales_outcome, "recycled")

    def test_many_at_once_all_or_nothing(self):  # SA-7
        deals = self._create_deals(4)
        self._ready(deals[:2])
        with self.assertRaises(PlaybookRefusal) as caught:
            deals.with_user(self.ines).write({"stage_id": self.stage_talks.id})
        self.assertEqual(caught.exception.context["playbook_lead_ids"], deals[2:].ids)
        self.assertIn("2 deals cannot go on yet; nothing was changed", str(caught.exception))
        self.assertEqual(deals.stage_id, self.stage_new)

    def test_hundred_deals_ask_as_often_as_ten(self):  # SA-7
        spent = {}
        for count in (10, 100):
            deals = self._ready(self._create_deals(count))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals._guard_move(dict.fromkeys(deals.ids, self.stage_talks), self.env.cr.now())
            spent[count] = self.env.cr.sql_log_count - before
        self.assertEqual(spent[10], spent[100])

    def test_plain_save_asks_nothing(self):  # SA-7
        deal = self._create_deal().with_user(self.ines)
        deal.write({"description": "warm"})
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertFalse(deal._playbook_rules().guarded & {"description"})
        self.assertEqual(self.env.cr.sql_log_count, before)
        with self.assertQueryCount(1):
            deal.write({"description": "Calls back"})
            deal.flush_recordset(["description"])

    def test_without_a_criterion_nothing_is_asked(self):  # SA-7
        self.playbook.enforcement = "off"
        deal = self._create_deal().with_user(self.ines)
        self.assertFalse(deal._playbook_rules().enforced)
        deal.stage_id = self.stage_offer
        self.assertFalse(self._exceptions(deal))

    def test_another_salesperson_alone_brings_his_teams_playbook(self):  # SA-7, by RPC
        """Core lets the team follow the salesperson: the deal comes under another playbook."""
        deal = self._create_deal(
            user_id=self.finn.id, team_id=self.team_field.id, stage_id=self.stage_talks.id)
        with self.assertRaises(PlaybookRefusal):
            deal.with_user(self.lea).write({"user_id": self.ines.id})
        deal.invalidate_recordset()
        self.assertEqual((deal.user_id, deal.team_id), (self.finn, self.team_field))
        self._ready(deal, self.lea).with_user(self.lea).write({"user_id": self.ines.id})
        self.assertEqual((deal.team_id, deal.stage_id), (self.team_inside, self.stage_talks))

    def test_a_criterion_begins_with_its_kind(self):  # SA-7: nobody's line vanishes on the way
        with Form(self.step_new) as form, self.assertRaises(AssertionError), \
                form.criterion_ids.new():
            pass
        with self.assertRaisesRegex(ValidationError, "choose the field to fill"):
            self.step_new.criterion_ids = [Command.create({"kind": "field"})]

    def test_a_warning_is_seen_at_once(self):  # SA-7: one for many
        self.playbook.enforcement = "warn"
        deals = self._create_deals(2).with_user(self.ines)
        with patch.object(type(self.env["res.users"]), "_bus_send") as send:
            deals[0].stage_id = self.stage_talks
            deals.stage_id = self.stage_offer
            self.assertEqual(
                [call.args[0] for call in send.call_args_list], ["simple_notification"] * 2)
        one, many = (call.args[1]["message"] for call in send.call_args_list)
        self.assertIn("Grinder for two plants moved to Talks", one)
        self.assertIn("Fill in Expected Closing", one)
        self.assertIn("2 deals moved", many)

    def test_warning_lets_pass_and_notes(self):  # SA-7
        self.playbook.enforcement = "warn"
        deal = self._create_deal().with_user(self.ines)
        deal.stage_id = self.stage_talks
        row = self._exceptions(deal)
        self.assertEqual((row.kind, row.user_id, row.from_stage_id, row.to_stage_id),
                         ("warned", self.ines, self.stage_new, self.stage_talks))
        self.assertEqual(row.missing_count, 2)
        self.assertIn("Fill in Expected Closing", deal.message_ids[0].body)

    def test_what_two_stages_ask_is_missing_once(self):  # SA-7
        self.playbook.enforcement = "warn"
        self.step_talks.criterion_ids = [
            Command.create({"kind": "field", "field_name": "date_deadline"})]
        deal = self._create_deal().with_user(self.ines)
        deal.stage_id = self.stage_offer
        row = self._exceptions(deal)
        self.assertEqual(row.missing.count("Fill in Expected Closing"), 1)
        self.assertEqual(row.missing_count, len(row.missing.splitlines()))

    def test_manager_lets_pass_with_a_reason(self):  # SA-7
        deal = self._create_deal()
        deal.with_user(self.max).playbook_go_on(
            self.stage_talks.id, reason="The customer signs today")
        row = self._exceptions(deal)
        self.assertEqual((row.kind, row.user_id, row.reason),
                         ("override", self.max, "The customer signs today"))
        self.assertIn("Tick off the checklist", row.missing)

    def test_only_the_leader_or_a_manager_lets_pass(self):  # SA-7
        deal = self._create_deal()
        with self.assertRaises(AccessError):
            deal.with_user(self.ines).playbook_go_on(self.stage_talks.id, reason="I want to")
        with self.assertRaises(PlaybookRefusal):  # nor by the back door
            deal.with_user(self.ines).with_context(sales_playbook_reason="I want to").write(
                {"stage_id": self.stage_talks.id})
        with self.assertRaises(PlaybookRefusal):  # a manager without a reason
            deal.with_user(self.max).stage_id = self.stage_talks
        deal.with_user(self.lea).playbook_go_on(self.stage_talks.id, reason="I lead the team")
        self.assertEqual(self._exceptions(deal).user_id, self.lea)

    def test_no_way_round_by_another_team(self):  # SA-7
        deal = self._create_deal().with_user(self.ines)
        deal.team_id = False
        deal.stage_id = self.stage_talks
        with self.assertRaises(PlaybookRefusal) as caught:
            deal.team_id = self.team_inside
        self.assertIn("Tick off the checklist", str(caught.exception))
        self.assertFalse(deal.team_id)
        with self.assertRaises(PlaybookRefusal):
            deal.write({"team_id": self.team_inside.id, "stage_id": self.stage_offer.id})
        deal.stage_id = self.stage_new
        deal.team_id = self.team_inside
        self._ready(deal).stage_id = self.stage_talks
        deal.team_id = False
        deal.team_id = self.team_inside  # nothing is missing behind it
        self.assertEqual(deal.playbook_id, self.playbook)

    def test_no_way_round_by_a_filter(self):  # SA-7
        self.playbook.filter_domain = "[('expected_revenue', '>', 1000)]"
        deal = self._create_deal(expected_revenue=5000).with_user(self.ines)
        deal.expected_revenue = 1
        deal.stage_id = self.stage_talks
        with self.assertRaises(PlaybookRefusal):
            deal.expected_revenue = 5000
        self.assertEqual(deal.expected_revenue, 1)
        deal.expected_revenue = 900

    def test_no_way_round_by_a_lead(self):  # SA-7
        """A deal that was called a lead for a moment is no new deal."""
        self.step_new.criterion_ids = [
            Command.clear(), Command.create({
                "kind": "activity",
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id})]
        deal = self._create_deal().with_user(self.ines)
        deal.type = "lead"
        deal.stage_id = self.stage_talks
        with self.assertRaises(PlaybookRefusal):
            deal.type = "opportunity"
        deal.stage_id = self.stage_new
        deal.type = "opportunity"
        fresh = self._create_deal(type="lead", stage_id=self.stage_talks.id)
        fresh.with_user(self.ines).type = "opportunity"
        self.assertEqual(self._exceptions(fresh).kind, "created", "a new deal had no call yet")

    def test_a_reason_says_something(self):  # SA-7
        deal = self._create_deal().with_user(self.max)
        for reason in ("  ", "\n", True, ["x"]):
            with self.assertRaises(PlaybookRefusal):
                deal.with_context(sales_playbook_reason=reason).stage_id = self.stage_talks
        deal.with_context(sales_playbook_reason=" Signed ").stage_id = self.stage_talks
        self.assertEqual(self._exceptions(deal).reason, "Signed")

    def test_an_archived_playbook_holds_nobody(self):  # SA-7
        self.playbook.active = False
        deal = self._create_deal().with_user(self.ines).with_context(active_test=False)
        self.assertFalse(deal._playbook_rules().enforced)
        self.assertFalse(deal.playbook_id)
        deal.stage_id = self.stage_offer
        self.assertFalse(self._exceptions(deal))

    def test_log_cannot_be_written(self):  # SA-7
        deal = self._create_deal()
        deal.with_user(self.max).playbook_go_on(self.stage_talks.id, reason="Signed")
        for user in (self.ines, self.max):
            with self.assertRaises(AccessError):
                self._exceptions(deal).with_user(user).reason = "Other"
            with self.assertRaises(AccessError):
                self.env["sales.playbook.answer"].with_user(user).create(
                    {"lead_id": deal.id, "item_id": self.box_budget.id})

    def test_automation_passes_and_is_noted_or_is_refused(self):  # SA-7
        deals = self._create_deals(2)
        deals[0].sudo().stage_id = self.stage_talks
        self.assertEqual(self._exceptions(deals[0]).kind, "automation")
        self.env.company.sales_playbook_automation_passes = False
        with self.assertRaises(PlaybookRefusal):
            deals[1].sudo().stage_id = self.stage_talks

    def test_created_late_is_asked_for_what_it_can_have(self):  # SA-7
        leads = self.env["crm.lead"].with_user(self.ines)
        vals = {"name": "Late", "type": "opportunity", "user_id": self.ines.id,
                "team_id": self.team_inside.id, "stage_id": self.stage_talks.id}
        with self.assertRaises(PlaybookRefusal) as caught:
            leads.create(vals)
        # There is no deal yet that a dialog could fill: the words must do.
        self.assertNotIn("playbook_lead_ids", caught.exception.context)
        deal = leads.create({**vals, "date_deadline": "2026-06-30"})
        row = self._exceptions(deal)
        self.assertEqual((row.kind, row.missing), ("created", "Tick off the checklist"))
        lead = leads.create({**vals, "type": "lead"})
        with self.assertRaises(PlaybookRefusal):  # the way round through a lead
            lead.type = "opportunity"

    def test_field_behind_the_deal_stays_filled(self):  # SA-7
        deal = self._ready(self._create_deal())
        deal.date_deadline = False  # in its stage the field is free
        deal.date_deadline = "2026-06-30"
        deal.stage_id = self.stage_talks
        with self.assertRaises(ValidationError) as caught:
            deal.date_deadline = False
        self.assertIn("Expected Closing stays filled", str(caught.exception))
        deal.date_deadline = "2026-07-31"
        deal.with_user(self.max).with_context(
            sales_playbook_reason="Date withdrawn").date_deadline = False
        self.assertEqual(self._exceptions(deal).kind, "emptied")

    def test_most_specific_playbook_applies(self):  # SA-7
        everyone = self._create_playbook(name="Everyone", team_ids=False)
        rich = self._create_playbook(
            name="Rich", filter_domain="[('expected_revenue', '>', 5000)]")
        small, big, field = (
            self._create_deal(), self._create_deal(expected_revenue=9000),
            self._create_deal(team_id=self.team_field.id, user_id=self.finn.id))
        self.assertEqual(small.playbook_id, self.playbook)
        self.assertEqual(big.playbook_id, rich)
        self.assertEqual(field.playbook_id, everyone)
        self.assertIn("team Inside", rich.scope)

    def test_what_became_impossible_stops_nobody(self):  # SA-7
        kind = self.env["mail.activity.type"].create({"name": "Fax"})
        self.step_new.criterion_ids = [
            Command.clear(),
            Command.create({"kind": "activity", "activity_type_id": kind.id}),
            Command.create({"kind": "domain", "domain": "[('expected_revenue', '>', 5)]"})]
        deal = self._create_deal().with_user(self.ines)
        with self.assertRaises(PlaybookRefusal):
            deal.stage_id = self.stage_talks
        kind.active = False
        self.env.flush_all()
        self.env.cr.execute(  # as if the addon with the field was removed
            "UPDATE sales_playbook_criterion SET domain = %s WHERE kind = 'domain'",
            ["[('gone', '=', 1)]"])
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.sales_automation", "WARNING"):
            deal.stage_id = self.stage_talks

    def test_playbook_of_a_company_is_for_its_deals(self):  # SA-7
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self._create_playbook(name="Theirs", team_ids=False, company_id=other.id)
        own = self._create_deal(team_id=False, company_id=self.env.company.id)
        shared = self._create_deal(team_id=False, company_id=False)
        foreign = self._create_deal(team_id=False, user_id=False, company_id=other.id)
        found = self.env["sales.playbook"]._apply_to(own | shared | foreign)
        self.assertEqual(found, {foreign.id: theirs})

    def test_boxes_and_exceptions_go_with_a_merge(self):  # SA-7
        deals = self._create_deals(2)
        deals.with_user(self.max)[0].playbook_tick(self.box_budget.id)
        for box in (self.box_budget, self.box_people):
            deals[1].with_user(self.max).playbook_tick(box.id)
        deals[1].with_user(self.max).playbook_go_on(self.stage_talks.id, reason="Known")
        merged = deals.merge_opportunity()
        self.assertEqual(merged.playbook_answer_ids.item_id, self.box_budget | self.box_people)
        self.assertTrue(self._exceptions(merged).filtered(lambda row: row.reason == "Known"))

    def test_plan_starts_once_when_a_deal_enters(self):  # SA-7
        plan = self.env["mail.activity.plan"].create({
            "name": "Talk well", "res_model": "crm.lead", "template_ids": [Command.create({
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "summary": "Ask about the plant", "responsible_type": "on_demand"})]})
        self.step_talks.write({"plan_id": plan.id, "plan_start": "enter"})
        deals = self._ready(self._create_deals(2))
        deals.write({"stage_id": self.stage_talks.id})
        self.assertEqual(deals.activity_ids.mapped("user_id"), self.ines)
        self.assertEqual(len(deals.activity_ids), 2)
        deals.write({"stage_id": self.stage_new.id})
        deals.write({"stage_id": self.stage_talks.id})
        self.assertEqual(len(deals.activity_ids), 2)

    def test_dialog_fills_and_moves_in_one(self):  # SA-7
        deals = self._create_deals(2).with_user(self.ines)
        self._ready(deals[1])
        gate = deals.playbook_gate(self.stage_talks.id)
        self.assertEqual(gate["ready"], deals[1].ids)
        (told,) = gate["deals"]
        self.assertEqual([row["kind"] for row in told["missing"]], ["field", "checklist"])
        self.assertFalse(told["can_override"])
        boxes = [item["id"] for item in told["missing"][1]["items"]]
        deals.playbook_go_on(
            self.stage_talks.id, values={str(deals[0].id): {"date_deadline": "2026-06-30"}},
            ticks={str(deals[0].id): boxes})
        self.assertEqual(deals.stage_id, self.stage_talks)
        self.assertEqual(deals[0].playbook_answer_ids.user_id, self.ines)


@tagged("post_install", "-at_install")
class TestPlaybookKinds(PlaybookCase):
    """Each kind of criterion, met and not met."""

    def _unmet(self, deals, **vals):
        self.step_new.criterion_ids = [Command.clear(), Command.create(vals)]
        criterion = self.step_new.criterion_ids
        found = criterion._find_unmet({deal: criterion for deal in deals}, self.env.cr.now())
        return deals.browse(found)

    def test_kinds(self):  # SA-7
        deals = self._create_deals(2)
        done, bare = deals
        call = self.env.ref("mail.mail_activity_data_call")
        done.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id).action_feedback()
        self.assertEqual(self._unmet(deals, kind="activity", activity_type_id=call.id), bare)
        self.assertEqual(self._unmet(deals, kind="next_activity"), deals)
        done.activity_schedule("mail.mail_activity_data_todo", user_id=self.ines.id)
        self.assertEqual(self._unmet(deals, kind="next_activity"), bare)
        partner = self.env["res.partner"].create({
            "name": "Mill", "email": "mill@example.com"})
        done.partner_id = partner
        self.assertEqual(self._unmet(deals, kind="contact"), bare)
        role = self.env["sales.contact.role"].create({"name": "Decides"})
        self.assertEqual(self._unmet(deals, kind="role", role_id=role.id), deals)
        self.env["sales.deal.contact"].create(
            {"lead_id": done.id, "partner_id": partner.id, "role_id": role.id})
        self.assertEqual(self._unmet(deals, kind="role", role_id=role.id), bare)
        order = self.env["sale.order"].create({
            "partner_id": partner.id, "opportunity_id": done.id})
        self.assertEqual(self._unmet(deals, kind="quote"), deals)
        order.action_quotation_sent()
        self.assertEqual(self._unmet(deals, kind="quote"), bare)
        self.assertEqual(self._unmet(deals, kind="meeting"), deals)
        self.env["calendar.event"].create({
            "name": "Visit", "opportunity_id": done.id, "start": "2020-01-01 10:00:00",
            "stop": "2020-01-01 11:00:00"})
        self.assertEqual(self._unmet(deals, kind="meeting"), bare)
        done.expected_revenue = 9000
        self.assertEqual(self._unmet(
            deals, kind="domain", domain="[('expected_revenue', '>', 5000)]"), bare)


@tagged("post_install", "-at_install")
class TestPlaybookHttp(PlaybookCase, HttpCase):
    """The same answer over the wire."""

    def test_rpc_is_refused_in_words(self):  # SA-7
        deal = self._create_deal(name="Grinder")
        self.ines.password = "sa_ines"
        self.authenticate("sa_ines", "sa_ines")
        for method, args in (
                ("write", [deal.ids, {"stage_id": self.stage_talks.id}]),
                ("web_save", [deal.ids, {"stage_id": self.stage_talks.id}]),
                ("action_set_won", [deal.ids])):
            kwargs = {"specification": {"stage_id": {}}} if method == "web_save" else {}
            with self.assertRaises(JsonRpcException) as caught:
                self.make_jsonrpc_request("/web/dataset/call_kw", {
                    "model": "crm.lead", "method": method, "args": args, "kwargs": kwargs})
            self.assertIn("PlaybookRefusal", str(caught.exception))
        self.assertEqual(deal.stage_id, self.stage_new)
