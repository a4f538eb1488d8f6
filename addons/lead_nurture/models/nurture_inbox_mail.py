from odoo import models
from odoo.addons.lead_nurture.engine import actor as engine

from .nurture_send_links import BURST


class NurtureInbox(models.Model):
    """Pixels and clicks of our mails: raw hits become events of the person who got the mail."""

    _inherit = "nurture.inbox"

    def _hit_kinds(self):
        return {
            **super()._hit_kinds(),
            "mail_open": self.env._("Mail opened"),
            "mail_click": self.env._("Link in a mail"),
        }

    def _ingest_mail_open(self):
        """Payload {send_id}. One event a day and class of reader."""
        return self._ingest_mail_hits("%Y%m%d")

    def _ingest_mail_click(self):
        """Payload {send_id, link_id}. One event an hour, link and class of reader."""
        return self._ingest_mail_hits("%Y%m%d%H")

    def _ingest_mail_hits(self, bucket):
        send_of = {hit.id: hit.payload["send_id"] for hit in self}
        sends = self.env["nurture.send"].browse(set(send_of.values())).exists()
        known = self.filtered(lambda hit: send_of[hit.id] in sends.ids)
        send_of = {hit.id: sends.browse(send_of[hit.id]) for hit in known}
        earlier = sends._recent_clicks(min(known.mapped("occurred_at"), default=False))
        verdicts = known._classify(
            # a hit before the mail was marked as sent came from a gateway that reads ahead
            sent_at={
                hit.id: send_of[hit.id].trace_id.sent_datetime or hit.occurred_at for hit in known
            },
            group={hit.id: send_of[hit.id].id for hit in known},
            target={hit.id: engine.clean_url(hit._link().url) for hit in known},
            earlier=[
                engine.Hit(event.occurred_at, target=event.url or "", group=str(event.res_id))
                for event in earlier
            ],
        )
        known._reclass_bursts(earlier, verdicts, send_of)
        return [
            hit._prepare_mail_event(send_of[hit.id], verdicts[hit.id], bucket)
            for hit in known
            if send_of[hit.id].person_id
        ]

    def _prepare_mail_event(self, send, verdict, bucket):
        link = self._link()
        key = f":{link.id or 0}:{verdict.actor}:{self.occurred_at.strftime(bucket)}"
        return {
            **send._prepare_event_vals(self.kind, self.occurred_at, key),
            "actor": verdict.actor,
            "actor_reason": verdict.reason,
            "agent": self.user_agent or "",
            "network": self.ip,
            "url": engine.clean_url(link.url),
        }

    def _link(self):
        return self.env["nurture.link"].browse(self.payload.get("link_id") or []).exists()

    def _reclass_bursts(self, earlier, verdicts, send_of):
        """The first click of a burst looked human until the second one came."""
        bursts = self.filtered(lambda hit: verdicts[hit.id].reason == "burst")
        wrong = [
            event.id
            for event in earlier
            for hit in bursts
            if event.res_id == send_of[hit.id].id
            and abs(hit.occurred_at - event.occurred_at) <= BURST
        ]
        if wrong:
            self.env["nurture.event"]._set_actor(wrong, engine.MACHINE, "burst")
