import { Component, xml } from "@odoo/owl";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

/** "3 h", "2 d 4 h": how long since, or how long until, in two steps at most; by the clock. */
export function tellSpan(minutes) {
    const [days, hours, rest] = [
        Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), Math.floor(minutes % 60)];
    if (days >= 10 || (days && !hours)) {
        return _t("%s d", days);
    }
    if (days) {
        return _t("%(days)s d %(hours)s h", { days, hours });
    }
    if (hours && rest) {
        return _t("%(hours)s h %(minutes)s min", { hours, minutes: rest });
    }
    return hours ? _t("%s h", hours) : _t("%s min", rest);
}

/** How far off a deadline is: so many minutes by the clock, below 0 when it has passed. */
export function tellDue(minutes) {
    return minutes < 0
        ? _t("overdue %s", tellSpan(-minutes))
        : _t("due in %s", tellSpan(minutes));
}

/** A moment as its distance from now; the moment itself stands in the tooltip. */
export class CareAge extends Component {
    static template = xml`<span t-if="value" t-att-title="full" class="text-nowrap" t-esc="age"/>`;
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get full() {
        return _t("Since %s; by the clock, nights and days off included", this.moment);
    }

    get moment() {
        return toLocaleDateTimeString(this.value);
    }

    get age() {
        const minutes = DateTime.now().diff(this.value, "minutes").minutes;
        return minutes < 0
            ? _t("in %s", tellSpan(-minutes))
            : tellSpan(minutes);
    }
}

registry.category("fields").add("care_age", {
    component: CareAge,
    supportedTypes: ["datetime"],
});

/** A deadline: how long is left, or how late it is, in words and not by colour alone. */
export class CareDue extends CareAge {
    static template = "customer_care.Due";

    get minutes() {
        return this.value.diff(DateTime.now(), "minutes").minutes;
    }

    get isLate() {
        return this.minutes < 0;
    }

    get isNear() {
        return !this.isLate && this.minutes < 60;
    }

    get full() {
        return _t("Due %s; by the clock, nights and days off included", this.moment);
    }

    get left() {
        return tellDue(this.minutes);
    }
}

registry.category("fields").add("care_due", {
    component: CareDue,
    supportedTypes: ["datetime"],
});
