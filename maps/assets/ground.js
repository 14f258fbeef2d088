// Painters of the ground: land below the cells' colours; streets, lines and buildings above them.
wangge.ground = function (base, origin, state, shows) {
    const land = wangge.unpack(base.land.shapes, origin);
    const lines = wangge.unpack(base.barriers.shapes, origin);
    const buildings = wangge.unpack(base.buildings.shapes, origin);

    function paintLand(ctx, view) {
        if (!shows("land")) return;
        for (let i = 0; i < land.count; i++) {
            if (!wangge.inView(land, i, view)) continue;
            ctx.beginPath();
            wangge.trace(ctx, land, i, view, true);
            ctx.fillStyle = state.theme.land[base.land.kinds[base.land.kind[i]]] || state.theme.other_land;
            ctx.fill("evenodd");
        }
    }

    function paintLines(ctx, view) {
        if (!shows("streets")) return;
        const grown = Math.min(3, 2 ** (view.zoom - 16));
        base.barriers.styles.forEach((style, s) => {
            const mine = i => base.barriers.style[i] === s;
            ctx.lineWidth = Math.max(style.width * grown, style.kind === "arterial" ? 1.6 : 0.5);
            ctx.strokeStyle = state.theme.lines[style.kind] || state.theme.other_line;
            wangge.drawAll(ctx, lines, view, false, mine, () => ctx.stroke());
            if (style.kind !== "rail" || view.zoom < 14) return;
            ctx.lineWidth *= 0.5;
            ctx.setLineDash([6, 6]);
            ctx.strokeStyle = state.theme.gap;
            wangge.drawAll(ctx, lines, view, false, mine, () => ctx.stroke());
            ctx.setLineDash([]);
        });
    }

    function paintBuildings(ctx, view) {
        if (!shows("buildings") || view.zoom < 13.5) return;
        ctx.fillStyle = state.theme.building;
        ctx.strokeStyle = state.theme.outline;
        ctx.lineWidth = 0.7;
        wangge.drawAll(ctx, buildings, view, true, () => true, () => {
            ctx.fill("evenodd");
            if (view.zoom >= 16.5) ctx.stroke();
        });
    }

    return {paintLand, paintLines, paintBuildings, lines};
};
