/**
 * Where the cards of a scenario stand and how the arrows run. Numbers in, numbers out: nothing here
 * knows of the page, so that live numbers never move a card.
 */
import { groupBy } from "@web/core/utils/arrays";

export const CARD_WIDTH = 250;
const CARD_HEIGHT = 66;
const FOOT_HEIGHT = 28;
const PROBLEM_HEIGHT = 24;
const OPEN_SIZE = 34;
const MARGIN = 24;

/** Steps, the card of the entry, and a stub for each exit that leads nowhere. */
function boxesOf(graph, withNumbers) {
    const boxes = [];
    const entry = graph.frame.find((card) => card.key === "entry");
    if (entry) {
        boxes.push({ key: "entry", type: "entry", card: entry, width: CARD_WIDTH, height: CARD_HEIGHT });
    }
    for (const node of graph.nodes) {
        const lines = (node.problems.length ? 1 : 0) + (node.paused ? 1 : 0);
        const height = CARD_HEIGHT + (withNumbers ? FOOT_HEIGHT : 0) + lines * PROBLEM_HEIGHT;
        boxes.push({ key: `n${node.id}`, type: "step", node, width: CARD_WIDTH, height });
    }
    return boxes;
}

function arrowsOf(graph) {
    const arrows = [];
    if (graph.nodes.length) {
        arrows.push({ key: "entry", source: "entry", target: `n${graph.start}`, text: "" });
    }
    const known = new Set(graph.nodes.map((node) => node.id));
    for (const node of graph.nodes) {
        for (const exit of node.exits) {
            const key = `${node.id}:${exit.label}`;
            const isOpen = !known.has(exit.target);
            arrows.push({
                key,
                exit: { node: node.id, label: exit.label, name: exit.name, target: exit.target },
                source: `n${node.id}`,
                target: isOpen ? `open:${key}` : `n${exit.target}`,
                text: exit.text,
                isOpen,
            });
        }
    }
    return arrows;
}

/** The words and the button of a way out stand right below the card that it leaves. */
function signOf(arrow, editable) {
    const width = arrow.text ? Math.min(170, 24 + 6.5 * arrow.text.length) : 1;
    const button = editable && !arrow.isOpen ? 26 : 0;
    return {
        key: `sign:${arrow.key}`,
        width: Math.max(width, button || 1),
        height: (arrow.text ? 24 : 0) + button || 1,
    };
}

/** Steps that several arrows lead to stand below all of them; the others close to their arrow. */
function weightOf(arrow, arrivals) {
    return arrivals[arrow.target] > 1 ? 1 : 8;
}

function place(dagre, boxes, arrows, signs, options) {
    const picture = new dagre.graphlib.Graph();
    picture.setGraph({
        rankdir: "TB", nodesep: 32, edgesep: 28, ranksep: 34, marginx: MARGIN, marginy: MARGIN,
    });
    const arrivals = countBy(arrows.map((arrow) => arrow.target));
    for (const { key, width, height } of [...boxes, ...signs]) {
        picture.setNode(key, { width, height });
    }
    arrows.forEach((arrow, i) => {
        if (arrow.isOpen) {
            picture.setNode(arrow.target, { width: OPEN_SIZE, height: OPEN_SIZE });
        }
        const weight = weightOf(arrow, arrivals);
        picture.setEdge(arrow.source, signs[i].key, { weight: 10 });
        picture.setEdge(signs[i].key, arrow.target, { weight });
    });
    dagre.layout(picture, options);
    const lines = picture.edges().map((edge) => picture.edge(edge).points);
    return { picture, crossings: countCrossings(lines) };
}

function countBy(values) {
    const counts = {};
    for (const value of values) {
        counts[value] = (counts[value] || 0) + 1;
    }
    return counts;
}

/** How often the lines of a picture cross each other; touching at an end does not count. */
function countCrossings(lines) {
    const pieces = lines.flatMap((points) => points.slice(1).map((point, i) => [points[i], point]));
    const side = (a, b, c) => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let count = 0;
    for (let i = 0; i < pieces.length; i++) {
        const [a, b] = pieces[i];
        for (let j = i + 1; j < pieces.length; j++) {
            const [c, d] = pieces[j];
            const apart = Math.max(a.y, b.y) <= Math.min(c.y, d.y) || Math.max(c.y, d.y) <= Math.min(a.y, b.y);
            if (!apart && side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) {
                count++;
            }
        }
    }
    return count;
}

/**
 * @param {object} dagre the layout library
 * @param {object} graph as the server tells it
 * @param {{editable: boolean, withNumbers: boolean}} options
 */
export function layoutGraph(dagre, graph, { editable, withNumbers }) {
    const boxes = boxesOf(graph, withNumbers);
    const arrows = arrowsOf(graph);
    const signs = arrows.map((arrow) => signOf(arrow, editable));
    // ways out in their own order read best, unless that tangles the arrows
    const inOrder = place(dagre, boxes, arrows, signs, { disableOptimalOrderHeuristic: true });
    const untangled = place(dagre, boxes, arrows, signs, {});
    const { picture } = inOrder.crossings <= untangled.crossings ? inOrder : untangled;
    const spot = (key) => {
        const { x, y, width, height } = picture.node(key);
        return { x: x - width / 2, y: y - height / 2, width, height, cx: x, cy: y };
    };
    const spots = Object.fromEntries(picture.nodes().map((key) => [key, spot(key)]));
    const drawn = arrows.map((arrow, i) => ({
        ...arrow,
        sign: spots[signs[i].key],
        end: spots[arrow.target],
        toSign: picture.edge({ v: arrow.source, w: signs[i].key }).points,
        toEnd: picture.edge({ v: signs[i].key, w: arrow.target }).points,
    }));
    drawArrows(drawn, spots);
    const size = picture.graph();
    return {
        width: Math.max(size.width || 0, CARD_WIDTH + 2 * MARGIN),
        height: size.height || 0,
        boxes: boxes.map((box) => ({ ...box, ...spots[box.key] })),
        arrows: drawn,
    };
}

/** Give each arrow its `path`; the ways out of one card leave it side by side. */
function drawArrows(arrows, spots) {
    for (const [source, group] of Object.entries(groupBy(arrows, "source"))) {
        const from = spots[source];
        group.sort((a, b) => a.sign.cx - b.sign.cx);
        const step = Math.min(48, (from.width - 40) / group.length);
        group.forEach((arrow, rank) => {
            arrow.isBack = arrow.end.y <= arrow.sign.y;
            const x = from.cx + (rank - (group.length - 1) / 2) * step;
            const start = { x, y: from.y + from.height };
            const points = [start, ...arrow.toSign.slice(1, -1), { x: arrow.sign.cx, y: arrow.sign.cy }];
            arrow.path = `M ${at(start.x, start.y)} ${bends(points)} `;
            arrow.path += arrow.isBack ? wayBack(arrow) : wayDown(arrow);
        });
    }
}

const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** Curves that leave and meet every point upright. */
function bends(points) {
    return points
        .slice(1)
        .map((to, i) => {
            const middle = (points[i].y + to.y) / 2;
            return `C ${at(points[i].x, middle)} ${at(to.x, middle)} ${at(to.x, to.y)}`;
        })
        .join(" ");
}

function wayDown({ sign, toEnd, end }) {
    const bottom = { x: sign.cx, y: sign.y + sign.height };
    const top = { x: end.cx, y: end.y - 2 };
    return `L ${at(bottom.x, bottom.y)} ${bends([bottom, ...toEnd.slice(1, -1), top])}`;
}

/** A way back runs up beside the cards, and comes in at a side. */
function wayBack({ sign, toEnd, end }) {
    let between = toEnd.slice(1, -1);
    const under = ({ x }) => x > end.x - 12 && x < end.x + end.width + 12;
    if (!between.length || under(between[between.length - 1])) {
        // too close for a lane of its own: right beside the card
        const lane = end.x + end.width + 22;
        between = [{ x: lane, y: sign.y }, { x: lane, y: end.cy + 22 }];
    }
    const first = between[0];
    const last = between[between.length - 1];
    const into = { x: last.x < end.cx ? end.x - 2 : end.x + end.width + 2, y: end.cy };
    const below = sign.y + sign.height + 14;
    const turn = (sign.cx + first.x) / 2;
    return [
        `C ${at(sign.cx, below)} ${at(sign.cx, below)} ${at(turn, below)}`,
        `C ${at(first.x, below)} ${at(first.x, below)} ${at(first.x, first.y)}`,
        bends(between),
        `Q ${at(last.x, into.y)} ${at(into.x, into.y)}`,
    ].join(" ");
}

/**
 * The card to which an arrow key moves from another: down and up follow the arrows, left and right
 * go to the nearest card beside it.
 */
export function neighbour(layout, key, direction) {
    const box = layout.boxes.find((b) => b.key === key);
    if (!box) {
        return layout.boxes.find((b) => b.type === "step")?.key;
    }
    const isStep = (k) => layout.boxes.some((b) => b.key === k);
    if (direction === "ArrowDown") {
        return layout.arrows.find((a) => a.source === key && !a.isBack && isStep(a.target))?.target;
    }
    if (direction === "ArrowUp") {
        return layout.arrows.find((a) => a.target === key && !a.isBack)?.source;
    }
    const sign = direction === "ArrowRight" ? 1 : -1;
    const far = (b) => Math.abs(b.cy - box.cy) * 3 + Math.abs(b.cx - box.cx);
    return layout.boxes
        .filter((b) => (b.cx - box.cx) * sign > 10)
        .sort((a, b) => far(a) - far(b))[0]?.key;
}
