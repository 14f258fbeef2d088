// The chosen cell and the chosen pieces: their figures, and what can be done with them.
import {foundOnFloors, giveFloors} from "./commands.js";
import {$, make} from "./elements.js";
import {number, say} from "./words.js";

export class Panel {
    constructor(editor) {
        this.editor = editor;
    }

    refresh() {
        // Whoever types goes on typing, and whoever came by keyboard stays where they are.
        const active = document.activeElement, here = $("target").contains(active), doing = active.dataset.do;
        if (here && active.matches("input:not([type=checkbox])") && active.value !== active.defaultValue) return;
        this.target();
        this.selection();
        if (here && doing) $("target").querySelector(`[data-do="${doing}"]`)?.focus();
    }

    target() {
        const {editor} = this, {plan} = editor, code = editor.target, box = $("target");
        box.replaceChildren();
        if (code === null || !plan.cells.has(code)) {
            make("p", say("none"), box, {className: "note"});
            return;
        }
        const cell = plan.cells.get(code), households = plan.of(code), band = plan.bands[cell.level], leaf = cell.level === plan.leaf;
        make("h2", null, box).append(cell.name || code, " ", make("code", code));
        const line = make("p", null, box);
        make("span", number(households), line, {className: "big"});
        line.append(` ${say("households")} · ${number(plan.atomsOf(code).length)} ${say("pieces")}`);
        if (band) {
            gauge(box, households, band);
            const off = households < band[0] ? say("below", band[0] - households) : households > band[1] ? say("above", households - band[1]) : say("within");
            make("p", `${say("band")} ${band.join("–")}: ${off}`, box, {className: plan.side(code) ? "off" : "good"});
        }
        for (const problem of editor.problems.get(code) || []) if (problem.kind === "parts") make("p", say("problem.parts", problem.parts), box, {className: "off"});
        const drawn = plan.quality(code);
        make("p", say("quality", Math.round(drawn.area), Math.round(100 * drawn.round), drawn.along === null ? "–" : Math.round(100 * drawn.along)), box, {className: "note"});
        if (drawn.inside >= 20) make("p", say("crosses", Math.round(drawn.inside)), box, {className: "note off"});
        if (cell.parent) {
            const above = make("p", `${say("parent")} `, box, {className: "note"});
            above.append(make("code", cell.parent));
        }
        if (!(cell.level in plan.bands)) return;
        this.facts(box, code, cell);
        if (editor.editable) this.deeds(box, code, leaf);
        if (leaf && (plan.sharing.get(cell.ground).size > 1 || this.tall(code).length > 1)) this.floors(box, code);
    }

    facts(box, code, cell) {
        const {editor} = this, change = what => editor.change(code, what), disabled = !editor.editable;
        const name = make("label", say("name"), box);
        make("input", null, name, {value: cell.name, maxLength: 120, "data-do": "name", disabled: disabled || cell.locked, onchange: event => { event.target.defaultValue = event.target.value; change({name: event.target.value}); }});
        const kind = make("label", say("kind"), box), kinds = make("select", null, kind, {"data-do": "kind", disabled: disabled || cell.locked, onchange: event => change({kind: event.target.value})});
        for (const each of ["general", "exclusive", "rural"]) make("option", say(`kind.${each}`), kinds, {value: each, selected: each === cell.kind});
        for (const [what, text] of [["locked", "lock"], ["exclave", "exclave"]]) {
            const label = make("label", null, box);
            make("input", null, label, {type: "checkbox", checked: cell[what], "data-do": what, disabled: disabled || (what !== "locked" && cell.locked), onchange: event => change({[what]: event.target.checked})});
            label.append(say(text));
        }
    }

    deeds(box, code, leaf) {
        const {editor} = this, row = make("div", null, box, {className: "row"});
        if (leaf) this.splits(row, code);
        const beside = editor.plan.beside(code), near = make("select", null, row, {"aria-label": say("merge"), "data-do": "merge", onchange: event => this.merge(code, event.target.value, leaf)});
        make("option", say("merge"), near, {value: ""});
        if (leaf) make("option", say("merge.map"), near, {value: "map"});
        for (const each of beside) make("option", `${each} (${number(editor.plan.of(each))})`, near, {value: each});
        if (!leaf) return;
        const above = editor.plan.cells.get(code).parent, others = editor.plan.besideAbove(code);
        if (above === null || !others.length) return;
        const under = make("select", null, row, {"aria-label": say("under"), "data-do": "under", onchange: event => event.target.value && this.propose({kind: "move", cell: code, other: event.target.value})});
        make("option", say("under"), under, {value: ""});
        for (const each of others) make("option", `${each} (${number(editor.plan.of(each))})`, under, {value: each});
    }

    merge(code, other, leaf) {
        const {editor} = this;
        if (other === "map") editor.startMerge();
        else if (other && leaf) editor.mergeCells(other, code);
        else if (other) this.propose({kind: "merge", cell: other, other: code});
    }

    splits(row, code) {
        const parts = make("input", null, null, {type: "number", min: 2, max: 20, value: 2, defaultValue: 2, "data-do": "parts", "aria-label": say("split.evenly")});
        make("button", say("split.evenly"), row, {"data-do": "split_evenly", onclick: () => this.propose({kind: "split_evenly", cell: code, parts: Number(parts.value)})});
        row.append(parts);
        make("button", say("split.street"), row, {"data-do": "split_by_street", onclick: () => this.propose({kind: "split_by_street", cell: code})});
        make("button", say("rebalance"), row, {"data-do": "rebalance", onclick: () => this.propose({kind: "rebalance", cell: code})});
    }

    // The service works it out; it is shown, and taken or not.
    async propose(wanted) {
        const answer = await this.editor.worked("proposals", wanted);
        if (answer?.refused) this.editor.tell(say("refused", answer.refused), true);
        else if (answer) await this.editor.preview(answer.edit);
    }

    // Units on the ground of a cell, in order.
    tall(code) {
        const {plan} = this.editor, ground = plan.cells.get(code).ground;
        return [...plan.atomsOn.get(ground) || []].flatMap(atom => plan.unitsOn.get(atom) || []).filter(unit => (plan.unitsOn.get(plan.sheet.units.atom[unit]) || []).length > 1);
    }

    // Floors of this cell; ticked, they go to another cell of the ground or to a new one.
    floors(box, code) {
        const {editor} = this, {plan} = editor, {units} = plan.sheet, ground = plan.cells.get(code).ground, chosen = new Set();
        const details = make("details", null, box), list = make("ul");
        make("summary", say("floors"), details);
        details.append(list);
        for (const unit of this.tall(code).filter(each => (plan.floors.get(each) ?? ground) === code).sort((a, b) => a - b)) {
            const label = make("label", null, make("li", null, list));
            make("input", null, label, {type: "checkbox", disabled: !editor.editable, onchange: event => chosen[event.target.checked ? "add" : "delete"](unit)});
            const floor = units.floor_from[unit] === units.floor_to[unit] ? units.floor_from[unit] : `${units.floor_from[unit]}–${units.floor_to[unit]}`;
            label.append([units.buildings[units.building[unit]], units.entrances[units.entrance[unit]], say("floor", String(floor)), number(units.households[unit])].filter(Boolean).join(" · "));
        }
        const row = make("div", null, details, {className: "row"});
        const go = to => { if (chosen.size) editor.perform(to ? giveFloors(plan, [...chosen], to) : foundOnFloors(plan, [...chosen])); };
        const choice = make("select", null, row, {"aria-label": say("give"), "data-do": "floors", disabled: !editor.editable, onchange: event => { go(event.target.value === "new" ? null : event.target.value); event.target.value = ""; }});
        make("option", say("give"), choice, {value: ""});
        for (const other of plan.sharing.get(ground)) if (other !== code) make("option", other, choice, {value: other});
        make("option", say("give.new"), choice, {value: "new"});
    }

    selection() {
        const {editor} = this, {plan, selected} = editor, box = $("selection");
        box.replaceChildren();
        box.hidden = !selected.size;
        if (!selected.size) return;
        make("p", say("selection", selected.size, [...selected].reduce((sum, atom) => sum + plan.households[atom], 0)), box);
        const row = make("div", null, box, {className: "row"}), grouped = [...selected].some(atom => plan.together.has(atom));
        const button = (text, act, disabled = false) => make("button", text, row, {onclick: act, disabled: disabled || !editor.editable});
        button(say("selection.give"), () => { editor.giveAll([...selected]); editor.select([]); }, editor.leafTarget() === null);
        button(say("selection.new"), () => editor.foundSelected());
        button(say("selection.together"), () => editor.keepTogether(`g${Math.min(...selected)}`));
        if (grouped) button(say("selection.free"), () => editor.keepTogether(null));
        make("button", say("selection.clear"), row, {onclick: () => editor.select([])});
    }
}

// Where the households stand against the band, on a scale to twice its upper end.
function gauge(box, households, [lower, upper]) {
    const most = 2 * upper, bar = make("div", null, box, {className: "gauge", role: "img", "aria-label": `${households}: ${lower}–${upper}`});
    const good = make("i", null, bar), now = make("b", null, bar);
    good.style.left = `${100 * lower / most}%`;
    good.style.width = `${100 * (upper - lower) / most}%`;
    now.style.left = `${Math.min(99, 100 * households / most)}%`;
}
