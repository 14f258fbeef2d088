"use strict";
const wangge = {};

// The data that a page carries.
wangge.read = async function (id) {
    const text = atob(document.getElementById(id).textContent), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return wangge.decoded(bytes);
};

// Data as maps/packing.py wrote them: objects, with typed arrays where there were columns.
wangge.decoded = async function (bytes) {
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const buffer = await new Response(whole).arrayBuffer(), long = new DataView(buffer).getUint32(0, true);
    const columns = new Uint8Array(buffer, 4 + long);
    return revive(JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, long))));

    function revive(value) {
        if (value === null || typeof value !== "object") return value;
        if (value.$column) return numbers(...value.$column);
        for (const key in value) if (typeof value[key] === "object") value[key] = revive(value[key]);
        return value;
    }

    function numbers(at, count, wide) {
        const found = wide ? new Float64Array(count) : new Int32Array(count);
        for (let i = 0; i < count; i++) {
            let byte = columns[at++], value = byte & 127;
            for (let shift = 7, place = 128; byte > 127; shift += 7, place *= 128) {
                byte = columns[at++];
                if (wide) value += (byte & 127) * place;
                else value |= (byte & 127) << shift;
            }
            if (wide) found[i] = value % 2 ? -(value + 1) / 2 : value / 2;
            else found[i] = value >>> 1 ^ -(value & 1);
        }
        return found;
    }
};

// What was written as steps from one to the next.
wangge.summed = steps => {
    const found = Int32Array.from(steps);
    for (let i = 1; i < found.length; i++) found[i] += found[i - 1];
    return found;
};

// Shapes as maps/codec.py wrote them. Kept in pixels of the whole world at zoom 0, where Leaflet's own projection is a
// shift and a scale away from the screen at every zoom.
wangge.project = function (lon, lat) {
    const sin = Math.sin(lat * Math.PI / 180);
    return [256 * (lon / 360 + 0.5), 128 * (1 - Math.log((1 + sin) / (1 - sin)) / (2 * Math.PI))];
};

wangge.latLng = (x, y) => L.latLng(
    Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI, (x / 256 - 0.5) * 360);

// Steps (x, y, x, y …) in so many parts of a degree → points (x, y, x, y …).
wangge.unpackPoints = function (steps, origin, perDegree = 1e6) {
    const points = new Float64Array(steps.length);
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        [points[i], points[i + 1]] = wangge.project(origin[0] + x / perDegree, origin[1] + y / perDegree);
    }
    return points;
};

// West, north, east, south of some of the points.
wangge.boxOf = function (points, from, to) {
    const found = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 2 * from; k < 2 * to; k += 2) {
        if (points[k] < found[0]) found[0] = points[k];
        if (points[k] > found[2]) found[2] = points[k];
        if (points[k + 1] < found[1]) found[1] = points[k + 1];
        if (points[k + 1] > found[3]) found[3] = points[k + 1];
    }
    return found;
};

// → the points, where each part begins, where each shape's parts begin, and the box of each shape.
wangge.unpack = function (lines, origin, perDegree = 1e6) {
    const points = wangge.unpackPoints(lines.steps, origin, perDegree);
    const shapes = {count: lines.parts.length, points, part: starts(lines.sizes), first: starts(lines.parts)};
    shapes.box = new Float64Array(4 * shapes.count);
    for (let i = 0; i < shapes.count; i++) {
        shapes.box.set(wangge.boxOf(points, shapes.part[shapes.first[i]], shapes.part[shapes.first[i + 1]]), 4 * i);
    }
    return shapes;

    function starts(sizes) {
        const at = new Int32Array(sizes.length + 1);
        sizes.forEach((size, i) => { at[i + 1] = at[i] + size; });
        return at;
    }
};

// By the parity of crossings, over all rings: holes need no care.
wangge.contains = function (shapes, i, x, y) {
    const box = shapes.box, p = shapes.points;
    if (x < box[4 * i] || y < box[4 * i + 1] || x > box[4 * i + 2] || y > box[4 * i + 3]) return false;
    let inside = false;
    for (let r = shapes.first[i]; r < shapes.first[i + 1]; r++) {
        const from = shapes.part[r], to = shapes.part[r + 1];
        for (let k = from, j = to - 1; k < to; j = k++) {
            const yk = p[2 * k + 1], yj = p[2 * j + 1];
            if ((yk > y) !== (yj > y) && x < (p[2 * j] - p[2 * k]) * (y - yk) / (yj - yk) + p[2 * k]) inside = !inside;
        }
    }
    return inside;
};

wangge.bounds = (shapes, i) => L.latLngBounds(
    wangge.latLng(shapes.box[4 * i], shapes.box[4 * i + 1]), wangge.latLng(shapes.box[4 * i + 2], shapes.box[4 * i + 3]));
