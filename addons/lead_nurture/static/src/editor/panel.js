import { Component, markup, onWillStart, onWillUpdateProps, useState, useSubEnv } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { getDefaultConfig, View } from "@web/views/view";

import "./step_form";

/**
 * The settings of the chosen step beside the picture: the step's own form, so that a new kind of
 * step needs nothing here, and where it leads.
 */
export class StepPanel extends Component {
    static template = "lead_nurture.StepPanel";
    static components = { View };
    static props = {
        node: Object,
        isStart: Boolean,
        nodes: Array,
        editable: Boolean,
        revision: Number,
        formKey: String,
        recorder: Object,
        onSaved: Function,
        onShown: Function,
        onClose: Function,
        onAct: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ mail: false });
        // a form of its own: it must not rename the page around it
        useSubEnv({
            config: { ...getDefaultConfig(), disableSearchBarAutofocus: true },
            onStepForm: () => this.props.onShown(),
        });
        onWillStart(() => {
            this.loadMail(this.props);
        });
        onWillUpdateProps((props) => {
            if (props.formKey !== this.props.formKey || props.node.text !== this.props.node.text) {
                this.loadMail(props);
            }
        });
    }

    get viewProps() {
        return {
            type: "form",
            resModel: "nurture.node",
            resId: this.props.node.id,
            jsClass: "nurture_step_form",
            display: { controlPanel: false },
            readonly: !this.props.editable,
            preventCreate: true,
            context: { nurture_revision: this.props.revision },
            onSave: () => this.props.onSaved(),
            __beforeLeave__: this.props.recorder,
        };
    }

    async loadMail(props) {
        const asked = (this.asked = {});
        this.state.mail = false;
        if (props.node.has_mail) {
            const mail = await this.orm.call("nurture.node", "get_editor_mail", [[props.node.id]]);
            if (asked === this.asked) {
                this.state.mail = { ...mail, body: String(markup(mail.body)) };
            }
        }
    }

    onTarget(label, ev) {
        this.props.onAct("connect", label, Number(ev.target.value) || false);
    }
}
