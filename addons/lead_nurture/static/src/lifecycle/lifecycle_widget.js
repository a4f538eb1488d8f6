import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ANSWERS = {
    waiting: "text-bg-info",
    late: "text-bg-warning",
    accepted: "text-bg-success",
    rejected: "text-bg-danger",
};

/**
 * Where a lead stands on its way, how it came there, and what sales made of it. Read when the page
 * is opened, and again after a move or a hand-over.
 */
export class NurtureLifecycleWidget extends Component {
    static template = "lead_nurture.LifecycleWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ told: false });
        onWillStart(() => {
            this.load(this.props.record);
        });
        onWillUpdateProps((props) => {
            if (props.record.resId !== this.resId) {
                this.load(props.record);
            }
        });
    }

    async load(record) {
        this.resId = record.resId;
        if (!record.resId) {
            this.state.told = false;
            return;
        }
        const [row] = await this.orm.read("crm.lead", [record.resId], ["nurture_lifecycle"]);
        if (this.resId === record.resId) {
            this.state.told = row ? row.nurture_lifecycle : false;
        }
    }

    async askWhereTo() {
        const ids = [this.props.record.resId];
        await this.ask(await this.orm.call("crm.lead", "action_nurture_move", [ids]));
    }

    /** Ask in a dialog, then show what became of it. */
    async ask(dialog) {
        const record = this.props.record;
        if (!(await record.save())) {
            return;
        }
        await this.action.doAction(dialog, {
            additionalContext: {
                active_model: "crm.lead",
                active_id: record.resId,
                active_ids: [record.resId],
            },
            onClose: async () => {
                await record.load();
                await this.load(record);
            },
        });
    }

    openHandover(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "nurture.handover",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    answerClass(state) {
        return ANSWERS[state];
    }

    moment(moment) {
        return toLocaleDateTimeString(deserializeDateTime(moment));
    }
}

registry.category("view_widgets").add("nurture_lifecycle", {
    component: NurtureLifecycleWidget,
});
