import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateString, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const PAGE = 20; // rows of one answer of the server; fewer are the last ones
const { DateTime } = luxon;
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
    sms: "fa-comment-o",
    chat: "fa-comments-o",
    survey: "fa-check-square-o",
    event_registered: "fa-ticket",
    event_attended: "fa-calendar-check-o",
};

/**
 * What a person did, newest first, by day. The field brings the first page; a kind, and what was
 * earlier, are asked for.
 */
export class NurtureTimelineField extends Component {
    static template = "lead_nurture.TimelineField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ group: false, events: [], more: false, loading: false });
        this.show(this.props);
        onWillUpdateProps((props) => {
            if (props.record.data[props.name] !== this.first) {
                this.show(props);
            }
        });
    }

    get groups() {
        return [
            { key: false, label: _t("All") },
            { key: "mail", label: _t("Mails") },
            { key: "web", label: _t("Visits and events") },
            { key: "sales", label: _t("Sales") },
        ];
    }

    get days() {
        const days = new Map();
        for (const event of this.state.events) {
            const at = deserializeDateTime(event.at);
            const key = at.toISODate();
            if (!days.has(key)) {
                days.set(key, { key, label: this.dayLabel(at), events: [] });
            }
            days.get(key).events.push(event);
        }
        return [...days.values()];
    }

    dayLabel(at) {
        const days = DateTime.now().startOf("day").diff(at.startOf("day"), "days").days;
        if (Math.round(days) === 0) {
            return _t("Today");
        }
        return Math.round(days) === 1 ? _t("Yesterday") : toLocaleDateString(at);
    }

    /** Begin with what the field says. */
    show(props) {
        this.first = props.record.data[props.name];
        this.begin();
    }

    /** What the field brought, of every kind; an answer that is still on its way is for nobody. */
    begin() {
        Object.assign(this.state, { group: false, loading: false });
        this.asked = false;
        this.fill(this.first || []);
    }

    fill(rows, earlier = []) {
        this.state.events = [...earlier, ...rows];
        this.state.more = rows.length === PAGE;
    }

    async choose(group) {
        if (!group) {
            return this.begin();
        }
        this.state.group = group;
        await this.load(false);
    }

    async load(further) {
        const { resModel, resId } = this.props.record;
        const group = this.state.group;
        const earlier = further ? this.state.events : [];
        const asked = (this.asked = {});
        this.state.loading = true;
        try {
            const rows = await this.orm.call(resModel, "get_nurture_timeline", [[resId]], {
                group: group || null,
                before_id: earlier.length ? earlier.at(-1).id : null,
            });
            if (asked === this.asked) {
                this.fill(rows, earlier);
            }
        } finally {
            if (asked === this.asked) {
                this.state.loading = false;
            }
        }
    }

    icon(kind) {
        return ICONS[kind] || "fa-circle-o";
    }

    time(moment) {
        return deserializeDateTime(moment).toLocaleString(DateTime.TIME_SIMPLE);
    }

    moment(moment) {
        return toLocaleDateTimeString(deserializeDateTime(moment));
    }
}

registry.category("fields").add("nurture_timeline", {
    component: NurtureTimelineField,
    supportedTypes: ["json"],
});
