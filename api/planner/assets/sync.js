// Edits on their way: shown at once, sent one after the other, each under a key of its own, so that none is lost and
// none taken twice; what others did comes back the same way.
import {ask, post, Refused} from "./server.js";
import {inverse} from "./plan.js";

const EVERY_MS = 2000, AGAIN_MS = 1500;

export class Sync {
    // `shown` is told the grounds that changed, `said` what happens: saved, waiting, refused, conflict, event.
    constructor(draft, plan, {shown, said}) {
        Object.assign(this, {draft, plan, shown, said});
        // The plan has all events up to this one, and then the edits that are ahead of it: not sent, or not heard of yet.
        this.version = 0;
        this.ahead = [];
        this.waiting = [];
        this.mine = new Set();
        this.undone = [];
        this.done = [];
        this.pumping = false;
        this.locked = false;
        this.at = 0;
    }

    // Where the draft stands; what was on its way when this page was closed goes on.
    async begin() {
        const changes = await ask(`drafts/${this.draft.id}/changes`), events = await ask(`drafts/${this.draft.id}/events`);
        if (this.over) return;
        this.you = changes.you;
        this.role = changes.role;
        if (Object.keys(changes.edit).length) this.plan.take(changes.edit);
        this.version = changes.version;
        for (const event of events.filter(event => event.number <= changes.version)) {
            if (event.kind === "edit" && event.by === this.you) this.remember(event.key, event.record);
            else if (event.kind !== "edit") this.said("event", event);
        }
        const come = new Set(events.map(event => event.key));
        // What somebody else did in this browser goes out under another name only if that is said (`adopt`).
        this.orphans = [];
        for (const each of this.kept()) {
            if (come.has(each.key)) this.drop(each);
            else if (each.by === this.you) this.wait(each);
            else this.orphans.push(each);
        }
        this.again(this.waiting, new Set());
        this.timer = setInterval(() => this.look(), EVERY_MS);
        this.pump();
    }

    // Send what somebody else did in this browser, and could not send.
    adopt() {
        const changed = new Set();
        for (const each of this.orphans) {
            each.by = this.you;
            this.keep(each);
            this.wait(each);
        }
        this.again(this.orphans.splice(0), changed);
        this.shown(changed);
        this.tell();
        this.pump();
    }

    end() {
        clearInterval(this.timer);
        this.over = true;
    }

    // What was done, undone and done again, told by the keys alone: it outlasts this page.
    remember(key, edit) {
        const kind = key.split("-")[0];
        if (kind === "undo") move(this.done, this.undone);
        else if (kind === "redo") move(this.undone, this.done);
        else {
            this.done.push(edit);
            this.undone = [];
        }
    }

    perform(edit) {
        this.go(`do-${random()}`, edit);
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
        if (this.plan.fits(edit)) this.go(key, edit);
        else this.said("overtaken");
    }

    go(key, edit) {
        // Their order, also where several come in one millisecond.
        this.at = Math.max(this.at + 1, Date.now());
        const each = {key, edit, by: this.you, at: this.at}, changed = new Set();
        this.keep(each);
        this.wait(each);
        this.put(edit, changed);
        this.ahead.push(each);
        this.tell();
        this.shown(changed);
        this.pump();
    }

    wait(each) {
        this.waiting.push(each);
        this.mine.add(each.key);
        this.remember(each.key, each.edit);
    }

    put(edit, changed) {
        for (const ground of this.plan.grounds(edit)) changed.add(ground);
        this.plan.take(edit);
        for (const ground of this.plan.grounds(edit)) changed.add(ground);
    }

    // Edits that are only here are done again as far as they fit; of the rest the service says what is to be said.
    again(edits, changed) {
        for (const each of edits) {
            if (!this.plan.fits(each.edit)) break;
            this.put(each.edit, changed);
            this.ahead.push(each);
        }
    }

    // What waits outlasts the page, each edit by itself: two pages with one draft do not write over each other.
    get shelf() {
        return `wangge-waiting/${this.draft.id}/`;
    }

    kept() {
        const names = Object.keys(localStorage).filter(name => name.startsWith(this.shelf));
        return names.map(name => JSON.parse(localStorage.getItem(name))).sort((a, b) => a.at - b.at);
    }

    keep(each) {
        try {
            localStorage.setItem(this.shelf + each.key, JSON.stringify(each));
        } catch {
            // There is no room in the browser: it waits as long as the page is open.
        }
    }

    drop(each) {
        localStorage.removeItem(this.shelf + each.key);
    }

    tell() {
        this.said(this.locked ? "signed out" : this.waiting.length ? "waiting" : "saved", this.waiting.length);
    }

    async pump() {
        if (this.pumping) return;
        this.pumping = true;
        while (this.waiting.length && !this.over) {
            const each = this.waiting[0], {key, edit} = each;
            try {
                const taken = await this.reached(() => post(`drafts/${this.draft.id}/edits`, {key, ...edit}));
                this.waiting.shift();
                this.drop(each);
                this.tell();
                await this.reached(() => this.heard(key, taken.version));
                this.compare(taken);
            } catch (error) {
                await this.takeBack(error);
            }
        }
        this.pumping = false;
    }

    // Ask until the service answers. Whose key it does not know any more loses nothing: it waits for the next sign-in.
    async reached(asked) {
        while (!this.over) {
            try {
                return await asked();
            } catch (error) {
                if (!(error instanceof Refused) || error.status >= 500 || error.status === 429) {
                    this.said("unreachable", this.waiting.length);
                    await new Promise(go => setTimeout(go, AGAIN_MS));
                } else if (error.status === 401 || error.status === 403) this.lockedOut();
                else throw error;
            }
        }
        throw new Refused(0, "");
    }

    lockedOut() {
        this.end();
        this.locked = true;
        this.tell();
    }

    async heard(key, version) {
        if (version === this.version + 1 && this.ahead[0]?.key === key) {
            this.version = version;
            this.ahead.shift();
        } else if (version > this.version) await this.catchUp();
    }

    // When all that was done here is kept there.
    async settled() {
        while (this.waiting.length && !this.over) await new Promise(go => setTimeout(go, 30));
    }

    // Nothing that follows a refused edit can stand: all of it goes back, the last first.
    async takeBack(error) {
        if (this.over) return;
        const changed = new Set(), refused = this.waiting.splice(0), keys = new Set(refused.map(({key}) => key));
        for (const each of this.ahead.filter(({key}) => keys.has(key)).reverse()) this.put(inverse(each.edit), changed);
        this.ahead = this.ahead.filter(({key}) => !keys.has(key));
        for (const each of refused) this.drop(each);
        this.tell();
        this.shown(changed);
        await this.reached(async () => {
            await this.catchUp();
            await this.retell();
        }).catch(() => {});
        this.said(error.message.startsWith("conflict ") ? "conflict" : "refused", {text: error.message, edit: refused[0]?.edit ?? {}});
    }

    // The stacks anew, from what was kept and what waits.
    async retell() {
        const events = await ask(`drafts/${this.draft.id}/events`);
        this.done = [];
        this.undone = [];
        for (const event of events) if (event.kind === "edit" && event.by === this.you) this.remember(event.key, event.record);
        const come = new Set(events.map(event => event.key));
        for (const {key, edit} of this.waiting) if (!come.has(key)) this.remember(key, edit);
    }

    async look() {
        if (this.pumping || this.over || document.hidden) return;
        try {
            await this.catchUp();
            this.tell();
        } catch (error) {
            if (error.status === 401 || error.status === 403) this.lockedOut();
            else this.said("unreachable", this.waiting.length);
        }
    }

    // What was kept meanwhile, by others and by this page.
    async catchUp() {
        const events = await ask(`drafts/${this.draft.id}/events?after=${this.version}`);
        const news = events.filter(event => event.number > this.version);
        if (!news.length) return;
        this.follow(news.filter(event => event.kind === "edit"));
        this.version = news.at(-1).number;
        for (const event of news) {
            if (event.kind === "edit" && event.by === this.you && !this.mine.has(event.key)) this.remember(event.key, event.record);
            this.said("event", event);
        }
    }

    // What others did comes before what is only here: that goes back, and is done again on top.
    follow(edits) {
        if (edits.every(({key}, k) => key === this.ahead[k]?.key)) {
            this.ahead.splice(0, edits.length);
            return;
        }
        const changed = new Set(), come = new Set(edits.map(({key}) => key)), here = this.ahead;
        for (const {edit} of [...here].reverse()) this.put(inverse(edit), changed);
        for (const {record} of edits) this.put(record, changed);
        this.ahead = [];
        this.again(here.filter(({key}) => !come.has(key)), changed);
        this.shown(changed);
    }

    // The service counts too: were the two to differ, this page would be wrong.
    compare({version, cells}) {
        if (this.waiting.length || this.version !== version) return;
        const wrong = cells.find(({code, households}) => this.plan.of(code) !== households);
        if (wrong) this.said("differs", wrong.code);
    }
}

function move(from, to) {
    const last = from.pop();
    if (last) to.push(last);
}

const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, "0")).join("");
