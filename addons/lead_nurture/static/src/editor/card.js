import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/**
 * One step in the picture: what it is, what it does, what is wrong with it, and the people at it.
 */
export class StepCard extends Component {
    static template = "lead_nurture.StepCard";
    static props = {
        node: Object,
        numbers: { type: [Object, Boolean], optional: true },
        withNumbers: Boolean,
        selected: Boolean,
        focusable: Boolean,
        target: Boolean,
        onSelect: Function,
        onPeople: Function,
    };

    get label() {
        const { node, numbers } = this.props;
        const parts = [`${node.number}. ${node.name}`, node.kind_text, node.text, ...node.problems];
        if (numbers && numbers.here) {
            parts.push(_t("%s people here now", numbers.here));
        }
        return parts.filter(Boolean).join(", ");
    }

    get problemText() {
        const { name, problems } = this.props.node;
        if (problems.length > 1) {
            return _t("%s problems", problems.length);
        }
        // the card says its name already
        const parts = problems[0].split(`“${name}”`);
        const text = parts[0] ? problems[0] : parts.slice(1).join(`“${name}”`).replace(/^[:\s]+/, "");
        return text.charAt(0).toUpperCase() + text.slice(1);
    }
}

/** The card above the first step: who enters. */
export class FrameCard extends Component {
    static template = "lead_nurture.FrameCard";
    static props = { card: Object, onOpen: Function };
}
