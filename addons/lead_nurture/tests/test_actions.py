from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_scenario import ScenarioCase

LANE = "odoo.addons.lead_nurture.models.nurture_enrolment_lane"


@tagged("post_install", "-at_install")
class TestActions(ScenarioCase):
    """What steps do to leads: with the owner's rights, and only where something changes."""

    def _result_of(self, lead):
        return self._enrolment_of(lead).log_ids.sorted("visit")[0].result

    def _step(self, scenario):
        return (scenario.draft_id or scenario.version_id)._start_node()

    # ------------------------------------------------------------
    # FIELD
    # ------------------------------------------------------------

    def test_a_field_is_changed_in_the_name_of_the_owner(self):  # LN-33
        lead = self._create_lead()
        same = self._create_lead("Bob", "bob@pumps.test", city="Bern")
        self.env.flush_all()
        before = same.write_date
        self._travel(self._act("update", update_field="city", update_value="Bern"))
        self.assertEqual((lead.city, lead.write_uid), ("Bern", self.mira))
        self.assertEqual(same.write_date, before, "a lead that is so already is not touched")
        self.assertStands(lead, "rest")

    def test_values_of_all_sorts(self):  # LN-33
        medium = self.env["utm.medium"].create({"name": "Nurture"})
        lead = self._create_lead()
        for values, field, expected in (
            ({"update_field": "expected_revenue", "update_value": "1200.5"}, "expected_revenue",
             1200.5),
            ({"update_field": "priority", "update_value": "High"}, "priority", "2"),
            ({"update_field": "medium_id", "update_res_id": medium.id}, "medium_id", medium),
            ({"update_field": "date_deadline", "update_value": "+7"}, "date_deadline",
             (self._later() + timedelta(days=7)).date()),
            ({"update_field": "contact_name", "update_value": ""}, "contact_name", False),
        ):
            scenario = self._act("update", **values)
            node = scenario.version_id._start_node()
            node._run_node_update(scenario._enrol_leads(lead), self._later())
            self.assertEqual(lead[field], expected)
            self.assertTrue(node._summary_text())

    def test_a_wrong_value_is_refused_where_it_is_typed(self):  # RELIABILITY 3
        node = self._step(self._act("update", start=False, update_field="city"))
        for values, sentence in (
            ({"update_field": "expected_revenue", "update_value": "much"}, "is no value for"),
            ({"update_field": "priority", "update_value": "Huge"}, "It takes: Low, Medium"),
            ({"update_field": "date_deadline", "update_value": "soon"}, "is no value for"),
            ({"update_field": "medium_id", "update_res_id": 999_999_999}, "is no value for"),
            ({"update_field": "name", "update_value": ""}, "must not be empty"),
        ):
            with self.assertRaisesRegex(ValidationError, sentence):
                node.write(values)
        for field in ("company_id", "active", "stage_id", "won_status"):
            with self.assertRaises(ValidationError):
                node.update_field = field

    # ------------------------------------------------------------
    # TAGS, STAGE, OWNER
    # ------------------------------------------------------------

    def test_tags_come_and_go(self):  # LN-33
        warm, old = self.env["crm.tag"].create([{"name": "Warm one"}, {"name": "Old one"}])
        lead = self._create_lead(tag_ids=[Command.link(old.id)])
        self._travel(self._act("tag", tag_ids=[Command.set(warm.ids)]))
        self.assertEqual(lead.tag_ids, warm | old)
        scenario = self._act("tag", tag_ids=[Command.set(old.ids)], tag_mode="remove")
        self._travel(scenario)
        self.assertEqual(lead.tag_ids, warm)
        with self.assertRaisesRegex(UserError, "does not say which tags"):
            self._act("tag")

    def test_a_stage_is_for_opportunities_of_its_team(self):  # LN-33
        stage, foreign = self.env["crm.stage"].create(
            [{"name": "Talking"}, {"name": "Elsewhere", "team_ids": [
                Command.link(self.env["crm.team"].create({"name": "Other"}).id)]}]
        )  # fmt: skip
        deal = self._create_lead("Dan", "dan@pumps.test", type="opportunity")
        lead = self._create_lead()
        self._travel(self._act("stage", stage_id=stage.id))
        self.assertEqual(deal.stage_id, stage)
        self.assertNotEqual(lead.stage_id, stage)
        self.assertEqual((self._result_of(deal), self._result_of(lead)), ("done", "no stage"))
        self._travel(self._act("stage", stage_id=foreign.id))
        self.assertEqual(deal.stage_id, stage, "a stage of another team is left alone")
        with self.assertRaisesRegex(UserError, "would win deals"):
            self._act("stage", stage_id=self.env["crm.stage"].create(
                {"name": "Won!", "is_won": True}).id)

    def test_who_has_a_lead_keeps_it(self):  # LN-33
        free = self._create_lead()
        taken = self._create_lead("Bob", "b@pumps.test", user_id=self.adam.id)
        self._travel(self._act("assign", team_id=self.team.id, user_id=self.sven.id))
        self.assertEqual((free.user_id, free.team_id), (self.sven, self.team))
        self.assertEqual(taken.user_id, self.adam)
        self.assertEqual(self._result_of(taken), "kept")
        self._travel(self._act("assign", user_id=self.sven.id, assign_only_free=False))
        self.assertEqual(taken.user_id, self.sven)

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def test_people_are_put_on_a_list_and_taken_off(self):  # LN-33
        guests = self.env["nurture.segment"].create({"name": "Guests", "kind": "static"})
        lead = self._create_lead()
        person = self._person_of(lead)
        self._travel(self._act("list", segment_id=guests.id))
        self.assertIn(person.id, guests._holding(person.ids))
        self._travel(self._act("list", segment_id=guests.id, list_mode="remove"))
        self.assertFalse(guests._holding(person.ids))
        dynamic = self.env["nurture.segment"].create({"name": "Own", "kind": "dynamic"})
        with self.assertRaisesRegex(UserError, "fills itself"):
            self._act("list", segment_id=dynamic.id)

    # ------------------------------------------------------------
    # ANOTHER SCENARIO
    # ------------------------------------------------------------

    def test_another_scenario_lets_in_by_its_own_rules(self):  # LN-33
        target = self._create_scenario(
            {"stay": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})},
            name="Target", trigger_kind="manual", trigger_domain="[('city', '=', 'Bern')]",
        )  # fmt: skip
        fits = self._create_lead(city="Bern")
        other = self._create_lead("Bob", "bob@pumps.test", city="Hanoi")
        self._travel(self._act("scenario", target_scenario_id=target.id))
        self.assertEqual(target.enrolment_ids.lead_id, fits)
        results = {
            e.lead_id: e.log_ids.sorted("visit")[0].result
            for e in (self._enrolment_of(fits) | self._enrolment_of(other))
            if e.scenario_id != target
        }
        self.assertEqual(results, {fits: "entered", other: "not let in"})

    def test_two_scenarios_that_start_each_other_do_not_spin(self):  # RELIABILITY 1
        two = self._act("tag", start=False)
        one = self._act("scenario", start=False, target_scenario_id=two.id)
        two_start = self._step(two)
        two_start.write({"kind": "scenario", "target_scenario_id": one.id})
        for scenario in (one, two):
            scenario.write({"reentry_policy": "always", "trigger_kind": "manual"})
            draft = scenario.draft_id
            draft.editor_remove(
                draft.revision, draft.node_ids.filtered(lambda n: n.kind == "wait").id
            )
            scenario.action_start()
        lead = self._create_lead()
        one._enrol_leads(lead)
        for _turn in range(6):
            self._advance()
        self.assertEqual(len(one.enrolment_ids), 1)
        self.assertEqual(len(two.enrolment_ids), 1)
        self._advance(self._later(days=2))
        self.assertFalse(self._enrolment_of(lead).filtered("is_open"))

    # ------------------------------------------------------------
    # SERVER ACTION
    # ------------------------------------------------------------

    def _server_action(self, code="record.write({'city': env.user.login})"):
        return self.env["ir.actions.server"].create(
            {
                "name": "Do it", "state": "code", "code": code,
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )  # fmt: skip

    def test_a_server_action_runs_in_the_name_of_the_owner(self):  # LN-33
        lead, bob = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._travel(self._act("server_action", server_action_id=self._server_action().id))
        self.assertEqual({lead.city, bob.city}, {"mira"})

    @mute_logger(LANE)
    def test_a_server_action_runs_once_for_each_lead_though_one_fails(self):  # LN-33, LN-43
        good, bad = self._create_lead(), self._create_lead("Bad", "bad@pumps.test")
        code = (
            "record.write({'priority': '1'})\n"
            "env['crm.tag'].sudo().create({'name': f'seen {record.id} {time.time()}'})\n"
            "if record.contact_name == 'Bad':\n    raise UserError('no')"
        )
        scenario = self._act("server_action", server_action_id=self._server_action(code).id)
        runs = []
        action_class = type(self.env["ir.actions.server"])
        original = action_class._run
        self.patch(
            action_class, "_run", lambda s, records, ctx: runs.append(records.id) or original(
                s, records, ctx),
        )  # fmt: skip
        self._travel(scenario)
        self.assertEqual(sorted(runs), sorted([good.id, bad.id]), "nobody twice")
        self.assertStands(good, "rest")
        self.assertEqual(self._enrolment_of(bad).attempts, 1)
        self.assertEqual(bad.priority, "0")

    def test_only_an_administrator_of_the_system_chooses_a_server_action(self):  # LN-33
        action = self._server_action()
        scenario = self._act("server_action", start=False)
        node = self._step(scenario).with_user(self.adam)
        with self.assertRaises(AccessError):
            node.server_action_id = action.id
        self._step(scenario).sudo(False).server_action_id = action
        scenario.action_start()
        as_adam = scenario.with_user(self.adam)
        as_adam.action_edit_steps()
        self.assertEqual(as_adam.draft_id._start_node().server_action_id.id, action.id)

    def test_a_meeting_can_be_planned(self):  # LN-33
        lead = self._create_lead()
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        self._travel(self._act("activity", activity_type_id=meeting.id, summary="Show the pump"))
        self.assertEqual(lead.activity_ids.activity_type_id, meeting)
        self.assertEqual(lead.activity_ids.user_id, self.mira)
