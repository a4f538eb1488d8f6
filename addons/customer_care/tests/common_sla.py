"""A team with its own hours: Monday to Friday, 8 to 12 and 13 to 17, UTC; all of June 2026."""
from datetime import datetime

from odoo import Command
from odoo.tests import freeze_time

from .common_case import CaseCommon


def june(day: int, hour: float = 9.0) -> datetime:
    """A moment of June 2026; the 1st, 8th, 15th and 22nd are Mondays."""
    return datetime(2026, 6, day, int(hour), round(60 * (hour % 1)))


class SlaCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("House hours", "UTC")
        cls.leader = cls._create_user("case_leader", "customer_care.group_customer_care_manager")
        cls.team.write({"resource_calendar_id": cls.calendar.id, "leader_id": cls.leader.id})
        cls.policies = cls.env["care.sla"].sudo()
        cls.escalations = cls.env["care.case.escalation"].sudo()

    @classmethod
    def _create_calendar(cls, name, tz):
        return cls.env["resource.calendar"].sudo().create({
            "name": name, "tz": tz, "company_id": cls.company.id,
            "attendance_ids": [Command.clear(), *(
                Command.create({"name": f"{day} {part}", "dayofweek": str(day),
                                "hour_from": begin, "hour_to": end, "day_period": part})
                for day in range(5)
                for part, begin, end in (("morning", 8, 12), ("afternoon", 13, 17)))]})

    @classmethod
    def _promise(cls, reply=2.0, resolve=8.0, **values):
        return cls.policies.create({
            "name": "Promise", "company_id": cls.company.id, "reply_within": reply,
            "resolve_within": resolve, **values})

    @classmethod
    def _choices(cls, *values):
        """Kinds and severities as a service level names them."""
        return [Command.set(
            cls.env["care.choice"].search([("value", "in", values)]).ids)]

    def _open_at(self, moment, **values):
        with freeze_time(moment):
            return self._open_case(channel="email", **values).sudo()

    def _at(self, moment, case, deed, *args):
        """Somebody of the team does something at a moment."""
        with freeze_time(moment):
            getattr(case.with_user(self.agent), deed)(*args)
        case.invalidate_recordset()

    def _answer(self, moment, case):
        with freeze_time(moment):
            case._add_contact("out", "email", moment, user=self.agent)

    def _wait(self, moment, case):
        self._at(moment, case, "_move_to", "waiting")

    def _go_on(self, moment, case):
        self._at(moment, case, "_move_to", "open")

    def _resolve(self, moment, case):
        self._at(moment, case, "action_resolve")

    def assertState(self, moment, case, reply=None, resolution=None):
        """Read, searched and grouped, the state is the same."""
        with freeze_time(moment):
            case.invalidate_recordset(["reply_state", "sla_state"])
            for name, state in (("reply_state", reply), ("sla_state", resolution)):
                if state is None:
                    continue
                self.assertEqual(case[name], state, name)
                self.assertTrue(self.cases.search([("id", "=", case.id), (name, "=", state)]))
                self.assertEqual(
                    self.cases._read_group([("id", "=", case.id)], [name]), [(state,)])
