from collections import namedtuple
from zoneinfo import ZoneInfo

import pytz
from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import local_time, zones
from odoo.exceptions import ValidationError
from odoo.tools import SQL

UTC = ZoneInfo("UTC")

# where a person is: the zone of his clock, how we know it, and his country's id (0 if unknown)
Place = namedtuple("Place", "zone source country_id")


class NurturePerson(models.Model):
    """By which clock a person lives: what was chosen for him, else the zone of his contact, of
    his country or state, of the company. Waits and quiet hours go by it."""

    _inherit = "nurture.person"

    clock = fields.Char(
        "Clock", compute="_compute_clock", help="The time zone by which mails to this person wait."
    )

    @api.constrains("tz")
    def _check_tz(self):
        for person in self:
            if person.tz and not local_time.zone(person.tz):
                raise ValidationError(
                    self.env._(
                        "“%s” is not a time zone. Write it as region and city, such as "
                        "Europe/Brussels.",
                        person.tz,
                    )
                )

    @api.depends("tz", "country_id", "partner_id.tz", "partner_id.state_id")
    def _compute_clock(self):
        sources = self._zone_sources()
        by_company = self.grouped(lambda person: person.company_id or self.env.company)
        for company, people in by_company.items():
            places = people._places(company)
            for person in people:
                place = places.get(person.id)
                person.clock = place and f"{place.zone.key} ({sources[place.source]})"

    @api.model
    def _zone_sources(self):
        _ = self.env._
        return {
            "person": _("chosen here"),
            "contact": _("from the contact"),
            "country": _("from the country"),
            "company": _("of the company"),
        }

    def _places(self, company):
        """{person id: Place}, all of them in one read."""
        self.flush_recordset(["tz", "country_id", "partner_id"])
        self.partner_id.flush_recordset(["tz", "country_id", "state_id"])
        home = local_time.zone(company.partner_id.tz) or UTC
        return {
            row[0]: self._place(*row[1:], home=home)
            for row in self.env.execute_query(self._query_places())
        }

    @api.model
    def _place(self, own, contact, country_id, country, state, home):
        """A contact's zone that is not used in his country is that of the colleague who typed him
        in: core fills it in by itself."""
        chosen, of_contact = local_time.zone(own), local_time.zone(contact)
        if chosen and chosen != of_contact:
            return Place(chosen, "person", country_id or 0)
        if of_contact and (not country or self._fits(of_contact, country)):
            return Place(of_contact, "contact", country_id or 0)
        names = pytz.country_timezones.get(country or "", [])
        of_country = local_time.zone(zones.zone_of(country or "", state or "", names))
        if of_country:
            return Place(of_country, "country", country_id or 0)
        return Place(home, "company", country_id or 0)

    @api.model
    def _fits(self, zone, country):
        """The clock runs as one of the country's does; names of zones have too many spellings."""
        now = fields.Datetime.now()
        names = pytz.country_timezones.get(country, [])
        clocks = {local_time.to_local(now, z) for z in map(local_time.zone, names) if z}
        return not clocks or local_time.to_local(now, zone) in clocks

    def _query_places(self):
        # primary keys; index nurture_identity(person_id) where no contact says the state
        return SQL(
            """SELECT p.id, p.tz, rp.tz, country.id, country.code,
                      CASE WHEN state.country_id = country.id THEN state.code END
                 FROM nurture_person p
            LEFT JOIN res_partner rp ON rp.id = p.partner_id
            LEFT JOIN res_country_state state ON state.id = COALESCE(rp.state_id, (
                      SELECT MAX(l.state_id) FROM nurture_identity i
                        JOIN crm_lead l ON l.id = i.res_id
                       WHERE i.person_id = p.id AND i.kind = 'lead'))
            LEFT JOIN res_country country
                   ON country.id = COALESCE(p.country_id, rp.country_id, state.country_id)
                WHERE p.id = ANY(%s)""",
            self.ids,
        )
