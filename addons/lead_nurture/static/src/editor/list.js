import { Component } from "@odoo/owl";

/** The steps as a plain table, with the same actions as the picture. */
export class StepList extends Component {
    static template = "lead_nurture.StepList";
    static props = {
        graph: Object,
        numbers: Object,
        withNumbers: Boolean,
        selected: { type: [Number, Boolean] },
        onSelect: Function,
        onPeople: Function,
        onAct: Function,
    };

    nameOf(id) {
        const node = this.props.graph.nodes.find((n) => n.id === id);
        return node ? `${node.number}. ${node.name}` : "";
    }
}
