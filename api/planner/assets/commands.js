// What planners do, as edits: lists of [what, where it is, where it shall be].

// Pieces of land go to a cell, with all that stands on them; cells that have nothing left are given up.
export function give(plan, atoms, to) {
    const ground = plan.cells.get(to).ground, edit = {land: [], floors: [], cells: [], together: []}, leaving = new Map();
    for (const atom of whole(plan, atoms)) {
        const from = plan.land.get(atom);
        if (from === ground) continue;
        edit.land.push([atom, from, ground]);
        if (!leaving.has(from)) leaving.set(from, new Set());
        leaving.get(from).add(atom);
        for (const unit of plan.unitsOn.get(atom) || []) {
            const before = plan.floors.get(unit) ?? null, after = to === ground ? null : to;
            if (before !== after) edit.floors.push([unit, before, after]);
        }
    }
    for (const [from, gone] of leaving) emptied(plan, edit, from, gone);
    return edit;
}

// A new cell beside the one that had most of the land, on some pieces of it.
export function found(plan, atoms, name = "") {
    const home = commonest(plan, atoms), cell = plan.cells.get(home), code = plan.freshCode(cell.parent, cell.level);
    const edit = {land: [], floors: [], cells: [], together: []}, leaving = new Map();
    for (const atom of whole(plan, atoms)) {
        const from = plan.land.get(atom);
        edit.land.push([atom, from, code]);
        if (!leaving.has(from)) leaving.set(from, new Set());
        leaving.get(from).add(atom);
        for (const unit of plan.unitsOn.get(atom) || []) if (plan.floors.has(unit)) edit.floors.push([unit, plan.floors.get(unit), null]);
    }
    const above = plan.cells.get(cell.parent)?.name ?? plan.sheet.title;
    edit.cells.push([code, null, {...cell, name: name || `${above} ${Number(code.slice((cell.parent ?? "").length))}`, kind: "general", ground: code, exclave: false, locked: false}]);
    for (const [from, gone] of leaving) emptied(plan, edit, from, gone);
    return edit;
}

// Floors go to another cell of their ground.
export function giveFloors(plan, units, to) {
    const ground = plan.cells.get(to).ground, after = to === ground ? null : to;
    const edit = {floors: units.map(unit => [unit, plan.floors.get(unit) ?? null, after]).filter(([, before]) => before !== after), cells: []};
    const leaves = code => edit.floors.filter(([, before]) => before === code).length === plan.unitsOf.get(code)?.size;
    for (const code of new Set(edit.floors.map(([, before]) => before))) {
        if (code !== null && leaves(code)) edit.cells.push([code, plan.cells.get(code), null]);
    }
    return edit;
}

// Floors of a ground become a cell of their own.
export function foundOnFloors(plan, units) {
    const ground = plan.land.get(plan.sheet.units.atom[units[0]]), cell = plan.cells.get(ground), code = plan.freshCode(cell.parent, cell.level);
    const above = plan.cells.get(cell.parent)?.name ?? plan.sheet.title;
    return {
        floors: units.map(unit => [unit, plan.floors.get(unit) ?? null, code]),
        cells: [[code, null, {...cell, name: `${above} ${Number(code.slice((cell.parent ?? "").length))}`, kind: "general", ground, locked: false}]],
    };
}

export const change = (plan, code, what) => ({cells: [[code, plan.cells.get(code), {...plan.cells.get(code), ...what}]]});

export function keepTogether(plan, atoms, name) {
    return {together: atoms.map(atom => [atom, plan.together.get(atom) ?? null, name]).filter(([, before]) => before !== name)};
}

export const nothing = edit => !["land", "floors", "cells", "together"].some(part => edit[part]?.length);

// Pieces with all that stay together with them.
function whole(plan, atoms) {
    const found = new Set(atoms);
    for (const atom of atoms) {
        const group = plan.together.get(atom);
        if (group !== undefined) for (const other of plan.grouped.get(group)) found.add(other);
    }
    return found;
}

function commonest(plan, atoms) {
    const votes = new Map();
    for (const atom of atoms) votes.set(plan.land.get(atom), (votes.get(plan.land.get(atom)) || 0) + 1 + plan.households[atom]);
    return [...votes].sort((a, b) => b[1] - a[1])[0][0];
}

// Cells that keep no land or no floor are given up, and those above that hold no other.
function emptied(plan, edit, ground, gone) {
    const founded = edit.cells.filter(([, before]) => !before).map(([, , cell]) => cell.parent);
    const give = code => { if (!edit.cells.some(([given]) => given === code)) edit.cells.push([code, plan.cells.get(code), null]); };
    if (gone.size === plan.atomsOn.get(ground).size) {
        for (const code of plan.sharing.get(ground)) give(code);
    } else {
        for (const code of plan.sharing.get(ground)) {
            if (code !== ground && [...plan.unitsOf.get(code)].every(unit => gone.has(plan.sheet.units.atom[unit]))) give(code);
        }
    }
    for (let above = plan.cells.get(ground).parent; above !== null; above = plan.cells.get(above).parent) {
        const left = [...plan.below.get(above)].filter(code => !edit.cells.some(([given, , after]) => given === code && !after));
        if (left.length || founded.includes(above)) break;
        give(above);
    }
}
