// What is chosen, drawn over the cells: the cell, pieces, a stroke, what is loose or in conflict, and what was before.
import {seen} from "./squares.js";

export function paintChosen(board, ctx, view) {
    const {target, atoms, stroke, cursor, loose, conflict, shape} = board.chosen, style = getComputedStyle(document.documentElement);
    const accent = style.getPropertyValue("--accent"), warn = style.getPropertyValue("--warn");
    const over = (some, colour, alpha) => {
        for (const atom of some) {
            if (!wangge.inView(board.atoms, atom, view)) continue;
            ctx.beginPath();
            wangge.traceGround(ctx, board.atoms, atom, view);
            ctx.globalAlpha = alpha;
            ctx.fillStyle = colour;
            ctx.fill("evenodd");
            ctx.globalAlpha = 1;
            ctx.lineWidth = 1.4;
            ctx.strokeStyle = colour;
            ctx.stroke();
        }
    };
    if (board.chosen.before) paintBefore(board, ctx, view, over);
    over(loose, warn, 0.35);
    over(conflict, warn, 0.6);
    over(atoms, accent, 0.3);
    over(stroke, accent, 0.45);
    if (target !== null && board.plan.cells.has(target)) paintTarget(board, ctx, view, target, accent);
    if (cursor >= 0) {
        ctx.beginPath();
        wangge.traceGround(ctx, board.atoms, cursor, view);
        ctx.setLineDash([5, 4]);
        ctx.lineWidth = 2.5;
        ctx.strokeStyle = board.theme.ink;
        ctx.stroke();
        ctx.setLineDash([]);
    }
    if (shape) {
        ctx.beginPath();
        shape.forEach(([x, y], k) => ctx[k ? "lineTo" : "moveTo"](x * view.scale + view.dx, y * view.scale + view.dy));
        ctx.lineWidth = 1.6;
        ctx.strokeStyle = accent;
        ctx.setLineDash([6, 4]);
        ctx.stroke();
    }
}

// The chosen cell: tinted, and framed where it meets others.
function paintTarget(board, ctx, view, target, accent) {
    const {plan} = board;
    ctx.strokeStyle = ctx.fillStyle = accent;
    ctx.lineWidth = 3.5;
    for (const code of new Set(plan.leavesBelow(target).map(leaf => plan.cells.get(leaf).ground))) {
        const drawn = board.drawn.get(code);
        if (!drawn || !seen(drawn.box, view)) continue;
        ctx.beginPath();
        wangge.traceGround(ctx, board.shape(drawn), 0, view);
        ctx.globalAlpha = 0.16;
        ctx.fill("evenodd");
        ctx.globalAlpha = 1;
        ctx.beginPath();
        for (const side of drawn.rings) {
            const arc = Math.abs(side) - 1;
            if (!side) continue;
            const other = side > 0 ? board.right[arc] : board.left[arc];
            if (other < 0 || !plan.chain(plan.land.get(other)).includes(target)) wangge.traceArc(ctx, board.borders, arc, view, false, false);
        }
        ctx.stroke();
    }
}

// Beside the plan the draft began with: pieces that moved, and the borders that were, broken.
function paintBefore(board, ctx, view, over) {
    const {ground: was} = board.plan.sheet.atoms, {land} = board.plan;
    over(board.plan.moved(), board.theme.hidden, 0.3);
    ctx.setLineDash([7, 5]);
    ctx.lineWidth = 2.2;
    ctx.strokeStyle = board.theme.ink;
    for (let arc = 0; arc < board.left.length; arc++) {
        const one = board.left[arc], other = board.right[arc];
        if (one < 0 || other < 0 || was[one] === was[other] || land.get(one) !== land.get(other)) continue;
        ctx.beginPath();
        wangge.traceArc(ctx, board.borders, arc, view, false, false);
        ctx.stroke();
    }
    ctx.setLineDash([]);
}
