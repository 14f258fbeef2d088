// Reports as dots; where several would cover one another, one disc with their number.
wangge.reports = function (reports, origin, shows) {
    const points = wangge.unpackPoints(reports.points, origin), count = points.length / 2;
    // Pixels within which dots become a disc; closer in, every report is a dot of its own.
    const reach = 40, singleFrom = 15;
    let drawn = [];

    function gather(view) {
        const bins = new Map();
        for (let i = 0; i < count; i++) {
            const x = points[2 * i] * view.scale + view.dx, y = points[2 * i + 1] * view.scale + view.dy;
            if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
            // By place in the world, not on the screen: discs stay where they are when the map is moved.
            const key = Math.floor(points[2 * i] * view.scale / reach) * 1e7 + Math.floor(points[2 * i + 1] * view.scale / reach);
            const bin = bins.get(key) || bins.set(key, {x: 0, y: 0, held: []}).get(key);
            bin.x += x;
            bin.y += y;
            bin.held.push(i);
        }
        return [...bins.values()];
    }

    function paint(ctx, view) {
        drawn = [];
        if (!shows("reports")) return;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        for (const bin of gather(view)) {
            if (bin.held.length > 3 && view.zoom < singleFrom) disc(ctx, view, bin);
            else for (const i of bin.held) dot(ctx, view, i);
        }
    }

    function dot(ctx, view, i) {
        const x = points[2 * i] * view.scale + view.dx, y = points[2 * i + 1] * view.scale + view.dy;
        const radius = view.zoom < 15 ? 2.3 : view.zoom < 16.5 ? 3 : 4.4;
        ctx.beginPath();
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
        ctx.fillStyle = reports.colours[reports.status[i]];
        ctx.fill();
        ctx.lineWidth = view.zoom < 16.5 ? 0.7 : 1.1;
        ctx.strokeStyle = "#ffffff";
        ctx.stroke();
        drawn.push({x, y, radius: radius + 2, held: [i]});
    }

    function disc(ctx, view, bin) {
        const n = bin.held.length, x = bin.x / n, y = bin.y / n, radius = Math.min(13, 6.5 + Math.sqrt(n));
        const most = mostCommon(bin.held);
        ctx.beginPath();
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
        ctx.fillStyle = reports.colours[most];
        ctx.globalAlpha = 0.82;
        ctx.fill();
        ctx.globalAlpha = 1;
        ctx.lineWidth = 1.2;
        ctx.strokeStyle = "#ffffff";
        ctx.stroke();
        ctx.fillStyle = "#ffffff";
        ctx.font = "600 10px system-ui, sans-serif";
        ctx.fillText(n, x, y + 0.5);
        drawn.push({x, y, radius, held: bin.held});
        // Labels keep off the number.
        view.labels.push([x - radius, y - radius, x + radius, y + radius]);
    }

    function mostCommon(held) {
        const times = reports.statuses.map(() => 0);
        for (const i of held) times[reports.status[i]]++;
        return times.indexOf(Math.max(...times));
    }

    // All reports drawn under a point of the canvas: several may have been made at one place.
    function at(x, y) {
        const under = drawn.filter(mark => Math.hypot(mark.x - x, mark.y - y) <= mark.radius);
        return under.length ? under.flatMap(mark => mark.held) : null;
    }

    const text = (column, i) => reports[column].texts[reports[column].at[i]];
    return {paint, at, text, points, status: i => reports.statuses[reports.status[i]]};
};
