// Edits on their way: shown at once, sent one after the other, each under a key of its own, so that none is lost and
// none taken twice; what others did comes back the same way.
import {ask, post, Refused} from "./server.js";
import {inverse} from "./plan.js";

const EVERY_MS = 2000, AGAIN_MS = 1500;

export class Sync {
    // `shown` is told the grounds that changed, `said` what happens: saved, waiting, refused, conflict, event.
    constructor(draft, plan, {shown, said}) {
        Object.assign(this, {draft, plan, shown, said});
        this.version = 0;
        this.waiting = [];
        this.mine = new Set();
        this.undone = [];
        this.done = [];
        this.pumping = false;
        this.kept = `wangge-waiting-${draft.id}`;
    }

    // Where the draft stands; what was on its way when this page was closed goes on.
    async begin() {
        const changes = await ask(`drafts/${this.draft.id}/changes`), events = await ask(`drafts/${this.draft.id}/events`);
        this.you = changes.you;
        if (Object.keys(changes.edit).length) this.plan.take(changes.edit);
        this.version = changes.version;
        for (const event of events.filter(event => event.number <= changes.version)) {
            if (event.kind === "edit" && event.by === this.you) this.remember(event.key, event.record);
            else if (event.kind !== "edit") this.said("event", event);
        }
        const left = JSON.parse(localStorage.getItem(this.kept) || "[]");
        for (const {key, edit} of left) {
            if (!events.some(event => event.key === key) && this.plan.fits(edit)) this.go(key, edit);
        }
        this.timer = setInterval(() => this.look(), EVERY_MS);
        this.pump();
    }

    end() {
        clearInterval(this.timer);
        this.over = true;
    }

    // What was done, undone and done again, told by the keys alone: it outlasts this page.
    remember(key, edit) {
        const kind = key.split("-")[0];
        if (kind === "undo") this.undone.push(this.done.pop());
        else if (kind === "redo") this.done.push(this.undone.pop());
        else {
            this.done.push(edit);
            this.undone = [];
        }
    }

    perform(edit) {
        this.go(`do-${random()}`, edit);
        this.pump();
    }

    undo() {
        const last = this.done.at(-1);
        if (last) this.back(`undo-${random()}`, inverse(last));
    }

    redo() {
        const last = this.undone.at(-1);
        if (last) this.back(`redo-${random()}`, last);
    }

    back(key, edit) {
        if (!this.plan.fits(edit)) return this.said("overtaken");
        this.go(key, edit);
        return this.pump();
    }

    go(key, edit) {
        const grounds = this.plan.grounds(edit);
        this.plan.take(edit);
        for (const each of this.plan.grounds(edit)) grounds.add(each);
        this.remember(key, edit);
        this.waiting.push({key, edit});
        this.mine.add(key);
        this.keep();
        this.shown(grounds);
    }

    keep() {
        localStorage.setItem(this.kept, JSON.stringify(this.waiting));
        this.said(this.waiting.length ? "waiting" : "saved", this.waiting.length);
    }

    async pump() {
        if (this.pumping) return;
        this.pumping = true;
        while (this.waiting.length && !this.over) {
            const {key, edit} = this.waiting[0];
            try {
                const taken = await post(`drafts/${this.draft.id}/edits`, {key, ...edit});
                this.waiting.shift();
                this.keep();
                if (taken.version > this.version + 1) await this.catchUp();
                else this.version = Math.max(this.version, taken.version);
                this.compare(taken.cells);
            } catch (error) {
                if (error instanceof Refused && error.status < 500 && error.status !== 429) await this.takeBack(error);
                else {
                    this.said("unreachable", this.waiting.length);
                    await new Promise(go => setTimeout(go, AGAIN_MS));
                }
            }
        }
        this.pumping = false;
    }

    // When all that was done here is kept there.
    async settled() {
        while (this.waiting.length && !this.over) await new Promise(go => setTimeout(go, 30));
    }

    // Nothing that follows a refused edit can stand: all of it goes back, the last first.
    async takeBack(error) {
        const grounds = new Set(), refused = this.waiting.splice(0);
        for (const {edit} of refused.reverse()) {
            for (const each of this.plan.grounds(edit)) grounds.add(each);
            this.plan.take(inverse(edit));
            for (const each of this.plan.grounds(edit)) grounds.add(each);
        }
        this.keep();
        this.shown(grounds);
        await this.catchUp();
        await this.retell();
        this.said(error.status === 409 ? "conflict" : "refused", {text: error.message, edit: refused.at(-1).edit});
    }

    // The stacks anew, from what was kept.
    async retell() {
        this.done = [];
        this.undone = [];
        for (const event of await ask(`drafts/${this.draft.id}/events`)) {
            if (event.kind === "edit" && event.by === this.you) this.remember(event.key, event.record);
        }
    }

    async look() {
        if (this.pumping || this.over || document.hidden) return;
        try {
            await this.catchUp();
        } catch {
            this.said("unreachable", this.waiting.length);
            return;
        }
        this.said(this.waiting.length ? "waiting" : "saved", this.waiting.length);
    }

    // What others did since; what this page did is here already.
    async catchUp() {
        for (const event of await ask(`drafts/${this.draft.id}/events?after=${this.version}`)) {
            if (event.number <= this.version) continue;
            this.version = event.number;
            if (event.kind === "edit" && !this.mine.has(event.key)) {
                const grounds = this.plan.grounds(event.record);
                this.plan.take(event.record);
                for (const each of this.plan.grounds(event.record)) grounds.add(each);
                this.shown(grounds);
                if (event.by === this.you) this.remember(event.key, event.record);
            }
            this.said("event", event);
        }
    }

    // The service counts too: were the two to differ, this page would be wrong.
    compare(cells) {
        if (this.waiting.length) return;
        const wrong = cells.find(({code, households}) => this.plan.of(code) !== households);
        if (wrong) this.said("differs", wrong.code);
    }
}

const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, "0")).join("");
