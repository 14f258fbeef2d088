// A small picture of the whole, with a mark where the map is: close up nothing else says so.
wangge.locator = function (map, facts, found, shown) {
    const most = window.innerWidth > 760 ? 136 : 92, edge = 9, sharp = Math.min(window.devicePixelRatio || 1, 2), box = extent();
    const scale = (most - 2 * edge) / Math.max(box[2] - box[0], box[3] - box[1], 1e-9);
    const width = Math.ceil((box[2] - box[0]) * scale) + 2 * edge, height = Math.ceil((box[3] - box[1]) * scale) + 2 * edge;
    const view = {scale, dx: edge - box[0] * scale, dy: edge - box[1] * scale, west: box[0], north: box[1], east: box[2], south: box[3]};
    const still = canvasOf(), canvas = canvasOf(), frame = document.createElement("div");

    function extent() {
        const all = [Infinity, Infinity, -Infinity, -Infinity];
        for (const shapes of [found.cells, found.outline, found.faces]) {
            shapes.box.forEach((value, k) => { all[k % 4] = (k % 4 < 2 ? Math.min : Math.max)(all[k % 4], value); });
        }
        return all.every(Number.isFinite) ? all : [0, 0, 0, 0];
    }

    function canvasOf() {
        const made = document.createElement("canvas");
        [made.width, made.height] = [width * sharp, height * sharp];
        made.getContext("2d").scale(sharp, sharp);
        return made;
    }

    // The ground and the defects whose kinds are on: drawn once, not with each move.
    function refresh() {
        const ctx = still.getContext("2d"), dot = found.count > 500 ? 1.4 : 2.6;
        ctx.clearRect(0, 0, width, height);
        ctx.fillStyle = "#fcfbf8";
        ctx.strokeStyle = "#d3cec3";
        ctx.lineWidth = 0.5;
        for (let i = 0; i < found.cells.count; i++) {
            ctx.beginPath();
            wangge.trace(ctx, found.cells, i, view, true);
            ctx.fill("evenodd");
            ctx.stroke();
        }
        for (let i = 0; i < found.count; i++) {
            if (!found.placed[i] || !shown(i)) continue;
            ctx.fillStyle = facts.kinds[found.kind[i]].colour;
            ctx.fillRect(found.inner[2 * i] * scale + view.dx - dot / 2, found.inner[2 * i + 1] * scale + view.dy - dot / 2, dot, dot);
        }
        mark();
    }

    function mark() {
        const ctx = canvas.getContext("2d"), seen = map.getBounds();
        const [west, north] = wangge.project(seen.getWest(), seen.getNorth()), [east, south] = wangge.project(seen.getEast(), seen.getSouth());
        ctx.clearRect(0, 0, width, height);
        ctx.drawImage(still, 0, 0, width, height);
        const x = west * scale + view.dx, y = north * scale + view.dy, wide = (east - west) * scale, high = (south - north) * scale;
        frame.hidden = wide >= width - 2 * edge && high >= height - 2 * edge;
        ctx.strokeStyle = "#10202b";
        ctx.lineWidth = 1.4;
        if (wide > 14 || high > 14) { ctx.strokeRect(x, y, wide, high); return; }
        const [cx, cy] = [x + wide / 2, y + high / 2];
        ctx.beginPath();
        ctx.arc(cx, cy, 5, 0, 2 * Math.PI);
        for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
            ctx.moveTo(cx + 5 * dx, cy + 5 * dy);
            ctx.lineTo(cx + 10 * dx, cy + 10 * dy);
        }
        ctx.stroke();
    }

    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", facts.words.locator);
    frame.className = "locator";
    frame.append(canvas);
    const Locator = L.Control.extend({onAdd: () => frame});
    new Locator({position: "bottomright"}).addTo(map);
    map.on("move", mark);
    return {refresh};
};
