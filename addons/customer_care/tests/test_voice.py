"""What customers say of products, once each (CC-17)."""
from freezegun import freeze_time
from markupsafe import Markup
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from psycopg2.errors import SerializationFailure

from .common import NOW, TODAY, days_ago
from .common_voice import LOT, VoiceCommon


@tagged("post_install", "-at_install")
class TestVoice(VoiceCommon):

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))

    def test_a_case_about_a_product_is_heard_once_and_followed(self):  # CC-17
        case = self._complain(3, "It leaks", description="<p>Water on the floor</p>")
        voice = self._said_in(case)
        self.assertEqual(
            (voice.kind, voice.product_id, voice.lot_name, voice.said_on, voice.partner_id),
            ("complaint", self.machine, LOT, days_ago(3), self.writer))
        self.assertIn("Water on the floor", voice.text)
        case.write({"kind": "defect", "lot_name": " L2 "})
        self.assertEqual((voice.kind, voice.lot_name), ("defect", "L2"))
        case.kind = "question"  # says nothing of a product any more
        self.assertEqual((voice.active, voice.withdrawn_reason), (False, "moot"))
        case.kind = "return"
        self.assertEqual((voice.active, voice.kind), (True, "complaint"))

    def test_what_is_no_case_does_not_count(self):  # CC-17
        for reason in ("spam", "cancelled", "merged", "duplicate"):
            case = self._complain()
            case._close(reason)
            voice = self._said_in(case)
            self.assertEqual((voice.active, voice.withdrawn_reason), (False, reason))
        solved = self._complain()
        solved._close("solved")
        self.assertTrue(self._said_in(solved).active)

    def test_a_question_is_no_voice_unless_it_speaks_of_danger(self):  # CC-17
        self.assertFalse(self._said_in(self._complain(kind="question")))
        case = self._complain(kind="question", text="Is SMOKE from it normal?")
        voice = self._said_in(case)
        self.assertEqual((voice.kind, voice.is_safety, voice.safety_words),
                         ("complaint", True, "smoke"))

    def test_danger_in_a_later_mail_and_not_in_what_it_quotes(self):  # CC-17
        case = self._complain(text="It hums", channel="email")
        post = {"message_type": "email", "subtype_xmlid": "mail.mt_comment",
                "author_id": self.writer.id}
        case.message_post(body=Markup(
            'It hums. <div data-o-mail-quote="1">Can it burn?</div>'), **post)
        self.assertFalse(self._said_in(case).is_safety)
        case.message_post(body="Now my hand is burned!", **post)
        self.assertEqual(self._said_in(case).safety_words, "burned")

    def test_the_company_adds_its_own_word(self):  # CC-17
        second = self.setup_other_company(name="Second House")["company"]
        words = self.env["care.safety.word"].sudo()
        words.create({"name": "Zisch*", "lang": "other", "company_id": self.company.id})
        self.assertEqual(words._find(self.company, "es zischte"), ["zischte"])
        self.assertFalse(words._find(second, "es zischte"))

    def test_the_night_hears_what_came_another_way(self):  # CC-17
        case = self._complain(2)
        voice = self._said_in(case)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM care_voice WHERE id = %s", [voice.id])
        self.env.invalidate_all()
        self._night_of_voices()
        voice = self._said_in(case)
        self.assertTrue(voice)
        heard = voice.heard_at
        self._night_of_voices()  # nothing changed: it is not read again
        self.assertEqual(self._said_in(case).heard_at, heard)

    def test_told_by_hand_in_the_quick_dialog(self):  # CC-17
        seller = self.env["care.voice"].with_user(self.seller).sudo(False)
        action = self.machine.with_user(self.seller).action_hear_voice()
        form = Form(seller.with_context(**action["context"]),
                    "customer_care.care_voice_view_form_quick")
        form.text = "The lid should be green"
        voice = form.save()
        self.assertEqual((voice.product_id, voice.kind, voice.source, voice.said_on, voice.user_id),
                         (self.machine, "wish", "note", TODAY, self.seller))
        voice.text = "The lid should be blue"
        with self.assertRaises(AccessError):
            voice.source = "case"
        with self.assertRaises(AccessError):
            seller.create({"text": "x", "case_id": self._complain().id})
        voice.action_withdraw()
        self.assertEqual((voice.active, voice.withdrawn_reason), (False, "hand"))

    def test_nobody_changes_what_was_gathered(self):  # ALL-4
        voice = self._said_in(self._complain())
        for user in (self.agent, self.seller):
            with self.assertRaises(AccessError):
                voice.with_user(user).sudo(False).text = "All is well"
            with self.assertRaises(AccessError):
                voice.with_user(user).sudo(False).unlink()
        with self.assertRaises(AccessError):
            voice.with_user(self.owner).sudo(False).read(["text"])

    def test_a_case_is_saved_when_hearing_fails(self):  # CC-17
        def broken(*args):
            raise ValueError("broken")

        self.patch(type(self.env["care.safety.word"]), "_known", broken)
        with self.assertLogs("odoo.addons.customer_care.models.conflicts", "ERROR"):
            case = self._complain()
        self.assertTrue(case.exists())
        self.assertFalse(self._said_in(case))

    def test_a_fetched_mail_is_kept_though_somebody_was_faster(self):  # CC-17, CC-3
        """A request begins again; a mail whose work was undone is never fetched again."""
        def conflicted(*args):
            raise SerializationFailure("somebody was faster")

        self.patch(type(self.voices), "_keep_cases", conflicted)
        with self.assertRaises(SerializationFailure), self.env.cr.savepoint():
            self._complain()
        server = self.env["fetchmail.server"].create({"name": "Desk"})
        with self.assertLogs("odoo.addons.customer_care.models.conflicts", "ERROR"):
            case = self.env["care.case"].sudo().with_context(
                default_fetchmail_server_id=server.id).create({
                    "name": "It leaks", "kind": "complaint", "product_id": self.machine.id})
        self.assertTrue(case.exists())

    def test_units_sold_by_month_are_net_of_returns(self):  # CC-17
        self._sell(self.writer, self.machine, 40, quantity=10)
        returned = self._sell(self._create_customer(), self.machine, 38, quantity=4)
        self._credit(returned, days_ago(2))
        self._complain()
        self._night_of_voices()
        months = self.env["care.product.month"].sudo().search(
            [("product_id", "=", self.machine.id)])
        self.assertEqual([(m.month, m.quantity, m.building) for m in months],
                         [(days_ago(40).replace(day=1), 10.0, 0.0)])
        self._night_of_voices()  # counted anew, not added
        self.assertEqual(months.quantity, 10)

    def _answer(self, value=1, **values):
        return self.env["care.feedback"]._record({
            "metric": "nps", "value": value, "comment": "The lid broke",
            "partner_id": self.writer.id, "company_id": self.company.id,
            "responded_at": NOW, **values})

    def _said(self, answer):
        return self.voices.with_context(active_test=False).search([
            ("source", "=", "feedback"), ("source_ref", "=", answer.id)])

    def test_a_comment_of_a_survey_is_heard_with_its_product(self):  # CC-8, CC-17
        answer = self._answer(product_id=self.machine.id)
        voice = self._said(answer)
        self.assertEqual((voice.kind, voice.text, voice.product_id, voice.said_on),
                         ("complaint", "The lid broke", self.machine, TODAY))
        self.assertEqual(self._said(self._answer(10, product_id=self.machine.id)).kind, "praise")
        for metric, value in (("nps", 7), ("csat", 3), ("ces", 4)):
            said = self._said(self._answer(value, metric=metric, product_id=self.machine.id))
            self.assertEqual(said.kind, "remark", "who is neither glad nor sorry wishes nothing")
        self.assertFalse(self._said(self._answer(product_id=self.machine.id, comment=False)))
        self.assertFalse(self._said(self._answer()))  # of no product
        answer._set_excluded("duplicate")
        self.assertEqual((voice.active, voice.withdrawn_reason), (False, "duplicate"))

    def test_an_answer_about_a_complaint_is_not_a_second_one(self):  # CC-8, CC-17
        case = self._complain()
        self.assertFalse(self._said(self._answer(case_id=case.id)))
        self.assertTrue(self._said(self._answer(10, case_id=case.id)))
        danger = self._answer(case_id=case.id, comment="My hand is burned")
        self.assertTrue(self._said(danger).is_safety)

    def test_a_daily_note_of_sales(self):  # CC-17, SA-18
        """Runs where salespeople note what customers say; elsewhere nothing is gathered."""
        if "sales.voice" not in self.env:
            self.assertIsNone(self.voices._gather_daily(self.company, NOW, 0))
            return
        kinds = {kind: id_ for id_, kind in self.voices._get_daily_kinds().items()}
        self.assertEqual(set(kinds), {"complaint", "defect", "wish", "praise"})
        note = self.env["sales.voice"].sudo().with_company(self.company).create({
            "text": "Too loud", "type_id": kinds["complaint"], "partner_id": self.writer.id,
            "product_tmpl_id": self.machine.product_tmpl_id.id, "severity": "2",
            "heard_on": days_ago(2)})
        self.env["care.night"].sudo()._run_steps(self.company, NOW, "voices_daily")
        voice = self.voices.search([("source", "=", "daily"), ("source_ref", "=", note.id)])
        self.assertEqual((voice.kind, voice.product_id, voice.severity, voice.said_on),
                         ("complaint", self.machine, "3", days_ago(2)))

    def test_the_report_divides_sums_by_sums(self):  # CC-17
        other = self._create_machine("Other")
        self._sell(self.writer, self.machine, 20, quantity=90)
        self._sell(self.writer, other, 20, quantity=30)
        rare = self._create_machine("Rare")
        self._sell(self.writer, rare, 20, quantity=3)
        self._complain(20, product_id=rare.id, lot_name=False)
        self._complain(20)
        self._complain(20, product_id=other.id, lot_name=False)
        self._night_of_voices()
        report = self.env["care.voice.report"].sudo()
        domain = [("company_id", "=", self.company.id)]
        rates = dict(report._read_group(domain, ["product_id"], ["rate:avg"]))
        self.assertAlmostEqual(rates[self.machine], 1000 / 90, 6)
        self.assertAlmostEqual(rates[other], 1000 / 30, 6)
        self.assertFalse(rates[rare])  # n/a: three sold, one complaint would lead the list
        self.assertEqual(rare.product_tmpl_id.with_company(self.company).care_voice_rate,
                         "n/a: too few sold (3)")
        [[total, sold, said]] = report._read_group(
            domain, [], ["rate:avg", "sold:sum", "complaints:sum"])
        self.assertEqual((sold, said), (123, 3))
        self.assertAlmostEqual(total, 3000 / 123, 6)
        by_lot = dict(report._read_group(
            [*domain, ("row", "=", "voice")], ["lot_name"], ["rate:avg"]))
        self.assertFalse(by_lot[LOT])  # n/a: units are not known by lot here

    def test_many_cases_at_once_cost_as_few_queries_as_some(self):  # P
        def spent(count):
            cases = self.cases.create([{
                "name": "It leaks", "kind": "complaint", "product_id": self.machine.id,
                "partner_id": self.writer.id, "team_id": self.team.id,
                "company_id": self.company.id} for _ in range(count)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.voices._keep_cases(cases)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        spent(2)
        few, many = spent(10), spent(60)
        self.assertLessEqual(many, few + 5)
