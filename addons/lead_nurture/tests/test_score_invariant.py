from datetime import timedelta

from odoo import fields
from odoo.addons.lead_nurture.scope import Scope
from odoo.tests import tagged

from .common import NOW
from .common_score import StoryCase

STEPS = 36


@tagged("post_install", "-at_install")
class TestScoreInvariant(StoryCase):
    """Whatever happens, in whatever order: incremental = full = Σ explanation, for everybody."""

    def assertAgree(self, models, step):
        before = {}
        for model in models:
            before[model] = self._scores(model)
            self.assertFalse(model.error, step)
            self.assertEqual(self._stored(model), self._full(model), f"full after {step}")
        models._request_pass(silent=False)
        self._drain()
        for model in models:
            again = self._scores(model)
            self.assertEqual(again, before[model], f"a pass changes nothing after {step}")
        for score in self.env["nurture.score"].search([("model_id", "in", models.ids)]):
            with self.subTest(step=step, person=score.person_id.id, model=score.model_id.name):
                self.assertAddsUp(score)

    def _stored(self, model):
        return {
            score.person_id.id: (score.company_id.id, score.fit, score.engagement, score.total)
            for score in self.env["nurture.score"].search([("model_id", "=", model.id)])
        }

    def _full(self, model):
        self.env.flush_all()
        everybody = Scope.of_range(0, 2**31 - 1, fields.Datetime.now())
        rows = self.env.execute_query(
            self.env["nurture.score.points"]._query_sums(model, everybody)
        )
        return {person: (company or False, *sums) for person, company, *sums in rows}

    def _walk(self, seed):
        self.dice, self.judge, self.people = self._random_story(seed)
        other = self._create_model(
            [{"points": 6, "event_kind": "visit", "half_life_days": 0.25},
             {"points": 2, "event_kind": "mail_click"}],
            company_id=self.pumps.id, name="Of one company",
        )  # fmt: skip
        self._random_events(self.dice, self.people, 120)
        self._drain()
        kinds = [name for name in dir(self) if name.startswith("_step_")]
        done, totals = set(), set()
        for number in range(STEPS):
            step = kinds[number % len(kinds)] if number < len(kinds) else self.dice.choice(kinds)
            getattr(self, step)()
            self._drain()
            done.add(step)
            totals |= {row["total"] for row in self._scores(self.judge).values()}
            self.assertAgree(self.judge | other, f"{number}: {step}")
        self.assertEqual(done, set(kinds))
        self.assertGreater(len(totals), 15, "a story in which nothing happens proves nothing")

    def test_seed_one(self):  # LN-15, LN-19
        self._walk("one")

    def test_seed_two(self):  # LN-15, LN-19
        self._walk("two")

    # ------------------------------------------------------------
    # What may happen
    # ------------------------------------------------------------

    def _somebody(self):
        return self.dice.choice(self.people.filtered("active"))

    def _rule(self):
        return self.dice.choice(self.judge.group_ids.rule_ids)

    def _step_events_come(self):
        self._random_events(self.dice, self.people.filtered("active"), 25)

    def _step_late_events_come(self):
        for _n in range(5):
            self._record(self._somebody(), days_ago=self.dice.randrange(40, 90),
                         kind="mail_click", url=f"/late{self.dice.random()}")  # fmt: skip

    def _step_events_are_classed_again(self):
        events = self.env["nurture.event"].search([("person_id", "in", self.people.ids)])
        some = self.dice.sample(events.ids, min(len(events), 8))
        self.env["nurture.event"]._set_actor(some, self.dice.choice(["human", "machine"]), "test")

    def _step_a_lead_changes(self):
        leads = self.env["crm.lead"].search([("nurture_person_id", "in", self.people.ids)])
        self.dice.choice(leads).function = self.dice.choice(["Director", "Clerk", False])

    def _step_a_lead_moves_to_another_person(self):
        leads = self.env["crm.lead"].search([("nurture_person_id", "in", self.people.ids)])
        self.dice.choice(leads).email_from = f"p{self.dice.randrange(25)}@random.test"

    def _step_two_leads_are_merged(self):
        leads = self.env["crm.lead"].search([("nurture_person_id", "in", self.people.ids)])
        if len(leads) > 12:
            self.env["crm.lead"].browse(self.dice.sample(leads.ids, 2)).merge_opportunity()

    def _step_two_people_are_merged(self):
        alive = self.people.filtered(lambda p: p.active and p.company_id == self.pumps)
        if len(alive) > 8:
            survivor, absorbed = (alive.browse(i) for i in self.dice.sample(alive.ids, 2))
            self.merge = self.env["nurture.merge"]._merge(survivor, absorbed, "manual")

    def _step_a_merge_is_undone(self):
        if merge := self.env["nurture.merge"].search([("undone_at", "=", False)], limit=1):
            merge._undo()

    def _step_a_contact_changes(self):
        lead = self._somebody().lead_ids[:1]
        if lead and not lead.partner_id:
            lead.partner_id = self.env["res.partner"].create(
                {"name": "Contact", "email": lead.email_from, "company_id": self.pumps.id}
            )
        lead.partner_id.country_id = self.env.ref("base.vn")

    def _step_somebody_is_archived_and_comes_back(self):
        gone = self.people.filtered(lambda p: not p.active and not p.merged_into_id)
        gone.action_unarchive()
        self._somebody().action_archive()

    def _step_somebody_moves_to_another_company(self):
        person = self._somebody()
        there = self.pumps if person.company_id == self.filters else self.filters
        person.write({"company_id": there.id, "account_id": False, "account_by_hand": False})

    def _step_old_events_are_erased(self):
        days = self.dice.choice([75, 80, 85])
        self.env["ir.config_parameter"].set_param("lead_nurture.event_days", days)
        self.env["nurture.event"]._gc_events()
        self.env["ir.config_parameter"].set_param("lead_nurture.event_days", 395)

    def _step_a_rule_is_edited(self):
        rule = self._rule()
        rule.points = self.dice.choice([-8, 1, 4.5, 12])
        if rule.source == "event":
            rule.write({"half_life_days": self.dice.choice([0, 0.25, 3, 20]),
                        "window_days": self.dice.choice([0, 20, 60])})  # fmt: skip

    def _step_a_rule_is_switched(self):
        rules = self.judge.group_ids.rule_ids
        if len(rules) > 4:
            self._rule().active = False
        else:
            rules.search([("model_id", "=", self.judge.id), ("active", "=", False)]).active = True

    def _step_a_cap_is_edited(self):
        self.dice.choice(self.judge.group_ids).cap = self.dice.choice([0, 40, 65])

    def _step_a_version_is_published(self):
        draft = self.judge.browse(self.judge.action_edit()["res_id"])
        draft.group_ids.rule_ids[0].points = self.dice.choice([2, 6])
        draft.action_publish()

    def _step_the_clock_goes_on(self):
        self._move(self.dice.choice([0.2, 1, 9]))

    def _step_the_clock_goes_back(self):
        self.frozen.move_to(max(fields.Datetime.now() - timedelta(days=2), NOW))
        self._move(0)
