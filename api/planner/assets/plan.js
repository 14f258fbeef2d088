// The plan as it stands on this page: the same state and the same steps as gis/editing on the server.
const PARTS = ["land", "floors", "cells", "together"];

export class Plan {
    constructor(sheet) {
        const codes = sheet.cells.map(cell => cell.code);
        this.sheet = sheet;
        this.levels = sheet.levels;
        this.leaf = sheet.levels.at(-1);
        this.bands = sheet.bands;
        this.count = sheet.atoms.households.length;
        this.households = sheet.atoms.households;
        this.community = sheet.atoms.community;
        this.codes = codes;
        this.land = new Map();
        this.floors = new Map();
        this.cells = new Map();
        this.together = new Map();
        // What follows from these, kept as they change.
        this.atomsOn = new Map();
        this.unitsOf = new Map();
        this.below = new Map();
        this.sharing = new Map();
        this.grouped = new Map();
        this.total = new Map();
        this.near = adjacency(sheet.pairs, this.count);
        this.unitsOn = gathered(sheet.units.atom);
        for (const {code, ...cell} of sheet.cells) this.put("cells", code, Object.freeze(cell));
        sheet.atoms.ground.forEach((row, atom) => this.put("land", atom, codes[row]));
        sheet.units.cell.forEach((row, unit) => { if (row >= 0) this.put("floors", unit, codes[row]); });
    }

    put(part, key, value) {
        const held = this[part], before = held.get(key) ?? null;
        if (value === null) held.delete(key);
        else held.set(key, value);
        if (part === "cells") {
            moveIn(this.below, key, before?.parent, value?.parent);
            moveIn(this.sharing, key, before?.ground, value?.ground);
        } else moveIn({land: this.atomsOn, floors: this.unitsOf, together: this.grouped}[part], key, before, value);
        if (part === "land") {
            if (before !== null) this.add(before, -this.households[key]);
            if (value !== null) this.add(value, this.households[key]);
        } else if (part === "floors") {
            // What no cell says is the ground's own.
            const size = this.sheet.units.households[key], own = this.land.get(this.sheet.units.atom[key]);
            this.add(before ?? own, -size);
            this.add(value ?? own, size);
        }
    }

    add(code, households) {
        this.total.set(code, (this.total.get(code) || 0) + households);
    }

    // Households of a cell of any level.
    of(code) {
        const below = this.below.get(code);
        if (!below) return this.total.get(code) || 0;
        let sum = 0;
        for (const each of below) sum += this.of(each);
        return sum;
    }

    // → whether every step begins where things are.
    fits(edit) {
        return PARTS.every(part => (edit[part] || []).every(([key, before]) => same(this[part].get(key) ?? null, before)));
    }

    // Floors go back to their ground before its land moves, and to a cell after it: totals are right at every step.
    take(edit) {
        for (const [unit] of edit.floors || []) this.put("floors", unit, null);
        for (const [code, , after] of edit.cells || []) if (after) this.put("cells", code, Object.freeze({...after}));
        for (const [atom, , after] of edit.land || []) this.put("land", atom, after);
        for (const [unit, , after] of edit.floors || []) if (after !== null) this.put("floors", unit, after);
        for (const [code, , after] of edit.cells || []) if (!after) this.put("cells", code, null);
        for (const [atom, , after] of edit.together || []) this.put("together", atom, after);
    }

    // Grounds that an edit bears on, before or after it.
    grounds(edit) {
        const found = new Set();
        for (const [, ...codes] of edit.land || []) codes.forEach(code => found.add(code));
        for (const [unit] of edit.floors || []) found.add(this.land.get(this.sheet.units.atom[unit]));
        for (const [, ...cells] of edit.cells || []) for (const cell of cells) if (cell?.level === this.leaf) found.add(cell.ground);
        return found;
    }

    // Cells of the lowest level that an edit names.
    named(edit) {
        const found = new Set(this.grounds(edit));
        for (const [unit, ...codes] of edit.floors || []) codes.forEach(code => found.add(code ?? this.land.get(this.sheet.units.atom[unit])));
        for (const [code, ...cells] of edit.cells || []) if (cells.some(cell => cell?.level === this.leaf)) found.add(code);
        return [...found];
    }

    chain(code) {
        const found = [];
        for (let at = code; at !== null && at !== undefined; at = this.cells.get(at)?.parent) found.push(at);
        return found;
    }

    // The cell of a level above a cell of a lower one.
    at(level, code) {
        return this.chain(code).find(each => this.cells.get(each)?.level === level);
    }

    communityOf(code) {
        const top = this.chain(code).at(-1);
        return this.cells.get(top)?.level in this.bands ? -1 : this.codes.indexOf(top);
    }

    leavesBelow(code) {
        const below = this.below.get(code);
        return below ? [...below].flatMap(each => this.leavesBelow(each)) : [code];
    }

    // Pieces of land of a cell of any level.
    atomsOf(code) {
        const grounds = new Set(this.leavesBelow(code).map(leaf => this.cells.get(leaf)?.ground));
        return [...grounds].flatMap(ground => [...this.atomsOn.get(ground) || []]);
    }

    // The pieces in which some atoms lie that hang together by borders; the one with most households first.
    pieces(atoms) {
        const left = new Set(atoms), found = [], {first, other} = this.near;
        for (const begun of atoms) {
            if (!left.delete(begun)) continue;
            const piece = [begun];
            for (let k = 0; k < piece.length; k++) {
                for (let i = first[piece[k]]; i < first[piece[k] + 1]; i++) if (left.delete(other[i])) piece.push(other[i]);
            }
            found.push(piece);
        }
        const weight = piece => piece.reduce((sum, atom) => sum + this.households[atom] + this.sheet.atoms.area[atom] * 1e-9, 0);
        return found.sort((a, b) => weight(b) - weight(a));
    }

    // What is wrong with a cell: {kind, …}.
    problems(code) {
        const cell = this.cells.get(code), found = [];
        if (!cell) return found;
        if (cell.ground === code && !cell.exclave) {
            const pieces = this.pieces(this.atomsOf(code));
            if (pieces.length > 1) found.push({kind: "parts", cell: code, parts: pieces.length, atoms: pieces.slice(1).flat()});
        }
        const band = this.bands[cell.level], households = this.of(code);
        if (band && (households < band[0] || households > band[1])) found.push({kind: "households", cell: code, households, band, atoms: []});
        return found;
    }

    // How a cell is drawn: its area and border in metres, how much of the border follows lines, how round it is, and
    // the metres of strong lines that run inside it.
    quality(code) {
        const atoms = new Set(this.atomsOf(code)), {first, other, length, kind} = this.near, {kinds} = this.sheet.pairs;
        const gap = kinds.indexOf("gap"), strong = ["arterial", "rail", "river"].map(name => kinds.indexOf(name));
        let area = 0, rim = 0, border = 0, along = 0, inside = 0;
        for (const atom of atoms) {
            area += this.sheet.atoms.area[atom];
            rim += this.sheet.atoms.rim[atom] / 10;
            for (let i = first[atom]; i < first[atom + 1]; i++) {
                if (!atoms.has(other[i])) {
                    border += length[i] / 10;
                    if (kind[i] !== gap) along += length[i] / 10;
                } else if (strong.includes(kind[i])) inside += length[i] / 20;
            }
        }
        const around = border + rim;
        return {area, border: around, along: border ? along / border : null, round: around ? 4 * Math.PI * area / around ** 2 : 0, inside};
    }

    // → −1 below its band, 1 above, 0 within or where there is none.
    side(code) {
        const band = this.bands[this.cells.get(code)?.level], households = this.of(code);
        return !band ? 0 : households < band[0] ? -1 : households > band[1] ? 1 : 0;
    }

    neighbours(code) {
        const found = new Map(), {first, other, length} = this.near;
        for (const atom of this.atomsOn.get(code) || []) {
            for (let i = first[atom]; i < first[atom + 1]; i++) {
                const beside = this.land.get(other[i]);
                if (beside !== code) found.set(beside, (found.get(beside) || 0) + length[i]);
            }
        }
        return [...found].sort((a, b) => b[1] - a[1]).map(([each]) => each);
    }

    // Pieces that are not where they were when the draft was begun.
    moved() {
        return [...this.land].filter(([atom, code]) => this.codes[this.sheet.atoms.ground[atom]] !== code).map(([atom]) => atom);
    }

    // Cells of the same level and community that share a border with one, or its ground.
    beside(code) {
        const {level, ground} = this.cells.get(code), home = this.communityOf(code), found = new Set();
        for (const leaf of new Set(this.leavesBelow(code).map(each => this.cells.get(each).ground))) {
            for (const near of this.neighbours(leaf)) found.add(this.at(level, near));
        }
        if (level === this.leaf) for (const each of this.sharing.get(ground)) found.add(each);
        found.delete(code);
        return [...found].filter(each => this.communityOf(each) === home);
    }

    // Cells one level up beside a cell, in its community: it could go under them.
    besideAbove(code) {
        const {parent} = this.cells.get(code);
        return [...new Set(this.beside(code).map(each => this.cells.get(each).parent))].filter(each => each !== parent);
    }

    // The next code under a cell that nobody ever had.
    freshCode(parent, level) {
        const depth = this.sheet.divided.indexOf(level), used = [...this.codes, ...this.sheet.retired, ...this.cells.keys()];
        const digits = parent === null ? 15 : depth ? 2 : 3, stem = parent ?? "";
        const ends = used.filter(code => code.length === stem.length + digits && code.startsWith(stem)).map(code => code.slice(stem.length));
        const next = Math.max(0, ...ends.filter(end => /^\d+$/.test(end)).map(Number)) + 1;
        return stem + String(next).padStart(digits, "0");
    }

    // All of the state, in one order: equal states are equal texts.
    text() {
        const sorted = map => [...map].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
        return JSON.stringify(PARTS.map(part => sorted(this[part])));
    }
}

export function inverse(edit) {
    return Object.fromEntries(PARTS.map(part => [part, (edit[part] || []).map(([key, before, after]) => [key, after, before])]));
}

export const same = (one, other) => one === other ||
    (one && other && typeof one === "object" && typeof other === "object" && ["level", "parent", "name", "kind", "ground", "exclave", "locked"].every(name => one[name] === other[name]));

function moveIn(index, key, before, after) {
    before ??= null;
    after ??= null;
    if (before === after) return;
    if (before !== null) {
        index.get(before)?.delete(key);
        if (!index.get(before)?.size) index.delete(before);
    }
    if (after !== null) {
        if (!index.has(after)) index.set(after, new Set());
        index.get(after).add(key);
    }
}

// Neighbours of each atom in compressed rows, with the length of the common border in decimetres and its kind of line.
function adjacency(pairs, count) {
    const one = wangge.summed(pairs.one), first = new Int32Array(count + 1), n = one.length;
    for (let k = 0; k < n; k++) { first[one[k] + 1]++; first[pairs.other[k] + 1]++; }
    for (let k = 0; k < count; k++) first[k + 1] += first[k];
    const at = first.slice(), other = new Int32Array(2 * n), length = new Int32Array(2 * n), kind = new Int8Array(2 * n);
    const set = (a, b, k) => { other[at[a]] = b; length[at[a]] = pairs.length[k]; kind[at[a]++] = pairs.kind[k]; };
    for (let k = 0; k < n; k++) { set(one[k], pairs.other[k], k); set(pairs.other[k], one[k], k); }
    return {first, other, length, kind};
}

function gathered(keys) {
    const found = new Map();
    keys.forEach((key, k) => { if (found.has(key)) found.get(key).push(k); else found.set(key, [k]); });
    return found;
}
