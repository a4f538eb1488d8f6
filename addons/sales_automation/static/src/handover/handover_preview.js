import { Component, onWillStart, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { toLocaleDateString, deserializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const POLL_SECONDS = 2;
const IN_WORK = ["running", "returning"];
// Small groups are open from the beginning; a long list opens on demand.
const OPEN_UP_TO = 12;

/** What a handover moves: groups that fold, who gets how much, and how far the work has come. */
export class HandoverPreview extends Component {
    static template = "sales_automation.HandoverPreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null, open: {} });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => this.load(next.record.resId));
        onWillUnmount(() => {
            this.asked = false;
            clearTimeout(this.timer);
        });
    }

    async load(resId) {
        const asked = (this.asked = {});
        clearTimeout(this.timer);
        if (!resId) {
            this.state.data = null;
            return;
        }
        const data = await this.orm.call("sales.handover", "get_handover_preview", [[resId]]);
        if (asked !== this.asked) {
            return; // asked again meanwhile, or nobody looks any more
        }
        this.state.data = data;
        if (IN_WORK.includes(this.state.data.state)) {
            this.timer = setTimeout(() => this.poll(resId), POLL_SECONDS * 1000);
        }
    }

    /** Follow the job; when it is done, the whole form tells so. */
    async poll(resId) {
        const before = this.state.data.state;
        await this.load(resId);
        if (this.state.data.state !== before) {
            await this.props.record.load();
        }
    }

    get isAtWork() {
        return IN_WORK.includes(this.state.data.state);
    }

    get progressText() {
        return `${Math.round(this.state.data.progress)} %`;
    }

    isOpen(group) {
        const chosen = this.state.open[group.kind];
        const needsLook = group.failed > 0 || (group.problems > 0 && group.problems < group.count);
        return chosen === undefined ? group.count <= OPEN_UP_TO || needsLook : chosen;
    }

    toggle(group) {
        this.state.open[group.kind] = !this.isOpen(group);
    }

    formatDay(day) {
        return toLocaleDateString(deserializeDate(day));
    }

    async openRecord(line) {
        const action = await this.orm.call("sales.handover.line", "action_open_record", [[line.id]]);
        return this.action.doAction(action);
    }

    async openList(group) {
        const action = await this.orm.call("sales.handover", "action_open_lines", [
            [this.props.record.resId],
        ]);
        action.domain.push(["kind", "=", group.kind]);
        return this.action.doAction(action);
    }

    async give(lineIds, value) {
        const resId = this.props.record.resId;
        const userId = parseInt(value) || false;
        await this.orm.call("sales.handover", "set_handover_receiver", [[resId], lineIds, userId]);
        await this.load(resId);
    }

    giveGroup(group, value) {
        const planned = group.lines.filter((line) => line.state === "planned");
        return this.give(planned.map((line) => line.id), value);
    }

    async leaveOut(line) {
        const method = line.state === "skipped" ? "action_take_in" : "action_leave_out";
        await this.orm.call("sales.handover.line", method, [[line.id]]);
        await this.load(this.props.record.resId);
    }
}

registry.category("view_widgets").add("sales_handover_preview", { component: HandoverPreview });
