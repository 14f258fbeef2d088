// The cells: colour by class, hatched where out of band or not told, borders of the chosen level and those above.
wangge.cells = function (facts, state, shows) {
    const written = facts.levels.map(level => ({...level, above: wangge.summed(level.above)}));
    const drawn = wangge.grounds(facts.arcs, written, facts.origin), {borders} = drawn;
    const levels = written.map((level, l) => {
        const ground = wangge.summed(level.ground), held = Array.from({length: drawn.levels[l].count}, () => []);
        ground.forEach((at, cell) => held[at].push(cell));
        return {...level, ground, held, grounds: drawn.levels[l], middle: wangge.unpackPoints(level.middles, facts.origin)};
    });
    const current = () => levels[state.level], kept = {key: null};

    // Numbers by which neighbours can be told apart: the ground with the fewest neighbours is set aside, again and
    // again; then each, the last first, takes the least number that none of its neighbours has (Matula and Beck 1983).
    function apart(l) {
        const near = drawn.neighbours(l), left = near.map(some => some.size), aside = [], queue = [];
        left.forEach((some, i) => (queue[some] ||= []).push(i));
        for (let few = 0; few < queue.length; few++) {
            const i = queue[few]?.pop();
            if (i === undefined) continue;
            few--;
            if (left[i] !== few + 1) continue;
            left[i] = -1;
            aside.push(i);
            for (const other of near[i]) {
                if (left[other] < 0) continue;
                (queue[--left[other]] ||= []).push(other);
                few = Math.min(few, left[other] - 1);
            }
        }
        const number = new Int8Array(near.length).fill(-1);
        for (const i of aside.reverse()) {
            const taken = new Set([...near[i]].map(other => number[other]));
            for (number[i] = 0; taken.has(number[i]); number[i]++);
        }
        return number;
    }

    // Cells that share a ground by floors have one colour: the mean of their households, the sum of all else that is
    // there. −1 where it is not told.
    function figure(level, at, measure) {
        const counts = level.held[at].map(cell => level.figures[measure].told[cell]);
        if (counts.length === 1) return counts[0] < 0 ? -1 : counts[0];
        const known = counts.filter(count => count >= 0), all = known.reduce((a, b) => a + b, 0);
        const mean = measure === 0 || facts.measures[measure].share;
        if (!known.length || (!mean && known.length < counts.length)) return -1;
        return mean ? all / known.length : all + (level.shared[measure][at] || 0);
    }

    function colour(level, count, measure) {
        if (count < 0) return state.theme.unknown;
        const {breaks} = level.figures[measure], above = breaks.filter(from => count >= from).length - 1;
        return above < 0 ? state.theme.nothing : wangge.ramp(state.theme, level.figures[measure])[above];
    }

    // Colours of all grounds, kept until something else is chosen: working them out takes longer than painting them.
    function fills() {
        const key = [state.level, state.measure, state.theme.blend, shows("cells")].join();
        if (kept.key === key) return kept;
        const level = current(), every = shows("cells");
        kept.key = key;
        if (every && state.measure < 0) {
            level.apart ||= apart(state.level);
            kept.colour = Array.from(level.apart, number => state.theme.apart[number % state.theme.apart.length]);
            kept.hatched = kept.colour.map(() => "");
            return kept;
        }
        kept.colour = level.held.map((_, i) => every ? colour(level, figure(level, i, state.measure), state.measure) : state.theme.plain);
        const out = held => state.measure === 0 && held.some(cell => level.in_band[cell] === 2);
        kept.hatched = level.held.map((held, i) => !every ? "" : out(held) ? "hatch" : figure(level, i, state.measure) < 0 ? "hidden" : "");
        return kept;
    }

    function paintFills(ctx, view) {
        const {grounds} = current(), {colour: fill, hatched} = fills();
        const patterns = {hatch: ctx.createPattern(hatching(state.theme.hatch), "repeat"), hidden: ctx.createPattern(hatching(state.theme.hidden), "repeat")};
        ctx.globalCompositeOperation = state.theme.blend;
        ctx.globalAlpha = state.theme.alpha;
        // One by one: the cost of a path grows with the square of its size.
        for (let i = 0; i < grounds.count; i++) {
            if (!wangge.inView(grounds, i, view)) continue;
            ctx.beginPath();
            wangge.traceGround(ctx, grounds, i, view);
            ctx.fillStyle = fill[i];
            ctx.fill("evenodd");
            // In a ground of a few pixels a hatch says nothing.
            if (!hatched[i] || (grounds.box[4 * i + 2] - grounds.box[4 * i]) * view.scale < 24) continue;
            ctx.fillStyle = patterns[hatched[i]];
            ctx.fill("evenodd");
        }
    }

    function paintBorders(ctx, view) {
        if (!shows("borders")) return;
        const grown = view.zoom < 14 ? 0.6 : view.zoom < 16 ? 1 : 1.7;
        for (let l = state.level; l >= 0; l--) {
            const above = Math.min(state.level - l, 2);
            ctx.lineWidth = [1.3, 2.1, 2.8][above] * grown;
            ctx.strokeStyle = state.theme.borders[2 - above];
            let traced = 0;
            ctx.beginPath();
            for (let k = 0; k < borders.count; k++) {
                if (borders.above[k] !== l || !wangge.inView(borders, k, view)) continue;
                wangge.traceArc(ctx, borders, k, view, false, false);
                if (++traced % 8) continue;
                ctx.stroke();
                ctx.beginPath();
            }
            ctx.stroke();
        }
    }

    // What lies beyond the area stays in sight, and steps back.
    function paintVeil(ctx, view) {
        ctx.beginPath();
        ctx.rect(0, 0, view.width, view.height);
        wangge.traceGround(ctx, drawn.whole, 0, view);
        ctx.fillStyle = state.theme.veil;
        ctx.fill("evenodd");
    }

    function at(x, y) {
        const grounds = current().grounds;
        for (let i = 0; i < grounds.count; i++) if (wangge.inGround(grounds, i, x, y)) return i;
        return -1;
    }

    function hatching(ink) {
        const tile = document.createElement("canvas"), ctx = tile.getContext("2d");
        tile.width = tile.height = 16;
        ctx.strokeStyle = ink;
        ctx.lineWidth = 1.2;
        for (const shift of [-8, 0, 8, 16]) {
            ctx.moveTo(shift - 2, 18);
            ctx.lineTo(shift + 18, -2);
        }
        ctx.stroke();
        return tile;
    }

    return {levels, current, at, paintFills, paintBorders, paintVeil};
};

// A colour for each class: of one hue from little to much; where there is a band, pale within, and a hue for each side.
wangge.ramp = function (theme, {breaks, band}) {
    if (!band) return breaks.map((_, i) => theme.ramp[breaks.length > 1 ? Math.round(i * (theme.ramp.length - 1) / (breaks.length - 1)) : 2]);
    const [below, above] = [breaks.filter(from => from < band[0]).length, breaks.filter(from => from > band[1]).length];
    return breaks.map((from, i) => from < band[0] ? theme.few.at(i - below) : from > band[1] ? theme.many[i - (breaks.length - above)] : theme.band);
};
