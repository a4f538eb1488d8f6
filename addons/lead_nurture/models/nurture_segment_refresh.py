import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.scope import Scope
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every
from psycopg2 import errors

_logger = logging.getLogger(__name__)

DIRTY_BATCH = 5_000
PASS_CHUNK = 100_000  # people by range of ids
EVENT_BATCH = 10_000
ANALYZE_FROM = 10_000  # moves of one chunk
CHUNK_SECONDS = 60
PREVIEW_SECONDS = 30


class NurtureSegment(models.Model):
    """Kept up to date by difference: people about whom there is news at once, all others by a pass
    at the interval of the segment. Both run the same statement, so they always agree."""

    _inherit = "nurture.segment"

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh_segments(self):
        """One cron does the news and the passes, so that only one ever writes stays of dynamic
        segments. The claim is the first statement of each transaction."""
        cron = self.env["ir.cron"]
        while done := self._refresh_dirty_batch(DIRTY_BATCH) or self._refresh_pass_chunk(
            PASS_CHUNK
        ):
            if not cron._commit_progress(done, remaining=int(self._has_refresh_work())):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _has_refresh_work(self):
        return bool(
            self.env["nurture.segment.dirty"].search_count([], limit=1)
            or self.search_count(self._domain_due(fields.Datetime.now()), limit=1)
        )

    @api.model
    def _refresh_dirty_batch(self, limit):
        """Look at the people of one batch of the queue; how many there were."""
        loud, quiet = self.env["nurture.segment.dirty"]._claim(limit)
        now = fields.Datetime.now()
        for ids, silent in ((loud, False), (quiet, True)):
            for segment in self._at_work()._in_order() if ids else ():
                # while a segment has not yet met everybody, it tells nothing
                filling = segment.pass_pending and segment.pass_silent
                segment._try_refresh(Scope.of_ids(ids, now), now, silent or filling)
        return len(loud) + len(quiet)

    @api.model
    def _refresh_pass_chunk(self, size):
        """Look at the next range of people for one segment; 0 when no segment is due."""
        now = fields.Datetime.now()
        segment = self.search(self._domain_due(now))._in_order()[:1]
        if not segment:
            return 0
        if not segment.pass_pending:  # its time has come
            segment.write({"pass_pending": True, "pass_cursor": 0, "pass_seconds": 0})
        start = time.monotonic()
        last = self._last_person_id()
        low = segment.pass_cursor
        high = min(low + size, last)
        changed = segment._try_refresh(Scope.of_range(low, high, now), now, segment.pass_silent)
        if changed is None:
            return 1
        segment._tell_dependents(changed, segment.pass_silent)
        if len(changed) >= ANALYZE_FROM:
            self.env.execute_query(self._query_analyze())
        vals = {
            "pass_cursor": high,
            "pass_seconds": segment.pass_seconds + time.monotonic() - start,
        }
        if high >= last:
            vals |= {
                "pass_pending": False,
                "pass_silent": False,
                "last_pass_at": now,
                "next_pass_at": now + timedelta(minutes=segment.refresh_minutes),
            }
        segment.write(vals)
        return max(high - low, 1)

    def _domain_due(self, now):
        return (
            Domain("kind", "=", "dynamic")
            & Domain("state", "=", "active")
            & (
                Domain("pass_pending", "=", True)
                | Domain("next_pass_at", "<=", now)
                | Domain("next_pass_at", "=", False)
            )
        )

    @api.model
    def _at_work(self):
        return self.search([("kind", "=", "dynamic"), ("state", "=", "active")])

    def _in_order(self):
        """Segments after those on which they build. Those that build on themselves, which can
        only come about behind our back, are left out and say so."""
        depth, way, circular = {}, [], self.browse()

        def depth_of(segment):
            nonlocal circular
            if segment in way:
                circle = way[way.index(segment) :]
                names = " → ".join(member.name for member in (*circle, segment))
                hit = self.browse().union(*circle) & self
                hit._set_broken(self.env._("It builds on itself: %s.", names))
                circular |= hit
                return 0
            if segment not in depth:
                way.append(segment)
                others = segment.condition_ids._others()
                depth[segment] = 1 + max((depth_of(other) for other in others), default=0)
                way.pop()
            return depth[segment]

        ordered = self.sorted(lambda segment: (depth_of(segment), segment.id))
        return ordered - circular

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    def _try_refresh(self, scope, now, silent):
        """Ids of the people who moved; None when it failed, and the segment says why: a field of a
        condition may have left with its module. One bad segment must not stop the others."""
        try:
            with self.env.cr.savepoint():
                with self.env["nurture.record.filter"]._limit_time(CHUNK_SECONDS):
                    return self._refresh(scope, now, silent)
        except CONFLICTS:
            raise  # not the fault of the segment: the run is repeated
        except errors.QueryCanceled:
            self._set_broken(self.env._("Counting took longer than %s seconds.", CHUNK_SECONDS))
        except Exception as error:
            _logger.warning("segment %s cannot be calculated: %s", self.id, error)
            self._set_broken(str(error))
        return None

    def _refresh(self, scope, now, silent=False):
        """Bring the members among the people in `scope` up to `now`; ids of who moved."""
        if not self.condition_ids:
            raise ValueError(self.env._("It has no conditions any more."))
        self.env.flush_all()
        moves = self.env.execute_query(self._query_refresh(scope, now, silent))
        return self._after_moves(moves, now, silent)

    def _after_moves(self, moves, now, silent):
        """Entering and leaving are events of the person, unless nobody is to hear of it."""
        if not moves:
            return []
        self.env["nurture.segment.member"].invalidate_model(flush=False)
        for batch in split_every(EVENT_BATCH, () if silent else moves, list):
            self.env["nurture.event"]._insert_events(
                [self._prepare_move_event(*move, now) for move in batch]
            )
        if not silent:
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol")
        return [person_id for _stay, person_id, _entered in moves]

    def _prepare_move_event(self, stay_id, person_id, entered, now):
        kind = "segment_enter" if entered else "segment_leave"
        return {
            "person_id": person_id,
            "kind": kind,
            "occurred_at": now,
            "dedup_key": f"{kind}:{stay_id}",
            "source": "segment",
            "topic": self.name,
            "res_model": self._name,
            "res_id": self.id,
        }

    def _tell_dependents(self, person_ids, silent):
        """Segments that build on this one look at who moved."""
        if person_ids and self.env["nurture.segment.condition"].search_count(
            [("other_segment_id", "=", self.id)], limit=1
        ):
            self.env["nurture.segment.dirty"]._push(person_ids, silent)

    def _count_moves(self):
        """(how many would enter, how many would leave) if it were looked at now."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                with self.env["nurture.record.filter"]._limit_time(PREVIEW_SECONDS):
                    scope = Scope.of_range(0, self._last_person_id(), now)
                    [moves] = self.env.execute_query(self._query_move_counts(scope))
        except errors.QueryCanceled as error:
            raise UserError(
                self.env._(
                    "Counting takes longer than %s seconds. Apply it instead: that runs in the "
                    "background, in pieces, and tells nobody.",
                    PREVIEW_SECONDS,
                )
            ) from error
        return moves

    # ------------------------------------------------------------
    # LISTS KEPT BY HAND
    # ------------------------------------------------------------

    def _add_persons(self, person_ids, silent=False):
        """Put people on the list; ids of who were not on it."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.env.flush_all()
        members = self.env["nurture.segment.member"]
        persons = self._query_listable(list(person_ids))
        rows = self.env.execute_query(members._query_insert(self, persons, now, silent))
        return self._after_listing([(*row, True) for row in rows], now, silent)

    def _remove_persons(self, person_ids, silent=False):
        """Take people off the list; ids of who were on it."""
        self.ensure_one()
        return self._close_stays(person_ids, silent)

    def _close_all_stays(self):
        return self._close_stays(None, silent=True)

    def _close_stays(self, person_ids, silent):
        now = fields.Datetime.now()
        self.env.flush_all()
        members = self.env["nurture.segment.member"]
        whose = self._query_is_among(person_ids)
        rows = self.env.execute_query(members._query_close(self, whose, now, silent))
        return self._after_listing([(*row, False) for row in rows], now, silent)

    def _after_listing(self, moves, now, silent):
        moved = self._after_moves(moves, now, silent)
        self._tell_dependents(moved, silent)
        return moved

    def _query_is_among(self, person_ids):
        """Condition: the stay `k` is of one of these people; None: of anybody."""
        if person_ids is None:
            return SQL("TRUE")
        return SQL("k.person_id = ANY(%s)", list(person_ids))

    def _query_listable(self, person_ids):
        """Rows (person_id, company_id) of those who may be on this list and are not."""
        return SQL(
            """SELECT nurture_person.id AS person_id,
                      COALESCE(nurture_person.company_id, %s) AS company_id
                 FROM nurture_person
                WHERE nurture_person.id = ANY(%s) AND nurture_person.active%s
                  AND NOT EXISTS (SELECT 1 FROM nurture_segment_member m
                                   WHERE m.segment_id = %s AND m.left_at IS NULL
                                     AND m.person_id = nurture_person.id)""",
            self.company_id.id or None,
            person_ids,
            self._query_company(),
            self.id,
        )

    # ------------------------------------------------------------
    # ASKED BY OTHERS
    # ------------------------------------------------------------

    def _holding(self, person_ids):
        """Which of these people belong to it at this moment: a step that follows right upon a click
        must count the click. Reads only."""
        self.ensure_one()
        if self.kind == "dynamic" and self.state == "active":
            self.env.flush_all()
            query = self._query_matched(Scope.of_ids(person_ids, fields.Datetime.now()))
        else:
            query = self._query_inside(Scope.of_ids(person_ids, fields.Datetime.now()))
        return {row[0] for row in self.env.execute_query(query)}
