from odoo import Command

from .common import NurtureCase


class SegmentCase(NurtureCase):
    """People who come and go: factories, the cron by hand, and asserts about stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["nurture.segment"]
        # only people and segments made by a test are at work
        cls.env["nurture.person"].search([]).active = False
        cls.segments.search([("state", "!=", "draft")]).write({"state": "draft"})
        cls._refresh()

    @classmethod
    def _create_segment(cls, *conditions, start=True, **kw):
        """A segment of the main company, filled unless told otherwise."""
        segment = cls.segments.create(
            {
                "name": "Test segment",
                "company_id": cls.pumps.id,
                "tz": "UTC",
                "condition_ids": [Command.create(vals) for vals in conditions],
                **kw,
            }
        )
        if start and segment.kind == "dynamic":
            segment.action_activate()
            cls._refresh()
        return segment

    @classmethod
    def _visited(cls, times=1, days=0, **kw):
        return {
            "kind": "event", "event_kind": "visit", "min_count": times, "window_days": days, **kw
        }  # fmt: skip

    @classmethod
    def _refresh(cls):
        """Join, score, and look at everybody about whom there is news."""
        cls._drain()
        while cls.segments._refresh_dirty_batch(5_000) or cls.segments._refresh_pass_chunk(50_000):
            pass
        cls.env.invalidate_all()

    def _ann(self, name="Ann", **kw):
        lead = self._create_lead(name, f"{name.lower()}@pumps.test", **kw)
        return self._person_of(lead)

    def _stays(self, segment, person):
        return self.env["nurture.segment.member"].search(
            [("segment_id", "=", segment.id), ("person_id", "=", person.id)], order="id"
        )

    def _moves_told(self, person):
        """What the timeline says of the person's segments, oldest first."""
        return self.env["nurture.event"].search(
            [("person_id", "=", person.id), ("kind", "like", "segment_")], order="id"
        ).mapped("kind")

    def assertPeople(self, segment, persons):
        """Exactly these people are inside."""
        segment.invalidate_recordset()
        inside = segment.member_ids.filtered(lambda m: not m.left_at).person_id
        self.assertEqual(set(inside.ids), set(persons.ids))
