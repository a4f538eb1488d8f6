from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

SOURCES = {"lead": "crm.lead", "partner": "res.partner"}
DAYS_MOST = 3_650


class NurtureScenario(models.Model):
    """Lets people in some days before or after a date of their lead or contact, once or each year.

    Days are those of the company's time zone. Who was missed because the job was off enters late,
    up to some days; and nobody enters twice for one date, since the midnight of the day is the
    occasion."""

    _inherit = "nurture.scenario"

    trigger_date_field = fields.Selection(
        "_selection_date_field", "Date", help="A date of the lead, or of its contact."
    )
    trigger_date_days = fields.Integer("Days", help="0: on the day itself.")
    trigger_date_side = fields.Selection(
        [("before", "days before"), ("after", "days after")], default="before"
    )
    trigger_date_yearly = fields.Boolean(
        "Every year",
        help="Anniversaries: each year but the first. 29 February is kept on the 28th in years "
        "that do not have it.",
    )
    trigger_date_late = fields.Integer(
        "Late by at most",
        default=3,
        help="Days. Should the server have been off, or the date have been filled in afterwards, "
        "people still enter so many days late.",
    )

    @api.model
    def _trigger_kinds(self):
        return {
            **super()._trigger_kinds(),
            "date": self.env._("A date comes: a deadline, an anniversary …"),
        }

    @api.model
    def _selection_date_field(self):
        """Stored dates that everybody may read."""
        holders = {"lead": self.env._("Lead"), "partner": self.env._("Contact")}
        return [
            (f"{source}.{name}", f"{holders[source]}: {label}")
            for source, model in SOURCES.items()
            for name, label in self._date_fields(model)
        ]

    @api.model
    def _date_fields(self, model):
        return sorted(
            (
                (name, field.get_description(self.env, ["string"])["string"])
                for name, field in self.env[model]._fields.items()
                if field.type in ("date", "datetime")
                and field.store and field.column_type
                and not field.groups and not field.company_dependent and name != "write_date"
            ),
            key=lambda pair: pair[1],
        )  # fmt: skip

    @api.constrains("trigger_date_days", "trigger_date_late")
    def _check_trigger_date(self):
        for scenario in self:
            if not 0 <= scenario.trigger_date_days <= DAYS_MOST:
                raise ValidationError(
                    self.env._("The days before or after a date must be from 0 to %s.", DAYS_MOST)
                )
            if not 0 <= scenario.trigger_date_late <= 60:
                raise ValidationError(self.env._("“Late by at most” must be from 0 to 60 days."))

    def _reason_trigger_date(self):
        if not self.trigger_date_field:
            return self.env._("It does not say for which date people enter.")
        return False

    # ------------------------------------------------------------
    # DAYS
    # ------------------------------------------------------------

    def _entry_tz(self):
        """In which a day begins: the time zone of the company."""
        company = self.company_id.sudo()  # sudo: its time zone only
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"

    def _date_window(self, now):
        """(first, last) value of the date for which somebody is due at `now`, and how many days
        lie between the date and its due day."""
        zone = pytz.timezone(self._entry_tz())

        def day(moment):
            return pytz.utc.localize(moment).astimezone(zone).date()

        shift = timedelta(days=self.trigger_date_days)
        if self.trigger_date_side == "before":
            shift = -shift
        last = day(now)
        first = max(last - timedelta(days=self.trigger_date_late), day(self.enrol_since or now))
        return first - shift, last - shift, shift.days

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_candidates_date(self, full, now):
        """Leads whose date is due. Days pass slowly: small passes look at nothing."""
        if not full:
            return self._query_candidates(self._domain_at_work(), where=SQL("FALSE"))
        first, last, shift = self._date_window(now)
        due = self._query_date(first, last)
        return self._query_candidates(
            self._domain_at_work(),
            occasion=SQL(
                "((due.day + %s)::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC'",
                shift,
                self._entry_tz(),
            ),
            joins=SQL(
                "%s JOIN LATERAL (%s) due ON due.day BETWEEN %s AND %s",
                SQL("JOIN res_partner holder ON holder.id = crm_lead.partner_id")
                if self.trigger_date_field.startswith("partner.") else SQL(),
                due,
                first,
                last,
            ),
        )  # fmt: skip

    def _query_date(self, first, last):
        """Row(s) (day) of the lead: its date, or the anniversaries that the window may hold."""
        source, name = self.trigger_date_field.split(".", 1)
        value = SQL.identifier("holder" if source == "partner" else "crm_lead", name)
        if self.env[SOURCES[source]]._fields[name].type == "datetime":
            value = SQL("(%s AT TIME ZONE 'UTC') AT TIME ZONE %s", value, self._entry_tz())
        day = SQL("(%s)::date", value)
        if not self.trigger_date_yearly:
            return SQL("SELECT %s AS day", day)
        return SQL(
            """SELECT (d + make_interval(years => years))::date AS day
                 FROM (SELECT %s AS d) date,
                      LATERAL (SELECT year - date_part('year', d)::int AS years
                                 FROM generate_series(%s, %s) year) passed
                WHERE years > 0""",
            day,
            first.year,
            last.year,
        )
