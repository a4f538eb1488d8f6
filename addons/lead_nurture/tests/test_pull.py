from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.lead_nurture.models import nurture_event_pull_sales as sales
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NurtureCase


@tagged("post_install", "-at_install")
class TestPull(NurtureCase):
    """What core knows becomes events, once, whatever the order in which it is learned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["nurture.event"]
        for name in cls.events._pull_sources():  # what the database holds is not of the story
            cls._pull(name)
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ann", "email": "ann@pumps.test", "company_id": cls.pumps.id}
        )
        cls._sync()
        cls.now = fields.Datetime.now()

    @classmethod
    def _pull(cls, name):
        while cls.events._pull_batch(name):
            pass
        cls.events.invalidate_model()

    def _found(self, *kinds, person=None):
        domain = [("person_id", "=", (person or self.ann).id), ("kind", "in", kinds)]
        return self.events.search(domain, order="occurred_at, id")

    def _create_mailing(self, **kw):
        return self.env["mailing.mailing"].create(
            {
                "subject": "Pumps in spring",
                "mailing_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "body_html": "<p>News</p>",
                "user_id": self.mira.id,
                **kw,
            }
        )

    def _create_trace(self, record=None, mailing=None, **kw):
        record = self.lead if record is None else record
        return self.env["mailing.trace"].create(
            {
                "mass_mailing_id": (mailing or self._create_mailing()).id,
                "model": record._name,
                "res_id": record.id,
                "email": "ann@pumps.test",
                "trace_status": "sent",
                "sent_datetime": self.now - timedelta(hours=2),
                **kw,
            }
        )

    def _click(self, trace, path, at, ip="203.0.113.7"):
        link = self.env["link.tracker"].search_or_create(
            [{"url": f"https://pumps.test{path}?mail=ann@pumps.test", "title": path}]
        )
        click = self.env["link.tracker.click"].create(
            {"link_id": link.id, "mailing_trace_id": trace.id, "ip": ip}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE link_tracker_click SET create_date = %s WHERE id = %s", [at, click.id]
        )
        return click

    # ------------------------------------------------------------
    # Mailings
    # ------------------------------------------------------------

    def test_a_mailing_is_told_from_sent_to_answered(self):  # LN-2
        trace = self._create_trace(
            trace_status="open", open_datetime=self.now - timedelta(hours=1)
        )
        self._pull("trace")
        sent, opened = self._found("mail_sent", "mail_open")
        self.assertEqual((sent.kind, sent.topic), ("mail_sent", "Pumps in spring"))
        self.assertEqual((opened.actor, opened.actor_reason), ("suspect", "blind"))
        trace.set_replied()
        self._pull("trace")
        self.assertEqual(len(self._found("mail_reply")), 1)
        self.assertEqual(len(self._found("mail_sent", "mail_open")), 2, "each is told once")
        self.assertEqual((opened.actor, opened.actor_reason), ("human", "answered"))

    def test_an_open_is_judged_by_what_core_noted(self):  # LN-3
        self._create_trace(
            trace_status="open", sent_datetime=self.now, open_datetime=self.now
        )
        self._create_trace(
            trace_status="reply", open_datetime=self.now, reply_datetime=self.now
        )
        self._pull("trace")
        self.assertEqual(
            set(self._found("mail_open").mapped(lambda e: (e.actor, e.actor_reason))),
            {("machine", "prefetch"), ("human", "answered")},
        )

    def test_a_bounce_of_a_mailing_and_a_test_mail(self):  # LN-2
        self._create_trace().set_bounced(bounce_message="unknown user")
        self._create_trace(is_test_trace=True)
        self._pull("trace")
        self.assertEqual(len(self._found("mail_bounce")), 1)
        self.assertEqual(len(self._found("mail_sent")), 1, "the test mail went to ourselves")

    def test_who_got_it_by_address_is_of_the_company_of_the_mailing(self):  # LN-2
        self._create_lead(company_id=self.filters.id)
        other = self.env["nurture.person"].search(
            [("email_normalized", "=", "ann@pumps.test"), ("company_id", "=", self.filters.id)]
        )
        reader = self.env["mailing.contact"].create({"name": "Ann", "email": "ann@pumps.test"})
        self._create_trace(reader, self._create_mailing(user_id=self.finn.id))
        self._pull("trace")
        self.assertFalse(self._found("mail_sent"))
        self.assertEqual(len(self._found("mail_sent", person=other)), 1)

    def test_a_click_says_which_link_and_a_burst_is_a_machine(self):  # LN-2, LN-3
        trace = self._create_trace()
        self._click(trace, "/a", self.now)
        self._pull("click")
        first = self._found("mail_click")
        self.assertEqual((first.url, first.actor), ("https://pumps.test/a", "human"))
        self.assertEqual(first.network, "203.0.113.0/24")
        self._click(trace, "/b", self.now + timedelta(seconds=1))
        self._click(trace, "/c", self.now + timedelta(seconds=40))
        self._pull("click")
        self.events.invalidate_model()
        self.assertEqual(
            self._found("mail_click").mapped("actor"), ["machine", "machine", "human"]
        )

    def test_a_click_right_after_sending_or_from_a_known_network_is_none(self):  # LN-3
        self._click(self._create_trace(sent_datetime=self.now), "/a", self.now)
        self.env["nurture.robot"].create({"kind": "network", "pattern": "198.51.100.0/24"})
        self._click(self._create_trace(), "/a", self.now, ip="198.51.100.3")
        self._pull("click")
        self.assertEqual(
            set(self._found("mail_click").mapped("actor_reason")), {"prefetch", "network"}
        )

    def test_who_leaves_a_list_or_all_of_them(self):  # LN-2
        reader = self.env["mailing.contact"].create(
            {
                "name": "Ann",
                "email": "ann@pumps.test",
                "subscription_ids": [
                    Command.create(
                        {"list_id": self.env["mailing.list"].create({"name": "News"}).id,
                         "opt_out": True}
                    )
                ],
            }
        )  # fmt: skip
        self._pull("subscription")
        self.assertEqual(self._found("unsubscribe").topic, "News")
        self.env["mail.blacklist"]._add(reader.email)
        self.assertEqual(len(self._found("unsubscribe")), 2, "at once")
        self._pull("blacklist")
        self.assertEqual(len(self._found("unsubscribe")), 2, "and once")

    @mute_logger("odoo.addons.lead_nurture.models.mail_blacklist")
    def test_whoever_leaves_leaves_even_when_we_fail(self):  # LN-2
        with patch.object(
            type(self.events), "_insert_events", side_effect=ValueError("broken")
        ):
            entry = self.env["mail.blacklist"]._add("ann@pumps.test")
        self.assertTrue(entry.active)
        self.assertFalse(self._found("unsubscribe"))
        self._pull("blacklist")
        self.assertEqual(len(self._found("unsubscribe")), 1, "read again behind the mark")

    @mute_logger("odoo.addons.lead_nurture.models.mailing_trace")
    def test_an_answer_that_comes_in_is_never_lost_for_us(self):  # LN-2
        with patch.object(
            type(self.env["nurture.send"]), "_search", side_effect=ValueError("broken")
        ):
            trace = self._create_trace()
            trace.set_replied()
        self.assertEqual(trace.trace_status, "reply")
        self._pull("trace")
        self.assertEqual(len(self._found("mail_reply")), 1)

    # ------------------------------------------------------------
    # Sales
    # ------------------------------------------------------------

    def test_a_meeting_counts_when_it_is_over_and_for_guests_who_came(self):  # LN-2
        bob = self.env["res.partner"].create(
            {"name": "Bob", "email": "bob@pumps.test", "company_id": self.pumps.id}
        )
        self._sync()
        start = self.now - timedelta(hours=3)
        meeting = self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": "Pump 3",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": self.mira.id,
                "partner_ids": [Command.set((self.contact | bob | self.mira.partner_id).ids)],
                "opportunity_id": self.lead.id,
            }
        )
        meeting.attendee_ids.filtered(lambda a: a.partner_id == bob).state = "declined"
        later = meeting.copy({"start": self.now + timedelta(hours=1),
                              "stop": self.now + timedelta(hours=2)})  # fmt: skip
        self.env["nurture.watermark"].search([("name", "=", "meeting")]).unlink()
        self._pull("meeting")
        found = self._found("meeting")
        self.assertEqual((len(found), found.topic, found.res_id), (1, "Pump 3", meeting.id))
        self.assertFalse(self._found("meeting", person=self._person_of(bob)))
        later.active = False
        self._pull("meeting")
        self.assertEqual(len(self._found("meeting")), 1)

    def test_a_meeting_of_an_activity_counts_once(self):  # LN-2
        activity = self.lead.activity_schedule("mail.mail_activity_data_meeting")
        activity.calendar_event_id = self.env["calendar.event"].create(
            {"name": "Pump", "start": self.now - timedelta(hours=2),
             "stop": self.now - timedelta(hours=1), "opportunity_id": self.lead.id}
        )  # fmt: skip
        activity.action_feedback()
        self.env["nurture.watermark"].search([("name", "=", "meeting")]).unlink()
        for name in ("activity", "meeting"):
            self._pull(name)
        self.assertEqual(len(self._found("meeting")), 1)

    def test_stages_of_a_lead(self):  # LN-2
        stages = self.env["crm.stage"].search([], limit=2)
        lead = self.lead.with_context(tracking_disable=False)
        lead.stage_id = stages[0]
        self.env.flush_all()
        self.env.cr.precommit.run()
        lead.stage_id = stages[1]
        lead.priority = "2"
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._pull("stage")
        self.assertIn(stages[1].name, self._found("stage_change").mapped("topic"))
        self.assertEqual(set(self._found("stage_change").mapped("res_id")), {lead.id})

    def test_a_text_message(self):  # LN-2
        if "sms.sms" not in self.env:
            self.assertNotIn("sms", self.events._pull_sources())
            return
        self.lead.message_post(body="See you at nine", message_type="sms")
        self.lead.message_post(body="A note")
        self._pull("sms")
        self.assertEqual(len(self._found("sms")), 1)

    # ------------------------------------------------------------
    # Surveys, events, chats, visits
    # ------------------------------------------------------------

    def test_a_survey_answered_by_contact_or_address(self):  # LN-2
        if "survey.survey" not in self.env:
            self.assertNotIn("survey", self.events._pull_sources())
            return
        survey = self.env["survey.survey"].create(
            {"title": "Your plant", "access_mode": "public"}
        )
        answers = (
            survey._create_answer(partner=self.contact, check_attempts=False),
            survey._create_answer(email="Ann@pumps.test", check_attempts=False),
            survey._create_answer(partner=self.contact, check_attempts=False, test_entry=True),
        )
        survey._create_answer(partner=self.contact, check_attempts=False)
        for answer in answers:
            answer._mark_done()
        self._pull("survey")
        found = self._found("survey")
        self.assertEqual(found.mapped("topic"), ["Your plant"] * 2)

    def test_registered_and_came(self):  # LN-2
        if "event.event" not in self.env:
            self.assertNotIn("registration", self.events._pull_sources())
            return
        fair = self.env["event.event"].create(
            {"name": "Pump days", "date_begin": self.now, "date_end": self.now,
             "company_id": self.pumps.id}
        )  # fmt: skip
        guest = self.env["event.registration"].create(
            {"event_id": fair.id, "name": "Ann", "email": "ann@pumps.test"}
        )
        self._pull("registration")
        self.assertEqual(self._found("event_registered").topic, "Pump days")
        self.assertFalse(self._found("event_attended"))
        guest.action_set_done()
        self._pull("registration")
        self.assertEqual(len(self._found("event_registered", "event_attended")), 2)

    def test_a_chat_and_the_visits_of_a_known_visitor(self):  # LN-2
        if "chat" in self.events._pull_sources():
            channel = self.env["discuss.channel"].create(
                {"name": "Chat", "channel_type": "livechat",
                 "livechat_operator_id": self.mira.partner_id.id}
            )  # fmt: skip
            self.env["im_livechat.channel.member.history"].create(
                {"channel_id": channel.id, "partner_id": self.contact.id,
                 "livechat_member_type": "visitor"}
            )  # fmt: skip
            self._pull("chat")
            self.assertEqual(self._found("chat").res_id, channel.id)
        if "visit" in self.events._pull_sources():
            visitors = self.env["website.visitor"]
            known = visitors.create({"access_token": str(self.contact.id)})
            unknown = visitors.create({"access_token": "f" * 32})
            for visitor in (known, unknown):
                self.env["website.track"].create(
                    {"visitor_id": visitor.id, "url": "/pricing?x=1", "visit_datetime": self.now}
                )
            self._pull("visit")
            self.assertEqual(self._found("page_view").url, "/pricing")
        self.assertLessEqual(set(self.events._pull_sources()), set(self.events._pull_models()))

    # ------------------------------------------------------------
    # The mark
    # ------------------------------------------------------------

    def test_many_of_one_second_at_the_border_of_a_batch(self):  # LN-2
        activities = self.env["mail.activity"]
        for number in range(5):
            activities |= self.lead.activity_schedule(
                "mail.mail_activity_data_call", summary=f"Call {number}"
            )
        activities.action_feedback()
        self.env.flush_all()
        with patch.object(sales, "BATCH", 2):
            self._pull("activity")
        self.assertEqual(len(self._found("call")), 5)

    def test_who_becomes_known_later_gets_what_was_read_before(self):  # LN-2
        reader = self.env["mailing.contact"].create({"name": "Eve", "email": "eve@pumps.test"})
        self._create_trace(reader, email="eve@pumps.test")
        self._pull("trace")
        eve = self._person_of(self._create_lead(name="Eve", email="eve@pumps.test"))
        self._pull("trace")
        self.env["nurture.change"]._cron_reconcile_persons()
        self._pull("trace")
        self.assertEqual(len(self._found("mail_sent", person=eve)), 1)

    @mute_logger("odoo.addons.lead_nurture.models.nurture_event_pull", "odoo.sql_db")
    def test_a_source_that_cannot_be_read_holds_up_no_other(self):  # LN-43
        marks = self.env["nurture.watermark"]
        before = marks._read_mark("trace")
        with patch.object(
            type(self.events), "_query_pull_trace", side_effect=KeyError("another Odoo")
        ):
            self.assertEqual(self.events._try_pull_batch("trace"), 0)
        mark = marks.search([("name", "=", "trace")])
        self.assertIn("another Odoo", mark.error)
        self.assertEqual(marks._read_mark("trace"), before, "nothing is passed over")
        self.events._try_pull_batch("trace")
        mark.invalidate_recordset()
        self.assertFalse(mark.error)

    def test_a_module_that_comes_after_us_gets_its_index(self):  # LN-2, ALL-2
        index = "sale_order_nurture_pull_idx"
        if "sale.order" in self.env:
            self.env.cr.execute(f"DROP INDEX {index}")
            self.events._ensure_pull_indexes()
            self.env.cr.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [index])
            self.assertTrue(self.env.cr.fetchall())
        self.env.cr.execute(self.events._query_drop_indexes())
        self.env.cr.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [index])
        self.assertFalse(self.env.cr.fetchall(), "they leave with the addon")
