from datetime import timedelta

from odoo import api, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.tools import SQL

from .nurture_event_pull import BATCH
from .nurture_send_links import BURST


class NurtureEvent(models.Model):
    """What core knows of mailings: sent, opened, clicked, answered, bounced, and who left.

    Mails of scenarios have their own pixel and links; of their traces only answers and bounces
    are read here, in case the hook that records them at once could not.
    """

    _inherit = "nurture.event"

    @api.model
    def _pull_models(self):
        return {
            **super()._pull_models(),
            "trace": "mailing.trace",
            "click": "link.tracker.click",
            "blacklist": "mail.blacklist",
            "subscription": "mailing.subscription",
        }

    @api.model
    def _query_indexes(self):
        return {
            **super()._query_indexes(),
            "mailing_trace": SQL(
                """(write_date, id)
                   WHERE trace_status IN ('pending', 'sent', 'open', 'reply', 'bounce')"""
            ),
            "link_tracker_click": SQL("(write_date, id) WHERE mailing_trace_id IS NOT NULL"),
            "mail_blacklist": SQL("(write_date, id) WHERE active"),
            "mailing_subscription": SQL("(write_date, id) WHERE opt_out"),
        }

    # ------------------------------------------------------------
    # Human or machine
    # ------------------------------------------------------------

    @api.model
    def _class_pulled_trace(self, rows):
        """Core notes that a picture was loaded, not by whom. Who answered has opened the mail;
        what came sooner than a human reads was a machine; of the rest we cannot be sure."""
        window = timedelta(seconds=self._prefetch_seconds())
        answered = []
        for row in rows:
            if row["kind"] != "mail_open":
                continue
            if row["replied_at"]:
                row["actor"], row["actor_reason"] = engine.HUMAN, "answered"
                answered.append(row["dedup_key"])
            elif row["sent_at"] and row["occurred_at"] - row["sent_at"] < window:
                row["actor"], row["actor_reason"] = engine.MACHINE, "prefetch"
            else:
                row["actor"], row["actor_reason"] = engine.SUSPECT, "blind"
        # the open may have been read before the answer came
        stored = self.env.execute_query(self._query_ids_of_keys(answered)) if answered else []
        self._set_actor([row[1] for row in stored], engine.HUMAN, "answered")

    @api.model
    def _class_pulled_click(self, rows):
        """Core notes the address of a click, not the program. The other clicks of the same mail
        at that time are asked for, so that a burst over two batches is seen, and its first click,
        which looked human, is classed again."""
        around = self.env.execute_query_dict(self._query_clicks_around(rows))
        signs = self.env["nurture.robot"]._signs()
        hits = [self._prepare_click_hit(row) for row in (*rows, *around)]
        verdicts = engine.classify_all(hits, (), signs, self._prefetch_seconds())
        for row, verdict in zip(rows, verdicts, strict=False):
            row["actor"], row["actor_reason"] = verdict.actor, verdict.reason
            row["network"] = engine.truncate_ip(row["ip"])
        late = [
            f"mail_click:tracker:{row['mark_id']}"
            for row, verdict in zip((*rows, *around), verdicts, strict=True)
            if verdict.reason == "burst"
        ]
        stored = self.env.execute_query(self._query_ids_of_keys(late)) if late else []
        if stored:
            self._set_actor([row[1] for row in stored], engine.MACHINE, "burst")

    @api.model
    def _prepare_click_hit(self, row):
        return engine.Hit(
            row["occurred_at"],
            agent=None,
            network=engine.truncate_ip(row["ip"]),
            target=str(row["link_id"]),
            group=str(row["res_id"]),
            sent_at=row["sent_at"],
        )

    @api.model
    def _prefetch_seconds(self):
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        return int(parameters.get_param("lead_nurture.prefetch_seconds", 10))

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_trace_person(self, trace, mailing_user):
        """The person of the lead that a mail was for. Contacts may be shared between companies:
        theirs is the one at the address in the company of whom the mailing belongs to."""
        known = self._query_known(SQL("%s.model", trace), SQL("%s.res_id", trace))
        return SQL(
            "COALESCE(CASE %s.model WHEN 'crm.lead' THEN %s END, %s, %s)",
            trace,
            known,
            self._query_at_address(SQL("%s.email", trace), SQL("%s.company_id", mailing_user)),
            known,
        )

    def _query_pull_trace(self, at, last_id, kept_since):
        """Each trace gives the events that its moments tell; a bounce has none, so it happened
        when the trace was written."""
        # indexes mailing_trace_nurture_pull_idx, nurture_send__trace_id_index
        return SQL(
            """SELECT CASE WHEN b.send_id IS NULL THEN b.person_id ELSE b.send_person_id END
                          AS person_id,
                      b.write_date AS mark_at, b.id AS mark_id, what.kind, what.at AS occurred_at,
                      CASE b.trace_type WHEN 'sms' THEN 'sms' ELSE 'mail' END AS source,
                      b.subject AS topic,
                      CASE WHEN b.send_id IS NULL THEN 'mailing.trace' ELSE 'nurture.send' END
                          AS res_model,
                      COALESCE(b.send_id, b.id) AS res_id,
                      what.kind || CASE WHEN b.send_id IS NULL THEN ':trace:' ELSE ':send:' END
                          || COALESCE(b.send_id, b.id) AS dedup_key,
                      b.send_company_id AS company_id,
                      b.sent_datetime AS sent_at, b.reply_datetime AS replied_at
                 FROM (SELECT t.*, m.subject, m.nurture_node_id, s.id AS send_id,
                              s.person_id AS send_person_id, s.company_id AS send_company_id,
                              %(person)s AS person_id
                         FROM mailing_trace t
                    LEFT JOIN mailing_mailing m ON m.id = t.mass_mailing_id
                    LEFT JOIN res_users u ON u.id = m.user_id
                    LEFT JOIN nurture_send s ON s.trace_id = t.id
                        WHERE t.trace_status IN ('pending', 'sent', 'open', 'reply', 'bounce')
                          AND t.is_test_trace IS NOT TRUE AND %(after)s
                     ORDER BY t.write_date, t.id LIMIT %(batch)s) b
            LEFT JOIN LATERAL (VALUES
                      (CASE b.trace_type WHEN 'sms' THEN 'sms' ELSE 'mail_sent' END,
                       b.sent_datetime, FALSE),
                      ('mail_open', CASE b.trace_type WHEN 'mail' THEN b.open_datetime END, FALSE),
                      ('mail_reply', b.reply_datetime, TRUE),
                      ('mail_bounce', CASE b.trace_status WHEN 'bounce' THEN b.write_date END, TRUE)
                      ) what(kind, at, of_ours) ON what.at IS NOT NULL
                  AND (what.of_ours OR (b.send_id IS NULL AND b.nurture_node_id IS NULL))
             ORDER BY b.write_date, b.id""",
            person=self._query_trace_person(SQL("t"), SQL("u")),
            after=self._query_after("t", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_pull_click(self, at, last_id, kept_since):
        # index link_tracker_click_nurture_pull_idx
        return SQL(
            """SELECT %(person)s AS person_id, c.write_date AS mark_at, c.id AS mark_id,
                      'mail_click' AS kind, c.create_date AS occurred_at,
                      CASE t.trace_type WHEN 'sms' THEN 'sms' ELSE 'mail' END AS source,
                      m.subject AS topic, l.url, 'mailing.trace' AS res_model, t.id AS res_id,
                      'mail_click:tracker:' || c.id AS dedup_key,
                      c.ip, c.link_id, t.sent_datetime AS sent_at
                 FROM link_tracker_click c
                 JOIN mailing_trace t ON t.id = c.mailing_trace_id
                 JOIN link_tracker l ON l.id = c.link_id
            LEFT JOIN mailing_mailing m ON m.id = t.mass_mailing_id
            LEFT JOIN res_users u ON u.id = m.user_id
                WHERE c.mailing_trace_id IS NOT NULL AND t.is_test_trace IS NOT TRUE AND %(after)s
             ORDER BY c.write_date, c.id LIMIT %(batch)s""",
            person=self._query_trace_person(SQL("t"), SQL("u")),
            after=self._query_after("c", at, last_id, kept_since),
            batch=BATCH,
        )

    def _query_clicks_around(self, rows):
        """The clicks on the same mails within the time of a burst that are not in the batch."""
        moments = [row["occurred_at"] for row in rows]
        # index link_tracker_click__mailing_trace_id_index
        return SQL(
            """SELECT c.id AS mark_id, c.mailing_trace_id AS res_id, c.link_id, c.ip,
                      c.create_date AS occurred_at, t.sent_datetime AS sent_at
                 FROM link_tracker_click c JOIN mailing_trace t ON t.id = c.mailing_trace_id
                WHERE c.mailing_trace_id = ANY(%s) AND c.create_date BETWEEN %s AND %s
                  AND c.id <> ALL(%s)""",
            [row["res_id"] for row in rows],
            min(moments) - BURST,
            max(moments) + BURST,
            [row["mark_id"] for row in rows],
        )

    def _query_pull_blacklist(self, at, last_id, kept_since):
        """Addresses that must not be written to: of everybody who has one, in every company."""
        # indexes mail_blacklist_nurture_pull_idx, nurture_person_email_uniq
        return SQL(
            """SELECT p.id AS person_id, b.write_date AS mark_at, b.id AS mark_id,
                      'unsubscribe' AS kind, b.write_date AS occurred_at, 'mail' AS source,
                      'unsubscribe:' || p.id || ':' || b.write_date::date AS dedup_key
                 FROM (SELECT b.* FROM mail_blacklist b WHERE b.active AND %s
                     ORDER BY b.write_date, b.id LIMIT %s) b
            LEFT JOIN nurture_person p ON p.email_normalized = b.email
             ORDER BY b.write_date, b.id""",
            self._query_after("b", at, last_id, kept_since),
            BATCH,
        )

    def _query_pull_subscription(self, at, last_id, kept_since):
        """Who left a mailing list."""
        # indexes mailing_subscription_nurture_pull_idx, nurture_person_email_uniq
        return SQL(
            """SELECT p.id AS person_id, b.write_date AS mark_at, b.id AS mark_id,
                      'unsubscribe' AS kind, b.opted_out_at AS occurred_at, 'mail' AS source,
                      l.name AS topic, 'unsubscribe:list:' || b.id || ':' || p.id || ':'
                          || b.opted_out_at::date AS dedup_key
                 FROM (SELECT s.*, COALESCE(s.opt_out_datetime, s.write_date) AS opted_out_at
                         FROM mailing_subscription s WHERE s.opt_out AND %s
                     ORDER BY s.write_date, s.id LIMIT %s) b
                 JOIN mailing_list l ON l.id = b.list_id
                 JOIN mailing_contact c ON c.id = b.contact_id
            LEFT JOIN nurture_person p ON p.email_normalized = c.email_normalized
             ORDER BY b.write_date, b.id""",
            self._query_after("s", at, last_id, kept_since),
            BATCH,
        )
