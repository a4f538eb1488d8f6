"""The leaver of the stories: much work, in two teams, on many models."""

from datetime import timedelta

from odoo import fields
from odoo.addons.sales_automation.models.sales_handover import IN_WORK

from .common import SalesDeskCase

# What a handover may change, and must bring back.
FACTS = {
    "crm.lead": ("user_id", "team_id", "stage_id", "company_id", "date_last_stage_update",
                 "date_open", "sales_outcome", "active", "cover_for_id"),
    "mail.activity": ("user_id", "date_deadline", "activity_type_id", "active", "res_id"),
    "calendar.event": ("user_id", "partner_ids", "start"),
    "calendar.attendee": (),
    "sale.order": ("user_id", "team_id", "state"),
    "res.partner": ("user_id",),
    "crm.team.member": ("active", "assignment_optout"),
    "crm.team": ("user_id",),
    "sales.handoff": ("to_user_id", "from_user_id", "state"),
}


class HandoverCase(SalesDeskCase):
    """Lena is about to leave: in the inside team, which has a stage of its own, and the field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        cls.lena = cls._create_user("lena", "sales_team.group_sale_salesman")
        cls.otto = cls._create_user("otto", "sales_team.group_sale_salesman_all_leads")
        cls.team_field.user_id = cls.otto
        cls.env["crm.team.member"].create([
            {"user_id": cls.lena.id, "crm_team_id": team.id}
            for team in (cls.team_inside, cls.team_field)])
        cls.customers = cls.env["res.partner"].create([
            {"name": f"Customer {n}", "email": f"c{n}@example.com", "user_id": cls.lena.id}
            for n in range(5)])

    def _fill_desk(self):
        """37 open deals, 60 activities on 5 models, 4 meetings to come, 9 quotations."""
        own_stage = self._create_deals(
            17, user_id=self.lena.id, stage_id=self.stage_inside.id,
            partner_id=self.customers[0].id)
        field = self._create_deals(
            20, user_id=self.lena.id, team_id=self.team_field.id, stage_id=self.stage_offer.id,
            partner_id=self.customers[1].id)
        self.deals = own_stage | field
        self.won = self._create_deals(
            3, user_id=self.lena.id, stage_id=self.stage_won.id)
        self.lost = self._create_deals(2, user_id=self.lena.id)
        self.lost.action_set_lost(lost_reason_id=self.too_dear.id)
        self.quotes = self._create_quotes(9)
        self.meetings = self._create_meetings(4)
        self.past_meeting = self._create_meetings(1, days=-3)
        self.activities = self._create_activities()
        self._flush_tracking()

    def _create_quotes(self, count, **kw):
        return self.env["sale.order"].create([{
            "partner_id": self.customers[1].id, "user_id": self.lena.id,
            "team_id": self.team_field.id, "opportunity_id": self.deals[17 + n].id, **kw,
        } for n in range(count)])

    def _create_meetings(self, count, days=2, **kw):
        start = fields.Datetime.now() + timedelta(days=days)
        quiet = self.env["calendar.event"].with_context(
            no_mail_to_attendees=True, dont_notify=True)
        return quiet.create([{
            "name": f"Visit {n}", "start": start + timedelta(hours=n),
            "stop": start + timedelta(hours=n + 1), "user_id": self.lena.id,
            "partner_ids": [fields.Command.set(
                (self.lena.partner_id | self.customers[2]).ids)], **kw,
        } for n in range(count)])

    def _create_activities(self):
        products = self.env["product.template"].create([{"name": "Mill"}, {"name": "Saw"}])
        lists = self.env["product.pricelist"].create([{"name": "Dealers"}, {"name": "Shops"}])
        spread = [(self.deals, 30), (self.customers, 10), (self.quotes, 10), (products, 5),
                  (lists, 5)]
        quiet = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        return quiet.create([{
            "res_model_id": self.env["ir.model"]._get_id(records._name),
            "res_id": records[n % len(records)].id, "user_id": self.lena.id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            "summary": f"Step {n}",
            "date_deadline": fields.Date.today() + timedelta(days=n - 3),
        } for records, number in spread for n in range(number)])

    def _prepare(self, person=None, user=None, **kw):
        return self.env["sales.handover"].with_user(user or self.max).create({
            "from_user_id": (person or self.lena).id, **kw})

    def _run_handovers(self):
        """The job comes again until nothing is left, as it does by itself on a slow machine."""
        for _round in range(50):
            self._run_cron("ir_cron_work_handovers")
            if not self.env["sales.handover"].search_count([("state", "in", IN_WORK)]):
                break

    def _snapshot(self):
        """Every fact that a handover may change, of every record in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        result = {}
        for model, names in FACTS.items():
            records = self.env[model].sudo().with_context(active_test=False).search([])
            for record in records if names else ():
                result[model, record.id] = {
                    name: record[name].ids if record._fields[name].relational else record[name]
                    for name in names}
        attendees = self.env["calendar.attendee"].search([])
        result["attendees"] = sorted(
            (row.event_id.id, row.partner_id.id, row.state) for row in attendees)
        for row in self.env["mail.followers"].search([("res_model", "!=", "sales.handover")]):
            result["follower", row.res_model, row.res_id, row.partner_id.id] = sorted(
                row.subtype_ids.ids)
        return result

    def assertSame(self, after, before):
        """Two snapshots agree, in what is gone and in what is new, too."""
        changed = {key: (before.get(key), after.get(key)) for key in {**before, **after}
                   if before.get(key) != after.get(key)}
        self.assertEqual(len(changed), 0, list(changed.items())[:3])

    def _get_stays(self):
        """The stage history without the one who holds the deal."""
        stays = self.env["sales.stage.history"].search([], order="id")
        return [(stay.id, stay.lead_id.id, stay.stage_id.id, stay.entered_at, stay.left_at,
                 stay.team_id.id) for stay in stays]

    def _count_notices(self, user, since):
        """Mails and inbox messages that reached a person after a message id."""
        return self.env["mail.notification"].search_count([
            ("res_partner_id", "=", user.partner_id.id), ("mail_message_id", ">", since)])

    def _get_last_message(self):
        return self.env["mail.message"].search([], order="id desc", limit=1).id or 0

    def assertNothingLost(self):
        """Whatever was open has an active owner; whatever was closed keeps its own."""
        self.env.invalidate_all()
        held = (*self.deals, *self.activities.exists(), *self.quotes, *self.meetings)
        self.assertEqual(len(self.activities.exists()), 60, "core deletes them")
        for record in held:
            self.assertTrue(record.user_id.active, record.display_name)
            self.assertNotEqual(record.user_id, self.lena, record.display_name)
        self.assertEqual((self.won | self.lost).user_id, self.lena)
        self.assertEqual(self.past_meeting.user_id, self.lena)
        self.assertNotIn(self.lena.partner_id, self.meetings.partner_ids)
