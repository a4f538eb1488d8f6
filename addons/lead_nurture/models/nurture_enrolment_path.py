from odoo import api, fields, models


class NurtureEnrolment(models.Model):
    """The way that one person took, told step by step, and what is waited for now."""

    _inherit = "nurture.enrolment"

    path = fields.Json("Way taken", compute="_compute_path")
    waits_for = fields.Char(
        "What happens now", compute="_compute_waits_for",
        help="What the person waits for, or why the journey does not go on.",
    )  # fmt: skip

    @api.depends("state", "node_id", "exit_reason", "exit_note", "held_text", "mail_hold_text")
    @api.depends_context("lang")
    def _compute_waits_for(self):
        reasons = self._exit_reasons()
        for journey in self:
            node = journey.node_id
            if journey.ended_at:
                parts = [reasons.get(journey.exit_reason, ""), journey.exit_note]
                journey.waits_for = ": ".join(filter(None, parts))
            elif journey.state == "parked":
                journey.waits_for = self.env._("Stopped: somebody must look at “%s”", node.name)
            elif journey.held_text:
                journey.waits_for = journey.held_text
            elif journey.state == "waiting":
                text = journey.mail_hold_text or (node._summary_text() if node else "")
                journey.waits_for = ": ".join(filter(None, [node.name, text]))
            else:
                journey.waits_for = self.env._("About to do “%s”", node.name or "")

    @api.depends("state", "node_id", "visit", "exit_reason")
    @api.depends_context("lang", "uid")
    def _compute_path(self):
        """Three reads for all journeys: steps, mails, and who saw them."""
        logs = self.log_ids.sorted("visit").grouped("enrolment_id")
        sends = {(send.enrolment_id, send.node_uid, send.visit): send for send in self.send_ids}
        seen = self._seen_kinds(self.send_ids)
        for journey in self:
            journey.path = [
                *(
                    journey._prepare_stop(
                        log, sends.get((journey, log.node_uid, log.visit)), seen
                    )
                    for log in logs.get(journey, ())
                ),
                *journey._prepare_end(),
            ]

    @api.model
    def _seen_kinds(self, sends):
        # sudo: whoever may read the mail may read whether it was seen
        seen = self.env["nurture.send.seen"].sudo().search([("send_id", "in", sends.ids)])
        return {(row.send_id.id, row.kind) for row in seen}

    def _prepare_stop(self, log, send, seen):
        """One step on the way: what it is, when the person came and left, by which exit, why."""
        node = log.node_id
        kinds = node._node_kinds()
        here = not log.left_at and not self.ended_at
        ended = log.label == "end"
        return {
            "uid": log.node_uid,
            "name": node.name or self.env._("A step that was removed"),
            "icon": kinds[node.kind]["icon"] if node else "fa-question-circle-o",
            "text": node._summary_text() if node else "",
            "at": fields.Datetime.to_string(log.arrived_at),
            "left_at": fields.Datetime.to_string(log.left_at) or False,
            "label": log.label or False,
            "exit": "" if ended or not log.label or log.label == "next" else log.exit_text,
            "why": "" if ended else self._result_words().get(log.result, ""),
            "mail": self._prepare_mail(send, seen) if send else False,
            "here": here,
            "until": fields.Datetime.to_string(self.run_at) if here and self.run_at else False,
            "held": (self.held_text or self.mail_hold_text or "") if here else "",
            "error": self.last_error or "" if here else "",
        }

    def _prepare_mail(self, send, seen):
        states = dict(send._fields["state"]._description_selection(self.env))
        return {
            "id": send.id,
            "address": send.address or "",
            "state": send.state,
            "text": states[send.state],
            "sent_at": fields.Datetime.to_string(send.sent_at) or False,
            "opened": (send.id, "open") in seen,
            "clicked": (send.id, "click") in seen,
        }

    def _prepare_end(self):
        """Why it is over, and a goal that was reached."""
        if not self.ended_at and not self.goal_at:
            return []
        return [
            {
                "uid": "",
                "name": self.waits_for if self.ended_at else self.env._("Reached the goal"),
                "icon": "fa-trophy" if self.goal_at else "fa-sign-out",
                "at": fields.Datetime.to_string(self.ended_at or self.goal_at),
                "goal_at": fields.Datetime.to_string(self.goal_at) or False,
                "end": True,
            }
        ]

    @api.model
    def _result_words(self):
        """What a step says of itself in the log, in words; kinds of steps add theirs."""
        _ = self.env._
        return {
            "event": _("because it happened"),
            "time": _("because time was up"),
            "sent before": _("had got it before"),
            "mail_bl": _("does not want mails"),
            "mail_email_missing": _("has no address"),
            "mail_email_invalid": _("the address cannot be used"),
        }
