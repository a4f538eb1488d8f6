from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_time

from .nurture_send_slot import GRACE

MINUTE = timedelta(minutes=1)


class NurtureEnrolment(models.Model):
    """Who stands at a mail step that may not write to him yet: why, by which clock, and how late
    the mail will be when he goes on."""

    _inherit = "nurture.enrolment"

    mail_hold = fields.Char("Held by", readonly=True)
    mail_hold_zone = fields.Char("Clock", readonly=True)
    # so many minutes late is the mail at the moment `run_at`; a shift of that does not count
    mail_hold_minutes = fields.Integer("Minutes late", readonly=True)
    # the place that the server has for the mail
    mail_hold_place = fields.Datetime("Place", readonly=True)
    mail_hold_text = fields.Char("Waits because", compute="_compute_mail_hold_text")

    @api.depends("mail_hold", "mail_hold_zone", "run_at", "state")
    def _compute_mail_hold_text(self):
        for enrolment in self:
            waits = enrolment.state == "waiting"
            text = waits and enrolment._mail_hold_texts().get(enrolment.mail_hold)
            enrolment.mail_hold_text = text and text % {
                "time": enrolment._tell_mail_hold(),
                "zone": enrolment.mail_hold_zone,
            }

    def _tell_mail_hold(self):
        """Return "Mon 9:10 AM": when the mail may leave, by the clock of its reader's zone."""
        when = self.run_at, self.mail_hold_zone
        return f"{format_datetime(self.env, *when, 'EEE')} {format_time(self.env, *when, 'short')}"

    @api.model
    def _mail_hold_texts(self):
        """{reason of the gate: sentence with %(time)s and %(zone)s}."""
        _ = self.env._
        return {
            "quiet": _("No mails at this hour: until %(time)s in %(zone)s"),
            "cap": _("Got as many mails as are allowed: until %(time)s in %(zone)s"),
            "rate": _("The mail server has a place on %(time)s in %(zone)s"),
            "busy": _("Another mail is being written; asked again in a moment"),
        }

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    @api.model
    def _set_mail_hold(self, verdicts, now):
        """Keep why and by how much {enrolment: Verdict} is late; the lane lets them wait."""
        if verdicts:
            held = self.browse().union(*verdicts)
            held.flush_recordset()
            zones = {
                person_id: place.zone.key
                for company, group in held.grouped("company_id").items()
                for person_id, place in group.person_id._places(company).items()
            }
            self.env.cr.execute(self._query_set_mail_hold(verdicts, zones, now))
            held.invalidate_recordset(flush=False)

    def _set_active(self, node, now):
        held = self.filtered("mail_hold")
        super()._set_active(node, now)
        held._write_rows(
            mail_hold=False, mail_hold_zone=False, mail_hold_minutes=0, mail_hold_place=False
        )

    def _due_since(self, now):
        """When the mail of the step was due: waits that others impose do not count."""
        return min(self.run_at or now, now) - (self.mail_hold_minutes or 0) * MINUTE

    def _has_place(self, now):
        return bool(self.mail_hold_place) and timedelta(0) <= now - self.mail_hold_place <= GRACE

    @api.model
    def _query_set_mail_hold(self, verdicts, zones, now):
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s::timestamp)",
                enrolment.id,
                verdict.reason,
                zones[enrolment.person_id.id],
                (verdict.until - enrolment._due_since(now)) // MINUTE,
                verdict.until if verdict.reason == "rate" else None,
            )
            for enrolment, verdict in verdicts.items()
        ]
        # primary key
        return SQL(
            """UPDATE nurture_enrolment e
                  SET mail_hold = held.reason, mail_hold_zone = held.zone,
                      mail_hold_minutes = held.minutes, mail_hold_place = held.place
                 FROM (VALUES %s) AS held(id, reason, zone, minutes, place)
                WHERE e.id = held.id""",
            SQL(", ").join(rows),
        )
