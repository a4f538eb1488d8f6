from zoneinfo import ZoneInfo

from odoo import api, fields, models


class NurtureSimulation(models.AbstractModel):
    """What is told of a simulation: line by line what happened to each person, when, and why."""

    _inherit = "nurture.simulation"

    def _prepare_story(self, version, leads, enrolments, script, cut):
        person_of = self._persons_of(leads)
        logs = enrolments.log_ids.sorted(lambda log: (log.visit, log.id))
        lines = logs.grouped("enrolment_id")
        return {
            "version": version.number,
            "draft": version.state == "draft",
            "people": [
                self._prepare_person(enrolment, lines.get(enrolment, logs.browse()), script, cut)
                for enrolment in enrolments
            ],
            "nobody": [
                {"id": lead.id, "name": lead.display_name}
                for lead in leads
                if lead.id not in person_of
            ],
            "steps": self._prepare_totals(version, logs),
        }

    def _prepare_person(self, enrolment, logs, script, cut):
        zone = self._zone_of(enrolment)
        return {
            "lead": {"id": enrolment.lead_id.id, "name": enrolment.lead_id.display_name},
            "person": enrolment.person_id.name,
            "tz": zone,
            "lines": [
                *(self._prepare_line(log, zone, script) for log in logs),
                *self._prepare_failed_line(enrolment, logs, zone),
            ],
            "end": self._prepare_end(enrolment, zone, cut),
        }

    def _prepare_line(self, log, zone, script):
        node, enrolment = log.node_id, log.enrolment_id
        stands = not log.left_at and enrolment.is_open
        failed = stands and enrolment.state == "parked"
        given = script.given.get((enrolment.person_id.id, node.uid, log.visit))
        return {
            **self._prepare_step(node),
            "id": log.visit,
            "why": enrolment.last_error if failed else node._why(log),
            "held": self._prepare_held(log, script),
            "failed": failed,
            "arrived": self._prepare_moment(log.arrived_at, zone),
            "left": self._prepare_moment(log.left_at, zone),
            "until": self._prepare_moment(enrolment.run_at if stands else None, zone),
            "exit": node._exit_text(log.label) if log.label in node._exits() else "",
            "sent": node.kind == "mail" and log.result == "queued",
            "answer": given and {"what": given.what, "hours": given.hours},
        }

    def _prepare_failed_line(self, enrolment, logs, zone):
        """A step that failed is undone with its log, and one that is paused has none; but it is
        where the journey stops."""
        why = self._why_stuck(enrolment)
        if not why or enrolment.visit in logs.mapped("visit"):
            return []
        return [
            {
                **self._prepare_step(enrolment.node_id),
                "id": enrolment.visit,
                "why": why,
                "failed": True,
                "arrived": self._prepare_moment(
                    enrolment.run_at or logs[-1:].left_at or enrolment.enrolled_at, zone
                ),
                "left": False,
                "until": False,
                "exit": "",
                "sent": False,
                "answer": None,
                "held": "",
            }
        ]

    @api.model
    def _prepare_held(self, log, script):
        """Why the mail did not leave at once, if it did not."""
        _ = self.env._
        reasons = {
            "quiet": _("no mails at this hour where the recipient lives"),
            "cap": _("the recipient got as many mails as are allowed"),
            "rate": _("the mail server has no place before"),
        }
        held = script.held.get((log.person_id.id, log.visit), ())
        return ", ".join(reasons.get(reason, reason) for reason in held)

    @api.model
    def _why_stuck(self, enrolment):
        """A sentence when the journey stops at a step that does not work, else nothing."""
        if enrolment.state == "parked":
            return enrolment.last_error
        return enrolment.is_open and enrolment.hold and (
            enrolment.held_text or self.env._("The step is paused because it failed too often.")
        )

    @api.model
    def _prepare_step(self, node):
        return {
            "uid": node.uid,
            "node": node.id,
            "name": node.name,
            "kind": node.kind,
            "icon": node._node_kinds()[node.kind]["icon"],
            "text": node._summary_text(),
            "today": node._asks_today(),
            "asks": self._asks(node),
        }

    @api.model
    def _asks(self, node):
        """Which answers make sense here: to a "mail", to an "event", or none."""
        if node.kind == "mail":
            return "mail"
        return "event" if node._awaited_event() else ""

    def _prepare_end(self, enrolment, zone, cut):
        """Where the journey ended, as a sentence."""
        _ = self.env._
        step = enrolment.node_id.name
        reasons = enrolment._exit_reasons()
        if enrolment in cut:
            kind, text = "cut", cut[enrolment]
        elif stuck := self._why_stuck(enrolment):
            kind, text = "failed", _("“%(step)s” does not work: %(why)s", step=step, why=stuck)
        elif enrolment.state == "done":
            kind, text = "done", reasons.get(enrolment.exit_reason, "")
        elif enrolment.state == "exited":
            kind = "left"
            text = _("Leaves early: %s", reasons.get(enrolment.exit_reason, ""))
        else:
            kind, text = "cut", _("Still stands at “%s”.", step)
        return {
            "kind": kind,
            "text": f"{text} ({enrolment.exit_note})" if enrolment.exit_note else text,
            "at": self._prepare_moment(enrolment.ended_at, zone),
            "steps": enrolment.visit,
        }

    @api.model
    def _prepare_moment(self, moment, zone):
        """In UTC for the reader's own clock, and as the clock on the recipient's wall shows it."""
        if not moment:
            return False
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
        return {
            "utc": fields.Datetime.to_string(moment),
            "local": fields.Datetime.to_string(local.replace(tzinfo=None)),
        }

    @api.model
    def _zone_of(self, enrolment):
        """The time zone by which waits and mails of this person go."""
        person = enrolment.person_id
        return person._places(enrolment.company_id)[person.id].zone.key

    @api.model
    def _prepare_totals(self, version, logs):
        """How many of the people came to each step, and by which exit they left it."""
        by_uid = logs.grouped("node_uid")
        totals = []
        for node in version._in_reading_order():
            here = by_uid.get(node.uid, logs.browse())
            exits = [
                {
                    "label": label,
                    "text": node._exit_text(label),
                    "count": len(here.filtered(lambda log, x=label: log.label == x)),
                }
                for label in node._exits()
            ]
            totals.append(
                {
                    **node._prepare_card(),
                    "arrived": len(here),
                    "exits": exits if len(exits) > 1 else [],
                }
            )
        return totals
