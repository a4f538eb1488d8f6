import { neighbour } from "./layout";

/**
 * The keyboard of the editor. Keys that are typed into a field stay there.
 * @returns the handler for keydown on the editor's root
 */
export function useEditorKeys(editor) {
    const onCanvas = {
        Enter: (node) => node && (editor.state.connect ? editor.select(node.id) : openForm(node)),
        " ": (node) => node && editor.select(node.id),
        "+": (node) => node && editor.graph.editable && editor.insertAfter(node),
        "/": (node) => editor.graph.editable && palette(node),
        Delete: (node) => node && editor.graph.editable && editor.remove(node),
        Backspace: (node) => node && editor.graph.editable && editor.remove(node),
    };

    function palette(node) {
        if (node && node.exits.length) {
            editor.insertAfter(node);
        } else {
            editor.choosePlace(node ? { before: node.id } : {});
        }
    }

    async function openForm(node) {
        await editor.open(node.id);
        editor.focus.toForm();
    }

    function move(direction) {
        const { selected, layout } = editor.state;
        const key = neighbour(layout, selected ? `n${selected}` : "", direction);
        if (key && key.startsWith("n")) {
            editor.state.selected = Number(key.slice(1));
            editor.viewport.show(editor.placeOf(editor.state.selected));
            editor.focus.toCard();
        }
    }

    function escape() {
        if (editor.state.connect) {
            editor.state.connect = false;
        } else if (editor.state.panel) {
            editor.closePanel();
        } else {
            editor.state.selected = false;
        }
    }

    function history(ev) {
        const key = ev.key.toLowerCase();
        if (!(ev.ctrlKey || ev.metaKey) || !["z", "y"].includes(key)) {
            return false;
        }
        editor.runNext(key === "y" || ev.shiftKey ? "redo" : "undo");
        return true;
    }

    return function onKeydown(ev) {
        if (!editor.graph || ev.target.closest("input, select, textarea, [contenteditable=true]")) {
            if (ev.key === "Escape" && editor.graph) {
                ev.stopPropagation();
                editor.closePanel();
            }
            return;
        }
        let done = true;
        if (ev.key === "Escape") {
            escape();
        } else if (editor.graph.editable && history(ev)) {
            // done
        } else if (!ev.target.closest(".o_nurture_canvas")) {
            done = false;
        } else if ((ev.ctrlKey || ev.metaKey) && ev.key === "k" && editor.graph.editable) {
            palette(editor.selectedNode);
        } else if (ev.ctrlKey || ev.metaKey || ev.altKey) {
            done = false;
        } else if (ev.key.startsWith("Arrow")) {
            move(ev.key);
        } else if (ev.key in onCanvas && !isOtherButton(ev)) {
            if (!ev.repeat) {
                onCanvas[ev.key](focusedNode(editor, ev)); // a held key acts once
            }
        } else {
            done = false;
        }
        if (done) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    };
}

/** Enter and the space bar press the button that has the focus, unless it is a card. */
function isOtherButton(ev) {
    const button = ev.target.closest("button");
    return button && !button.dataset.node && ["Enter", " "].includes(ev.key);
}

function focusedNode(editor, ev) {
    const card = ev.target.closest("[data-node]");
    return card ? editor.nodeOf(Number(card.dataset.node)) : editor.selectedNode;
}
