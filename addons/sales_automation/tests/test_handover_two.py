"""Two people at the same leaver, on two connections (SA-9)."""

from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase
from odoo.tools import mute_logger
from psycopg2 import IntegrityError, OperationalError


class TestTwoManagers(TransactionCase):
    """Two managers at once, on two real connections: what one moves, the other does not."""

    def setUp(self):
        super().setUp()
        with self._connect() as env:
            make = env["res.users"].with_context(no_reset_password=True).create
            group = env.ref("sales_team.group_sale_salesman").ids
            users = [
                make({"name": name, "login": f"sa_two_{name}", "email": f"{name}@example.com",
                      "group_ids": [fields.Command.set(group)]})
                for name in ("leaver", "one", "other")]
            self.user_ids = [user.id for user in users]
            deals = env["crm.lead"].create([
                {"name": f"Deal {n}", "type": "opportunity", "user_id": users[0].id}
                for n in range(5)])
            self.deal_ids = deals.ids
            self.handover_id = env["sales.handover"].create({
                "from_user_id": users[0].id, "distribution": "one", "to_user_id": users[1].id}).id
        self.addCleanup(self._remove)

    @contextmanager
    def _connect(self):
        """An environment on a connection of its own, that is committed at the end."""
        with db_connect(self.env.cr.dbname).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _remove(self):
        with self._connect() as env:
            env["sales.handover"].browse(self.handover_id).line_ids.unlink()
            env["sales.handover"].browse(self.handover_id).write({"state": "cancelled"})
            env["sales.handover"].browse(self.handover_id).unlink()
            env["crm.lead"].browse(self.deal_ids).unlink()
            env["res.users"].browse(self.user_ids).unlink()

    @mute_logger("odoo.sql_db")
    def test_the_second_gets_a_sentence(self):  # SA-9
        connect = db_connect(self.env.cr.dbname).cursor
        with connect() as first, connect() as second:
            mine = api.Environment(first, SUPERUSER_ID, {})["sales.handover"].browse(
                self.handover_id)
            theirs = api.Environment(second, SUPERUSER_ID, {})["sales.handover"].browse(
                self.handover_id)
            self.assertEqual(theirs.state, "draft", "both look at the same preview")
            mine.action_run()
            with self.assertRaisesRegex(UserError, "Somebody else is working"):
                theirs.action_run()
            first.commit()
            # The framework repeats a call that another one overtook.
            with self.assertRaises(OperationalError):
                theirs.action_run()
            second.rollback()
            theirs.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "already: Done"):
                theirs.action_run()
        with self._connect() as env:
            deals = env["crm.lead"].browse(self.deal_ids)
            self.assertEqual(deals.user_id.ids, [self.user_ids[1]])
            stays = env["sales.stage.history"].search([("lead_id", "in", deals.ids)])
            self.assertEqual(len(stays), 5, "no stay was added")
            self.assertEqual(stays.user_id.ids, [self.user_ids[1]])
            notes = env["mail.notification"].search([
                ("res_partner_id", "=", deals.user_id.partner_id.id)])
            self.assertEqual(len(notes), 1)

    @mute_logger("odoo.sql_db")
    def test_two_archive_at_once(self):  # SA-9: by two calls; nothing moves twice, nobody stays
        connect = db_connect(self.env.cr.dbname).cursor
        with connect() as first, connect() as second:
            mine, theirs = (
                api.Environment(cr, SUPERUSER_ID, {})["res.users"].browse(self.user_ids[0])
                for cr in (first, second))
            self.assertTrue(mine.active and theirs.active, "both look at the same list")
            mine.active = False
            self.assertTrue(mine.env["crm.lead"].browse(self.deal_ids).user_id.active)
            first.commit()
            with self.assertRaises(OperationalError):  # the framework repeats the call
                theirs.active = False
                theirs.env.flush_all()
            second.rollback()
            theirs.env.invalidate_all()
            theirs.active = False
            second.commit()
        with self._connect() as env:
            handovers = env["sales.handover"].search([("from_user_id", "=", self.user_ids[0])])
            self.assertEqual(handovers.ids, [self.handover_id], "whom the draft had chosen")
            self.assertEqual(len(handovers.line_ids.filtered(
                lambda line: line.kind == "deal" and line.state == "moved")), 5)
            deals = env["crm.lead"].browse(self.deal_ids)
            self.assertEqual(deals.user_id.ids, [self.user_ids[1]])

    @mute_logger("odoo.sql_db")
    def test_two_plans_for_one_leaver_meet(self):  # SA-9
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["sales.handover"].create({
                "from_user_id": self.user_ids[0], "distribution": "leader"})
        user = self.env["res.users"].browse(self.user_ids[0])
        action = user.action_hand_over()
        self.assertEqual(action["res_id"], self.handover_id, "the button opens the one there is")
