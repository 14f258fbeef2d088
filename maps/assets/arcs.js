// The cells of every level, put together from the borders of the lowest as maps/arcs.py wrote them.
wangge.grounds = function (arcs, levels, origin) {
    const points = wangge.unpackPoints(arcs.steps, origin), count = arcs.sizes.length, zoom = Uint8Array.from(arcs.zoom);
    const first = new Int32Array(count + 1), box = new Float64Array(4 * count);
    const left = wangge.summed(arcs.left), right = left.map((row, k) => row + arcs.right[k]);
    for (let k = 0; k < count; k++) {
        first[k + 1] = first[k] + arcs.sizes[k];
        box.set(wangge.boxOf(points, first[k], first[k + 1]), 4 * k);
    }
    const borders = {count, points, first, zoom, box, above: new Int8Array(count).fill(-1)};
    // The highest level of which an arc is a border; it is drawn once, as one of that.
    for (let l = levels.length - 1; l >= 0; l--) {
        const row = levels[l].above;
        for (let k = 0; k < count; k++) if (of(row, left[k]) !== of(row, right[k])) borders.above[k] = l;
    }
    const nodes = numbered(), whole = assembled(null, 1);
    return {borders, whole, neighbours, chained, left, right, levels: levels.map(level => assembled(level.above, level.middles.length / 2))};

    // Which grounds of a level have a common border.
    function neighbours(l) {
        const {above, middles} = levels[l], found = Array.from({length: middles.length / 2}, () => new Set());
        for (let k = 0; k < count; k++) {
            const one = of(above, left[k]), two = of(above, right[k]);
            if (one === two || one < 0 || two < 0) continue;
            found[one].add(two);
            found[two].add(one);
        }
        return found;
    }

    function of(row, leaf) {
        return leaf < 0 ? -1 : row ? row[leaf] : 0;
    }

    // → rings of each ground: arcs counted from 1, negative where they run backwards, each ring ended by 0.
    function assembled(row, size) {
        const sides = Array.from({length: size}, () => []), boxes = new Float64Array(4 * size);
        for (let i = 0; i < size; i++) boxes.set([Infinity, Infinity, -Infinity, -Infinity], 4 * i);
        for (let k = 0; k < count; k++) {
            const l = of(row, left[k]), r = of(row, right[k]);
            if (l === r) continue;
            if (l >= 0) { sides[l].push(k + 1); grow(boxes, l, k); }
            if (r >= 0) { sides[r].push(-k - 1); grow(boxes, r, k); }
        }
        return {count: size, box: boxes, rings: sides.map(chained), borders};
    }

    function grow(boxes, i, k) {
        for (const side of [0, 1]) boxes[4 * i + side] = Math.min(boxes[4 * i + side], box[4 * k + side]);
        for (const side of [2, 3]) boxes[4 * i + side] = Math.max(boxes[4 * i + side], box[4 * k + side]);
    }

    function chained(sides) {
        const from = new Map(), rings = [];
        for (const side of sides) {
            const begins = key(side, true);
            if (from.has(begins)) from.get(begins).push(side);
            else from.set(begins, [side]);
        }
        for (const begun of sides) {
            const waiting = from.get(key(begun, true));
            if (!waiting.includes(begun)) continue;
            let side = begun;
            while (side !== undefined) {
                const there = from.get(key(side, true));
                there.splice(there.indexOf(side), 1);
                rings.push(side);
                side = from.get(key(side, false))?.[0];
            }
            rings.push(0);
        }
        return rings;
    }

    // The number of the point where an arc begins or ends.
    function key(side, beginning) {
        return nodes[2 * (Math.abs(side) - 1) + ((side > 0) === beginning ? 0 : 1)];
    }

    function numbered() {
        const found = new Int32Array(2 * count), columns = new Map();
        let next = 0;
        for (let k = 0; k < 2 * count; k++) {
            const at = k % 2 ? first[(k + 1) / 2] - 1 : first[k / 2], x = points[2 * at], y = points[2 * at + 1];
            const rows = columns.get(x) || columns.set(x, new Map()).get(x);
            if (!rows.has(y)) rows.set(y, next++);
            found[k] = rows.get(y);
        }
        return found;
    }
};

// Add a ground to the current path, with the vertices that are seen at the view's zoom.
wangge.traceGround = function (ctx, grounds, i, view) {
    let begun = false;
    for (const side of grounds.rings[i]) {
        if (side) { wangge.traceArc(ctx, grounds.borders, Math.abs(side) - 1, view, side < 0, begun); begun = true; }
        else { ctx.closePath(); begun = false; }
    }
};

wangge.traceArc = function (ctx, borders, arc, view, backwards, goesOn) {
    const {points, zoom} = borders, {scale, dx, dy, seen} = view;
    let k = backwards ? borders.first[arc + 1] - 1 : borders.first[arc];
    const step = backwards ? -1 : 1, end = backwards ? borders.first[arc] - 1 : borders.first[arc + 1];
    if (!goesOn) ctx.moveTo(points[2 * k] * scale + dx, points[2 * k + 1] * scale + dy);
    for (k += step; k !== end; k += step) {
        if (zoom[k] <= seen) ctx.lineTo(points[2 * k] * scale + dx, points[2 * k + 1] * scale + dy);
    }
};

// By the parity of crossings over all arcs of a ground.
wangge.inGround = function (grounds, i, x, y) {
    const {box, borders: {points, first}} = grounds;
    if (x < box[4 * i] || y < box[4 * i + 1] || x > box[4 * i + 2] || y > box[4 * i + 3]) return false;
    let inside = false;
    for (const side of grounds.rings[i]) {
        if (!side) continue;
        const arc = Math.abs(side) - 1;
        for (let k = first[arc] + 1; k < first[arc + 1]; k++) {
            const ya = points[2 * k - 1], yb = points[2 * k + 1];
            if ((ya > y) !== (yb > y) && x < (points[2 * k] - points[2 * k - 2]) * (y - ya) / (yb - ya) + points[2 * k - 2]) inside = !inside;
        }
    }
    return inside;
};

// Rings as Leaflet wants them, for the few grounds that are drawn by Leaflet itself.
wangge.groundRings = function (grounds, i) {
    const {points, first} = grounds.borders, rings = [[]];
    for (const side of grounds.rings[i]) {
        if (!side) { rings.push([]); continue; }
        const arc = Math.abs(side) - 1, ring = [];
        for (let k = first[arc]; k < first[arc + 1]; k++) ring.push(wangge.latLng(points[2 * k], points[2 * k + 1]));
        rings.at(-1).push(...(side > 0 ? ring : ring.reverse()));
    }
    return rings.slice(0, -1);
};
