// A draft on the desk: what is chosen, what the tools do with it, and what is shown of it.
import {Board} from "./board.js";
import {change, found, give, keepTogether, nothing} from "./commands.js";
import {$, consult, make} from "./elements.js";
import {Flow} from "./flow.js";
import {Keyboard} from "./keyboard.js";
import {Lists} from "./lists.js";
import {Panel} from "./panel.js";
import {inverse, Plan} from "./plan.js";
import {ask, planInForce, post} from "./server.js";
import {Sync} from "./sync.js";
import {Toolbar} from "./toolbar.js";
import {onOneSide, Tools} from "./tools.js";
import {number, say} from "./words.js";

// What may be said of saving, and how it looks.
const SAVED = {saved: "", waiting: "", unreachable: "bad", differs: "bad", "signed out": "bad"};
const NOTICE_MS = 9000;

export class Editor {
    // `leave` goes back to the list, `go` to another draft.
    constructor(draft, {leave, go}) {
        Object.assign(this, {draft, leave, go});
        this.target = null;
        this.selected = new Set();
        this.choosing = false;
        this.problems = new Map();
        this.closed = false;
    }

    async open() {
        $("name").textContent = this.draft.title;
        // Asked for the first time, the service lays the land out and proves it: seconds, where it is large.
        this.tell(say("opening"), true);
        clearTimeout(this.quiet);
        const [bytes, inForce] = await Promise.all([ask(`plans/${this.draft.plan_id}/land`, {bytes: true}), planInForce()]);
        this.sheet = await wangge.decoded(new Uint8Array(bytes));
        if (this.closed) return;
        this.plan = new Plan(this.sheet);
        this.sync = new Sync(this.draft, this.plan, {shown: grounds => this.shown(grounds), said: (what, how) => this.said(what, how)});
        this.panel = new Panel(this);
        this.lists = new Lists(this);
        this.flow = new Flow(this);
        await this.sync.begin();
        if (this.closed) return;
        this.board = new Board($("board"), this.plan, this.sheet.themes[document.documentElement.dataset.theme]);
        this.tools = new Tools(this.board, {
            hover: (atom, event) => this.hover(atom, event),
            pick: (atom, event) => this.pick(atom, event),
            stroke: (atoms, over, event) => this.stroke(atoms, over, event),
            line: points => this.splitAlong(points),
        });
        this.bar = new Toolbar(this);
        for (const code of this.plan.cells.keys()) this.look(code);
        this.keyboard = new Keyboard(this);
        $("undo").onclick = () => this.sync.undo();
        $("redo").onclick = () => this.sync.redo();
        $("notice").hidden = true;
        document.title = `${this.draft.title} · Wangge`;
        this.refresh();
        if (this.editable && inForce !== this.draft.plan_id) this.tell(say("overtaken.plan"), true);
        $("desk").editor = this;
        document.documentElement.dataset.ready = "1";
        if (this.sync.orphans.length) this.askForOrphans();
    }

    async askForOrphans() {
        const {orphans} = this.sync, whose = [...new Set(orphans.map(each => each.by))].join(", ");
        const answer = await consult(say("orphans", orphans.length, whose), null, [["no", say("orphans.leave")], ["yes", say("orphans.send"), true]]);
        if (answer?.pressed === "yes") this.sync.adopt();
    }

    close() {
        this.closed = true;
        this.sync?.end();
        this.tools?.end();
        this.board?.map.remove();
        this.keyboard?.end();
        delete document.documentElement.dataset.ready;
        for (const id of ["tools", "target", "selection", "problems", "talk", "cells"]) $(id).replaceChildren();
    }

    get editable() {
        return this.draft.state === "open";
    }

    sayAll() {
        if (!this.bar) return;
        $("notice").hidden = true;
        this.sync.tell();
        this.bar.refresh();
        this.refresh();
    }

    chooseLevel(level) {
        this.board.level = level;
        this.choose(null);
        this.board.repaint();
        this.bar.refresh();
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

    letGo() {
        this.tools.cancel();
        this.merging = null;
        this.board.mark({before: false});
        this.select([]);
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
            if (!atoms.length) return this.tell(say("inside.none"), true);
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
        const edit = give(this.plan, atoms, to);
        return atoms.length && nothing(edit) ? this.tell(say("own", to), true) : this.perform(edit);
    }

    perform(edit) {
        if (!edit || nothing(edit)) return;
        if (!this.editable) {
            this.tell(say("refused", say(`stage.${this.draft.state}`)), true);
            return;
        }
        this.board.mark({conflict: new Set(), loose: new Set(), before: false});
        this.sync.perform(edit);
        if (this.target !== null) this.tell(`${this.target}, ${number(this.plan.of(this.target))} ${say("households")}`);
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
        const to = this.merging, from = atom < 0 ? null : this.plan.land.get(atom);
        this.merging = null;
        if (from !== null && from !== to) this.mergeCells(from, to);
    }

    // The land of one goes to the other, which lives on.
    mergeCells(from, to) {
        // Cells of one ground are merged by floors, which the service works out.
        if (this.plan.cells.get(from).ground === this.plan.cells.get(to).ground) {
            this.panel.propose({kind: "merge", cell: from, other: to});
            return;
        }
        this.perform(give(this.plan, this.plan.atomsOf(from), to));
        this.choose(to);
    }

    // An edit that somebody proposes: its pieces are marked, and it is taken or not.
    async preview(edit, lines = [], possible = true) {
        const atoms = (edit.land || []).map(([atom]) => atom);
        this.board.mark({stroke: new Set(atoms)});
        this.board.showAtoms(atoms);
        const answer = await consult(say("preview"), dialog => {
            for (const line of [...lines, ...this.foretold(edit)].slice(0, 24)) make("p", line, dialog);
        }, [["no", say("cancel")], ...possible && !nothing(edit) ? [["yes", say("take"), true]] : []], {aside: true});
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
            Object.assign(this.draft, {state: event.record.stage, made_plan_id: event.record.plan_id});
            if (!this.board) return;
            this.refresh();
            if (event.by !== this.sync.you) this.tell(this.lists.words(event), true);
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
            this.tell("");
            $("notice").hidden = true;
            return answer;
        } catch (error) {
            this.tell(say("refused", error.message), true);
            return null;
        } finally {
            classList.remove("working");
        }
    }
}

function place(tag, event) {
    tag.style.left = `${Math.min(event.clientX + 14, innerWidth - 270)}px`;
    tag.style.top = `${Math.min(event.clientY + 16, innerHeight - 90)}px`;
    tag.style.whiteSpace = "pre-line";
}
