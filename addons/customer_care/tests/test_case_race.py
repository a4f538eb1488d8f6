"""The customer writes while an agent resolves: two real connections."""
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError


@tagged("post_install", "-at_install")
class TestCaseRace(TransactionCase):

    def setUp(self):
        super().setUp()
        with self._connect() as env:
            writer = env["res.partner"].create({"name": "Racer", "email": "racer@example.com"})
            team = env["care.team"].create({"name": "Race", "company_id": env.company.id})
            case = env["care.case"].create({
                "name": "The grinder stopped", "partner_id": writer.id, "team_id": team.id,
                "channel": "phone"})
            self.writer_id, self.team_id, self.case_id = writer.id, team.id, case.id
        self.addCleanup(self._remove)

    @contextmanager
    def _connect(self):
        """An environment on a connection of its own, that is committed at the end."""
        with db_connect(self.env.cr.dbname).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _remove(self):
        with self._connect() as env:
            env["care.case"].browse(self.case_id).unlink()
            env["care.team"].browse(self.team_id).unlink()
            env["res.partner"].browse(self.writer_id).unlink()

    def _case(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})["care.case"].browse(self.case_id)

    def _write(self, case):
        case.message_post(
            body="It stopped again", author_id=self.writer_id, message_type="email",
            subtype_xmlid="mail.mt_comment")
        case.env.flush_all()

    def _resolve(self, case):
        """As the form does: it says which word of the customer stands on it."""
        case.with_context(care_seen=self.seen).action_resolve()
        case.env.flush_all()

    def _look(self, case):
        self.seen = fields.Datetime.to_string(case.last_inbound_at)
        return case.stage_kind

    def _now(self):
        with self._connect() as env:
            case = env["care.case"].browse(self.case_id)
            words = case.message_ids.filtered(lambda word: word.author_id.id == self.writer_id)
            return (case.stage_kind, len(words), len(case.contact_ids), case.reopen_count)

    @mute_logger("odoo.sql_db")
    def test_a_mail_that_comes_first_is_read_before_the_case_is_resolved(self):  # CC-3, CC-7
        connect = db_connect(self.env.cr.dbname).cursor
        with connect() as gateway, connect() as agent:
            mine = self._case(agent)
            self.assertEqual(self._look(mine), "new")
            self.seen = "2020-01-01 00:00:00"  # clocks of a test have whole seconds only
            self._write(self._case(gateway))
            gateway.commit()
            with self.assertRaises(OperationalError):  # the framework repeats the click
                self._resolve(mine)
            agent.rollback()
            mine.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "wrote in the meantime"):
                self._resolve(mine)
        self.assertEqual(self._now(), ("new", 1, 2, 0))

    @mute_logger("odoo.sql_db")
    def test_a_mail_that_comes_second_opens_the_case_again(self):  # CC-3, CC-7
        connect = db_connect(self.env.cr.dbname).cursor
        with connect() as gateway, connect() as agent:
            theirs, mine = self._case(gateway), self._case(agent)
            self.assertEqual((self._look(mine), theirs.stage_kind), ("new", "new"))
            self._resolve(mine)
            agent.commit()
            with self.assertRaises(OperationalError):  # the gateway repeats the mail
                self._write(theirs)
            gateway.rollback()
            theirs.env.invalidate_all()
            self._write(theirs)
            gateway.commit()
        self.assertEqual(self._now(), ("open", 1, 2, 1))
