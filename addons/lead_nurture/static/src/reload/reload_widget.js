import { Component, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const POLL_MS = 2000;

/**
 * Reads the record again every two seconds while its state is one of those named, so that a
 * progress bar moves: <widget name="nurture_reload" while="waiting,running"/>.
 */
export class NurtureReloadWidget extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps, states: Array };

    setup() {
        this.timer = setInterval(() => this.poll(), POLL_MS);
        onWillUnmount(() => clearInterval(this.timer));
    }

    async poll() {
        const { record, states } = this.props;
        if (!document.hidden && !this.busy && states.includes(record.data.state)) {
            this.busy = true;
            try {
                await record.load();
            } finally {
                this.busy = false;
            }
        }
    }
}

registry.category("view_widgets").add("nurture_reload", {
    component: NurtureReloadWidget,
    extractProps: ({ attrs }) => ({ states: attrs.while.split(",") }),
});
