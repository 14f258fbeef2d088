// What is wrong, what was said and done, and all cells: as lists that keyboards and screen readers reach.
import {$, consult, make} from "./elements.js";
import {post} from "./server.js";
import {number, say} from "./words.js";

const MOST = 200;

export class Lists {
    constructor(editor) {
        this.editor = editor;
        this.events = [];
        this.at = -1;
    }

    refresh() {
        this.problems();
        this.cells();
        this.talk();
    }

    get all() {
        const found = [...this.editor.problems.values()].flat();
        return found.sort((a, b) => (a.kind !== "parts") - (b.kind !== "parts") || (a.cell < b.cell ? -1 : 1));
    }

    problems() {
        const box = $("problems"), all = this.all;
        box.replaceChildren();
        make("h2", `${say("problems")} ${number(all.length)}`, box);
        if (!all.length) make("p", say("problems.none"), box, {className: "good"});
        const list = make("ul", null, box);
        for (const problem of all.slice(0, MOST)) {
            const row = make("li", null, list);
            make("button", `${problem.cell}: ${wrong(problem)}`, row, {className: "plain", onclick: () => this.show(problem)});
            if (this.editor.editable) make("button", say("mend"), row, {onclick: () => this.mend(problem)});
        }
    }

    show(problem) {
        const {editor} = this, level = editor.plan.cells.get(problem.cell).level;
        if (editor.board.level !== level) editor.chooseLevel(level);
        editor.choose(problem.cell, true);
        editor.board.mark({loose: new Set(problem.atoms)});
        if (problem.atoms.length) editor.board.showAtoms(problem.atoms);
    }

    next() {
        const all = this.all;
        if (!all.length) return this.editor.tell(say("problems.none"), true);
        this.at = (this.at + 1) % all.length;
        this.editor.tell(`${all[this.at].cell}: ${wrong(all[this.at])}`, true);
        return this.show(all[this.at]);
    }

    async mend(problem) {
        const {editor} = this;
        this.show(problem);
        const mends = await editor.worked("mends", {cell: problem.cell, kind: problem.kind});
        if (!mends) return;
        if (!mends.length) return editor.tell(say("mend.none"), true);
        const buttons = mends.map((mend, k) => [String(k), `${say(`mend.${mend.kind}`, mend.figures)}${mend.off_before || mend.off_after ? `: ${say("mend.off", mend.off_before, mend.off_after)}` : ""}`]);
        const answer = await consult(say("mends"), null, [...buttons, ["none", say("cancel")]]);
        if (answer && answer.pressed !== "none") await editor.preview(mends[Number(answer.pressed)].edit);
    }

    cells() {
        const {editor} = this, {plan} = editor, box = $("cells"), level = editor.board?.level ?? plan.leaf, open = box.querySelector("details")?.open;
        box.replaceChildren();
        const details = make("details", null, box, {open: Boolean(open)});
        const codes = [...plan.cells].filter(([, cell]) => cell.level === level).map(([code]) => code).sort();
        make("summary", `${say("cells")} ${number(codes.length)}`, details);
        details.addEventListener("toggle", () => fill());
        const list = make("ul", null, details);
        const fill = () => {
            list.replaceChildren();
            if (!details.open) return;
            for (const code of codes) {
                const row = make("li", null, list);
                make("button", `${code} ${plan.cells.get(code).name}: ${number(plan.of(code))}`, row, {className: plan.side(code) ? "plain off" : "plain", onclick: () => editor.choose(code, true)});
            }
        };
        fill();
    }

    add(event) {
        if (!this.events.some(each => each.number === event.number)) this.events.push(event);
        if (this.editor.board) this.talk();
    }

    // What happened, in words.
    words({kind, record}) {
        if (kind === "comment") return record.text;
        if (kind !== "stage") return say(`talk.${kind}`, (record.land || []).length);
        return [say("talk.stage", say(record.stage === "open" ? "stage.returned" : `stage.${record.stage}`)), record.text].filter(Boolean).join(": ");
    }

    talk() {
        const {editor} = this, box = $("talk");
        if (box.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
        box.replaceChildren();
        make("h2", say("talk"), box);
        const list = make("ul", null, box);
        for (const event of this.events.filter(each => each.kind !== "edit" || each.by !== editor.sync.you).slice(-MOST).reverse()) {
            const row = make("li", null, list);
            row.append(make("b", event.by), " ");
            const atoms = event.kind === "comment" ? [event.record.atom].filter(atom => atom !== null) : (event.record.land || []).map(([atom]) => atom);
            if (atoms.length) make("button", this.words(event), row, {className: "plain", onclick: () => { editor.select(atoms); editor.board.showAtoms(atoms); }});
            else row.append(this.words(event));
        }
        const form = make("form", null, box, {className: "row"});
        const input = make("input", null, form, {maxLength: 2000, required: true, "aria-label": say("talk.say"), placeholder: say("talk.hint")});
        make("button", say("talk.send"), form);
        form.addEventListener("submit", async event => {
            event.preventDefault();
            const text = input.value.trim(), [atom = null] = editor.selected;
            input.value = "";
            input.blur();
            try {
                await post(`drafts/${editor.draft.id}/comments`, {key: `say-${crypto.randomUUID()}`, text, atom});
                await editor.sync.look();
            } catch (error) {
                editor.tell(say("refused", error.message), true);
            }
        });
    }
}

export function wrong(problem) {
    return problem.kind === "parts" ? say("problem.parts", problem.parts) : say("problem.households", problem.households, ...problem.band.map(String));
}
