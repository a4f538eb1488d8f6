import { onPatched } from "@odoo/owl";

/**
 * Where the keyboard goes in the editor once what it is to go to is drawn: a card, or a form. Whoever
 * is being asked something meanwhile keeps it.
 */
export function useEditorFocus(editor) {
    let card = false;
    let form = false; // the step whose form is waited for

    /** Give the keyboard to the chosen card. */
    function toCard() {
        card = true;
        form = false;
        requestAnimationFrame(takeCard);
    }

    function takeCard() {
        if (editor.ask.isOpen()) {
            card = false;
        }
        const found = editor.root.el?.querySelector(".o_nurture_card[tabindex='0']");
        const { selected } = editor.state;
        if (card && found && (!selected || Number(found.dataset.node) === selected)) {
            card = false;
            found.focus({ preventScroll: true });
        }
    }

    /** Give the keyboard to the form of the chosen step, however late the server brings it. */
    function toForm() {
        form = editor.state.selected;
        takeForm();
    }

    function takeForm() {
        if (editor.ask.isOpen()) {
            form = false;
        }
        const drawn = `.o_nurture_panel[data-step='${form}'] .o_form_view`;
        const field = editor.root.el?.querySelector(`${drawn} :is(input, select, textarea)`);
        if (form && field) {
            form = false;
            field.focus();
        }
    }

    onPatched(takeCard);
    return { toCard, toForm, takeForm };
}
