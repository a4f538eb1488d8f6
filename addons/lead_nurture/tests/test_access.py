from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged, warmup

from .common import EVERYBODY, NurtureCase

READ_ONLY = {"nurture.person", "nurture.identity", "nurture.event", "nurture.score"}
RULES = {"nurture.score.model", "nurture.score.group", "nurture.score.rule"}
QUEUES = {"nurture.change", "nurture.dirty", "nurture.watermark", "nurture.inbox"}


@tagged("post_install", "-at_install")
class TestAccess(NurtureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)
        cls._record(cls.ann)
        cls.model = cls._create_model([{"points": 40, "event_kind": "page_view"}])
        cls._drain()

    def _rights(self, user, model):
        records = self.env[model].with_user(user)
        return {op for op in ("read", "write", "create", "unlink") if records.has_access(op)}

    def test_who_may_do_what(self):
        everything = {"read", "write", "create", "unlink"}
        for model in READ_ONLY:
            self.assertEqual(self._rights(self.sven, model), set(), model)
            self.assertEqual(self._rights(self.mira, model), {"read"}, model)
        for model in RULES:
            self.assertEqual(self._rights(self.sven, model), set(), model)
            self.assertEqual(self._rights(self.mira, model), {"read"}, model)
            self.assertEqual(self._rights(self.adam, model), everything, model)
        for model in QUEUES:
            self.assertEqual(self._rights(self.adam, model), set(), model)
        self.assertEqual(self._rights(self.adam, "nurture.person"), {"read", "write", "unlink"})
        self.assertEqual(self._rights(self.adam, "nurture.event"), {"read"})

    def test_a_salesperson_sees_why_his_lead_is_warm(self):  # LN-15
        self.lead.user_id = self.sven
        lead = self.lead.with_user(self.sven)
        self.assertEqual((lead.nurture_score, lead.nurture_band), (40, "warm"))
        self.assertEqual(lead.nurture_explanation["total"], 40)
        self.assertEqual(lead.nurture_timeline[0]["kind"], "page_view")
        self.assertEqual(
            lead.search([("nurture_band", "=", "warm"), ("id", "=", lead.id)]), lead
        )

    def test_a_salesperson_sees_nothing_of_others(self):
        self.lead.user_id = self.adam
        lead = self.lead.with_user(self.sven)
        lead.invalidate_recordset()
        for name in ("nurture_score", "nurture_explanation", "nurture_timeline"):
            with self.assertRaises(AccessError):
                lead.read([name])
        self.assertFalse(lead.search([("id", "=", lead.id), ("nurture_band", "=", "warm")]))

    def test_the_person_is_for_nurture_users(self):
        self.lead.user_id = self.sven
        with self.assertRaises(AccessError):
            self.lead.with_user(self.sven).read(["nurture_person_id"])
        found = self.lead.with_user(self.mira).read(["nurture_person_id"])
        self.assertEqual(found[0]["nurture_person_id"][0], self.ann.id)

    def test_the_portal_reads_and_guesses_nothing(self):  # LN-15
        portal = new_test_user(self.env, "paula", groups="base.group_portal")
        me = portal.partner_id.with_user(portal)
        self.assertTrue(me.read(["name"]))
        for name in ("nurture_score", "nurture_band", "nurture_grade", "nurture_last_at",
                     "nurture_explanation", "nurture_timeline"):  # fmt: skip
            with self.assertRaises(AccessError, msg=name):
                me.read([name])
        for domain in ([("nurture_score", "<", 1)], [("nurture_band", "in", ["cold"])]):
            with self.assertRaises(AccessError, msg=domain):
                me.search(domain)

    def test_a_timeline_shows_events_of_the_readers_companies(self):  # multi-company
        contact = self.env["res.partner"].create({"name": "Bo", "email": "bo@shared.test"})
        self._sync()
        bo = self._person_of(contact)
        self._record(bo, kind="call", topic="Filters", company_id=self.filters.id)
        self._record(bo, kind="call", topic="Pumps", company_id=self.pumps.id)
        self._record(bo, kind="call", topic="Nobody's")

        def topics(user):
            rows = contact.with_user(user).nurture_timeline
            return sorted(row["about"] for row in rows)

        self.assertEqual(topics(self.mira), ["Nobody's", "Pumps"])
        self.assertEqual(topics(self.finn), ["Filters", "Nobody's"])
        forged = contact.with_user(self.finn).sudo().with_context(
            allowed_company_ids=(self.pumps | self.filters).ids
        )  # fmt: skip
        self.assertNotIn("Pumps", [row["about"] for row in forged.nurture_timeline])

    def test_a_timeline_is_silent_about_what_the_reader_may_not_read(self):
        hidden = self._create_lead("Cy", "cy@pumps.test", user_id=self.mira.id)
        self.lead.user_id = self.sven
        self._record(self.ann, kind="call", topic="Secret", res_model="crm.lead",
                     res_id=hidden.id)  # fmt: skip
        seen = self.lead.with_user(self.sven).nurture_timeline
        self.assertIn("call", [row["kind"] for row in seen])
        self.assertNotIn("Secret", [row["about"] for row in seen])
        seen = self.lead.with_user(self.mira).nurture_timeline
        self.assertIn("Secret", [row["about"] for row in seen])

    def test_another_company_sees_nobody(self):  # multi-company
        there = self._person_of(self._create_lead(company_id=self.filters.id))
        self._record(there, kind="call")
        closed = self.env["nurture.score.model"].create(
            {"name": "Pumps only", "company_id": self.pumps.id}
        )
        self._drain()
        for model in READ_ONLY:
            seen = self.env[model].with_user(self.finn).search([("company_id", "!=", False)])
            self.assertTrue(seen, model)
            self.assertEqual(seen.mapped("company_id"), self.filters, model)
            hidden = self.env[model].search([("company_id", "=", self.pumps.id)], limit=1)
            with self.assertRaises(AccessError):
                hidden.with_user(self.finn).read()
        self.assertNotIn(closed, self.env["nurture.score.model"].with_user(self.finn).search([]))
        with self.assertRaises(AccessError):
            self.ann.with_user(self.finn).read(["name"])

    def test_a_manager_cannot_change_rules_of_another_company(self):  # multi-company
        self.model.company_id = self.filters
        rule = self.model.group_ids.rule_ids
        with self.assertRaises(AccessError):
            rule.with_user(self.adam).write({"points": 1})


@tagged("post_install", "-at_install")
class TestLists(NurtureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls._create_model([{"points": 10, "event_kind": "page_view"}])
        cls.leads = cls.env["crm.lead"].create(
            [
                {"name": f"L{n}", "email_from": f"l{n}@lists.test", "company_id": cls.pumps.id}
                for n in range(100)
            ]
        )
        cls._sync()
        persons = cls.leads.mapped("nurture_person_id")
        for number, person in enumerate(persons[:8]):
            for view in range(number + 1):
                cls._record(person, url=f"/{view}", key=f"{number}-{view}",
                            at=fields.Datetime.now())  # fmt: skip
        cls._drain()
        cls.mine = [("id", "in", cls.leads.ids)]

    @warmup
    def test_a_page_of_leads_costs_two_more_queries(self):
        names = ["name", "nurture_score", "nurture_band", "nurture_grade"]
        for number in (10, 80):
            page = self.leads[:number].with_user(self.env.ref("base.user_root"))
            self.env.invalidate_all()
            with self.assertQueryCount(2):  # the leads, the scores
                page.read(names)

    def test_sorted_searched_and_grouped(self):
        leads = self.env["crm.lead"]
        best = leads.search(self.mine, order="nurture_score desc, id", limit=3)
        self.assertEqual(best.mapped("nurture_score"), [80, 70, 60])
        worst = leads.search(self.mine, order="nurture_score, id", limit=1)
        self.assertEqual(worst.nurture_score, 0)
        for operator, value, number in (
            (">", 50, 3), (">=", 50, 4), ("<", 20, 93), ("<=", 0, 92), ("=", 0, 92), ("!=", 0, 8),
            ("=", 30, 1), ("in", [0, 10], 93),
        ):  # fmt: skip
            domain = [*self.mine, ("nurture_score", operator, value)]
            self.assertEqual(leads.search_count(domain), number, (operator, value))
        for operator, value, number in (
            ("=", "hot", 3), ("=", "cold", 94), ("!=", "cold", 6), ("in", ["hot", "warm"], 6),
        ):  # fmt: skip
            domain = [*self.mine, ("nurture_band", operator, value)]
            self.assertEqual(leads.search_count(domain), number, (operator, value))
        groups = leads._read_group(self.mine, ["nurture_band"], ["__count"])
        self.assertEqual(dict(groups), {"hot": 3, "warm": 3, "cold": 94})

    def test_contacts_show_it_too(self):
        contact = self.env["res.partner"].create(
            {"name": "L7", "email": "l7@lists.test", "company_id": self.pumps.id}
        )
        self._sync()
        self.env.invalidate_all()
        self.assertEqual((contact.nurture_score, contact.nurture_band), (80, "hot"))

    def test_a_lead_not_yet_saved_is_cold(self):
        lead = self.env["crm.lead"].new({"name": "New"})
        self.assertEqual((lead.nurture_score, lead.nurture_band), (0, "cold"))
        self.assertFalse(lead.nurture_explanation)
        self.assertFalse(lead.nurture_person_id)
        self.assertEqual(lead.nurture_timeline, False)

    def test_people_by_score(self):
        people = self.env["nurture.person"].search(
            [("email_normalized", "like", "@lists.test")], order="nurture_score desc", limit=2
        )
        self.assertEqual(people.mapped("nurture_score"), [80, 70])


@tagged("post_install", "-at_install")
class TestCrons(NurtureCase):
    def _run(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"lead_nurture.ir_cron_{name}").method_direct_trigger()

    def test_a_new_lead_is_scored_by_the_crons_alone(self):
        self._create_model(fit=[{"points": 70, "domain": EVERYBODY}])
        self._drain()
        lead = self._create_lead(sync=False)
        for name in ("sync_persons", "score"):
            self._run(name)
        self.env.invalidate_all()
        self.assertEqual((lead.nurture_score, lead.nurture_band), (70, "hot"))

    def test_every_cron_runs_on_nothing(self):
        for name in ("sync_persons", "reconcile_persons", "ingest_inbox", "pull_events",
                     "score", "score_nightly"):  # fmt: skip
            self._run(name)
            self._run(name)

    def test_saving_a_lead_wakes_the_cron(self):
        cron = self.env.ref("lead_nurture.ir_cron_sync_persons")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        self._create_lead(sync=False)
        self.assertIn(cron, triggers.search([]).cron_id)

    def test_no_cron_ships_with_an_old_date(self):
        ours = self.env["ir.model.data"].search(
            [("module", "=", "lead_nurture"), ("model", "=", "ir.cron")]
        )
        crons = self.env["ir.cron"].with_context(active_test=False).browse(ours.mapped("res_id"))
        self.assertTrue(crons)
        for cron in crons:
            self.assertGreaterEqual(cron.nextcall, cron.create_date - timedelta(seconds=1))
