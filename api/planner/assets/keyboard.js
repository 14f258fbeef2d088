// What the keys do, everywhere and on the map.
import {$} from "./elements.js";
import {stepFrom} from "./tools.js";
import {say} from "./words.js";

const TOOLS = {v: "select", c: "piece", b: "brush", l: "lasso", r: "rectangle", k: "line"};

export class Keyboard {
    constructor(editor) {
        this.editor = editor;
        this.listen = event => this.key(event);
        addEventListener("keydown", this.listen);
    }

    end() {
        removeEventListener("keydown", this.listen);
    }

    key(event) {
        const {editor} = this;
        if (event.target.matches("input, select, textarea") || $("dialog").open) return;
        const pressed = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
        if (command && pressed === "z") run(event, () => $(event.shiftKey ? "redo" : "undo").click());
        else if (command && pressed === "y") run(event, () => $("redo").click());
        else if (command || event.altKey) return;
        else if (pressed in TOOLS) run(event, () => editor.bar.choose(TOOLS[pressed]));
        else if (pressed === "[" || pressed === "]") run(event, () => editor.bar.resize(pressed === "[" ? -1 : 1));
        else if (pressed === "s") run(event, () => editor.bar.switchMode());
        else if (pressed === "n") run(event, () => editor.lists.next());
        else if (pressed === "?") run(event, () => editor.flow.help());
        else if (pressed === "escape") run(event, () => editor.letGo());
        else if (pressed === "+" || pressed === "=") run(event, () => editor.board.map.zoomIn());
        else if (pressed === "-") run(event, () => editor.board.map.zoomOut());
        else if (document.activeElement === $("board")) this.keyOnBoard(event, pressed);
    }

    keyOnBoard(event, pressed) {
        const {editor} = this, steps = {arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1]}, {cursor} = editor.board.chosen;
        if (pressed in steps) run(event, () => this.step(...steps[pressed]));
        else if (cursor < 0) return;
        else if (pressed === "enter") run(event, () => editor.giveAll([cursor]));
        else if (pressed === " ") run(event, () => editor.select(editor.selected.has(cursor) ? [...editor.selected].filter(atom => atom !== cursor) : [...editor.selected, cursor]));
        else if (pressed === "t") run(event, () => editor.choose(editor.plan.at(editor.board.level, editor.plan.land.get(cursor))));
    }

    step(dx, dy) {
        const {editor} = this;
        let {cursor} = editor.board.chosen;
        const middle = editor.board.map.getPixelBounds().getCenter().divideBy(2 ** editor.board.map.getZoom());
        cursor = cursor < 0 ? editor.board.atomAt(middle.x, middle.y) : stepFrom(editor.board, cursor, dx, dy);
        if (cursor < 0 && editor.board.chosen.cursor < 0) cursor = editor.plan.atomsOn.values().next().value.values().next().value;
        if (cursor < 0) return;
        editor.board.mark({cursor});
        const place = wangge.latLng(editor.board.middles[2 * cursor], editor.board.middles[2 * cursor + 1]);
        if (!editor.board.map.getBounds().pad(-0.1).contains(place)) editor.board.map.panTo(place, {animate: false});
        editor.tell(say("piece", editor.plan.households[cursor], editor.plan.land.get(cursor)));
    }
}

function run(event, act) {
    event.preventDefault();
    act();
}
