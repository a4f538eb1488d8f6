import { Component, useState } from "@odoo/owl";
import { formatMonetary } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useAutofocus, useService } from "@web/core/utils/hooks";

const LESS_IS_BETTER = new Set(["lost", "not_now"]);

/**
 * A report as a page to read: figures that open their records, the day as a timeline, what comes
 * next. The writer comments a line or leaves it out; each of these is saved at once, so that the
 * text boxes around keep what is being typed.
 */
export class SalesReportPageField extends Component {
    static template = "sales_automation.ReportPageField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        useAutofocus();
        this.state = useState({ page: null, source: null, editing: null, text: "" });
    }

    /** What the last click has answered, until the record brings something newer. */
    get page() {
        const value = this.props.record.data[this.props.name];
        return this.state.page && this.state.source === value ? this.state.page : value;
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.page.currency_id, humanReadable: true });
    }

    /** The change against the week before, in words and with an arrow. */
    change(figure) {
        const difference = figure.count - figure.before;
        const more = LESS_IS_BETTER.has(figure.key) ? "text-danger" : "text-success";
        const fewer = LESS_IS_BETTER.has(figure.key) ? "text-success" : "text-danger";
        if (!difference) {
            return { icon: "fa-minus", tone: "text-muted" };
        }
        return difference > 0
            ? { icon: "fa-arrow-up", tone: more }
            : { icon: "fa-arrow-down", tone: fewer };
    }

    async call(method, ...args) {
        const { resModel, resId } = this.props.record;
        return this.orm.call(resModel, method, [[resId], ...args]);
    }

    async open(method, argument) {
        if (this.page.editable) {
            await this.props.record.save();
        }
        this.action.doAction(await this.call(method, argument));
    }

    async changeLines(method, ...args) {
        const page = await this.call(method, ...args);
        this.state.source = this.props.record.data[this.props.name];
        this.state.page = page;
    }

    remove(line) {
        return this.changeLines("remove_line", line.id);
    }

    restore() {
        return this.changeLines("restore_lines");
    }

    edit(line) {
        this.state.editing = line.id;
        this.state.text = line.comment;
    }

    async keep(line) {
        if (this.state.editing !== line.id) {
            return;
        }
        this.state.editing = null;
        if (this.state.text !== line.comment) {
            await this.changeLines("comment_line", line.id, this.state.text);
        }
    }

    onKeydown(ev, line) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.keep(line);
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.state.editing = null;
        }
    }
}

registry.category("fields").add("sales_report_page", {
    component: SalesReportPageField,
    supportedTypes: ["json"],
});
