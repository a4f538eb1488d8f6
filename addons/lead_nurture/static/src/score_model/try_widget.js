import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { NurtureExplanation } from "../explanation/explanation_card";

const LIMITS = ["total_cap", "warm_at", "hot_at", "hysteresis", "grade_a_at", "grade_b_at", "grade_c_at"];

/**
 * The model that is being edited, tried on one lead or person, beside the score that is shown.
 */
export class NurtureTryWidget extends Component {
    static template = "lead_nurture.TryWidget";
    static components = { NurtureExplanation, RecordSelector };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ resModel: "crm.lead", resId: false, result: false });
        this.kinds = [
            ["crm.lead", _t("Lead")],
            ["nurture.person", _t("Person")],
            ["res.partner", _t("Contact")],
        ];
        this.follow = useDebounced(() => this.load(), 300);
        onWillUpdateProps((props) => {
            const seen = this.fingerprint(props.record);
            if (seen !== this.seen) {
                this.seen = seen;
                this.follow();
            }
        });
        this.seen = this.fingerprint(this.props.record);
    }

    get difference() {
        const { told, shown } = this.state.result;
        return told.total - (shown ? shown.total : 0);
    }

    get differenceText() {
        return this.difference > 0 ? `+${this.difference}` : `${this.difference}`.replace("-", "−");
    }

    limits(record) {
        return Object.fromEntries(LIMITS.map((name) => [name, record.data[name] || 0]));
    }

    /** Changes whenever the answer may change. */
    fingerprint(record) {
        return JSON.stringify([record.resId, this.limits(record), record.data.rule_board]);
    }

    chooseKind(resModel) {
        Object.assign(this.state, { resModel, resId: false, result: false });
    }

    async choose(resId) {
        this.state.resId = resId;
        await this.load();
    }

    async load() {
        const { record } = this.props;
        const { resModel, resId } = this.state;
        if (!resId || !record.resId) {
            this.state.result = false;
            return;
        }
        const asked = (this.asked = {});
        const result = await this.orm.call("nurture.score.model", "explain_on", [
            [record.resId], resModel, resId, this.limits(record),
        ]);
        if (asked === this.asked && resId === this.state.resId) {
            this.state.result = result;
        }
    }
}

registry.category("view_widgets").add("nurture_try", {
    component: NurtureTryWidget,
});
