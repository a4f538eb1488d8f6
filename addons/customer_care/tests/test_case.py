from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCase(CaseCommon):

    def test_a_case_by_phone_is_answered_at_once(self):  # CC-3
        case = self._open_case(channel="phone")
        self.assertEqual(case.stage_kind, "new")
        self.assertTrue(case.number)
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
        self.assertEqual(case.first_response_at, case.opened_at)

    def test_the_first_resolution_stays(self):  # CC-7
        case = self._open_case()
        case.action_take()
        case.action_resolve()
        first = case.resolved_at
        self.assertEqual(case.resolver_id, self.agent)
        case.action_reopen()
        case.action_resolve()
        self.assertEqual((case.resolved_at, case.reopen_count), (first, 1))

    def test_a_mail_opens_a_case_and_its_answer_joins_it(self):  # CC-3
        mail = (
            "From: Writer <writer@example.com>\nTo: beans-service@{domain}\nSubject: It leaks\n"
            "Message-Id: <{id}@example.com>\n{more}Content-Type: text/plain\n\nWater everywhere.\n")
        domain = self.team.alias_domain or "example.org"
        threads = self.env["mail.thread"].sudo()
        found = threads.message_process(
            "care.case", mail.format(domain=domain, id="first", more=""),
            custom_values={"team_id": self.team.id, "company_id": self.company.id})
        case = self.cases.browse(found)
        self.assertEqual((case.partner_id, case.name), (self.writer, "It leaks"))
        case.with_user(self.agent).message_post(
            body="On our way.", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertTrue(case.first_response_at)
        again = threads.message_process(
            "care.case", mail.format(
                domain=domain, id="second", more="In-Reply-To: <first@example.com>\n"))
        self.assertEqual(again, found)
        self.assertEqual(
            case.contact_ids.sorted("id").mapped("direction"), ["in", "out", "in"])
