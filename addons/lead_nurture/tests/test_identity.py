from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import NurtureCase


@tagged("post_install", "-at_install")
class TestIdentity(NurtureCase):
    def test_two_leads_and_a_contact_of_one_address_are_one_human(self):  # LN-1
        contact = self.env["res.partner"].create({"name": "Ann B", "email": "Ann@Pumps.test"})
        first = self._create_lead(email="ANN <ann@pumps.test>")
        second = self._create_lead(email="ann@pumps.test", name="A.")
        contact.company_id = self.pumps
        self._sync()
        person = self._person_of(first)
        self.assertTrue(person)
        self.assertEqual(self._person_of(second), person)
        self.assertEqual(self._person_of(contact), person)
        self.assertEqual(person.email_normalized, "ann@pumps.test")
        self.assertEqual(person.partner_id, contact)
        self.assertEqual(person.lead_ids, first | second)

    def test_a_lead_without_address_is_found_by_its_phone(self):  # LN-1
        first = self._create_lead(phone="+84 90 123 45 67")
        second = self._create_lead(email=False, phone="+84901234567", name="A. on the phone")
        self.assertEqual(self._person_of(second), self._person_of(first))

    def test_two_addresses_on_one_phone_are_two_humans(self):  # LN-1: a switchboard
        ann = self._create_lead(phone="+84901234567")
        bob = self._create_lead(name="Bob", email="bob@pumps.test", phone="+84901234567")
        self.assertNotEqual(self._person_of(ann), self._person_of(bob))

    def test_somebody_known_by_phone_keeps_his_person_when_he_gives_an_address(self):  # LN-1
        caller = self._create_lead(email=False, phone="+84901234567")
        person = self._person_of(caller)
        writer = self._create_lead(phone="+84901234567")
        self.assertEqual(self._person_of(writer), person)
        person.invalidate_recordset()
        self.assertEqual(person.email_normalized, "ann@pumps.test")

    def test_nobody_to_join_is_no_person(self):  # LN-1
        lead = self._create_lead(email="not an address", phone="12")
        self.assertFalse(self._person_of(lead))

    def test_a_mended_typo_moves_the_person_and_his_history(self):  # LN-1
        lead = self._create_lead(email="an@pumps.test")
        person = self._person_of(lead)
        self._record(person, url="/pump")
        lead.email_from = "ann@pumps.test"
        self._sync()
        self.assertEqual(self._person_of(lead), person)
        person.invalidate_recordset()
        self.assertEqual(person.email_normalized, "ann@pumps.test")
        late = self._create_lead(email="an@pumps.test", name="A late mail")
        self.assertEqual(self._person_of(late), person, "the former address is still his")

    def test_a_lead_given_to_another_human_moves_alone(self):  # LN-1
        ann, also_ann = self._create_lead(), self._create_lead(name="Ann 2")
        bob = self._create_lead(name="Bob", email="bob@pumps.test")
        also_ann.email_from = "bob@pumps.test"
        self._sync()
        self.assertEqual(self._person_of(also_ann), self._person_of(bob))
        self.assertNotEqual(self._person_of(ann), self._person_of(bob))

    def test_a_lead_follows_the_new_address_of_its_contact(self):  # LN-1
        contact = self.env["res.partner"].create({"name": "Ann", "email": "ann@pumps.test"})
        contact.company_id = self.pumps
        lead = self._create_lead(partner_id=contact.id)
        person = self._person_of(lead)
        contact.email = "ann@new.test"
        self._sync()
        self.assertEqual(lead.email_normalized, "ann@new.test")
        self.assertEqual(self._person_of(lead), person)
        self.assertEqual(self._person_of(contact), person)

    def test_companies_do_not_share_a_human(self):  # LN-1
        here = self._create_lead()
        there = self._create_lead(company_id=self.filters.id)
        self.assertEqual(there.company_id, self.filters)
        self.assertNotEqual(self._person_of(here), self._person_of(there))
        self.assertEqual(self._person_of(there).company_id, self.filters)

    def test_with_one_company_records_without_company_are_of_that_company(self):  # LN-1
        with patch.object(
            type(self.env["nurture.person"]), "_home_company_id", lambda self: self.env.company.id
        ):
            shared = self.env["res.partner"].create({"name": "Ann", "email": "ann@pumps.test"})
            lead = self._create_lead()
            self.assertEqual(self._person_of(shared), self._person_of(lead))
        person = self._person_of(shared)
        shared.phone = "+84901234567"
        self._sync()
        self.assertEqual(self._person_of(shared), person, "a second company splits nobody")

    def test_with_several_companies_a_shared_contact_is_a_human_of_its_own(self):  # LN-1
        shared = self.env["res.partner"].create({"name": "Ann", "email": "ann@pumps.test"})
        lead = self._create_lead()
        self.assertNotEqual(self._person_of(shared), self._person_of(lead))
        self.assertFalse(self._person_of(shared).company_id)

    def test_our_own_people_are_no_prospects(self):  # LN-1
        self.sven.partner_id.email = "sven@ours.test"
        self._sync()
        self.assertFalse(self._person_of(self.sven.partner_id))

    def test_joining_again_changes_nothing(self):  # LN-1
        self._create_lead(), self._create_lead(name="Bob", email="bob@pumps.test")
        self._sync()
        identities = self.env["nurture.identity"].search_read([], order="id")
        persons = self.env["nurture.person"].search([])
        leads = self.env["crm.lead"].search([])
        self.env["nurture.change"]._push("lead", leads.ids * 2)
        self._sync()
        self.assertEqual(self.env["nurture.identity"].search_read([], order="id"), identities)
        self.assertEqual(self.env["nurture.person"].search([]), persons)

    def test_the_night_finds_what_no_hook_told(self):  # LN-1: rows written by SQL, deleted rows
        lead, gone = self._create_lead(), self._create_lead(name="G", email="gone@pumps.test")
        person_of_gone = self._person_of(gone)
        self.env.cr.execute(
            "UPDATE crm_lead SET email_normalized = 'ann@sql.test' WHERE id = %s", [lead.id]
        )
        self.env.cr.execute("DELETE FROM crm_lead WHERE id = %s", [gone.id])
        self.env.invalidate_all(flush=False)
        self.env["nurture.change"]._cron_reconcile_persons()
        self._sync()
        self.assertEqual(self._person_of(lead).email_normalized, "ann@sql.test")
        self.assertFalse(person_of_gone.identity_ids.filtered("res_id"))
        self.env["nurture.change"]._cron_reconcile_persons()
        self.assertFalse(self.env["nurture.change"].search_count([]), "nothing drifts any more")

    def test_saving_a_lead_only_queues(self):  # LN-1: the salesperson never does the work
        lead = self._create_lead(sync=False)
        self.assertFalse(self._person_of(lead))
        queued = self.env["nurture.change"].search([("res_id", "=", lead.id)])
        self.assertEqual(set(queued.mapped("kind")), {"lead"})

    def test_a_salesperson_may_create_and_delete_leads(self):  # LN-1: rights of the queue
        leads = self.env["crm.lead"].with_user(self.sven)
        lead = leads.create({"name": "Mine", "email_from": "mine@pumps.test"})
        self._sync()
        person = self._person_of(lead.sudo())
        lead.write({"email_from": "other@pumps.test"})
        lead.with_user(self.env.ref("base.user_admin")).unlink()
        self._sync()
        self.assertFalse(person.identity_ids.filtered("res_id"))

    def test_leads_of_a_person_can_be_searched(self):  # LN-1
        lead, other = self._create_lead(), self._create_lead(name="Bob", email="bob@pumps.test")
        loose = self._create_lead(name="Nobody", email=False)
        person, leads = self._person_of(lead), self.env["crm.lead"]
        mine = [("id", "in", (lead | other | loose).ids)]
        self.assertEqual(leads.search([*mine, ("nurture_person_id", "=", person.id)]), lead)
        self.assertEqual(leads.search([*mine, ("nurture_person_id", "=", False)]), loose)
        self.assertEqual(
            leads.search([*mine, ("nurture_person_id.email_normalized", "=", "bob@pumps.test")]),
            other,
        )
        self.assertEqual(
            leads.search([*mine, ("nurture_person_id", "!=", person.id)]), other | loose
        )

    # ------------------------------------------------------------
    # Mailing contacts, logins, browsers
    # ------------------------------------------------------------

    def test_a_mailing_contact_is_a_human(self):  # LN-1
        with self._one_company():
            lead = self._create_lead()
            contact = self.env["mailing.contact"].create(
                {"name": "Ann", "email": "Ann@pumps.test"}
            )
            self._sync()
            self.assertEqual(self._person_of(contact), self._person_of(lead))
            contact.email = "zoe@pumps.test"
            self._sync()
            zoe = self._person_of(contact)
            self.assertNotEqual(zoe, self._person_of(lead))
            contact.email = "zoe@new.test"
            self._sync()
            self.assertEqual(self._person_of(contact), zoe, "nobody else had the address")
            contact.unlink()
            self._sync()
            self.assertFalse(zoe.identity_ids.filtered("res_id"))

    def test_colleagues_on_a_mailing_list_are_no_prospects(self):  # LN-1
        self.sven.partner_id.email = "sven@ours.test"
        contact = self.env["mailing.contact"].create({"name": "S", "email": "sven@ours.test"})
        self._sync()
        self.assertFalse(self._person_of(contact))

    def test_a_portal_login_is_a_further_address_of_its_contact(self):  # LN-1
        partner = self.env["res.partner"].create(
            {"name": "Ann", "email": "ann@pumps.test", "company_id": self.pumps.id}
        )
        login = self.env["res.users"].create(
            {
                "login": "ann@home.test",
                "partner_id": partner.id,
                "company_id": self.pumps.id,
                "company_ids": [Command.set(self.pumps.ids)],
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self._sync()
        person = self._person_of(partner)
        known = person.identity_ids.filtered(lambda i: i.kind == "user")
        self.assertEqual(known.res_id, login.id)
        self.assertEqual(self._person_of(self._create_lead("A", "ann@home.test")), person)

    def test_a_portal_login_that_becomes_a_colleague_is_no_prospect_any_more(self):  # LN-1
        login = new_test_user(self.env, "pia@home.test", groups="base.group_portal")
        self._sync()
        self.assertTrue(self._person_of(login.partner_id))
        login.group_ids = self.env.ref("base.group_user")
        self._sync()
        self.assertFalse(self._person_of(login.partner_id))
        self.assertFalse(
            self.env["nurture.identity"].search([("kind", "=", "user"), ("res_id", "=", login.id)])
        )

    def test_a_browser_belongs_to_one_human(self):  # LN-1: shared devices
        identities = self.env["nurture.identity"]
        ann = self._person_of(self._create_lead())
        bob = self._person_of(self._create_lead("Bob", "bob@pumps.test"))
        self.assertTrue(identities._bind_visitor("t1", ann, 40))
        self.assertTrue(identities._bind_visitor("t1", ann, 90))
        self.assertTrue(identities._bind_visitor("t1", ann, 10))
        row = identities.search([("kind", "=", "visitor"), ("value", "=", "t1")])
        self.assertEqual((row.person_id, row.confidence), (ann, 90))
        self.assertFalse(identities._bind_visitor("t1", bob, 100), "he gets a new token")
        self.assertEqual(identities._find_visitor("t1", self.pumps), ann)
        self.assertFalse(identities._find_visitor("t1", self.filters))
        self.env["nurture.merge"]._merge(bob, ann, "manual")
        self.assertEqual(identities._find_visitor("t1", self.pumps), bob)

    def _one_company(self):
        return patch.object(
            type(self.env["nurture.person"]), "_home_company_id", lambda self: self.env.company.id
        )
