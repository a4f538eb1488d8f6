from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import UserError

# how many changes of a draft can be undone
HISTORY_LIMIT = 60


class NurtureScenarioVersion(models.Model):
    """The history of a draft. A step that is taken out of a draft is hidden with its mail and
    deleted when the draft is published, so that undoing brings all of it back.
    """

    _inherit = "nurture.scenario.version"

    revision = fields.Integer(
        readonly=True, copy=False, help="Counts the changes of a draft, so that two people who "
        "edit it at the same time notice each other."
    )  # fmt: skip
    change_ids = fields.One2many("nurture.draft.change", "version_id", readonly=True)
    ways_on = fields.Json(
        readonly=True, copy=False, help="Where people were sent on from the steps that this "
        "version took out: {key of the step: key of the other one}."
    )  # fmt: skip

    def unlink(self):
        self._forget_history()
        return super().unlink()

    def _set_published(self):
        self.ways_on = self._removed_ways()
        self._forget_history()
        return super()._set_published()

    def _forget_history(self):
        """What was undone or taken out is gone for good from now on."""
        removed = self._all_nodes().filtered(lambda node: not node.active)
        removed.unlink()
        self.sudo().change_ids.unlink()  # sudo: only changes write their history

    def _removed_ways(self):
        """{uid of a step taken out of the draft: uid of the one to which it sends people}."""
        removed = self._all_nodes().filtered(lambda node: not node.active and node.way_on_uid)
        return {node.uid: node.way_on_uid for node in removed}

    def _ways_since(self, old):
        """The same for everything that was taken out since an older version."""
        versions = self.scenario_id.version_ids.filtered(
            lambda v: old.number < v.number <= self.number
        )
        ways = {}
        for version in versions.sorted("number"):
            ways |= version._removed_ways() if version.state == "draft" else version.ways_on or {}
        return ways

    def _all_nodes(self):
        """The steps, and those that were taken out of the draft."""
        return self.with_context(active_test=False).node_ids

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def _check_revision(self, revision):
        """Refuse a change that was made on a picture which is not the present one."""
        self.ensure_one()
        self._check_editable()
        if revision != self.revision:
            raise UserError(self._sentence_changed_meanwhile(self._changes()[:1].create_uid))

    def _check_node_revision(self, node, revision):
        """Two people may fill in two steps at the same time, but not the same one."""
        since = self._changes().filtered(
            lambda c: c.revision > revision and c.create_uid != self.env.user
        )
        touching = since.filtered(lambda c: str(node.id) in c.after["nodes"])
        if touching:
            raise UserError(self._sentence_changed_meanwhile(touching[:1].create_uid))

    def _sentence_changed_meanwhile(self, user):
        return self.env._(
            "%s has changed these steps in the meantime. Nothing of yours was written over "
            "them: look at the steps as they are now, then make your change again.",
            user.name or self.env._("Somebody"),
        )

    @contextmanager
    def _changing(self, name):
        """Whatever is changed inside can be undone as one change of this name."""
        self.ensure_one()
        before = self._snapshot()
        yield
        after = self._snapshot()
        differing_before, differing_after = self._difference(before, after)
        if not (differing_after["nodes"] or differing_after["edges"]):
            return
        self.revision += 1
        self._forget_undone()
        self.env["nurture.draft.change"].sudo().create(  # sudo: only changes write their history
            {
                "version_id": self.id,
                "name": name,
                "revision": self.revision,
                "before": differing_before,
                "after": differing_after,
            }
        )

    def _forget_undone(self):
        """A new change begins a new future; the oldest past is dropped."""
        changes = self.sudo()._changes()  # sudo: only changes write their history
        undone = changes.filtered("is_undone")
        (undone | (changes - undone)[HISTORY_LIMIT - 1 :]).unlink()

    def _undo(self):
        change = self._to_undo()
        if change:
            self._restore(change.before)
            self._step_history(change, undone=True)

    def _redo(self):
        change = self._to_redo()
        if change:
            self._restore(change.after)
            self._step_history(change, undone=False)

    def _step_history(self, change, undone):
        self.revision += 1
        # sudo: only changes write their history
        change.sudo().write({"is_undone": undone, "revision": self.revision})

    def _to_undo(self):
        return self._changes().filtered(lambda c: not c.is_undone)[:1]

    def _to_redo(self):
        return self._changes().filtered("is_undone")[-1:]

    def _changes(self):
        """The changes of the draft, the last one first."""
        return self.change_ids.sorted("id", reverse=True)

    # ------------------------------------------------------------
    # SNAPSHOTS
    # ------------------------------------------------------------

    def _snapshot(self):
        """The steps and arrows as they are: {"nodes": {id: settings}, "edges": {exit: id}}."""
        return {
            "nodes": self._all_nodes()._snapshot(),
            "edges": {f"{e.from_id.id}:{e.label}": e.to_id.id for e in self.edge_ids},
        }

    def _difference(self, before, after):
        """Two parts of snapshots, of what is not the same in both. A step that was not there
        before is, seen from afterwards, a hidden one."""
        parts = ({"nodes": {}, "edges": {}}, {"nodes": {}, "edges": {}})
        for node_id, vals in after["nodes"].items():
            old = before["nodes"].get(node_id) or {**vals, "active": False}
            names = [name for name in vals if old.get(name) != vals[name]]
            if names:
                parts[0]["nodes"][node_id] = {name: old.get(name, False) for name in names}
                parts[1]["nodes"][node_id] = {name: vals[name] for name in names}
        for key in {*before["edges"], *after["edges"]}:
            old, new = before["edges"].get(key, False), after["edges"].get(key, False)
            if old != new:
                parts[0]["edges"][key] = old
                parts[1]["edges"][key] = new
        return parts

    def _restore(self, part):
        """Bring what a part of a snapshot names into the state that it tells."""
        self._check_editable()
        nodes = {node.id: node for node in self._all_nodes()}
        targets = {int(key) for key in part["nodes"]} | {t for t in part["edges"].values() if t}
        if not targets <= set(nodes):
            raise UserError(
                self.env._("A step of this change was deleted for good, so it stays as it is.")
            )
        for node_id, vals in part["nodes"].items():
            nodes[int(node_id)]._restore(vals)
        for key, target in part["edges"].items():
            node_id, label = key.split(":", 1)
            source = nodes.get(int(node_id))
            if source:
                source._set_exit_to(label, source.browse(target))

