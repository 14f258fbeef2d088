// Names of streets along their lines, and short codes in the cells, where there is room; nothing over anything.
wangge.labels = function (facts, ground, cells, state, shows) {
    const barriers = facts.base.barriers;
    const upright = /[\u3400-\u9fff\uf900-\ufaff]/;
    const font = (size, bold) => `${bold ? "600 " : ""}${size}px system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`;

    function write(ctx, text, x, y) {
        ctx.strokeText(text, x, y);
        ctx.fillText(text, x, y);
    }

    function pen(ctx, size, bold, colour) {
        ctx.font = font(size, bold);
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.lineWidth = 3;
        ctx.strokeStyle = state.theme.halo;
        ctx.fillStyle = colour;
    }

    function paintCellLabels(ctx, view) {
        if (!shows("labels")) return;
        const level = cells.current(), grounds = level.grounds;
        for (let i = 0; i < grounds.count; i++) {
            if (!wangge.inView(grounds, i, view)) continue;
            const wide = (grounds.box[4 * i + 2] - grounds.box[4 * i]) * view.scale;
            const high = (grounds.box[4 * i + 3] - grounds.box[4 * i + 1]) * view.scale;
            if (wide < 16 || high < 16) continue;
            const held = level.held[i], first = held[0];
            const short = held.length > 1 ? `${level.short[first]}–${level.short[held[held.length - 1]]}` : level.short[first];
            const size = wide > 110 && high > 60 ? 13 : 11;
            pen(ctx, size, true, state.theme.ink);
            const width = ctx.measureText(short).width + 6;
            if (wide < width + 6 || high < size + 8) continue;
            const x = level.middle[2 * i] * view.scale + view.dx, y = level.middle[2 * i + 1] * view.scale + view.dy;
            if (wangge.claim(view, x, y, width, size + 4)) write(ctx, short, x, y);
        }
    }

    function paintStreetNames(ctx, view) {
        if (!shows("labels") || !shows("streets") || view.zoom < 13.5) return;
        const lines = ground.lines;
        pen(ctx, 11, false, state.theme.street);
        for (let s = barriers.styles.length - 1; s >= 0; s--) {
            if (barriers.styles[s].kind === "street" && view.zoom < 16) continue;
            for (let i = 0; i < lines.count; i++) {
                const name = barriers.names[barriers.name[i]];
                if (!name || barriers.style[i] !== s || !wangge.inView(lines, i, view)) continue;
                for (let part = lines.first[i]; part < lines.first[i + 1]; part++) along(ctx, view, lines, part, name);
            }
        }
    }

    // Every 420 pixels along a line, where it is straight enough to be written on.
    function along(ctx, view, lines, part, name) {
        const width = ctx.measureText(name).width, points = [], run = [0];
        for (let k = lines.part[part]; k < lines.part[part + 1]; k++) {
            points.push([lines.points[2 * k] * view.scale + view.dx, lines.points[2 * k + 1] * view.scale + view.dy]);
            const n = points.length;
            if (n > 1) run.push(run[n - 2] + Math.hypot(points[n - 1][0] - points[n - 2][0], points[n - 1][1] - points[n - 2][1]));
        }
        const length = run[run.length - 1];
        if (length < width + 24) return;
        const times = Math.max(1, Math.floor(length / 420));
        for (let n = 0; n < times; n++) {
            const middle = length * (n + 0.5) / times;
            const [ax, ay] = point(middle - width / 2), [bx, by] = point(middle + width / 2);
            if (Math.hypot(bx - ax, by - ay) < width * 0.94) continue;
            const x = (ax + bx) / 2, y = (ay + by) / 2;
            if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
            place(ctx, view, name, x, y, Math.atan2(by - ay, bx - ax), width);
        }

        function point(distance) {
            let k = run.findIndex(r => r >= distance);
            if (k < 1) k = 1;
            const share = (distance - run[k - 1]) / (run[k] - run[k - 1] || 1), [p, q] = [points[k - 1], points[k]];
            return [p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share];
        }
    }

    function place(ctx, view, name, x, y, angle, width) {
        if (angle > Math.PI / 2) angle -= Math.PI;
        if (angle < -Math.PI / 2) angle += Math.PI;
        const high = Math.abs(Math.sin(angle)) * width + 14, wide = Math.abs(Math.cos(angle)) * width + 14;
        if (!wangge.claim(view, x, y, wide, high)) return;
        if (upright.test(name) && Math.abs(angle) > 0.9) {
            // Chinese names stand upright, one sign below the other, along a steep street.
            const signs = [...name], step = 13, lean = Math.cos(angle) / Math.sin(angle);
            signs.forEach((sign, n) => {
                const down = (n - (signs.length - 1) / 2) * step;
                write(ctx, sign, x + down * lean, y + down);
            });
            return;
        }
        ctx.save();
        ctx.translate(x, y);
        ctx.rotate(angle);
        write(ctx, name, 0, 0);
        ctx.restore();
    }

    return {paintCellLabels, paintStreetNames};
};
