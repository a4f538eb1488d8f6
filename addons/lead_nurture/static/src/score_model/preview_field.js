import { Component, onWillUnmount, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const BANDS = ["cold", "warm", "hot"];
const GRADES = ["D", "C", "B", "A"];
const POLL_MS = 3000;

/**
 * Who changes band or grade if the draft is published: two tables whose figures open the people.
 */
export class NurturePreviewField extends Component {
    static template = "lead_nurture.PreviewField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ followed: false, busy: false });
        this.timer = setInterval(() => this.poll(), POLL_MS);
        onWillUnmount(() => clearInterval(this.timer));
    }

    get board() {
        return this.state.followed || this.props.record.data[this.props.name] || {};
    }

    get preview() {
        return this.board.preview;
    }

    get tables() {
        return [
            { key: "bands", title: _t("Interest"), field: "band", order: BANDS, rows: this.preview.bands,
              label: (key) => this.board.labels[key] },
            { key: "grades", title: _t("Fit"), field: "grade", order: GRADES, rows: this.preview.grades,
              label: (key) => key },
        ];
    }

    get when() {
        return toLocaleDateTimeString(deserializeDateTime(this.preview.at));
    }

    number(table, before, after) {
        return (table.rows[before] || {})[after] || 0;
    }

    total(table, after) {
        return table.order.reduce((sum, before) => sum + this.number(table, before, after), 0);
    }

    arrow(table, before, after) {
        const way = table.order.indexOf(after) - table.order.indexOf(before);
        return way > 0 ? "fa-arrow-up" : "fa-arrow-down";
    }

    cellLabel(table, before, after) {
        const [from, to] = [table.label(before), table.label(after)];
        return _t("%(number)s people from %(from)s to %(to)s", { number: this.number(table, before, after), from, to });
    }

    async poll() {
        const isRunning = this.preview && this.preview.state === "running";
        if (isRunning && !this.state.busy && !this.following) {
            this.following = true;
            try {
                await this.follow();
            } finally {
                this.following = false;
            }
        }
    }

    /** Only the board is read again: what is being typed in the form stays. */
    async follow() {
        const { record, name } = this.props;
        const [row] = await this.orm.read(record.resModel, [record.resId], [name]);
        this.state.followed = row[name];
        if (row[name].preview && row[name].preview.state === "done" && !(await record.isDirty())) {
            await record.load();
        }
    }

    async count() {
        const { record } = this.props;
        if (this.state.busy || !(await record.save())) {
            return;
        }
        this.state.busy = true;
        try {
            await this.orm.call(record.resModel, "action_preview", [[record.resId]]);
            await this.follow();
        } finally {
            this.state.busy = false;
        }
    }

    async open(table, before, after) {
        const { record } = this.props;
        const domain = [[`${table.field}_before`, "=", before], [table.field, "=", after]];
        const action = await this.orm.call(record.resModel, "action_open_preview_people", [[record.resId], domain]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("nurture_preview", {
    component: NurturePreviewField,
    supportedTypes: ["json"],
});
