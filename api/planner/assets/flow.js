// The way of a draft: compared, submitted, reviewed, put in force.
import {$, consult, make} from "./elements.js";
import {ask, planInForce, post} from "./server.js";
import {number, say} from "./words.js";

export class Flow {
    constructor(editor) {
        this.editor = editor;
        $("compare").onclick = () => this.compare();
        $("help").onclick = () => this.help();
    }

    refresh() {
        const {draft} = this.editor, button = $("submit");
        $("stage").textContent = say(`stage.${draft.state}`);
        button.hidden = draft.state === "discarded";
        button.disabled = draft.state === "active";
        button.textContent = {open: say("submit"), submitted: say("review"), approved: say("activate"), active: say("in force")}[draft.state] || "";
        this.more();
        $("proof").onclick = () => this.proof();
        button.onclick = () => ({open: () => this.submit(), submitted: () => this.review(), approved: () => this.activate()})[draft.state]?.();
    }

    async go(path, body) {
        const {editor} = this;
        $("submit").disabled = true;
        try {
            await editor.sync.settled();
            const draft = await post(`drafts/${editor.draft.id}/${path}`, body);
            Object.assign(editor.draft, draft);
            await editor.sync.look();
            editor.refresh();
            editor.tell(say(`done.${draft.state}`), true);
        } catch (error) {
            editor.tell(say("refused", error.message), true);
            this.refresh();
        }
    }

    async submit() {
        const broken = this.editor.lists.all.filter(problem => problem.kind === "parts").length;
        if (broken) return this.editor.tell(say("problems.block", broken), true);
        const late = await planInForce() !== this.editor.draft.plan_id;
        const answer = await consult(say("sure"), dialog => { if (late) make("p", say("overtaken.plan"), dialog, {className: "off"}); }, [["no", say("cancel")], ["yes", say("submit"), true]]);
        if (answer?.pressed === "yes") await this.go("submission");
        return undefined;
    }

    async review() {
        const {draft, sync} = this.editor, {made_plan_id} = draft, own = draft.owner === sync.you;
        const mayApprove = sync.role === "administrator" || !(own || sync.done.length || sync.undone.length);
        const build = dialog => {
            if (own || !mayApprove) make("p", say("review.own"), dialog);
            return make("textarea", null, dialog, {maxLength: 2000, "aria-label": say("review.text"), placeholder: say("review.text")});
        };
        const answer = await consult(draft.title, build, [["no", say("cancel")], ["return", say(own ? "take back" : "return")], ...mayApprove ? [["approve", say("approve"), true]] : []]);
        if (answer && answer.pressed !== "no") await this.go("review", {verdict: answer.pressed, text: answer.fields.value, made_plan_id});
    }

    // The proof, made anew: what is shown is what was counted just now.
    async proof() {
        const {editor} = this;
        try {
            await editor.sync.settled();
            const found = await ask(`drafts/${editor.draft.id}/certificate`);
            await consult(say("certificate"), dialog => {
                make("p", say("certificate.why", found.steps_per_metre), dialog);
                const table = make("table", null, dialog), head = make("tr", null, make("thead", null, table)), body = make("tbody", null, table);
                for (const text of ["level", "cells", "certificate.edges", "certificate.residue", "SHA-256"]) make("th", say(text), head, {scope: "col"});
                for (const level of found.levels) {
                    const row = make("tr", null, body);
                    make("th", say(`level.${level.name}`), row, {scope: "row"});
                    for (const text of [number(level.cells), number(level.edges), number(level.residue)]) make("td", text, row);
                    make("code", level.sha256.slice(0, 12), make("td", null, row));
                }
                const {plan} = editor;
                if (plan.unitsOf.size) make("p", say("certificate.stacked", number([...plan.cells.values()].filter(cell => cell.level === plan.leaf).length), number(plan.atomsOn.size)), dialog, {className: "note"});
            }, [["close", say("close"), true]]);
        } catch (error) {
            editor.tell(say("refused", error.message), true);
        }
    }

    // What is done seldom.
    more() {
        const {draft} = this.editor, choice = $("more"), deeds = {
            download: () => this.download(),
            bring: () => this.bring(),
            renew: () => this.renew(),
            discard: () => this.discard(),
        };
        choice.replaceChildren();
        make("option", say("more"), choice, {value: ""});
        for (const name of Object.keys(deeds)) {
            if (draft.state === "open" || name === "download" || (name === "renew" && draft.state !== "active")) make("option", say(`more.${name}`), choice, {value: name});
        }
        choice.onchange = () => {
            const chosen = choice.value;
            choice.value = "";
            deeds[chosen]?.();
        };
    }

    async download() {
        const {editor} = this;
        try {
            await editor.sync.settled();
            const bytes = await ask(`drafts/${editor.draft.id}/file`, {bytes: true});
            const link = make("a", null, null, {href: URL.createObjectURL(new Blob([bytes], {type: "application/geopackage+sqlite3"})), download: `draft-${editor.draft.id}.gpkg`});
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        } catch (error) {
            editor.tell(say("refused", error.message), true);
        }
    }

    // A plan file that was edited in QGIS: what it changes is shown, and taken or not.
    bring() {
        const {editor} = this, input = $("file");
        input.onchange = async () => {
            const [file] = input.files;
            input.value = "";
            if (!file) return;
            try {
                await editor.sync.settled();
                const found = await ask(`drafts/${editor.draft.id}/import`, {method: "POST", file});
                const defects = Object.entries(found.defects).map(([kind, count]) => `${kind} ${number(count)}`).join(", ");
                const lines = [say("brought", (found.edit.land || []).length, (found.edit.cells || []).length)];
                if (found.crossed.length) lines.push(say("brought.crossed", found.crossed.length));
                if (defects) lines.push(say("brought.defects", defects));
                if (found.refused) lines.push(say("refused", found.refused));
                await editor.preview(found.edit, lines, !found.refused);
            } catch (error) {
                editor.tell(say("refused", error.message), true);
            }
        };
        input.click();
    }

    async renew() {
        const {editor} = this;
        try {
            await editor.sync.settled();
            const made = await editor.go(await post(`drafts/${editor.draft.id}/renewal`));
            if (!made) return;
            const late = made.lists.events.filter(event => event.kind === "conflict").flatMap(event => (event.record.land || []).map(([atom]) => atom));
            made.board.mark({conflict: new Set(late)});
            made.tell(say("carried", late.length), true);
        } catch (error) {
            editor.tell(say("refused", error.message), true);
        }
    }

    async discard() {
        const {editor} = this, answer = await consult(say("more.discard.sure"), null, [["no", say("cancel")], ["yes", say("more.discard"), true]]);
        if (answer?.pressed !== "yes") return;
        try {
            await ask(`drafts/${editor.draft.id}`, {method: "DELETE"});
            editor.leave();
        } catch (error) {
            editor.tell(say("refused", error.message), true);
        }
    }

    async activate() {
        const answer = await consult(say("activate.sure"), null, [["no", say("cancel")], ["yes", say("activate"), true]]);
        if (answer?.pressed === "yes") await this.go("activation");
    }

    // Level by level and cell by cell, beside the plan that the draft began with.
    async compare() {
        const {editor} = this;
        try {
            await editor.sync.settled();
            const found = await ask(`drafts/${editor.draft.id}/comparison`);
            const answer = await consult(say("comparison"), dialog => this.table(dialog, found), [["close", say("close")], ["map", say("compare.map"), true]]);
            if (answer?.pressed === "map") this.showBefore();
            return answer;
        } catch (error) {
            return editor.tell(say("refused", error.message), true);
        }
    }

    // Where the borders were, on the map; Escape takes it away.
    showBefore() {
        const {board, plan} = this.editor;
        board.mark({before: true});
        board.showAtoms(plan.moved());
        this.editor.tell(say("compare.shown"), true);
    }

    table(dialog, {levels, cells, records}) {
        const {editor} = this, statuses = ["kept", "redrawn", "split", "merged", "new", "retired"], word = status => say(status === "split" ? "split_" : status);
        const table = make("table", null, dialog), head = make("tr", null, make("thead", null, table)), body = make("tbody", null, table);
        for (const text of [say("level"), ...statuses.map(word), say("moved")]) make("th", text, head, {scope: "col"});
        for (const [level, row] of Object.entries(levels)) {
            const line = make("tr", null, body);
            make("th", say(`level.${level}`), line, {scope: "row"});
            for (const name of [...statuses, "households_moved"]) make("td", number(row[name]), line);
        }
        const list = make("ul", null, dialog);
        for (const cell of cells) {
            const row = make("li", null, list), figures = [cell.households_before, cell.households_after].map(value => value === null ? "–" : number(value)).join(" → ");
            make("button", `${cell.code} ${cell.name}: ${word(cell.status)}, ${figures}`, row, {className: "plain", disabled: !editor.plan.cells.has(cell.code), onclick: () => { dialog.close(); editor.board.mark({before: true}); editor.choose(cell.code, true); }});
        }
        for (const {code, before, after} of records) {
            const told = ["name", "kind", "exclave"].filter(what => before[what] !== after[what]).map(what => `${say(what)}: ${shown(what, before)} → ${shown(what, after)}`);
            make("button", `${code}: ${told.join(", ")}`, make("li", null, list), {className: "plain", onclick: () => { dialog.close(); editor.choose(code, true); }});
        }
    }

    help() {
        return consult(say("help"), dialog => {
            make("p", say("help.steps"), dialog);
            const table = make("table", null, dialog);
            for (const [keys, text] of say("keys")) {
                const row = make("tr", null, table);
                make("th", keys, row, {scope: "row"});
                make("td", text, row);
            }
        }, [["close", say("close"), true]]);
    }
}

const shown = (what, cell) => what === "kind" ? say(`kind.${cell.kind}`) : what === "exclave" ? say(cell.exclave ? "yes" : "no") : cell.name || "–";
