import json
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 5
MAX_PAYLOAD = 16_000
DELAYS = (1, 5, 30, 120)  # minutes until the next attempt


class NurtureInbox(models.Model):
    """One row: one raw hit (a pixel, a click, a page view) that no one has looked at yet.

    Routes only insert here: no unique key, no foreign key, no update, so a hit never waits for a
    lock and never disturbs the sender of a mail. The ingest cron classes the hits, turns them into
    events and deletes them. A hit that cannot be read stays with its error until it is tried again
    by hand or deleted by age.
    """

    _name = "nurture.inbox"
    _description = "Raw hit"
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection(
        lambda self: [*self._hit_kinds().items()], required=True, readonly=True
    )
    key = fields.Char(readonly=True, help="The same hit has the same key; it counts once.")
    payload = fields.Json(readonly=True)
    ip = fields.Char("Network", readonly=True, help="The address as /24 or /48, never in full.")
    user_agent = fields.Char(readonly=True)
    method = fields.Char(readonly=True)
    occurred_at = fields.Datetime("When", required=True, readonly=True)
    state = fields.Selection(
        [("new", "To do"), ("parked", "Cannot be read")], required=True, default="new",
        readonly=True,
    )
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Next attempt", readonly=True)
    error = fields.Char(readonly=True)

    _claim_idx = models.Index("(id) WHERE state = 'new'")

    @api.model
    def _hit_kinds(self):
        """Registry of hits: {kind: label}. Each has a method `_ingest_<kind>` that takes all rows
        of its kind in a batch and returns vals for `nurture.event._insert_events`."""
        return {"page_view": self.env._("Page view")}

    def action_retry(self):
        """Try parked hits again."""
        self.check_access("write")
        self._set_new()
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_ingest_inbox")

    @api.autovacuum
    def _gc_parked(self):
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        days = int(parameters.get_param("lead_nurture.inbox_days", 30))
        before = fields.Datetime.now() - timedelta(days=days)
        old = self.search([("state", "=", "parked"), ("occurred_at", "<", before)], limit=10_000)
        old.unlink()
        return len(old), 0

    # ------------------------------------------------------------
    # In
    # ------------------------------------------------------------

    @api.model
    def _push(self, kind, key, payload, request_info=None):
        """Keep one hit. `request_info`: dict with ip, user_agent, method and occurred_at, all
        optional. Called by public routes: one INSERT, nothing read, nothing locked."""
        if kind not in self._hit_kinds():
            raise ValueError(f"unknown kind of hit: {kind}")
        body = json.dumps(payload)
        if len(body) > MAX_PAYLOAD:
            raise ValueError("payload too large")
        info = request_info or {}
        self.env.execute_query(
            self._query_push(
                kind,
                key,
                body,
                engine.truncate_ip(info.get("ip")),
                self._clean(info.get("user_agent"), 300),
                self._clean(info.get("method"), 10) or "GET",
                info.get("occurred_at") or fields.Datetime.now(),
            )
        )
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_ingest_inbox")

    @api.model
    def _clean(self, text, limit):
        return "".join(c for c in (text or "") if c.isprintable())[:limit]

    # ------------------------------------------------------------
    # Out
    # ------------------------------------------------------------

    @api.model
    def _cron_ingest_inbox(self):
        """Turn hits into events. The claim is the first statement of each transaction."""
        cron = self.env["ir.cron"]
        while done := self._ingest_batch(BATCH):
            left = self.search_count(self._due(), limit=BATCH)
            if not cron._commit_progress(done, remaining=left):
                break

    @api.model
    def _due(self):
        now = fields.Datetime.now()
        return [("state", "=", "new"), "|", ("retry_at", "=", False), ("retry_at", "<=", now)]

    @api.model
    def _ingest_batch(self, limit):
        """Claim and read one batch; how many hits were claimed."""
        self.flush_model(["state", "retry_at"])
        hits = self.browse([row[0] for row in self.env.execute_query(self._query_claim(limit))])
        for kind, of_kind in hits.sorted("id").grouped("kind").items():
            if not self._try_ingest(kind, of_kind) and len(of_kind) > 1:
                # one of them is bad: find it by reading each alone
                for hit in of_kind:
                    self._try_ingest(kind, hit)
        return len(hits)

    @api.model
    def _try_ingest(self, kind, hits):
        """Read hits of one kind, all or none. A single hit that fails keeps its error."""
        try:
            with self.env.cr.savepoint():
                vals_list = getattr(hits, f"_ingest_{kind}")()
                self.env["nurture.event"]._insert_events(vals_list)
                hits.unlink()
                self.env.flush_all()
        except CONFLICTS:
            raise  # not the fault of the hit: the whole run is repeated
        except Exception as error:  # whatever a hit holds must not stop the others
            self.env.invalidate_all(flush=False)
            if len(hits) == 1:
                _logger.info("hit %s of kind %s cannot be read: %s", hits.id, kind, error)
                hits._set_failed(f"{type(error).__name__}: {error}")
            return False
        return True

    def _set_failed(self, message):
        """Try later, and park after the last attempt."""
        for hit in self:
            attempts = hit.attempts + 1
            parked = attempts >= MAX_ATTEMPTS
            delay = timedelta(minutes=DELAYS[min(attempts, len(DELAYS)) - 1])
            hit.write(
                {
                    "attempts": attempts,
                    "error": message[:500],
                    "state": "parked" if parked else "new",
                    "retry_at": False if parked else fields.Datetime.now() + delay,
                }
            )

    def _set_new(self):
        self.write({"state": "new", "attempts": 0, "retry_at": False})

    def _query_push(self, *values):
        return SQL(
            """INSERT INTO nurture_inbox
                      (kind, key, payload, ip, user_agent, method, occurred_at, state, attempts)
               VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s, 'new', 0) RETURNING id""",
            *values,
        )

    def _query_claim(self, limit):
        # index nurture_inbox_claim_idx
        return SQL(
            """SELECT id FROM nurture_inbox
                WHERE state = 'new' AND (retry_at IS NULL OR retry_at <= %s)
             ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            limit,
        )

    # ------------------------------------------------------------
    # Who was it
    # ------------------------------------------------------------

    def _classify(self, sent_at=None, group=None, target=None, earlier=()):
        """Verdicts {hit id: Verdict} of these hits. `sent_at`, `group` and `target` are dicts by
        hit id: when the mail left, whose mail it is, and which link was taken."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        seconds = parameters.get_param("lead_nurture.prefetch_seconds", 10)
        hits = [
            engine.Hit(
                at=hit.occurred_at,
                kind="open" if hit.kind.endswith("open") else "click",
                method=hit.method or "GET",
                agent=hit.user_agent or "",
                network=hit.ip or "",
                target=str((target or {}).get(hit.id, "")),
                group=str((group or {}).get(hit.id, "")),
                sent_at=(sent_at or {}).get(hit.id),
            )
            for hit in self
        ]
        signs = self.env["nurture.robot"].sudo()._signs()  # sudo: the engine knows the table
        verdicts = engine.classify_all(hits, earlier, signs, int(seconds))
        return dict(zip(self.ids, verdicts, strict=True))

    def _ingest_page_view(self):
        """Page views of known people: payload {person_id, url, topic}."""
        verdicts = self._classify()
        return [
            {
                "person_id": int(hit.payload["person_id"]),
                "kind": "page_view",
                "occurred_at": hit.occurred_at,
                "dedup_key": f"page_view:{hit.key or hit.id}",
                "actor": verdicts[hit.id].actor,
                "actor_reason": verdicts[hit.id].reason,
                "agent": hit.user_agent or "",
                "network": hit.ip,
                "source": "website",
                "url": hit.payload["url"],
                "topic": hit.payload.get("topic"),
            }
            for hit in self
        ]
