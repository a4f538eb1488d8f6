from odoo import models
from odoo.addons.lead_nurture.engine import revision
from odoo.tools import SQL


class NurtureScenarioVersion(models.Model):
    """What changes from one version to another, in words."""

    _inherit = "nurture.scenario.version"

    def _changes_since(self, old):
        """[{kind, name, old, new}]: added, removed, changed, arrow; in reading order."""
        before, after = old._by_uid(), self._by_uid()
        changes = []
        for uid, node in after.items():
            if uid not in before:
                changes.append(self._change("added", node.name, "", node._summary_text()))
            else:
                changes += [
                    self._change("changed", node.name, *pair)
                    for pair in node._differences(before[uid])
                ]
        changes += [
            self._change("removed", node.name, node._summary_text(), "")
            for uid, node in before.items()
            if uid not in after
        ]
        return changes + self._changed_arrows(old)

    def _change(self, kind, name, old, new):
        return {"kind": kind, "name": name, "old": old, "new": new}

    def _changed_arrows(self, old):
        """Ways between steps, told where both steps or the old target are still there."""
        before, after = old._arrows(), self._arrows()
        names = {**old._names(), **self._names()}
        start = (old._start_node().uid, self._start_node().uid)
        changes = []
        if start[0] != start[1]:
            who = self.env._("Everybody enters at")
            changes.append(self._change("arrow", who, *(names.get(uid, "") for uid in start)))
        for (uid, label), target in after.items():
            if (uid, label) in before and before[uid, label] != target:
                node = self._by_uid()[uid]
                way = f"{node.name}, {node._exit_name(label)}"
                changes.append(
                    self._change("arrow", way, names[before[uid, label]], names[target])
                )
        return changes

    def _by_uid(self):
        in_order = self.node_ids.sorted(lambda node: (node.sequence, node.id))
        return {node.uid: node for node in in_order}

    def _names(self):
        return {node.uid: node.name for node in self.node_ids}

    def _arrows(self):
        return {(edge.from_id.uid, edge.label): edge.to_id.uid for edge in self.edge_ids}

    def _landing(self, node, journeys):
        """uid where people of this step of an older version go on here unless told otherwise: the
        same step, the one chosen when it was taken out, what followed it, or an end. `journeys`:
        of the older version and of this."""
        uid = revision.follower(*journeys, node.uid, self._ways_since(node.version_id))
        return uid or self.node_ids.filtered(lambda n: not n._exits())[:1].uid or ""

    def _count_standing(self):
        """{node id: people who stand there now}."""
        rows = self.env.execute_query(self._query_standing_at()) if self.node_ids else []
        return dict(rows)

    def _query_standing_at(self):
        # index nurture_enrolment_node_idx
        return SQL(
            """SELECT node_id, COUNT(*) FROM nurture_enrolment
                WHERE node_id = ANY(%s) AND state IN ('active', 'waiting', 'parked')
             GROUP BY node_id""",
            self.node_ids.ids,
        )
