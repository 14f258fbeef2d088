// What one works with: the tools, the level that is shown, and what the colours mean.
import {$, make} from "./elements.js";
import {BRUSHES} from "./tools.js";
import {say} from "./words.js";

const SIGNS = {
    select: "M5 3l6 16 2.5-6.5L20 10z",
    piece: "M4 8l7-4 9 5-3 9-9 2z M9 12h6 M12 9v6",
    brush: "M14 4l6 6-8 8c-2 2-6 2-8 2 2-2 0-4 2-6z",
    lasso: "M12 5c5 0 8 2 8 5s-3 5-8 5-8-2-8-5 3-5 8-5z M7 14c-2 2-1 5 2 5",
    rectangle: "M4 6h16v12H4z",
    line: "M4 19L20 5 M4 8h5 M15 16h5",
};

export class Toolbar {
    constructor(editor) {
        this.editor = editor;
        this.refresh();
        this.choose("select");
    }

    refresh() {
        this.showTools();
        this.showLevels();
        this.showLegend();
    }

    choose(tool) {
        this.editor.tools.choose(tool);
        for (const each of $("tools").querySelectorAll("[data-tool]")) if (each.dataset.tool in SIGNS) each.setAttribute("aria-pressed", String(each.dataset.tool === tool));
    }

    resize(by) {
        const {tools} = this.editor;
        tools.size = (tools.size + by + BRUSHES.length) % BRUSHES.length;
        this.showTools();
    }

    // Whether strokes give land, or choose it.
    switchMode() {
        this.editor.choosing = !this.editor.choosing;
        this.showTools();
    }

    showTools() {
        const {editor} = this, bar = $("tools");
        bar.replaceChildren();
        bar.setAttribute("aria-label", say("tools"));
        const button = (name, text, press, pressed) => {
            const made = make("button", null, bar, {title: text, "aria-label": text, onclick: press});
            if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
            made.dataset.tool = name;
            return made;
        };
        for (const [tool, path] of Object.entries(SIGNS)) {
            button(tool, say(`tool.${tool}`), () => this.choose(tool), editor.tools.tool === tool).append(sign(path));
        }
        button("size", say("tool.size"), () => this.resize(1)).textContent = ["•", "●", "⬤"][editor.tools.size];
        button("mode", say("tool.mode"), () => this.switchMode(), editor.choosing).textContent = "▣";
        button("next", say("tool.next"), () => editor.lists.next()).textContent = "⚑";
    }

    showLevels() {
        const {editor} = this, levels = $("level");
        levels.replaceChildren();
        for (const level of editor.plan.levels) make("option", say(`level.${level}`), levels, {value: level, selected: level === editor.board.level});
        levels.onchange = () => editor.chooseLevel(levels.value);
    }

    showLegend() {
        const {board: {theme}, plan, sheet} = this.editor, box = $("legend");
        box.replaceChildren();
        for (const [colour, text] of [[theme.few[0], "legend.few"], [theme.band, "within"], [theme.many.at(-1), "legend.many"]]) {
            const row = make("li", null, box);
            make("i", null, row).style.background = colour;
            row.append(say(text));
        }
        if ([...plan.sharing.values()].some(each => each.size > 1)) make("li", say("legend.stacked"), box);
        if (sheet.credit) make("li", say("credit"), box);
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
