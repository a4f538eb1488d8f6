"""What a customer, or who only reads, reaches by RPC and by core's own addresses."""
import inspect

from odoo.addons.customer_care.models import care_case_portal_door
from odoo.addons.customer_care.models.care_case_portal import MOST_REOPENED
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40
#: What is there for whoever reads the case, and what closes a dialog.
HARMLESS = {("care.case", "get_beside"), ("care.case", "message_post"),
            ("care.voice", "action_save"), ("care.health.override", "action_close")}


@tagged("post_install", "-at_install")
class TestDoors(CaseCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = cls._create_portal_user("door_writer")
        cls.case = cls._open_case(channel="email")
        cls.case.sudo()._portal_ensure_token()

    def _customer(self):
        return self.env(user=self.portal_user, su=False)

    # ---- fields ---------------------------------------------------------------------------------

    def test_customers_read_no_field_that_we_add(self):  # ALL-4, CC-20
        """Of every model that they may read at all, by what the running system says."""
        env = self._customer()
        opened = [
            f"{name}.{field.name}" for name, model in self.env.items()
            if not model._abstract and not name.startswith("care.")
            and env[name].has_access("read")
            for field in model._fields.values()
            if set(field._modules) == {"customer_care"} and field.name in env[name].fields_get()]
        self.assertEqual(opened, [])

    def test_a_customer_lists_his_cases_by_rpc(self):  # CC-20
        later = self._open_case(name="Another matter")
        self.env["care.case"].flush_model()
        found = call_kw(self._customer()["care.case"], "search_read", [[]], {})
        self.assertEqual([row["id"] for row in found], [later.id, self.case.id])
        self.assertNotIn("severity", found[0])
        self.assertEqual(call_kw(self._customer()["care.case"], "search_count", [[]], {}), 2)
        with self.assertRaises(AccessError):
            call_kw(self._customer()["care.case"], "search_read", [[], ["name"]], {
                "order": "severity"})

    # ---- methods --------------------------------------------------------------------------------

    def _deeds(self, name):
        """Public methods of a model that are ours alone, with arguments that fit."""
        model = self.env.registry[name]
        for deed in dir(model):
            homes = [one for one in model.mro() if deed in one.__dict__]
            if deed.startswith("_") or deed in model._fields or not homes or not all(
                    getattr(one, "_module", None) == "customer_care" for one in homes):
                continue
            method = getattr(model, deed)
            if callable(method) and not getattr(method, "_api_private", False):
                wanted = [one for one in list(inspect.signature(method).parameters.values())[1:]
                          if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
                record = [] if getattr(method, "_api_model", False) else [[1]]
                yield deed, record, [{} if one.name == "vals" else "spam" for one in wanted]

    def _not_refused(self, env, name, ids):
        done = set()
        for deed, record, words in self._deeds(name):
            try:
                with self.env.cr.savepoint():
                    answer = call_kw(env[name], deed, [*([ids] if record else []), *words], {})
                    window = answer and answer.get("type") == "ir.actions.act_window"
                    if not (window and deed.startswith("action_open_")):
                        done.add((name, deed))  # a window shows what its rules let him see
            except AccessError:
                continue
            except Exception as error:  # whatever comes before the question of rights is a hole
                done.add((name, deed, type(error).__name__))
        return done

    def test_a_customer_does_nothing_by_rpc(self):  # ALL-4, CC-20
        """Each public method asks for rights before it does anything."""
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.writer.id, "company_id": self.company.id, "state": "sent"})
        order.message_subscribe(self.writer.ids)
        invoice = self.env["account.move"].sudo().create({
            "move_type": "out_invoice", "partner_id": self.writer.id,
            "company_id": self.company.id})
        his = {"care.case": self.case.ids, "sale.order": order.ids,
               "res.partner": self.writer.ids, "account.move": invoice.ids}
        names = [name for name in self.env.registry
                 if name.startswith("care.") or name in ("sale.order", "res.partner",
                                                         "account.move", "product.template")]
        done = set()
        for name in names:
            if not self.env[name]._abstract or name in ("care.dashboard", "care.board"):
                done |= self._not_refused(self._customer(), name, his.get(name, [1]))
        self.assertEqual(done - HARMLESS, set())

    def test_who_only_reads_a_case_changes_nothing(self):  # ALL-4, CC-3
        seller = self._create_user("door_seller", "sales_team.group_sale_salesman")
        env = self.env(user=seller, su=False)
        for kind in ("open", "resolved", "closed"):
            self.case.sudo()._move_to(kind)
            done = self._not_refused(env, "care.case", self.case.ids)
            self.assertEqual(done - HARMLESS, set(), kind)

    # ---- core's own address for messages --------------------------------------------------------

    def _say(self, body, files=(), kind="comment"):
        self.env.flush_all()
        answer = self.url_open("/mail/message/post", json={"params": {
            "thread_model": "care.case", "thread_id": self.case.id,
            "token": self.case.sudo().access_token,
            "post_data": {
                "body": body, "message_type": kind, "subtype_xmlid": "mail.mt_comment",
                "attachment_ids": [file["id"] for file in files],
                "attachment_tokens": [file["token"] for file in files]}}}).json()
        self.env.invalidate_all()
        return answer

    def _upload(self, name, data):
        """A file that came by some other address than the one for cases."""
        stranger = self.env.ref("base.public_user")
        file = self.env["ir.attachment"].with_user(stranger).sudo().create({
            "name": name, "raw": data, "res_model": "mail.compose.message", "res_id": 0})
        return {"id": file.id, "token": file._get_ownership_token()}

    def test_the_message_box_opens_a_case_again_five_times_a_day(self):  # CC-20, CC-7
        self.authenticate(None, None)
        for number in range(MOST_REOPENED):
            self.case.action_resolve()
            self.assertNotIn("error", self._say(f"It leaks again, number {number}"))
            self.assertEqual(self.case.stage_kind, "open")
        self.case.action_resolve()
        said = len(self.case.message_ids)
        self.assertIn("error", self._say("It leaks once more"))
        for kind in ("email", "notification"):
            self.assertIn("error", self._say("It leaks once more", kind=kind), kind)
        self.assertEqual((self.case.stage_kind, len(self.case.message_ids)), ("resolved", said))
        self.assertNotIn("error", self._say("Thank you"), "a word that asks for nothing may stand")
        self.case.action_reopen()
        self.assertNotIn("error", self._say("Now it is open"), "an agent opened it")

    def test_a_flood_of_messages_is_refused(self):  # CC-20
        self.authenticate("door_writer", "door_writer")
        most = care_case_portal_door.MOST_WORDS
        answers = [self._say(f"Word {number}") for number in range(most + 1)]
        self.assertEqual(["error" in answer for answer in answers], [False] * most + [True])

    def test_files_of_the_message_box_are_few_small_and_what_they_say(self):  # CC-20
        self.authenticate(None, None)
        wet = self._upload("wet.png", PNG)
        for name, data in (("page.html", b"<script>alert(1)</script>"), ("run.exe", b"MZ\x90\x00"),
                           ("fake.png", b"<html><script>alert(1)</script></html>"),
                           ("large.txt", b"beans " * 900_000)):
            self.assertIn("error", self._say("See the file", [self._upload(name, data)]), name)
        more = [self._upload(f"{number}.png", PNG) for number in range(3)]
        self.assertIn("error", self._say("All of them", [wet, *more]))
        self.assertFalse(self.case.message_ids.attachment_ids)
        self.assertNotIn("error", self._say("The picture", [wet]))
        self.assertEqual(self.case.message_ids.attachment_ids.mapped("name"), ["wet.png"])

    def test_a_colleague_sends_what_he_likes(self):  # CC-3
        files = self.env["ir.attachment"].with_user(self.agent).create([
            {"name": f"manual{number}.zip", "raw": b"PK\x03\x04", "res_id": 0,
             "res_model": "mail.compose.message"} for number in range(4)])
        self.case.message_post(
            body="The manuals", message_type="comment", subtype_xmlid="mail.mt_comment",
            attachment_ids=files.ids)
        self.assertEqual(len(self.case.message_ids.attachment_ids), 4)

    # ---- addresses ------------------------------------------------------------------------------

    def test_an_address_that_no_database_takes_is_nowhere(self):  # RELIABILITY 3
        with self.assertNoLogs("odoo.http", "ERROR"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            for path in ("/care/ask/stop/oneclick/%00", "/my/cases/page/a%00b", "/a%00"):
                for method in ("GET", "HEAD", "POST"):
                    answer = self.url_open(path, method=method)
                    self.assertEqual(answer.status_code, 404, (method, path))
