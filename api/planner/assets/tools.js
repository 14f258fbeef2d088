// What the pointer does on the map.
export const BRUSHES = [0, 18, 48];

export class Tools {
    // `act` is told what was done: pick(atom), stroke(atoms, phase), line(points).
    constructor(board, act) {
        this.board = board;
        this.act = act;
        this.tool = "select";
        this.size = 0;
        this.line = [];
        this.found = new Set();
        this.pressed = null;
        // The map's element outlives the map: another draft is shown on it.
        this.listening = new AbortController();
        const element = board.map.getContainer(), {signal} = this.listening, early = {capture: true, signal};
        element.addEventListener("pointerdown", event => this.down(event), early);
        element.addEventListener("pointermove", event => this.move(event), early);
        element.addEventListener("pointerup", event => this.up(event), early);
        element.addEventListener("pointercancel", () => this.cancel(), early);
        this.touches = new Set();
        this.spaced = false;
        addEventListener("keydown", event => { if (event.code === "Space" && event.target === element) { this.spaced = true; event.preventDefault(); } }, {signal});
        addEventListener("keyup", event => { if (event.code === "Space") this.spaced = false; }, {signal});
    }

    end() {
        this.listening.abort();
    }

    choose(tool) {
        this.tool = tool;
        this.cancel();
        const free = tool === "select" || tool === "piece";
        this.board.map.dragging[free ? "enable" : "disable"]();
        this.board.map.getContainer().dataset.tool = tool;
    }

    down(event) {
        if (event.target.closest(".leaflet-control")) return;
        this.touches.add(event.pointerId);
        // Two fingers move the map, whatever tool is on.
        if (this.touches.size > 1) return this.cancel();
        if (event.button !== 0) return;
        const at = this.board.point(event);
        this.pressed = {id: event.pointerId, x: event.clientX, y: event.clientY};
        if (event.altKey || this.tool === "select" || this.tool === "piece" || this.spaced) return;
        event.preventDefault();
        this.found = new Set();
        this.line = [at];
        this.drawing = true;
        if (this.tool === "brush") this.gather(at);
    }

    move(event) {
        if (!this.drawing || this.pressed?.id !== event.pointerId) {
            if (!this.pressed) this.act.hover(this.board.atomAt(...this.board.point(event)), event);
            return;
        }
        // A fast stroke has few events: what lies between them belongs to it.
        const steps = event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event];
        for (const each of steps) {
            const at = this.board.point(each), from = this.line.at(-1), pixels = 2 ** this.board.map.getZoom();
            if (this.tool === "brush") {
                const far = Math.hypot(at[0] - from[0], at[1] - from[1]) * pixels, parts = Math.max(1, Math.ceil(far / 3));
                for (let k = 1; k <= parts; k++) this.gather([from[0] + (at[0] - from[0]) * k / parts, from[1] + (at[1] - from[1]) * k / parts]);
            }
            if (this.tool === "rectangle" || this.tool === "line") this.line[1] = at;
            else this.line.push(at);
        }
        if (this.tool === "lasso") this.found = new Set(this.board.inLine(this.line));
        if (this.tool === "rectangle") this.found = new Set(this.board.inLine(corners(this.line)));
        this.board.mark({shape: this.tool === "brush" ? null : this.tool === "rectangle" ? [...corners(this.line), this.line[0]] : this.line});
        this.act.stroke([...this.found], false, event);
    }

    up(event) {
        this.touches.delete(event.pointerId);
        if (!this.pressed || this.pressed.id !== event.pointerId) return;
        const moved = Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y) > 4, drawing = this.drawing, line = this.line, found = [...this.found];
        this.cancel();
        if (drawing && this.tool === "line") {
            if (line.length > 1) this.act.line(line);
        } else if (drawing) {
            this.act.stroke(found, true, event);
        } else if (!moved) this.act.pick(this.board.atomAt(...this.board.point(event)), event);
    }

    cancel() {
        this.pressed = null;
        this.drawing = false;
        this.line = [];
        this.found = new Set();
        this.board.mark({shape: null, stroke: new Set()});
        this.act.hover(-1);
    }

    gather([x, y]) {
        const radius = BRUSHES[this.size];
        if (radius) for (const atom of this.board.inCircle(x, y, radius)) this.found.add(atom);
        else {
            const atom = this.board.atomAt(x, y);
            if (atom >= 0) this.found.add(atom);
        }
    }
}

const corners = ([[west, north], [east, south] = [west, north]]) => [[west, north], [east, north], [east, south], [west, south]];

// Pieces of a cell on one side of a line that is drawn right through it: those on its left.
export function onOneSide(board, atoms, [[ax, ay], ...rest]) {
    const [bx, by] = rest.at(-1);
    return atoms.filter(atom => (bx - ax) * (board.middles[2 * atom + 1] - ay) - (by - ay) * (board.middles[2 * atom] - ax) > 0);
}

// The piece next to another in the direction of an arrow key.
export function stepFrom(board, atom, dx, dy) {
    const {first, other} = board.plan.near, at = k => [board.middles[2 * k], board.middles[2 * k + 1]], [x, y] = at(atom);
    let best = -1, least = Infinity;
    for (let i = first[atom]; i < first[atom + 1]; i++) {
        const [ox, oy] = at(other[i]), along = (ox - x) * dx + (oy - y) * dy, aside = Math.abs((ox - x) * dy - (oy - y) * dx);
        if (along > 0 && aside / along < least) { least = aside / along; best = other[i]; }
    }
    return best;
}
