"""Two cases about one matter become one, and one about two becomes two."""
from datetime import datetime, timedelta
from email import message_from_string

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_case import CaseCommon

START = datetime(2026, 3, 2, 9, 0)


@tagged("post_install", "-at_install")
class TestCaseMerge(CaseCommon):

    def _at(self, hours, **values):
        with freeze_time(START + timedelta(hours=hours)):
            return self._open_case(**{"channel": "email", **values})

    def _says(self, case, hours, text, user=None, **values):
        with freeze_time(START + timedelta(hours=hours)):
            return case.with_user(user or self.env.ref("base.user_root")).message_post(
                body=text, message_type="comment" if user else "email",
                subtype_xmlid="mail.mt_comment",
                author_id=(user.partner_id if user else case.partner_id).id, **values)

    def _merge(self, cases, survivor, user=None, **values):
        wizard = self.env["care.case.merge"].with_user(user or self.agent).create({
            "case_ids": [Command.set(cases.ids)], "survivor_id": survivor.id, **values})
        with freeze_time(START + timedelta(hours=50)):
            return wizard.action_apply()

    def test_all_that_was_said_goes_over(self):  # CC-3
        kept = self._at(5, severity="2")
        other = self._at(0, severity="3", product_id=self.product_a.id)
        word = self._says(other, 1, "It leaks.", attachments=[("leak.txt", b"wet")])
        self._says(other, 2, "We look at it.", user=self.agent)
        other.with_user(self.agent).activity_schedule(
            "mail.mail_activity_data_todo", summary="Call", user_id=self.agent.id)
        reader = self._create_customer("Reader", email="reader@example.com")
        other.message_subscribe(reader.ids)
        feedback = self.env["care.feedback"].sudo().create({
            "metric": "csat", "value": 4, "band": "good", "scale_min": 1, "scale_max": 5,
            "responded_at": START, "company_id": self.company.id, "case_id": other.id,
            "partner_id": self.writer.id})
        self._merge(kept | other, kept)
        self.assertEqual((other.stage_kind, other.close_reason, other.parent_id),
                         ("closed", "merged", kept))
        self.assertFalse(other.resolved_at, "merging settles nothing")
        self.assertEqual(kept.merged_ids, other)
        self.assertEqual(kept.opened_at, START)
        self.assertEqual(kept.first_response_at, START + timedelta(hours=2))
        self.assertEqual((kept.severity, kept.product_id), ("3", self.product_a))
        self.assertEqual(
            kept.contact_ids.sorted("at").mapped("direction"), ["in", "in", "out", "in"])
        self.assertFalse(other.contact_ids)
        self.assertIn(word, kept.message_ids)
        self.assertEqual(word.attachment_ids.res_id, kept.id)
        self.assertEqual(kept.activity_ids.summary, "Call")
        self.assertIn(reader, kept.message_partner_ids)
        self.assertEqual(feedback.case_id, kept)
        self.assertIn(other.number, "".join(kept.message_ids.mapped("body")))
        self.assertIn(kept.number, "".join(other.message_ids.mapped("body")))

    def test_the_oldest_goes_on_unless_somebody_chooses(self):  # CC-3
        late, early = self._at(5), self._at(0)
        action = (late | early).with_user(self.agent).action_merge()
        wizard = self.env["care.case.merge"].with_user(self.agent).with_context(
            **action["context"])
        self.assertEqual(Form(wizard).save().survivor_id, early)
        single = wizard.with_context(default_case_ids=late.ids)
        self.assertEqual(Form(single).save().survivor_id, early, "the customer's other open case")

    def test_of_two_opened_at_one_moment_the_first_goes_on(self):  # CC-3
        first, second, later = self._at(0), self._at(0), self._at(5)
        self.env.flush_all()
        first.name = "Written last"
        wizard = self.env["care.case.merge"].with_user(self.agent).with_context(
            **(second | first).with_user(self.agent).action_merge()["context"])
        self.assertEqual(Form(wizard).save().survivor_id, first)
        single = wizard.with_context(default_case_ids=later.ids)
        self.assertEqual(Form(single).save().survivor_id, first)

    def test_a_waiting_customer_is_not_lost_in_a_resolved_case(self):  # CC-3, CC-7
        kept, other = self._at(0), self._at(5)
        with freeze_time(START + timedelta(hours=1)):
            kept.with_user(self.agent).action_resolve()
        self._merge(other, kept)
        self.assertEqual((kept.stage_kind, kept.reopen_count), ("open", 1))
        self.assertEqual(kept.resolved_at, START + timedelta(hours=1))

    def test_a_word_to_a_merged_case_lands_in_the_one_that_goes_on(self):  # CC-3
        kept, other, third = self._at(0), self._at(1), self._at(2)
        self._merge(other, kept)
        self._merge(kept, third)
        self.assertEqual(other.parent_id, third)
        word = self._says(other, 60, "Any news?")
        self.assertIn(word, third.message_ids)
        self.assertIn(word, third.contact_ids.message_id)
        self.assertEqual(other.stage_kind, "closed")
        number = f"Re: [{other.number}] The grinder stopped"
        case = self.cases._route_mail(
            message_from_string("Subject: x"),
            {"subject": number, "email_from": "writer@example.com"},
            ("care.case", False, {}, self.env.uid, None))
        self.assertEqual(case[1], third.id)

    def test_a_merged_case_stays_merged(self):  # CC-3
        kept, other = self._at(0), self._at(1)
        self._merge(other, kept)
        with self.assertRaisesRegex(UserError, "merged into"):
            other.with_user(self.agent).action_reopen()
        with self.assertRaisesRegex(UserError, "is merged into"):
            self._merge(kept, other)

    def test_other_customers_need_a_word(self):  # CC-3
        kept = self._at(0)
        other = self._at(1, partner=self._create_customer("Somebody else"))
        with self.assertRaisesRegex(UserError, "different customers"):
            self._merge(other, kept)
        self._merge(other, kept, is_confirmed=True)
        self.assertEqual(other.parent_id, kept)

    def test_companies_are_never_mixed(self):  # CC-3
        house = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        team = self.env["care.team"].sudo().create({"name": "There", "company_id": house.id})
        kept = self._at(0)
        foreign = self.cases.create({
            "name": "There", "company_id": house.id, "team_id": team.id, "channel": "email"})
        with self.assertRaisesRegex(UserError, "different companies"):
            foreign.sudo()._merge_into(kept.sudo())
        with self.assertRaises(AccessError):
            self._merge(foreign, kept)
        self.assertFalse(self.cases.with_user(self.agent).search([("id", "=", foreign.id)]))

    def test_a_salesperson_sees_the_cases_of_his_customers(self):  # CC-1
        seller = self._create_user("case_own", "sales_team.group_sale_salesman")
        mine, foreign = self._at(0), self._at(0, partner=self._create_customer("Not mine"))
        self.writer.user_id = seller
        foreign.commercial_partner_id.sudo().user_id = self.agent
        self.env.flush_all()
        self.assertEqual(
            self.cases.with_user(seller).search([("id", "in", (mine | foreign).ids)]), mine)

    def test_a_salesperson_merges_nothing(self):  # CC-3
        seller = self._create_user("case_seller", "sales_team.group_sale_salesman_all_leads")
        kept, other = self._at(0), self._at(1)
        with self.assertRaises(AccessError):
            other.with_user(seller).action_merge()
        with self.assertRaises(AccessError):
            other.with_user(seller)._merge_into(kept.with_user(seller))

    def test_a_duplicate_keeps_its_words_and_counts_nowhere(self):  # CC-3, CC-6
        original, copy = self._at(0), self._at(1)
        self._merge(copy, original, mode="duplicate")
        self.assertEqual((copy.stage_kind, copy.close_reason, copy.fcr_state),
                         ("closed", "duplicate", "excluded"))
        self.assertEqual(len(copy.contact_ids), 1)
        word = self._says(copy, 60, "Any news?")
        self.assertIn(word, original.message_ids, "the customer is heard where it goes on")
        copy.with_user(self.agent).action_reopen()
        self.assertFalse(copy.duplicate_of_id)
        self.assertFalse(copy.close_reason)

    def test_two_matters_in_one_case(self):  # CC-3
        case = self._at(0)
        first = self._says(case, 1, "It leaks.")
        second = self._says(case, 3, "And my invoice is wrong.",
                            attachments=[("invoice.txt", b"12")])
        reply = self._says(case, 4, "The invoice is right.", user=self.agent)
        wizard = self.env["care.case.split"].with_user(self.agent).create({
            "case_id": case.id, "name": "Invoice"})
        self.assertEqual(wizard.line_ids.message_id, reply | second | first)
        with self.assertRaisesRegex(UserError, "Choose the messages"):
            wizard.action_split()
        wizard.line_ids.filtered(
            lambda line: line.message_id in second | reply).is_chosen = True
        new = self.cases.browse(wizard.action_split()["res_id"])
        self.assertEqual((new.name, new.partner_id, new.team_id),
                         ("Invoice", self.writer, self.team))
        self.assertEqual(new.opened_at, START + timedelta(hours=3))
        self.assertEqual(new.first_response_at, START + timedelta(hours=4))
        self.assertEqual(new.contact_ids.sorted("at").mapped("direction"), ["in", "out"])
        self.assertEqual(second.attachment_ids.res_id, new.id)
        self.assertIn(first, case.message_ids)
        self.assertFalse(case.first_response_at, "that reply was about the other matter")
        self.assertEqual(case.last_inbound_at, START + timedelta(hours=1))

    def test_a_split_begins_with_what_was_said_first_in_one_moment(self):  # CC-3
        case = self._at(0)
        words = self._says(case, 1, "It leaks.") | self._says(case, 1, "And it smells.")
        self.env.invalidate_all()
        new = case.with_user(self.agent)._split(words, {})
        self.assertIn("It leaks.", new.description)

    def test_something_stays_behind(self):  # CC-3
        case = self.cases.with_context(care_by_mail=True).create({
            "name": "By mail", "partner_id": self.writer.id, "team_id": self.team.id,
            "company_id": self.company.id, "channel": "email"})
        only = self._says(case, 1, "It leaks.")
        with self.assertRaisesRegex(UserError, "stays here"):
            case.with_user(self.agent)._split(only, {})
        other = self._says(self._at(2), 3, "Not of this case.")
        with self.assertRaisesRegex(UserError, "of this case"):
            case.with_user(self.agent)._split(other, {})
