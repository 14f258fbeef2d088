// One canvas for the whole map. Leaflet moves and scales it; after each move it is painted anew, the painters in their
// order. Tens of thousands of shapes cost some milliseconds this way, and no elements.
wangge.Sheet = L.Renderer.extend({
    options: {padding: 0.2},

    initialize(painters) {
        L.Renderer.prototype.initialize.call(this);
        this._painters = painters;
    },

    _initContainer() {
        this._container = document.createElement("canvas");
        this._container.className = "sheet";
        this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
        L.DomUtil.remove(this._container);
    },

    _updatePaths() {},

    _update() {
        if (this._map._animatingZoom && this._bounds) return;
        L.Renderer.prototype._update.call(this);
        const size = this._bounds.getSize(), sharp = Math.min(window.devicePixelRatio || 1, 2);
        this._container.width = Math.round(size.x * sharp);
        this._container.height = Math.round(size.y * sharp);
        this._container.style.width = size.x + "px";
        this._container.style.height = size.y + "px";
        L.DomUtil.setPosition(this._container, this._bounds.min);
        this._sharp = sharp;
        this.paint();
    },

    paint() {
        if (!this._bounds) return;
        const size = this._bounds.getSize(), from = this._bounds.min.add(this._map.getPixelOrigin());
        this.paintOn(this._ctx, from, size, this._zoom, this._sharp);
    },

    // A part alone (west, north, east, south): what was changed there costs no more than what is there.
    repaint(part) {
        if (!this._bounds) return;
        const size = this._bounds.getSize(), from = this._bounds.min.add(this._map.getPixelOrigin()), scale = 2 ** this._zoom;
        const west = Math.max(0, Math.floor(part[0] * scale - from.x) - 4), north = Math.max(0, Math.floor(part[1] * scale - from.y) - 4);
        const east = Math.min(size.x, Math.ceil(part[2] * scale - from.x) + 4), south = Math.min(size.y, Math.ceil(part[3] * scale - from.y) + 4);
        if (west >= east || north >= south) return;
        this.paintOn(this._ctx, from, size, this._zoom, this._sharp, [west, north, east - west, south - north]);
    },

    // On any canvas: `from` is its upper left corner in the pixels of the whole world, `size` its width and height in
    // them, each of which is so many (`sharp`) pixels of the canvas.
    paintOn(ctx, from, size, zoom, sharp, [x, y, width, height] = [0, 0, size.x, size.y]) {
        const scale = 2 ** zoom;
        const view = {
            zoom, scale, dx: -from.x, dy: -from.y, width: size.x, height: size.y, labels: [],
            west: (from.x + x) / scale, north: (from.y + y) / scale,
            east: (from.x + x + width) / scale, south: (from.y + y + height) / scale,
            // Borders were made coarser at every other zoom level: see maps/arcs.py.
            seen: Math.max(10, 2 * Math.ceil(zoom / 2)),
        };
        ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
        ctx.lineJoin = ctx.lineCap = "round";
        ctx.save();
        ctx.beginPath();
        ctx.rect(x, y, width, height);
        ctx.clip();
        ctx.clearRect(x, y, width, height);
        for (const paint of this._painters) {
            ctx.save();
            paint(ctx, view);
            ctx.restore();
        }
        ctx.restore();
    },
});

wangge.inView = function (shapes, i, view) {
    const box = shapes.box;
    return box[4 * i] < view.east && box[4 * i + 2] > view.west && box[4 * i + 1] < view.south && box[4 * i + 3] > view.north;
};

// Add one shape to the current path; the caller begins the path, and fills or strokes it.
wangge.trace = function (ctx, shapes, i, view, closed) {
    const p = shapes.points, {scale, dx, dy} = view;
    for (let r = shapes.first[i]; r < shapes.first[i + 1]; r++) {
        const from = shapes.part[r], to = shapes.part[r + 1];
        ctx.moveTo(p[2 * from] * scale + dx, p[2 * from + 1] * scale + dy);
        for (let k = from + 1; k < to; k++) ctx.lineTo(p[2 * k] * scale + dx, p[2 * k + 1] * scale + dy);
        if (closed) ctx.closePath();
    }
};

// Draw all wanted shapes in view, some at a time: the cost of a path grows with the square of its size, and one of
// 40,000 buildings takes 20 s.
wangge.drawAll = function (ctx, shapes, view, closed, wanted, draw) {
    let traced = 0;
    ctx.beginPath();
    for (let i = 0; i < shapes.count; i++) {
        if (!wanted(i) || !wangge.inView(shapes, i, view)) continue;
        wangge.trace(ctx, shapes, i, view, closed);
        if (++traced % 64) continue;
        draw();
        ctx.beginPath();
    }
    draw();
};

// Whether a label's box is free; it is then taken.
wangge.claim = function (view, x, y, width, height) {
    const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
    if (view.labels.some(b => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return false;
    view.labels.push(box);
    return true;
};
