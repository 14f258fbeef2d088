// Points with a colour, a sign, words and a time. Where several would cover one another: one disc with their number.
wangge.painters = {};

wangge.painters.marks = function (layer, {facts, state, shows}) {
    const points = wangge.unpackPoints(layer.points, facts.origin), size = points.length / 2;
    const {group, groups, minutes, texts} = layer, weight = i => layer.count ? layer.count[i] : 1;
    const signs = groups.map(each => each.sign && new Path2D(each.sign));
    // Pixels within which dots become a disc; closer in, and where each has so many square pixels, every mark is a dot.
    const reach = 40, singleFrom = 18, fewest = 4, kinds = layer.kinds >= 0 ? texts[layer.kinds] : null;
    const onGroup = groups.map(() => true), onKind = kinds ? kinds.texts.map(() => true) : [];
    let shown = Int32Array.from({length: size}, (_, i) => i), last = null;

    // Keep those that the filters and the span of time let through.
    function sift() {
        const {from, to} = state.span || {}, found = [];
        for (let i = 0; i < size; i++) {
            if (!onGroup[group[i]] || (kinds && !onKind[kinds.at[i]])) continue;
            if (state.span && minutes && (minutes[i] < from || minutes[i] >= to)) continue;
            found.push(i);
        }
        shown = Int32Array.from(found);
    }

    const x = (i, view) => points[2 * i] * view.scale + view.dx, y = (i, view) => points[2 * i + 1] * view.scale + view.dy;
    const inView = (i, view) => {
        const left = x(i, view), top = y(i, view);
        return left >= 0 && top >= 0 && left <= view.width && top <= view.height;
    };

    // By place in the world, not on the screen: discs stay where they are when the map is moved.
    const bin = (i, view) => Math.floor(points[2 * i] * view.scale / reach) * 67108864 + Math.floor(points[2 * i + 1] * view.scale / reach);

    function paint(ctx, view) {
        last = null;
        if (!shows(layer.name)) return;
        const bins = new Map(), seen = shown.filter(i => inView(i, view));
        const single = view.zoom >= singleFrom || seen.length * (signs.some(Boolean) ? 6000 : 600) < view.width * view.height && view.zoom >= 14;
        if (!single) gather(bins, view, seen);
        for (const i of seen) {
            if (single || bins.get(bin(i, view)).n < fewest) dot(ctx, view, i);
        }
        if (layer.linked && shows(`${layer.name}:links`)) links(ctx, view);
        const discs = [...bins.values()].filter(each => each.n >= fewest);
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        for (const each of discs) disc(ctx, view, each);
        last = {view, discs, bins, single};
    }

    // From each mark to the middle of all that belong together.
    function links(ctx, view) {
        const middles = kinds.texts.map(() => [0, 0, 0]);
        for (const i of shown) {
            const middle = middles[kinds.at[i]];
            middle[0] += x(i, view);
            middle[1] += y(i, view);
            middle[2]++;
        }
        for (const middle of middles) for (const side of [0, 1]) middle[side] /= middle[2] || 1;
        const hues = ["#0072b2", "#d55e00", "#00795a", "#9a3b6e", "#b08900", "#56789a", "#7a5195", "#5a8500"];
        ctx.lineWidth = 1;
        ctx.globalAlpha = 0.55;
        for (const i of shown) {
            const [left, top] = middles[kinds.at[i]];
            ctx.beginPath();
            ctx.moveTo(left, top);
            ctx.lineTo(x(i, view), y(i, view));
            ctx.strokeStyle = hues[kinds.at[i] % hues.length];
            ctx.stroke();
        }
        ctx.globalAlpha = 1;
        ctx.font = "600 12px system-ui, sans-serif";
        ctx.lineWidth = 3;
        ctx.strokeStyle = state.theme.halo;
        ctx.fillStyle = state.theme.ink;
        ctx.textAlign = "center";
        middles.forEach(([left, top, n], k) => {
            const name = kinds.texts[k];
            if (!n || !name || !wangge.claim(view, left, top, ctx.measureText(name).width + 8, 18)) return;
            ctx.strokeText(name, left, top);
            ctx.fillText(name, left, top);
        });
    }

    function gather(bins, view, seen) {
        for (const i of seen) {
            const key = bin(i, view), w = weight(i);
            let each = bins.get(key);
            if (!each) bins.set(key, each = {key, x: 0, y: 0, n: 0, of: new Uint32Array(groups.length)});
            each.x += w * x(i, view);
            each.y += w * y(i, view);
            each.n += w;
            each.of[group[i]] += w;
        }
    }

    const radiusAt = zoom => zoom < 15 ? 2.3 : zoom < 16.5 ? 3 : 4.4;
    const signed = (i, view) => signs[group[i]] && view.zoom >= 15.5;

    function dot(ctx, view, i) {
        const radius = signed(i, view) ? 9 : radiusAt(view.zoom) * Math.min(3, Math.sqrt(weight(i)));
        ctx.beginPath();
        ctx.arc(x(i, view), y(i, view), radius, 0, 2 * Math.PI);
        ctx.fillStyle = groups[group[i]].colour;
        ctx.fill();
        ctx.lineWidth = view.zoom < 16.5 ? 0.7 : 1.1;
        ctx.strokeStyle = "#ffffff";
        ctx.stroke();
        if (!signed(i, view)) return;
        ctx.save();
        ctx.translate(x(i, view) - 6, y(i, view) - 6);
        ctx.scale(0.8, 0.8);
        ctx.fillStyle = "#ffffff";
        ctx.fill(signs[group[i]]);
        ctx.restore();
        view.labels.push([x(i, view) - 9, y(i, view) - 9, x(i, view) + 9, y(i, view) + 9]);
    }

    function disc(ctx, view, each) {
        each.radius = Math.min(15, 6.5 + Math.sqrt(each.n));
        each.x /= each.n;
        each.y /= each.n;
        ctx.beginPath();
        ctx.arc(each.x, each.y, each.radius, 0, 2 * Math.PI);
        ctx.fillStyle = groups[each.of.indexOf(Math.max(...each.of))].colour;
        ctx.fill();
        ctx.lineWidth = 1.2;
        ctx.strokeStyle = "#ffffff";
        ctx.stroke();
        ctx.fillStyle = "#ffffff";
        ctx.font = `600 ${each.n < 1000 ? 10 : 9}px system-ui, sans-serif`;
        ctx.fillText(each.n < 1000 ? each.n : `${(each.n / 1000).toFixed(each.n < 9950 ? 1 : 0)}k`, each.x, each.y + 0.5);
        // Labels keep off the number.
        view.labels.push([each.x - each.radius, each.y - each.radius, each.x + each.radius, each.y + each.radius]);
    }

    // All marks drawn under a point of the canvas: several may lie at one place.
    function at(left, top) {
        if (!last) return null;
        const {view, discs, bins, single} = last;
        const over = discs.find(each => Math.hypot(each.x - left, each.y - top) <= each.radius);
        const found = [], near = i => 2 + (signed(i, view) ? 9 : radiusAt(view.zoom));
        for (const i of shown) {
            if (over ? bin(i, view) === over.key
                : Math.hypot(x(i, view) - left, y(i, view) - top) <= near(i) && (single || bins.get(bin(i, view))?.n < fewest)) found.push(i);
        }
        return found.length ? found : null;
    }

    const text = (column, i) => texts[column].texts[texts[column].at[i]];

    function tell(held, most) {
        const box = wangge.element("div", null, null, "facts");
        const total = held.reduce((sum, i) => sum + weight(i), 0);
        if (total > 1) wangge.element("p", `${layer.label} · ${wangge.number(total)}`, box, "note");
        for (const i of held.slice(0, most)) {
            const title = wangge.element("h3", (texts.length && text(0, i)) || groups[group[i]].label, box);
            if (weight(i) > 1) wangge.element("code", `× ${wangge.number(weight(i))}`, title);
            const said = texts.map((column, c) => [column.label, c && text(c, i)]).filter(([, value]) => value);
            for (const [label, value] of said) wangge.element("p", `${label} ${value}`, box);
            wangge.element("p", groups[group[i]].label, box, "reason");
        }
        if (held.length > most) wangge.element("p", `… ${wangge.number(held.length)}`, box, "note");
        return box;
    }

    function legend(section, entry) {
        if (!shows(layer.name)) return;
        wangge.element("h3", layer.label, section);
        const list = wangge.element("ul", null, section, "dots");
        groups.forEach((each, g) => {
            if (layer.totals[g]) entry(list, each.colour, `${each.label} · ${wangge.number(layer.totals[g])}`, each.sign && "signed", each.sign);
        });
    }

    return {
        layer, points, size, groups, kinds, onGroup, onKind, minutes, sift, paint, at, tell, legend, text, weight,
        shown: () => shown, group: i => group[i],
    };
};
