// The cells: colour by class, hatched where out of band, borders of the chosen level and of those above it.
wangge.cells = function (facts, state, shows) {
    const levels = facts.levels.map(level => {
        const grounds = wangge.unpack(level.shapes, facts.origin);
        const held = Array.from({length: grounds.count}, () => []);
        level.ground.forEach((ground, cell) => held[ground].push(cell));
        return {...level, grounds, held, middle: wangge.unpackPoints(level.middles, facts.origin)};
    });
    const current = () => levels[state.level];
    const hatch = hatching();

    // Cells that share a ground by floors have one colour: that of their mean.
    function figure(level, ground) {
        const counts = level.held[ground].map(cell => level[state.colour][cell]);
        return counts.includes(null) ? null : counts.reduce((a, b) => a + b, 0) / counts.length;
    }

    function colour(level, count) {
        if (count === null) return facts.unknown;
        const {breaks, colours} = level.classes[state.colour];
        const above = breaks.filter(from => count >= from).length - 1;
        return above < 0 ? facts.nothing : colours[above];
    }

    function paintFills(ctx, view) {
        const level = current();
        ctx.globalCompositeOperation = "multiply";
        for (let i = 0; i < level.grounds.count; i++) {
            if (!wangge.inView(level.grounds, i, view)) continue;
            ctx.beginPath();
            wangge.trace(ctx, level.grounds, i, view, true);
            ctx.fillStyle = shows("cells") ? colour(level, figure(level, i)) : "#fbfaf7";
            ctx.fill("evenodd");
            if (!shows("cells") || state.colour !== "households") continue;
            if (level.held[i].some(cell => level.in_band[cell] === false)) {
                ctx.fillStyle = ctx.createPattern(hatch, "repeat");
                ctx.fill("evenodd");
            }
        }
    }

    function paintBorders(ctx, view) {
        if (!shows("borders")) return;
        for (let l = state.level; l >= 0; l--) {
            const above = state.level - l, grounds = levels[l].grounds;
            ctx.lineWidth = [1.3, 2.1, 2.8][Math.min(above, 2)] * (view.zoom < 14 ? 0.6 : view.zoom < 16 ? 1 : 1.7);
            ctx.strokeStyle = ["#4b5f6d", "#2f4452", "#22333f"][Math.min(above, 2)];
            wangge.drawAll(ctx, grounds, view, true, () => true, () => ctx.stroke());
        }
    }

    function at(x, y) {
        const grounds = current().grounds;
        for (let i = 0; i < grounds.count; i++) if (wangge.contains(grounds, i, x, y)) return i;
        return -1;
    }

    function hatching() {
        const tile = document.createElement("canvas"), ctx = tile.getContext("2d");
        tile.width = tile.height = 16;
        ctx.strokeStyle = "rgba(176, 84, 38, 0.42)";
        ctx.lineWidth = 1.2;
        for (const shift of [-8, 0, 8, 16]) {
            ctx.moveTo(shift - 2, 18);
            ctx.lineTo(shift + 18, -2);
        }
        ctx.stroke();
        return tile;
    }

    return {levels, current, at, paintFills, paintBorders, hatch};
};
