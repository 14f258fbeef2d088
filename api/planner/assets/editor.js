// A draft on the desk: what is chosen, what the tools do with it, and what is shown of it.
import {Board} from "./board.js";
import {change, found, give, keepTogether, nothing} from "./commands.js";
import {$, consult, make} from "./elements.js";
import {Flow} from "./flow.js";
import {Lists} from "./lists.js";
import {Panel} from "./panel.js";
import {inverse, Plan} from "./plan.js";
import {ask, post} from "./server.js";
import {Sync} from "./sync.js";
import {BRUSHES, onOneSide, stepFrom, Tools} from "./tools.js";
import {number, say} from "./words.js";

const SIGNS = {
    select: "M5 3l6 16 2.5-6.5L20 10z",
    piece: "M4 8l7-4 9 5-3 9-9 2z M9 12h6 M12 9v6",
    brush: "M14 4l6 6-8 8c-2 2-6 2-8 2 2-2 0-4 2-6z",
    lasso: "M12 5c5 0 8 2 8 5s-3 5-8 5-8-2-8-5 3-5 8-5z M7 14c-2 2-1 5 2 5",
    rectangle: "M4 6h16v12H4z",
    line: "M4 19L20 5 M4 8h5 M15 16h5",
};
const KEYS = {v: "select", c: "piece", b: "brush", l: "lasso", r: "rectangle", k: "line"};

// What may be said of saving, and how it looks.
const SAVED = {saved: "", waiting: "", unreachable: "bad", differs: "bad", "signed out": "bad"};
const NOTICE_MS = 9000;

export class Editor {
    constructor(draft, {leave}) {
        this.draft = draft;
        this.leave = leave;
        this.target = null;
        this.selected = new Set();
        this.choosing = false;
        this.problems = new Map();
        this.onKey = event => this.key(event);
    }

    async open() {
        $("name").textContent = this.draft.title;
        // Asked for the first time, the service lays the land out and proves it: seconds, where it is large.
        this.tell(say("opening"), true);
        clearTimeout(this.quiet);
        const bytes = await ask(`plans/${this.draft.plan_id}/land`, {bytes: true});
        this.sheet = await wangge.decoded(new Uint8Array(bytes));
        this.plan = new Plan(this.sheet);
        this.sync = new Sync(this.draft, this.plan, {shown: grounds => this.shown(grounds), said: (what, how) => this.said(what, how)});
        this.panel = new Panel(this);
        this.lists = new Lists(this);
        this.flow = new Flow(this);
        await this.sync.begin();
        this.board = new Board($("board"), this.plan, this.sheet.themes[document.documentElement.dataset.theme]);
        this.tools = new Tools(this.board, {
            hover: (atom, event) => this.hover(atom, event),
            pick: (atom, event) => this.pick(atom, event),
            stroke: (atoms, over, event) => this.stroke(atoms, over, event),
            line: points => this.splitAlong(points),
        });
        this.toolbar();
        this.levels();
        this.legend();
        this.chooseTool("select");
        for (const code of this.plan.cells.keys()) this.look(code);
        addEventListener("keydown", this.onKey);
        $("undo").onclick = () => this.sync.undo();
        $("redo").onclick = () => this.sync.redo();
        $("notice").hidden = true;
        document.title = `${this.draft.title} · Wangge`;
        this.refresh();
        $("desk").editor = this;
        document.documentElement.dataset.ready = "1";
    }

    close() {
        this.sync?.end();
        this.board?.map.remove();
        removeEventListener("keydown", this.onKey);
        delete document.documentElement.dataset.ready;
        for (const id of ["tools", "target", "selection", "problems", "talk", "cells"]) $(id).replaceChildren();
    }

    get editable() {
        return this.draft.state === "open";
    }

    sayAll() {
        this.toolbar();
        this.levels();
        this.legend();
        this.refresh();
    }

    toolbar() {
        const bar = $("tools");
        bar.replaceChildren();
        bar.setAttribute("aria-label", say("tools"));
        const button = (name, text, press, pressed) => {
            const made = make("button", null, bar, {title: text, "aria-label": text, onclick: press});
            if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
            made.dataset.tool = name;
            return made;
        };
        for (const [tool, path] of Object.entries(SIGNS)) {
            button(tool, say(`tool.${tool}`), () => this.chooseTool(tool), this.tools?.tool === tool).append(sign(path));
        }
        button("size", say("tool.size"), () => this.resize(1)).textContent = ["•", "●", "⬤"][this.tools?.size ?? 0];
        button("mode", say("tool.mode"), () => this.switchMode(), this.choosing).textContent = "▣";
        button("next", say("tool.next"), () => this.lists.next()).textContent = "⚑";
    }

    legend() {
        const {theme} = this.board, box = $("legend");
        box.replaceChildren();
        for (const [colour, text] of [[theme.few[0], "legend.few"], [theme.band, "within"], [theme.many.at(-1), "legend.many"]]) {
            const row = make("li", null, box);
            make("i", null, row).style.background = colour;
            row.append(say(text));
        }
        if (this.sheet.credit) make("li", say("credit"), box);
    }

    levels() {
        const levels = $("level");
        levels.replaceChildren();
        for (const level of this.plan.levels) make("option", say(`level.${level}`), levels, {value: level, selected: level === this.board.level});
        levels.onchange = () => this.chooseLevel(levels.value);
    }

    chooseTool(tool) {
        this.tools.choose(tool);
        for (const each of $("tools").querySelectorAll("[data-tool]")) if (each.dataset.tool in SIGNS) each.setAttribute("aria-pressed", String(each.dataset.tool === tool));
    }

    resize(by) {
        this.tools.size = (this.tools.size + by + BRUSHES.length) % BRUSHES.length;
        this.toolbar();
    }

    switchMode() {
        this.choosing = !this.choosing;
        this.toolbar();
    }

    chooseLevel(level) {
        this.board.level = level;
        this.choose(null);
        this.board.repaint();
        this.levels();
        this.lists.refresh();
    }

    // The cell that strokes give land to.
    choose(code, show = false) {
        this.target = code;
        this.board.mark({target: code});
        if (show && code !== null) this.board.show(code);
        if (code !== null) this.tell(`${code}, ${number(this.plan.of(code))} ${say("households")}`);
        this.panel.refresh();
    }

    select(atoms) {
        this.selected = new Set(atoms);
        this.board.mark({atoms: this.selected});
        this.panel.refresh();
    }

    pick(atom, event) {
        if (this.merging) return this.mergeWith(atom);
        if (atom < 0) return this.choose(null);
        if (this.tools.tool === "piece" && !event.altKey) return this.giveAll([atom]);
        return this.choose(this.plan.at(this.board.level, this.plan.land.get(atom)) ?? null);
    }

    hover(atom, event) {
        const tag = $("tag");
        tag.hidden = atom < 0 || !event || event.pointerType === "touch";
        if (tag.hidden) return;
        const ground = this.plan.land.get(atom), code = this.plan.at(this.board.level, ground);
        tag.textContent = `${this.plan.cells.get(code)?.name || code}: ${number(this.plan.of(code))} ${say("households")}\n${say("piece", this.plan.households[atom], ground)}`;
        place(tag, event);
    }

    // A stroke in progress shows what it would make of the totals; at its end it is done.
    stroke(atoms, over, event) {
        const tag = $("tag");
        if (over) {
            tag.hidden = true;
            this.board.mark({stroke: new Set()});
            if (this.choosing || event.shiftKey) return this.select([...this.selected, ...atoms]);
            return this.giveAll(atoms);
        }
        this.board.mark({stroke: new Set(atoms)});
        tag.hidden = !atoms.length;
        if (this.target === null || this.choosing) {
            tag.textContent = say("selection", atoms.length, atoms.reduce((sum, atom) => sum + this.plan.households[atom], 0));
        } else tag.textContent = this.foretold(give(this.plan, atoms, this.leafTarget())).join("\n");
        tag.hidden ||= !tag.textContent;
        return place(tag, event);
    }

    // What the households of the cells concerned would be.
    foretold(edit) {
        const {plan} = this, codes = plan.named(edit), count = () => codes.map(code => plan.cells.has(code) ? plan.of(code) : 0);
        const before = count();
        plan.take(edit);
        const after = count();
        plan.take(inverse(edit));
        // Land on which nobody lives changes no figure: then all are told.
        const every = before.every((households, k) => households === after[k]);
        return codes.flatMap((code, k) => before[k] === after[k] && !every ? [] : [say("new households", code, before[k], after[k])]);
    }

    // Land goes to a cell of the lowest level.
    leafTarget() {
        return this.target !== null && this.plan.cells.get(this.target)?.level === this.plan.leaf ? this.target : null;
    }

    giveAll(atoms) {
        const to = this.leafTarget();
        if (to === null) return this.tell(say(this.target === null ? "none" : "none.level"), true);
        return this.perform(give(this.plan, atoms, to));
    }

    perform(edit) {
        if (!edit || nothing(edit)) return;
        if (!this.editable) return this.tell(say("refused", say(`stage.${this.draft.state}`)), true);
        this.board.mark({conflict: new Set(), loose: new Set()});
        return this.sync.perform(edit);
    }

    splitAlong(points) {
        const code = this.leafTarget();
        if (code === null) return this.tell(say("none"), true);
        const atoms = onOneSide(this.board, this.plan.atomsOf(code), points);
        if (!atoms.length || atoms.length === this.plan.atomsOf(code).length) return;
        return this.perform(found(this.plan, atoms));
    }

    startMerge() {
        this.merging = this.leafTarget();
        if (this.merging !== null) this.tell(say("merging", this.merging), true);
    }

    mergeWith(atom) {
        const from = this.merging, to = atom < 0 ? null : this.plan.land.get(atom);
        this.merging = null;
        if (to !== null) this.mergeCells(from, to);
    }

    // Cells of the same level and community that share a border with one, or its ground.
    beside(code) {
        const {plan} = this, {level, ground} = plan.cells.get(code), home = plan.communityOf(code), found = new Set();
        for (const leaf of new Set(plan.leavesBelow(code).map(each => plan.cells.get(each).ground))) {
            for (const near of plan.neighbours(leaf)) found.add(plan.at(level, near));
        }
        if (level === plan.leaf) for (const each of plan.sharing.get(ground)) found.add(each);
        found.delete(code);
        return [...found].filter(each => plan.communityOf(each) === home);
    }

    // Cells one level up beside a cell, in its community: it could go under them.
    besideAbove(code) {
        const {plan} = this, {parent} = plan.cells.get(code);
        return [...new Set(this.beside(code).map(each => plan.cells.get(each).parent))].filter(each => each !== parent);
    }

    // The land of one goes to the other, which lives on.
    mergeCells(from, to) {
        // Cells of one ground are merged by floors, which the service works out.
        if (this.plan.cells.get(from).ground === this.plan.cells.get(to).ground) {
            this.panel.propose({kind: "merge", cell: from, other: to});
            return;
        }
        this.target = to;
        this.perform(give(this.plan, this.plan.atomsOf(from), to));
        this.choose(to);
    }

    // An edit that somebody proposes: its pieces are marked, and it is taken or not.
    async preview(edit, lines = [], possible = true) {
        const atoms = (edit.land || []).map(([atom]) => atom);
        this.board.mark({stroke: new Set(atoms)});
        const answer = await consult(say("preview"), dialog => {
            for (const line of [...lines, ...this.foretold(edit)].slice(0, 24)) make("p", line, dialog);
        }, [["no", say("cancel")], ...possible && !nothing(edit) ? [["yes", say("take"), true]] : []]);
        this.board.mark({stroke: new Set()});
        if (answer?.pressed === "yes") this.perform(edit);
    }

    keepTogether(name) {
        this.perform(keepTogether(this.plan, [...this.selected], name));
    }

    foundSelected() {
        const edit = found(this.plan, [...this.selected]);
        this.perform(edit);
        this.select([]);
        this.choose(edit.cells[0][0]);
    }

    change(code, what) {
        this.perform(change(this.plan, code, what));
    }

    // Grounds have changed: they are drawn, counted and looked at again, with the cells above.
    shown(grounds) {
        if (!this.board) return;
        for (const code of [...this.problems.keys()]) if (!this.plan.cells.has(code)) this.problems.delete(code);
        const concerned = new Set();
        for (const ground of grounds) {
            for (const code of this.plan.sharing.get(ground) || [ground]) for (const each of this.plan.chain(code)) concerned.add(each);
        }
        for (const code of concerned) this.look(code);
        this.board.refresh(grounds);
        if (this.target !== null && !this.plan.cells.has(this.target)) this.target = null;
        this.refreshSoon();
    }

    look(code) {
        const wrong = this.plan.problems(code);
        if (wrong.length) this.problems.set(code, wrong);
        else this.problems.delete(code);
    }

    refreshSoon() {
        if (this.soon) return;
        this.soon = true;
        requestAnimationFrame(() => { this.soon = false; this.refresh(); });
    }

    refresh() {
        this.panel.refresh();
        this.lists.refresh();
        this.flow.refresh();
        $("undo").disabled = !this.editable || !this.sync.done.length;
        $("redo").disabled = !this.editable || !this.sync.undone.length;
        $("proof").textContent = say("proof", this.plan.cells.size);
    }

    said(what, how) {
        const saved = $("saved");
        if (what === "event") return this.happened(how);
        if (what in SAVED) {
            saved.textContent = say(what, how);
            saved.className = SAVED[what];
            saved.dataset.state = what;
            return undefined;
        }
        if (what === "conflict") {
            const atoms = (how.edit.land || []).map(([atom]) => atom);
            this.board.mark({conflict: new Set(atoms)});
            this.board.showAtoms(atoms);
        }
        return this.tell(say(what, how?.text), true);
    }

    happened(event) {
        this.lists?.add(event);
        if (event.kind === "stage") {
            this.draft.state = event.record.stage;
            if (this.board) this.refresh();
        }
        if (event.kind === "conflict" && this.board) this.board.mark({conflict: new Set((event.record.land || []).map(([atom]) => atom))});
    }

    tell(text, loud = false) {
        $("said").textContent = text;
        if (!loud) return;
        const notice = $("notice");
        notice.textContent = text;
        notice.hidden = false;
        clearTimeout(this.quiet);
        this.quiet = setTimeout(() => { notice.hidden = true; }, NOTICE_MS);
    }

    // Let the service work something out of what is saved; null, and why, where it cannot.
    async worked(about, wanted) {
        const {classList} = document.documentElement;
        try {
            await this.sync.settled();
            this.tell(say("working"), true);
            clearTimeout(this.quiet);
            classList.add("working");
            const answer = await post(`drafts/${this.draft.id}/${about}`, wanted);
            $("notice").hidden = true;
            return answer;
        } catch (error) {
            this.tell(say("refused", error.message), true);
            return null;
        } finally {
            classList.remove("working");
        }
    }

    key(event) {
        if (event.target.matches("input, select, textarea") || $("dialog").open) return;
        const pressed = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
        if (command && pressed === "z") this.take(event, () => $(event.shiftKey ? "redo" : "undo").click());
        else if (command && pressed === "y") this.take(event, () => $("redo").click());
        else if (command || event.altKey) return;
        else if (pressed in KEYS) this.take(event, () => this.chooseTool(KEYS[pressed]));
        else if (pressed === "[" || pressed === "]") this.take(event, () => this.resize(pressed === "[" ? -1 : 1));
        else if (pressed === "s") this.take(event, () => this.switchMode());
        else if (pressed === "n") this.take(event, () => this.lists.next());
        else if (pressed === "?") this.take(event, () => this.flow.help());
        else if (pressed === "escape") this.take(event, () => { this.tools.cancel(); this.merging = null; this.select([]); });
        else if (pressed === "+" || pressed === "=") this.take(event, () => this.board.map.zoomIn());
        else if (pressed === "-") this.take(event, () => this.board.map.zoomOut());
        else if (document.activeElement === $("board")) this.keyOnBoard(event, pressed);
    }

    take(event, act) {
        event.preventDefault();
        act();
    }

    keyOnBoard(event, pressed) {
        const steps = {arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1]}, {cursor} = this.board.chosen;
        if (pressed in steps) this.take(event, () => this.step(...steps[pressed]));
        else if (cursor < 0) return;
        else if (pressed === "enter") this.take(event, () => this.giveAll([cursor]));
        else if (pressed === " ") this.take(event, () => this.select(this.selected.has(cursor) ? [...this.selected].filter(atom => atom !== cursor) : [...this.selected, cursor]));
        else if (pressed === "t") this.take(event, () => this.choose(this.plan.at(this.board.level, this.plan.land.get(cursor))));
    }

    step(dx, dy) {
        let {cursor} = this.board.chosen;
        const middle = this.board.map.getPixelBounds().getCenter().divideBy(2 ** this.board.map.getZoom());
        cursor = cursor < 0 ? this.board.atomAt(middle.x, middle.y) : stepFrom(this.board, cursor, dx, dy);
        if (cursor < 0 && this.board.chosen.cursor < 0) cursor = this.plan.atomsOn.values().next().value.values().next().value;
        if (cursor < 0) return;
        this.board.mark({cursor});
        const place = wangge.latLng(this.board.middles[2 * cursor], this.board.middles[2 * cursor + 1]);
        if (!this.board.map.getBounds().pad(-0.1).contains(place)) this.board.map.panTo(place, {animate: false});
        this.tell(say("piece", this.plan.households[cursor], this.plan.land.get(cursor)));
    }
}

function sign(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
}

function place(tag, event) {
    tag.style.left = `${Math.min(event.clientX + 14, innerWidth - 270)}px`;
    tag.style.top = `${Math.min(event.clientY + 16, innerHeight - 90)}px`;
    tag.style.whiteSpace = "pre-line";
}
