from datetime import timedelta

from odoo import fields
from odoo.addons.lead_nurture.engine.account import Member, roll_up
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import NurtureCase


@tagged("post_install", "-at_install")
class TestAccount(NurtureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.business = cls.env["res.partner"].create(
            {"name": "Pumps Ltd", "is_company": True, "company_id": cls.pumps.id}
        )

    def _create_contact(self, name, email, **kw):
        contact = self.env["res.partner"].create(
            {"name": name, "email": email, "company_id": self.pumps.id,
             "parent_id": self.business.id, **kw}
        )  # fmt: skip
        self._sync()
        return self._person_of(contact)

    def _roll_up(self):
        self._drain()
        while self.env["nurture.account.score"]._score_batch(5_000):
            pass
        self.env.invalidate_all()

    def _rows(self, account):
        return self.env["nurture.account.score"].search_read(
            [("account_id", "=", account.id)],
            ["model_id", "top", "best", "people", "engaged", "roles"],
        )

    # ------------------------------------------------------------
    # Finding the account
    # ------------------------------------------------------------

    def test_people_of_one_domain_are_one_account(self):  # LN-17
        ann = self._person_of(self._create_lead(partner_name="Pumps"))
        bob = self._person_of(self._create_lead("Bob", "bob@pumps.test"))
        eve = self._person_of(self._create_lead("Eve", "eve@other.test"))
        self.assertTrue(ann.account_id)
        self.assertEqual(ann.account_id, bob.account_id)
        self.assertNotEqual(ann.account_id, eve.account_id)
        self.assertEqual((ann.account_id.name, ann.account_id.domain), ("Pumps", "pumps.test"))
        self.assertEqual(eve.account_id.name, "other.test")

    def test_free_mail_and_our_own_domain_make_no_account(self):  # LN-1, LN-17
        self.pumps.partner_id.email = "info@ours.test"
        self.env["nurture.free.domain"].create({"name": "@Mail.Local.Test "})
        for email in ("ann@gmail.com", "ann@mail.local.test", "ann@ours.test"):
            self.assertFalse(self._person_of(self._create_lead("A", email)).account_id, email)
        self.assertFalse(self.env["nurture.account"].search([("domain", "like", "local.test")]))

    def test_a_domain_that_is_called_free_later_lets_its_people_go(self):  # LN-17
        ann = self._person_of(self._create_lead("Ann", "ann@isp.test"))
        account = ann.account_id
        free = self.env["nurture.free.domain"].create({"name": "isp.test"})
        self._sync()
        ann.invalidate_recordset()
        self.assertFalse(ann.account_id)
        self.assertFalse(account.active)
        free.unlink()
        account.action_unarchive()
        self._sync()
        ann.invalidate_recordset()
        self.assertEqual(ann.account_id, account)

    def test_a_domain_that_is_free_no_more_has_its_accounts_again(self):  # LN-17, ALL-4
        ours = self._person_of(self._create_lead("Kim", "kim@school.test"))
        theirs = self._person_of(
            self._create_lead("Kai", "kai@school.test", company_id=self.filters.id)
        )
        accounts = ours.account_id | theirs.account_id
        self.assertEqual(len(accounts), 2)
        by_hand = ours.account_id.create({"name": "Gone", "domain": "gone.test", "active": False})
        line = self.env["nurture.free.domain"].create({"name": "school.test"})
        self._sync()
        self.assertEqual(accounts.mapped("active"), [False, False])
        line.name = "gone.test"
        self._sync()
        self.env.invalidate_all()
        self.assertEqual(accounts.mapped("active"), [True, True])
        self.assertEqual(ours.account_id | theirs.account_id, accounts)
        line.unlink()
        self.assertFalse(by_hand.active, "somebody else archived it")

    def test_the_company_contact_comes_before_the_domain(self):  # LN-17
        lead = self._person_of(self._create_lead("Bob", "bob@pumps.test"))
        by_domain = lead.account_id
        ann = self._create_contact("Ann", "ann@pumps.test")
        consultant = self._create_contact("Cy", "cy@consult.test")
        self.assertEqual(ann.account_id, by_domain, "the domain turned out to be the contact's")
        self.assertEqual(by_domain.partner_id, self.business)
        self.assertEqual(by_domain.name, "Pumps Ltd")
        self.assertEqual(consultant.account_id, by_domain)

    def test_what_an_administrator_chose_stays(self):  # LN-17
        ann = self._person_of(self._create_lead())
        other = self.env["nurture.account"].create({"name": "Holding", "domain": "holding.test"})
        ann.with_user(self.adam).account_id = other
        self._create_contact("Ann", "ann@pumps.test")
        self.env["nurture.change"]._cron_reconcile_persons()
        self._sync()
        ann.invalidate_recordset()
        self.assertEqual(ann.account_id, other)
        ann.with_user(self.adam).action_account_by_itself()
        self._sync()
        ann.invalidate_recordset()
        self.assertEqual(ann.account_id.partner_id, self.business)
        with self.assertRaises(AccessError):
            ann.with_user(self.mira).account_id = other

    def test_a_contact_that_changes_its_employer_changes_the_account(self):  # LN-17
        ann = self._create_contact("Ann", "ann@pumps.test")
        before = ann.account_id
        rival = self.env["res.partner"].create(
            {"name": "Rival", "is_company": True, "company_id": self.pumps.id}
        )
        ann.partner_id.parent_id = rival
        self._sync()
        ann.invalidate_recordset()
        self.assertEqual(ann.account_id.partner_id, rival)
        self.assertNotEqual(ann.account_id, before)

    def test_an_account_made_by_hand_collects_its_people(self):  # LN-17
        ann = self._person_of(self._create_lead("Ann", "ann@pumps.test"))
        old = ann.account_id
        old.with_user(self.mira).domain = "https://www.pumps-group.test/about"
        self.assertEqual(old.domain, "pumps-group.test")
        target = self.env["nurture.account"].with_user(self.mira).create(
            {"name": "Pumps", "domain": "Pumps.test",
             "tier_id": self.env.ref("lead_nurture.nurture_account_tier_1").id}
        )  # fmt: skip
        self._sync()
        ann.invalidate_recordset()
        self.assertEqual(ann.account_id, target)

    def test_bad_accounts_are_refused_with_a_sentence(self):  # LN-17
        accounts = self.env["nurture.account"]
        for domain, why in (("gmail.com", "free-mail"), ("no domain", "not a mail domain")):
            with self.assertRaisesRegex(ValidationError, why):
                accounts.create({"name": "X", "domain": domain})
        accounts.create({"name": "Pumps", "partner_id": self.business.id})
        with self.assertRaisesRegex(ValidationError, "already"):
            accounts.create({"name": "Pumps again", "partner_id": self.business.id})
        with self.assertRaises(ValidationError):
            self.env["nurture.free.domain"].create({"name": "nothing"})

    def test_accounts_of_merged_contacts_become_one(self):  # LN-1, LN-17
        ann = self._create_contact("Ann", "ann@pumps.test")
        twin = self.env["res.partner"].create(
            {"name": "Pumps Limited", "is_company": True, "company_id": self.pumps.id}
        )
        bob = self._create_contact("Bob", "bob@pumps-ltd.test", parent_id=twin.id)
        bob.account_id.tier_id = self.env.ref("lead_nurture.nurture_account_tier_1")
        keeper, other = bob.account_id, ann.account_id
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.business | twin).ids, self.business
        )
        self._sync()
        self.env.invalidate_all()
        self.assertEqual((ann.account_id, bob.account_id), (keeper, keeper))
        self.assertEqual(keeper.partner_id, self.business)
        self.assertFalse(other.active)

    def test_placing_again_changes_nothing(self):  # LN-17
        self._create_lead(), self._create_contact("Cy", "cy@consult.test")
        accounts = self.env["nurture.account"].search([])
        self.env["nurture.change"]._cron_reconcile_persons()
        self._sync()
        self.env["nurture.change"]._cron_reconcile_persons()
        self.assertFalse(self.env["nurture.change"].search_count([("kind", "=", "person")]))
        self.assertEqual(self.env["nurture.account"].search([]), accounts)

    # ------------------------------------------------------------
    # Score
    # ------------------------------------------------------------

    def _cast_of_five(self):
        """Five people of Pumps with 80, 40, 40, 10 and 0 points, in two roles."""
        self.model = self._create_model([{"event_kind": "page_view", "points": 10}])
        people, now = self.env["nurture.person"], fields.Datetime.now()
        for index, (views, role) in enumerate(
            [(8, "CEO"), (4, "Buyer"), (4, " ceo"), (1, "Intern"), (0, False)]
        ):
            lead = self._create_lead(f"P{index}", f"p{index}@pumps.test", function=role)
            person = self._person_of(lead)
            for number in range(views):
                self._record(person, at=now - timedelta(days=number + 1), key=f"{index}-{number}")
            people |= person
        self._roll_up()
        return people

    def test_the_score_is_the_sum_of_the_best_three(self):  # LN-17
        people = self._cast_of_five()
        account = people.account_id
        self.assertEqual(len(account), 1)
        self.assertEqual(account.score, 160)
        self.assertEqual(account.best_score, 80)
        self.assertEqual((account.engaged_count, account.role_count), (3, 2))
        self.assertEqual(account.scored_count, 5)
        self.assertEqual(account.why, "160 = P0 80 + P1 40 + P2 40")
        self.assertEqual(account.last_at, max(people[:4].mapped("nurture_last_at")))

    def test_sql_says_what_the_engine_says(self):  # LN-17
        people = self._cast_of_five()
        for k in (1, 2, 3, 9):
            self.env["ir.config_parameter"].set_param("lead_nurture.account_top", k)
            self.env["nurture.account.dirty"]._push_all()
            self._roll_up()
            told = roll_up(
                [Member(p.nurture_score, p.nurture_band, p.role or "") for p in people], k
            )
            row = self._rows(people.account_id)[0]
            self.assertEqual(
                (row["best"], row["top"], row["people"], row["engaged"], row["roles"]), told
            )

    def test_counted_by_and_by_is_counted_at_once(self):  # LN-17: incremental = full
        people = self._cast_of_five()
        account = people.account_id
        self._record(people[3], days_ago=1, key="late 1"), self._record(people[4], key="late 2")
        self._roll_up()
        self.env["nurture.merge"]._merge(people[0], people[1], "manual")
        self._roll_up()
        people[2].active = False
        self._roll_up()
        people[3].lead_ids.email_from = "p3@elsewhere.test"
        self._roll_up()
        for place in (account, people[3].account_id):
            by_and_by = self._rows(place)
            self.env["nurture.account.score"].search([("account_id", "=", place.id)])
            self.env.cr.execute("DELETE FROM nurture_account_score")
            self.env["nurture.account.score"]._cron_score_all_accounts()
            self._roll_up()
            at_once = self._rows(place)
            for row in (*by_and_by, *at_once):
                row.pop("id")
            self.assertEqual(by_and_by, at_once)
            self.assertTrue(at_once)

    def test_a_model_that_is_archived_takes_its_account_scores_along(self):  # LN-17
        account = self._cast_of_five().account_id
        self.model._set_archived()
        self._roll_up()
        self.assertFalse(self._rows(account))
        self.assertEqual(account.score, 0)

    def test_target_accounts_without_an_engaged_person_are_found(self):  # LN-17
        warm = self._cast_of_five().account_id
        cold = self._person_of(self._create_lead("Eve", "eve@other.test")).account_id
        empty = self.env["nurture.account"].create({"name": "Dream", "domain": "dream.test"})
        (warm | cold | empty).tier_id = self.env.ref("lead_nurture.nurture_account_tier_1")
        self._roll_up()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_account_action_not_engaged"
        )
        mine = self.env["nurture.account"].with_user(self.mira)
        found = mine.search([("tier_id", "!=", False), ("engaged_count", "=", 0)])
        self.assertIn("engaged_count", action["domain"])
        self.assertEqual(found & (warm | cold | empty), cold | empty)
        ordered = mine.search([("id", "in", (warm | cold | empty).ids)], order="score desc, id")
        self.assertEqual(ordered, warm | cold | empty)
        self.assertEqual(mine.search([("score", ">=", 100), ("id", ">=", warm.id)]), warm)

    def test_companies_do_not_see_each_others_accounts(self):  # LN-17
        here = self._person_of(self._create_lead()).account_id
        there = self._person_of(self._create_lead(company_id=self.filters.id)).account_id
        self.assertNotEqual(here, there)
        self.assertEqual((here.domain, there.domain), ("pumps.test", "pumps.test"))
        finns = self.env["nurture.account"].with_user(self.finn)
        self.assertEqual(finns.search([("domain", "=", "pumps.test")]), there)
        with self.assertRaises(AccessError):
            finns.browse(here.id).read(["name"])
        with self.assertRaises(AccessError):
            self.env["nurture.account"].with_user(self.sven).search([])

    def test_the_company_contact_shows_its_account_in_one_query(self):  # LN-17
        people = self._cast_of_five()
        people.account_id.partner_id = self.business
        people.account_id.tier_id = self.env.ref("lead_nurture.nurture_account_tier_2")
        self._roll_up()
        partner = self.business.with_user(self.mira)
        partner.read(["nurture_account_label"])
        self.env.invalidate_all()
        self.assertTrue(partner.is_company)  # the record itself is read
        with self.assertQueryCount(1):
            shown = partner.read(["nurture_account_score", "nurture_account_label"])[0]
        self.assertEqual(shown["nurture_account_score"], 160)
        self.assertEqual(shown["nurture_account_label"], "Tier 2 · 3 engaged")
        self.assertEqual(partner.action_open_nurture_account()["res_id"], people.account_id.id)

    def test_the_setting_counts_all_accounts_again(self):  # LN-17
        account = self._cast_of_five().account_id
        self.env["res.config.settings"].create({"nurture_account_top": 1}).execute()
        self._roll_up()
        self.assertEqual(account.score, 80)

    def test_a_merge_suggests_one_name_in_one_business(self):  # LN-1
        ann = self._person_of(self._create_lead("Ann", "ann@pumps.test"))
        twin = self._person_of(self._create_lead("ann", "a.b@pumps.test"))
        self._create_lead("Ann", "ann@other.test")
        self.assertEqual(ann._probable_doubles(), twin)

    def test_erased_people_leave_the_count(self):  # LN-17
        people = self._cast_of_five()
        account = people.account_id
        people[0].unlink()
        self._roll_up()
        self.assertEqual(account.score, 90)

    def test_a_salesperson_saves_a_contact_without_rights_on_accounts(self):  # LN-17
        self.sven.group_ids |= self.env.ref("base.group_partner_manager")
        self.business.with_user(self.sven).name = "Pumps Limited"
        self.business.with_user(self.sven).email = "info@pumps.test"
        self._sync()
        self.assertTrue(self._person_of(self.business).account_id)
