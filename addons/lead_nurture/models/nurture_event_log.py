import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .nurture_event import DERIVED_KINDS

LIMIT = 1_000
TEXTS = {"key": 200, "url": 2_000, "topic": 200, "source": 200, "email": 320}
RECORDS = {"person_id": "nurture.person", "lead_id": "crm.lead", "partner_id": "res.partner"}


class NurtureEvent(models.Model):
    """The public way in: `log`, for integrators over RPC."""

    _inherit = "nurture.event"

    @api.model
    def log(self, events):
        """Record what happened elsewhere; returns the ids of the events, in the order given.

        Each event is a dict: `kind` and one of `person_id`, `lead_id`, `partner_id`, `email` are
        required; `key` (unique in your system: a repeat is harmless and returns the id of the
        first), `occurred_at` (UTC, "YYYY-MM-DD HH:MM:SS"), `url`, `topic`, `source`, `qty`,
        `company_id` are optional. An unknown e-mail address becomes a person.
        All or nothing: the first wrong event is named and nothing is recorded. Refused are more
        than 1,000 events at once, kinds that follow from a score, moments in the future (more than
        a day ahead) or older than events are kept (a setting), records that you may not read, and
        companies that you do not work in.
        """
        if not self.env.user.has_group("lead_nurture.group_lead_nurture_user"):
            raise AccessError(self.env._("Only users of Nurture may record events."))
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            raise ValidationError(self.env._("log() takes a list of dictionaries."))
        if len(events) > LIMIT:
            raise ValidationError(self.env._("At most %s events at once.", LIMIT))
        now = fields.Datetime.now()
        vals_list = [
            self._prepare_log_vals(number, event, now) for number, event in enumerate(events, 1)
        ]
        self._assign_persons(events, vals_list)
        # sudo: nobody has the right to create events; the checks above are the right
        self.sudo()._insert_events(vals_list)
        keys = [vals["dedup_key"] for vals in vals_list]
        id_of = dict(self.env.execute_query(self._query_ids_of_keys(keys)))
        return [id_of[key] for key in keys]

    def _fail(self, number, message):
        raise ValidationError(
            self.env._("Event %(number)s: %(message)s", number=number, message=message)
        )

    def _prepare_log_vals(self, number, event, now):
        """Checked values of one event, without its person."""
        _ = self.env._
        kind = event.get("kind")
        loggable = self._event_kinds().keys() - DERIVED_KINDS
        if not isinstance(kind, str) or kind not in loggable:
            self._fail(number, _("there is no kind “%s”.", kind))
        for name, limit in TEXTS.items():
            value = event.get(name) or ""
            if not isinstance(value, str) or len(value) > limit or "\x00" in value:
                self._fail(
                    number,
                    _("“%(name)s” must be a text of at most %(limit)s characters.",
                      name=name, limit=limit),
                )
        qty = event.get("qty") or 0
        if isinstance(qty, bool) or not isinstance(qty, int | float) or not abs(qty) < 1e12:
            self._fail(number, _("“qty” must be a number."))
        for name in (*RECORDS, "company_id"):
            number_of = event.get(name) or 1
            # True would be the record 1
            if type(number_of) is not int or not 0 < number_of < 2**31:
                self._fail(number, _("“%s” must be the number of a record.", name))
        company = self.env["res.company"].browse(event.get("company_id") or self.env.company.id)
        if company not in self.env.companies:
            self._fail(number, _("you do not work in this company."))
        return {
            "kind": kind,
            "occurred_at": self._prepare_log_moment(number, event.get("occurred_at"), now),
            # keys of one company never meet keys of another, nor our own
            "dedup_key": f"log:{company.id}:{event.get('key') or uuid.uuid4().hex}",
            "source": event.get("source") or "RPC",
            "url": event.get("url"),
            "topic": event.get("topic"),
            "qty": qty,
            "company_id": company.id,
        }

    def _prepare_log_moment(self, number, value, now):
        try:
            moment = fields.Datetime.to_datetime(value) or now
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo or moment > now + timedelta(days=1):
            self._fail(
                number,
                self.env._(
                    "“occurred_at” must be a moment in UTC, like 2026-03-01 12:00:00, and not "
                    "in the future."
                ),
            )
        kept_since = self._kept_since()
        if kept_since and moment < kept_since:
            self._fail(number, self.env._("“occurred_at” is older than events are kept."))
        return moment

    def _assign_persons(self, events, vals_list):
        """Set person_id on each vals; the caller must be allowed to read what he names."""
        person_of = {}
        for name, model in RECORDS.items():
            ids = {event[name] for event in events if event.get(name)}
            records = self.env[model].with_context(active_test=False).search([("id", "in", [*ids])])
            for record in records:
                person = record if name == "person_id" else record.nurture_person_id
                person_of[name, record.id] = person.id
        for company_id in {vals["company_id"] for vals in vals_list}:
            addresses = {
                event["email"]
                for event, vals in zip(events, vals_list, strict=True)
                if event.get("email") and vals["company_id"] == company_id
            }
            people = self.env["nurture.person"].sudo()  # sudo: an unknown address is created
            found = people._find_or_create_by_email(
                addresses, self.env["res.company"].browse(company_id)
            )
            for address, person in found.items():
                person_of["email", company_id, address] = person and person.id
        for number, (event, vals) in enumerate(zip(events, vals_list, strict=True), 1):
            vals["person_id"] = self._pick_person(number, event, vals, person_of)

    def _pick_person(self, number, event, vals, person_of):
        for name in RECORDS:
            if event.get(name):
                person_id = person_of.get((name, event[name]))
                if not person_id:
                    self._fail(
                        number,
                        self.env._(
                            "%(name)s %(id)s is unknown, or not yours to see.",
                            name=name,
                            id=event[name],
                        ),
                    )
                return person_id
        if not event.get("email"):
            self._fail(number, self.env._("say who: person_id, lead_id, partner_id or email."))
        person_id = person_of.get(("email", vals["company_id"], event["email"]))
        if not person_id:
            self._fail(number, self.env._("“%s” is no e-mail address.", event["email"]))
        return person_id
