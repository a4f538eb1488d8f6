import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

/**
 * What a step may be: kinds by group, found by typing, chosen by a click or by arrow keys and Enter.
 * Where the mouse happens to lie changes nothing: the list moves under it while somebody types.
 */
export class PaletteDialog extends Component {
    static template = "lead_nurture.PaletteDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        title: String,
        groups: Array,
        onChoose: Function,
        onConnect: { type: [Function, Boolean], optional: true },
    };

    setup() {
        this.state = useState({ text: "", at: 0 });
        useAutofocus({ refName: "search", mobile: false });
    }

    get groups() {
        const text = this.state.text.trim().toLowerCase();
        let place = 0;
        return this.props.groups
            .map((group) => ({
                ...group,
                kinds: group.kinds.filter((kind) =>
                    `${kind.label} ${group.label}`.toLowerCase().includes(text)
                ),
            }))
            .filter((group) => group.kinds.length)
            .map((group) => ({
                ...group,
                kinds: group.kinds.map((kind) => ({ ...kind, place: place++ })),
            }));
    }

    get found() {
        return this.groups.flatMap((group) => group.kinds);
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.state.at = 0;
    }

    onKeydown(ev) {
        const last = this.found.length - 1;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            ev.preventDefault();
            const step = ev.key === "ArrowDown" ? 1 : -1;
            this.state.at = Math.min(Math.max(this.state.at + step, 0), Math.max(last, 0));
        } else if (ev.key === "Enter" && !ev.isComposing && this.found[this.state.at]) {
            ev.preventDefault();
            if (ev.repeat) {
                return; // the Enter that opened the list is still held
            }
            this.choose(this.found[this.state.at].kind);
        }
    }

    choose(kind) {
        this.props.close();
        this.props.onChoose(kind);
    }

    connect() {
        this.props.close();
        this.props.onConnect();
    }
}
