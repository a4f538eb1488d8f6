import { onMounted, onWillUnmount, useEffect, useState } from "@odoo/owl";

const STEPS = [0.25, 0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.5];

/**
 * Zoom and pan of a picture inside a scrolling box: buttons, ctrl and wheel, dragging the ground.
 * @param {{el: HTMLElement}} boxRef the box that scrolls
 * @param {() => ({width: number, height: number} | null)} size of the picture at 100 %
 */
export function useViewport(boxRef, size) {
    const view = useState({ zoom: 1, panning: false });

    function setZoom(zoom, center) {
        const box = boxRef.el;
        const limited = Math.min(Math.max(zoom, STEPS[0]), STEPS[STEPS.length - 1]);
        if (!box || limited === view.zoom) {
            return;
        }
        const { x, y } = center || { x: box.clientWidth / 2, y: box.clientHeight / 2 };
        const factor = limited / view.zoom;
        const left = (box.scrollLeft + x) * factor - x;
        const top = (box.scrollTop + y) * factor - y;
        view.zoom = limited;
        requestAnimationFrame(() => box.scrollTo(left, top));
    }

    function step(direction) {
        const bigger = STEPS.filter((zoom) => zoom > view.zoom + 0.01);
        const smaller = STEPS.filter((zoom) => zoom < view.zoom - 0.01);
        setZoom(direction > 0 ? bigger[0] ?? view.zoom : smaller[smaller.length - 1] ?? view.zoom);
    }

    /** The whole picture if it stays readable, else its top at a readable size. */
    function fit({ whole = true, start = null } = {}) {
        const box = boxRef.el;
        const picture = size();
        if (!box || !picture || !box.clientWidth) {
            return;
        }
        const across = box.clientWidth / picture.width;
        const down = whole ? box.clientHeight / picture.height : 1;
        view.zoom = Math.min(Math.max(Math.min(across, down, 1), whole ? STEPS[0] : 0.65), 1);
        requestAnimationFrame(() => {
            const middle = start && !whole ? start.cx : picture.width / 2;
            box.scrollTo(middle * view.zoom - box.clientWidth / 2, 0);
        });
    }

    /** Bring a card into sight without moving more than needed. */
    function show(place) {
        const box = boxRef.el;
        if (!box || !place) {
            return;
        }
        const [left, top] = [place.x * view.zoom, place.y * view.zoom];
        const [right, bottom] = [left + place.width * view.zoom, top + place.height * view.zoom];
        let { scrollLeft, scrollTop } = box;
        if (left < scrollLeft || right > scrollLeft + box.clientWidth) {
            scrollLeft = (left + right - box.clientWidth) / 2;
        }
        if (top < scrollTop || bottom > scrollTop + box.clientHeight) {
            scrollTop = (top + bottom - box.clientHeight) / 2;
        }
        box.scrollTo({ left: scrollLeft, top: scrollTop, behavior: "smooth" });
    }

    function onWheel(ev) {
        if (ev.ctrlKey || ev.metaKey) {
            ev.preventDefault();
            const rect = boxRef.el.getBoundingClientRect();
            const center = { x: ev.clientX - rect.left, y: ev.clientY - rect.top };
            setZoom(view.zoom * (ev.deltaY < 0 ? 1.1 : 1 / 1.1), center);
        }
    }

    let from = null;
    function onPointerDown(ev) {
        const onGround = !ev.target.closest("button, select, input, a");
        if (ev.button === 0 && ev.pointerType === "mouse" && onGround) {
            const box = boxRef.el;
            from = { x: ev.clientX + box.scrollLeft, y: ev.clientY + box.scrollTop };
            view.panning = true;
        }
    }
    function onPointerMove(ev) {
        if (from && !ev.buttons) {
            onPointerUp(); // it was let go outside the window
        } else if (from) {
            boxRef.el.scrollTo(from.x - ev.clientX, from.y - ev.clientY);
        }
    }
    function onPointerUp() {
        from = null;
        view.panning = false;
    }

    useEffect(
        (box) => {
            box?.addEventListener("wheel", onWheel, { passive: false });
            box?.addEventListener("pointerdown", onPointerDown);
            return () => {
                box?.removeEventListener("wheel", onWheel);
                box?.removeEventListener("pointerdown", onPointerDown);
            };
        },
        () => [boxRef.el]
    );
    onMounted(() => {
        window.addEventListener("pointermove", onPointerMove);
        window.addEventListener("pointerup", onPointerUp);
    });
    onWillUnmount(() => {
        window.removeEventListener("pointermove", onPointerMove);
        window.removeEventListener("pointerup", onPointerUp);
    });
    return { view, setZoom, step, fit, show };
}
