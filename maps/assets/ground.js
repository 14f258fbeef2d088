// Painters of the ground: land below the cells' colours; streets, lines and buildings above them.
wangge.ground = function (base, origin, shows) {
    const area = wangge.unpack(base.area.shapes, origin);
    const land = wangge.unpack(base.land.shapes, origin);
    const lines = wangge.unpack(base.barriers.shapes, origin);
    const buildings = wangge.unpack(base.buildings.shapes, origin);

    function paintLand(ctx, view) {
        if (!shows("land")) return;
        for (let i = 0; i < land.count; i++) {
            if (!wangge.inView(land, i, view)) continue;
            ctx.beginPath();
            wangge.trace(ctx, land, i, view, true);
            ctx.fillStyle = base.land.colours[base.land.colour[i]];
            ctx.fill("evenodd");
        }
    }

    function paintLines(ctx, view) {
        if (!shows("streets")) return;
        const grown = Math.min(3, 2 ** (view.zoom - 16));
        base.barriers.styles.forEach((style, s) => {
            const mine = i => base.barriers.style[i] === s;
            ctx.lineWidth = Math.max(style.width * grown, style.kind === "arterial" ? 1.6 : 0.5);
            ctx.strokeStyle = style.colour;
            wangge.drawAll(ctx, lines, view, false, mine, () => ctx.stroke());
            if (style.kind !== "rail" || view.zoom < 14) return;
            ctx.lineWidth *= 0.5;
            ctx.setLineDash([6, 6]);
            ctx.strokeStyle = "#ffffff";
            wangge.drawAll(ctx, lines, view, false, mine, () => ctx.stroke());
            ctx.setLineDash([]);
        });
    }

    function paintBuildings(ctx, view) {
        if (!shows("buildings") || view.zoom < 13.5) return;
        ctx.fillStyle = "rgba(104, 98, 90, 0.3)";
        ctx.strokeStyle = "rgba(80, 75, 68, 0.5)";
        ctx.lineWidth = 0.7;
        wangge.drawAll(ctx, buildings, view, true, () => true, () => {
            ctx.fill("evenodd");
            if (view.zoom >= 16.5) ctx.stroke();
        });
    }

    // What lies beyond the area stays in sight, and steps back.
    function paintVeil(ctx, view) {
        ctx.beginPath();
        ctx.rect(0, 0, view.width, view.height);
        wangge.trace(ctx, area, 0, view, true);
        ctx.fillStyle = "rgba(238, 235, 228, 0.72)";
        ctx.fill("evenodd");
    }

    return {paintLand, paintLines, paintBuildings, paintVeil, lines};
};
