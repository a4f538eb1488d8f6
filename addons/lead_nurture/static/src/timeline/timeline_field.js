import { Component } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = {
    page_view: "fa-globe",
    form: "fa-wpforms",
    mail_sent: "fa-paper-plane-o",
    mail_open: "fa-envelope-open-o",
    mail_click: "fa-mouse-pointer",
    mail_reply: "fa-reply",
    mail_bounce: "fa-exclamation-triangle",
    unsubscribe: "fa-ban",
    download: "fa-download",
    meeting: "fa-users",
    call: "fa-phone",
    purchase: "fa-shopping-cart",
    stage_change: "fa-exchange",
    band_up: "fa-arrow-up",
    band_down: "fa-arrow-down",
    segment_enter: "fa-sign-in",
    segment_leave: "fa-sign-out",
    recycled: "fa-recycle",
};

/**
 * The last things a person did, newest first.
 */
export class NurtureTimelineField extends Component {
    static template = "lead_nurture.TimelineField";
    static props = { ...standardFieldProps };

    get events() {
        return this.props.record.data[this.props.name] || [];
    }

    icon(kind) {
        return ICONS[kind] || "fa-circle-o";
    }

    ago(moment) {
        return deserializeDateTime(moment).toRelative();
    }

    moment(moment) {
        return formatDateTime(deserializeDateTime(moment));
    }
}

registry.category("fields").add("nurture_timeline", {
    component: NurtureTimelineField,
    supportedTypes: ["json"],
});
