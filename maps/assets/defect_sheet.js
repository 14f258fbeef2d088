// The canvas of the page of defects, painted anew in each step of a flight: over twenty zoom levels a stretched picture
// shows nothing.
wangge.LiveSheet = wangge.Sheet.extend({
    seconds: 0,

    _onZoom() { this._update(); },

    paint() {
        const from = performance.now();
        wangge.Sheet.prototype.paint.call(this);
        this.seconds = (performance.now() - from) / 1000;
    },
});

// Add a shape to the current path. A canvas counts in 32 bits, too coarse for a border that ends kilometres away when a
// pixel is a fraction of a millimetre: what reaches far beyond the view is cut here.
wangge.traceNear = function (ctx, shapes, i, view, closed) {
    const box = shapes.box, far = 20000;
    const left = box[4 * i] * view.scale + view.dx, right = box[4 * i + 2] * view.scale + view.dx;
    const top = box[4 * i + 1] * view.scale + view.dy, bottom = box[4 * i + 3] * view.scale + view.dy;
    if (Math.max(-left, -top, right, bottom) < far) { wangge.trace(ctx, shapes, i, view, closed); return; }
    const margin = 24, frame = L.bounds([-margin, -margin], [view.width + margin, view.height + margin]);
    for (const ring of wangge.onScreen(shapes, i, view)) {
        if (closed) polygon(L.PolyUtil.clipPolygon(ring, frame));
        else for (let k = 1; k < ring.length; k++) segment(L.LineUtil.clipSegment(ring[k - 1], ring[k], frame, false));
    }

    function polygon(points) {
        points.forEach((point, k) => k ? ctx.lineTo(point.x, point.y) : ctx.moveTo(point.x, point.y));
        if (points.length) ctx.closePath();
    }

    function segment(ends) {
        if (!ends) return;
        ctx.moveTo(ends[0].x, ends[0].y);
        ctx.lineTo(ends[1].x, ends[1].y);
    }
};

wangge.onScreen = function (shapes, i, view) {
    const rings = [], p = shapes.points;
    for (let r = shapes.first[i]; r < shapes.first[i + 1]; r++) {
        const ring = [];
        for (let k = shapes.part[r]; k < shapes.part[r + 1]; k++) {
            ring.push(new L.Point(p[2 * k] * view.scale + view.dx, p[2 * k + 1] * view.scale + view.dy));
        }
        rings.push(ring);
    }
    return rings;
};

// Painters, from the ground up; `shown` says of a defect whether its kind is on, `state.at` which is chosen.
wangge.defectPainters = function (facts, found, state, shown) {
    const {cells, outline} = found, tints = ["#546e7a", "#b5892c", "#6f8f3a", "#8a5a9e", "#4f9a94", "#a8574c"];
    const signs = facts.kinds.map(kind => new Path2D(kind.sign));
    const colour = i => facts.kinds[found.kind[i]].colour;
    const chosen = () => state.at < 0 ? [] : found.rows[state.at].slice(0, 12);

    function outlined(ctx, shapes, view, draw) {
        for (let i = 0; i < shapes.count; i++) {
            if (!wangge.inView(shapes, i, view)) continue;
            ctx.beginPath();
            wangge.traceNear(ctx, shapes, i, view, true);
            draw();
        }
    }

    function paintCells(ctx, view) {
        ctx.fillStyle = "#fcfbf8";
        ctx.strokeStyle = view.zoom < 17 ? "#bdb8ad" : "#9c968a";
        ctx.lineWidth = view.zoom < 14 ? 0.6 : 1;
        outlined(ctx, cells, view, () => { ctx.fill("evenodd"); });
        outlined(ctx, cells, view, () => ctx.stroke());
    }

    function paintArea(ctx, view) {
        ctx.strokeStyle = "#22323c";
        ctx.lineWidth = 1.6;
        ctx.setLineDash([7, 4]);
        outlined(ctx, outline, view, () => ctx.stroke());
    }

    // The cells that a defect names, each in a tint; close up also their vertices, as half discs on the cell's own side:
    // where one of two cells lacks a vertex, a half is missing.
    function paintChosen(ctx, view) {
        chosen().forEach((cell, k) => {
            if (!wangge.inView(cells, cell, view)) return;
            ctx.save();
            ctx.beginPath();
            wangge.traceNear(ctx, cells, cell, view, true);
            ctx.fillStyle = ctx.strokeStyle = tints[k % tints.length];
            ctx.globalAlpha = 0.2;
            ctx.fill("evenodd");
            ctx.globalAlpha = 0.85;
            ctx.lineWidth = 1.8;
            ctx.clip("evenodd");
            ctx.lineWidth = 3.6;
            ctx.stroke();
            if (view.zoom >= 18) vertices(ctx, cell, view);
            ctx.restore();
        });
    }

    function vertices(ctx, cell, view) {
        ctx.globalAlpha = 1;
        ctx.beginPath();
        for (const ring of wangge.onScreen(cells, cell, view)) {
            for (const {x, y} of ring) {
                if (x < -9 || y < -9 || x > view.width + 9 || y > view.height + 9) continue;
                ctx.moveTo(x + 6, y);
                ctx.arc(x, y, 6, 0, 2 * Math.PI);
            }
        }
        ctx.fill();
    }

    function paintShapes(ctx, view) {
        const least = 3 / view.scale;
        for (let i = 0; i < found.count; i++) {
            if (!shown(i)) continue;
            ctx.fillStyle = ctx.strokeStyle = colour(i);
            ctx.lineWidth = i === state.at ? 2 : 1.2;
            for (const [shapes, closed] of [[found.faces, true], [found.lines, false]]) {
                const box = shapes.box, large = Math.max(box[4 * i + 2] - box[4 * i], box[4 * i + 3] - box[4 * i + 1]) > least;
                if (!large || !wangge.inView(shapes, i, view)) continue;
                ctx.beginPath();
                wangge.traceNear(ctx, shapes, i, view, closed);
                ctx.globalAlpha = i === state.at ? 0.5 : 0.38;
                if (closed) ctx.fill("evenodd");
                ctx.globalAlpha = 1;
                ctx.stroke();
            }
        }
    }

    // Markers at the inner points, and a dot at each point of a defect that consists of several.
    function paintMarkers(ctx, view) {
        const size = found.count > 1200 && view.zoom < 15 ? 0.6 : 0.85;
        for (let i = found.count - 1; i >= 0; i--) if (shown(i) && i !== state.at) marker(ctx, view, i, size);
        if (state.at >= 0 && shown(state.at)) reticle(ctx, view, state.at);
    }

    function onScreen(points, i, view) {
        const x = points[2 * i] * view.scale + view.dx, y = points[2 * i + 1] * view.scale + view.dy;
        return x > -20 && y > -20 && x < view.width + 20 && y < view.height + 20 ? [x, y] : null;
    }

    function marker(ctx, view, i, size) {
        const at = found.placed[i] && onScreen(found.inner, i, view);
        if (at) sign(ctx, i, ...at, size);
    }

    function sign(ctx, i, x, y, size) {
        ctx.save();
        ctx.translate(x, y);
        ctx.scale(size, size);
        ctx.lineWidth = 2.4;
        ctx.strokeStyle = "#ffffff";
        ctx.stroke(signs[found.kind[i]]);
        ctx.fillStyle = colour(i);
        ctx.fill(signs[found.kind[i]]);
        ctx.restore();
    }

    // Around the chosen defect, open in the middle: what is wrong is there.
    function reticle(ctx, view, i) {
        for (let r = found.points.first[i]; r < found.points.first[i + 1]; r++) {
            const at = onScreen(found.points.points, r, view);
            if (at) ring(ctx, colour(i), ...at, 9, 2);
        }
        const at = found.placed[i] && onScreen(found.inner, i, view);
        if (!at) return;
        const [x, y] = at, wide = 22;
        ring(ctx, "#ffffff", x, y, wide, 6);
        ring(ctx, colour(i), x, y, wide, 3);
        for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
            ctx.beginPath();
            ctx.moveTo(x + dx * wide, y + dy * wide);
            ctx.lineTo(x + dx * (wide + 9), y + dy * (wide + 9));
            ctx.stroke();
        }
        sign(ctx, i, x + wide * 0.75, y - wide * 0.75, 1.25);
    }

    function ring(ctx, stroke, x, y, radius, width) {
        ctx.beginPath();
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
        ctx.strokeStyle = stroke;
        ctx.lineWidth = width;
        ctx.stroke();
    }

    // Each named cell says its code within the part of it that is in view, off the middle of the map.
    function paintNames(ctx, view) {
        ctx.font = '600 12.5px system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.lineWidth = 4;
        ctx.strokeStyle = "rgba(255, 255, 255, 0.92)";
        chosen().forEach((cell, k) => {
            const at = facts.cells.code[cell] && roomIn(cell, view);
            if (!at || !wangge.claim(view, at[0], at[1], ctx.measureText(facts.cells.code[cell]).width + 8, 18)) return;
            ctx.fillStyle = tints[k % tints.length];
            ctx.strokeText(facts.cells.code[cell], ...at);
            ctx.fillText(facts.cells.code[cell], ...at);
        });
    }

    function roomIn(cell, view) {
        if (!wangge.inView(cells, cell, view)) return null;
        const inside = [];
        for (let row = 0; row < 12; row++) {
            for (let column = 0; column < 16; column++) {
                const x = view.width * (0.18 + 0.04 * column), y = view.height * (0.18 + 0.055 * row);
                const clear = Math.hypot(x - view.width / 2, y - view.height / 2) > 70;
                if (clear && wangge.contains(cells, cell, (x - view.dx) / view.scale, (y - view.dy) / view.scale)) inside.push([x, y]);
            }
        }
        if (!inside.length) return null;
        const mean = [0, 1].map(axis => inside.reduce((sum, at) => sum + at[axis], 0) / inside.length);
        const off = ([x, y]) => Math.hypot(x - mean[0], y - mean[1]);
        return inside.reduce((best, at) => off(at) < off(best) ? at : best);
    }

    // The chosen defect, else the nearest marker within reach of a point of the screen.
    function near(view, x, y) {
        let best = -1, least = 12;
        for (let i = 0; i < found.count; i++) {
            const at = shown(i) && found.placed[i] && onScreen(found.inner, i, view);
            if (at && Math.hypot(at[0] - x, at[1] - y) < least) { best = i; least = Math.hypot(at[0] - x, at[1] - y); }
        }
        if (best >= 0) return best;
        const there = [(x - view.dx) / view.scale, (y - view.dy) / view.scale];
        for (let i = 0; i < found.count; i++) if (shown(i) && wangge.contains(found.faces, i, ...there)) return i;
        return -1;
    }

    return {painters: [paintCells, paintArea, paintChosen, paintShapes, paintMarkers, paintNames], near};
};
