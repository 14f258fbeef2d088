// The map: the ground once, the cells above it painted anew only where they change, and what is pointed at on top.
import {paintChosen} from "./chosen.js";
import {grow, seen, squaresOf} from "./squares.js";

const HAIRLINES_FROM = 15.5;

export class Board {
    constructor(element, plan, theme) {
        const {sheet} = plan, [west, south, east, north] = sheet.bounds;
        this.plan = plan;
        this.theme = theme;
        this.level = plan.leaf;
        this.colours = "band";
        this.map = L.map(element, {zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, maxZoom: 21, boxZoom: false, wheelPxPerZoomLevel: 120, doubleClickZoom: false, keyboard: false, preferCanvas: true, zoomAnimation: false, fadeAnimation: false});
        L.control.zoom({position: "bottomright"}).addTo(this.map);
        L.control.scale({imperial: false, position: "bottomright"}).addTo(this.map);
        this.map.fitBounds([[south, west], [north, east]], {animate: false, padding: [12, 12]});
        const grounds = wangge.grounds(sheet.arcs, [{above: Int32Array.from({length: plan.count}, (_, k) => k), middles: {length: 2 * plan.count}}], sheet.origin);
        this.chained = grounds.chained;
        this.left = grounds.left;
        this.right = grounds.right;
        this.borders = grounds.borders;
        this.whole = grounds.whole;
        this.atoms = grounds.levels[0];
        this.middles = wangge.unpackPoints(sheet.atoms.middles, sheet.origin);
        this.arcsOf = arcsOf(this.left, this.right, plan.count);
        this.index = squaresOf(this.atoms.box, plan.count);
        this.drawn = new Map();
        this.chosen = {target: null, atoms: new Set(), stroke: new Set(), cursor: -1, loose: new Set(), conflict: new Set(), shape: null, before: false};
        const ground = wangge.ground(sheet.base, sheet.origin, {get theme() { return theme; }}, () => true);
        this.under = new wangge.Sheet([ground.paintLand, ground.paintLines, ground.paintBuildings]);
        this.cells = new wangge.Sheet([(ctx, view) => this.paintFills(ctx, view), (ctx, view) => this.paintHairlines(ctx, view), (ctx, view) => this.paintBorders(ctx, view)]);
        this.over = new wangge.Sheet([(ctx, view) => this.paintVeil(ctx, view), (ctx, view) => paintChosen(this, ctx, view), (ctx, view) => this.paintLabels(ctx, view)]);
        for (const layer of [this.under, this.cells, this.over]) layer.addTo(this.map);
        this.cells._container.classList.add("cells");
        for (const code of plan.atomsOn.keys()) this.draw(code);
        this.repaint();
    }

    // A ground's outline, put together anew from the borders of its pieces.
    draw(code) {
        const atoms = this.plan.atomsOn.get(code), sides = [], box = [Infinity, Infinity, -Infinity, -Infinity];
        if (!atoms) return this.drawn.delete(code);
        for (const atom of atoms) {
            for (let i = this.arcsOf.first[atom]; i < this.arcsOf.first[atom + 1]; i++) {
                const arc = this.arcsOf.arc[i], left = this.left[arc] === atom, other = left ? this.right[arc] : this.left[arc];
                if (other < 0 || this.plan.land.get(other) !== code) sides.push(left ? arc + 1 : -arc - 1);
            }
            grow(box, this.atoms.box, atom);
        }
        let middle = null, most = -1;
        for (const atom of this.plan.pieces(atoms)[0]) if (this.plan.sheet.atoms.area[atom] > most) { most = this.plan.sheet.atoms.area[atom]; middle = atom; }
        return this.drawn.set(code, {rings: this.chained(sides), box, middle});
    }

    // After an edit: the grounds concerned, and what they covered before and cover now.
    refresh(grounds) {
        const part = [Infinity, Infinity, -Infinity, -Infinity];
        const add = code => { const drawn = this.drawn.get(code); if (drawn) grow(part, drawn.box, 0); };
        for (const code of grounds) { add(code); this.draw(code); add(code); }
        if (part[0] < part[2]) { this.cells.repaint(part); this.over.repaint(part); }
    }

    repaint() {
        this.cells.paint();
        this.over.paint();
    }

    // What is chosen has changed.
    mark(what) {
        Object.assign(this.chosen, what);
        this.over.paint();
    }

    // The piece of land at a point of the world; −1 outside.
    atomAt(x, y) {
        for (const atom of this.index.at(x, y)) if (wangge.inGround(this.atoms, atom, x, y)) return atom;
        return -1;
    }

    point(event) {
        const at = this.map.mouseEventToContainerPoint(event), origin = this.map.getPixelOrigin(), pane = this.map._getMapPanePos(), scale = 2 ** this.map.getZoom();
        return [(at.x - pane.x + origin.x) / scale, (at.y - pane.y + origin.y) / scale];
    }

    // Pieces whose middle lies within a circle (pixels), or that hold its centre.
    inCircle(x, y, pixels) {
        const radius = pixels / 2 ** this.map.getZoom(), found = [], at = this.atomAt(x, y);
        if (at >= 0) found.push(at);
        for (const atom of this.index.within(x - radius, y - radius, x + radius, y + radius)) {
            if (Math.hypot(this.middles[2 * atom] - x, this.middles[2 * atom + 1] - y) <= radius && atom !== at) found.push(atom);
        }
        return found;
    }

    // Pieces whose middle lies within a closed line.
    inLine(line) {
        const box = [Math.min(...line.map(p => p[0])), Math.min(...line.map(p => p[1])), Math.max(...line.map(p => p[0])), Math.max(...line.map(p => p[1]))];
        return [...this.index.within(...box)].filter(atom => inside(line, this.middles[2 * atom], this.middles[2 * atom + 1]));
    }

    show(code) {
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (const atom of this.plan.atomsOf(code)) grow(box, this.atoms.box, atom);
        this.fit(box);
    }

    showAtoms(atoms) {
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (const atom of atoms) grow(box, this.atoms.box, atom);
        this.fit(box);
    }

    fit([west, north, east, south]) {
        if (west > east) return;
        this.map.fitBounds([wangge.latLng(west, south), wangge.latLng(east, north)], {animate: false, maxZoom: 17.5, padding: [80, 80]});
    }

    fill(code) {
        const {plan, theme} = this, shown = plan.at(this.level, code) ?? code;
        const codes = this.level === plan.leaf ? [...plan.sharing.get(code) || [code]] : [shown];
        const sides = codes.map(each => plan.side(each)), worst = sides.find(side => side) || 0;
        return worst < 0 ? theme.few[0] : worst > 0 ? theme.many.at(-1) : theme.band;
    }

    paintFills(ctx, view) {
        for (const [code, drawn] of this.drawn) {
            if (!seen(drawn.box, view)) continue;
            ctx.beginPath();
            wangge.traceGround(ctx, this.shape(drawn), 0, view);
            ctx.globalAlpha = 0.72;
            ctx.fillStyle = this.fill(code);
            ctx.fill("evenodd");
            if (!this.plan.cells.get(code)?.locked) continue;
            ctx.fillStyle = this.hatch(ctx);
            ctx.fill("evenodd");
        }
    }

    hatch(ctx) {
        if (this.hatched) return this.hatched;
        const tile = document.createElement("canvas"), pen = tile.getContext("2d");
        tile.width = tile.height = 10;
        pen.strokeStyle = this.theme.hidden;
        pen.lineWidth = 2;
        pen.moveTo(0, 0);
        pen.lineTo(10, 10);
        pen.stroke();
        this.hatched = ctx.createPattern(tile, "repeat");
        return this.hatched;
    }

    shape(drawn) {
        return {borders: this.borders, rings: [drawn.rings], box: drawn.box};
    }

    paintHairlines(ctx, view) {
        if (view.zoom < HAIRLINES_FROM) return;
        ctx.strokeStyle = this.theme.borders[2];
        ctx.globalAlpha = 0.35;
        ctx.lineWidth = 0.6;
        ctx.beginPath();
        let traced = 0;
        for (const atom of this.index.within(view.west, view.north, view.east, view.south)) {
            if (!wangge.inView(this.atoms, atom, view)) continue;
            wangge.traceGround(ctx, this.atoms, atom, view);
            if (++traced % 32) continue;
            ctx.stroke();
            ctx.beginPath();
        }
        ctx.stroke();
    }

    // Borders of the chosen level and of those above, the wider the higher.
    paintBorders(ctx, view) {
        const {plan} = this, depth = plan.levels.indexOf(this.level), grown = view.zoom < 14 ? 0.6 : view.zoom < 16 ? 1 : 1.7;
        const lines = plan.levels.map(() => []);
        for (const [code, drawn] of this.drawn) {
            if (!seen(drawn.box, view)) continue;
            const mine = plan.chain(code).reverse();
            for (const side of drawn.rings) {
                const arc = Math.abs(side) - 1;
                if (!side || (side < 0 && this.left[arc] >= 0)) continue;
                const other = side > 0 ? this.right[arc] : this.left[arc], beside = other < 0 ? [] : plan.chain(plan.land.get(other)).reverse();
                const l = mine.findIndex((each, k) => each !== beside[k]);
                lines[l]?.push(arc);
            }
        }
        for (let l = plan.levels.length - 1; l >= 0; l--) {
            const above = Math.max(0, Math.min(depth - l, 2)), faint = l > depth;
            ctx.lineWidth = (faint ? 0.7 : [1.3, 2.1, 2.8][above]) * grown;
            ctx.globalAlpha = faint ? 0.4 : 1;
            ctx.strokeStyle = this.theme.borders[2 - above];
            ctx.beginPath();
            lines[l].forEach((arc, k) => {
                wangge.traceArc(ctx, this.borders, arc, view, false, false);
                if ((k + 1) % 8) return;
                ctx.stroke();
                ctx.beginPath();
            });
            ctx.stroke();
        }
    }

    paintVeil(ctx, view) {
        ctx.beginPath();
        ctx.rect(0, 0, view.width, view.height);
        wangge.traceGround(ctx, this.whole, 0, view);
        ctx.fillStyle = this.theme.veil;
        ctx.fill("evenodd");
    }

    // The end of the code and the households, where there is room.
    paintLabels(ctx, view) {
        const {plan} = this, seenBefore = new Set();
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.lineWidth = 3;
        ctx.strokeStyle = this.theme.halo;
        ctx.fillStyle = this.theme.ink;
        for (const [code, drawn] of this.drawn) {
            if (!seen(drawn.box, view) || (drawn.box[2] - drawn.box[0]) * view.scale < 34) continue;
            const shown = this.level === plan.leaf ? code : plan.at(this.level, code);
            if (shown === undefined || seenBefore.has(shown)) continue;
            seenBefore.add(shown);
            const sharing = this.level === plan.leaf ? plan.sharing.get(code)?.size || 1 : 1;
            const total = sharing > 1 ? stacked([...plan.sharing.get(code)].map(each => plan.of(each))) : String(plan.of(shown));
            const x = this.middles[2 * drawn.middle] * view.scale + view.dx, y = this.middles[2 * drawn.middle + 1] * view.scale + view.dy;
            const short = shown.slice((plan.cells.get(shown)?.parent ?? "").length) || shown;
            ctx.font = "600 12px system-ui, 'Noto Sans CJK SC', sans-serif";
            const width = Math.max(ctx.measureText(total).width, 20);
            if ((drawn.box[2] - drawn.box[0]) * view.scale < width + 6 || !wangge.claim(view, x, y, width + 4, 28)) continue;
            ctx.strokeText(total, x, y + 6);
            ctx.fillText(total, x, y + 6);
            ctx.font = "10px system-ui, sans-serif";
            ctx.strokeText(short, x, y - 7);
            ctx.fillText(short, x, y - 7);
        }
    }
}

// Households of cells that share a ground: one by one, or their number and range where they are many.
const stacked = some => some.length < 4 ? some.join("·") : `${some.length}× ${[...new Set([Math.min(...some), Math.max(...some)])].join("–")}`;

function inside(line, x, y) {
    let found = false;
    for (let k = 0, j = line.length - 1; k < line.length; j = k++) {
        const [xk, yk] = line[k], [xj, yj] = line[j];
        if ((yk > y) !== (yj > y) && x < (xj - xk) * (y - yk) / (yj - yk) + xk) found = !found;
    }
    return found;
}

function arcsOf(left, right, count) {
    const first = new Int32Array(count + 1);
    for (const side of [left, right]) side.forEach(atom => { if (atom >= 0) first[atom + 1]++; });
    for (let k = 0; k < count; k++) first[k + 1] += first[k];
    const at = first.slice(), arc = new Int32Array(first[count]);
    for (const side of [left, right]) side.forEach((atom, k) => { if (atom >= 0) arc[at[atom]++] = k; });
    return {first, arc};
}
