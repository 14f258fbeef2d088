// The panel beside the map: legend of what is shown, search, and the table of the chosen level.
// Text enters the page as text only.
wangge.element = function (tag, text, parent, className) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    if (parent) parent.append(made);
    return made;
};

wangge.number = count => count.toLocaleString("en-US");

wangge.legend = function (facts, state, shows) {
    const box = document.getElementById("legend"), says = facts.words;

    function entry(list, colour, text, className) {
        const row = wangge.element("li", null, list);
        const swatch = wangge.element("i", null, row, className || "");
        if (colour) swatch.style.background = colour;
        wangge.element("span", text, row);
    }

    function classes(list, level, withheld) {
        const {breaks, colours} = level.classes[state.colour];
        if (level[state.colour].includes(0)) entry(list, facts.nothing, "0");
        breaks.forEach((from, i) => {
            const to = i + 1 < breaks.length ? breaks[i + 1] - 1 : null;
            const band = state.colour === "households" && level.band && from === level.band[0];
            const span = to === null ? `≥ ${wangge.number(from)}`
                : from === to ? wangge.number(from) : `${wangge.number(from)}–${wangge.number(to)}`;
            entry(list, colours[i], band ? `${span} · ${says.band}` : span, band ? "band" : "");
        });
        if (withheld) entry(list, facts.unknown, says.withheld);
    }

    return function () {
        box.replaceChildren();
        const level = facts.levels[state.level];
        if (shows("cells")) {
            wangge.element("h3", `${level.label} · ${says[state.colour]}`, box);
            const list = wangge.element("ul", null, box);
            classes(list, level, level[state.colour].includes(null));
            if (state.colour === "households" && level.in_band.includes(false)) entry(list, null, says.hatched, "hatched");
        }
        if (facts.reports && shows("reports")) {
            wangge.element("h3", says["layer.reports"], box);
            const list = wangge.element("ul", null, box, "dots");
            facts.reports.statuses.forEach((status, i) => {
                const total = facts.reports.totals[i];
                const text = `${says[`status.${status}`]} · ${wangge.number(total)}`;
                if (total) entry(list, facts.reports.colours[i], text, status === "rejected" ? "none" : "");
            });
        }
    };
};

wangge.search = function (facts, choose) {
    const input = document.getElementById("search"), list = document.getElementById("found"), most = 8;

    function found(text) {
        const hits = [];
        facts.levels.forEach((level, l) => level.code.forEach((code, cell) => {
            const name = level.cell_name[cell].toLocaleLowerCase();
            if (!code.toLocaleLowerCase().includes(text) && !name.includes(text)) return;
            hits.push({l, cell, exact: code.toLocaleLowerCase() === text || name === text});
        }));
        return hits.sort((a, b) => b.exact - a.exact);
    }

    function offer() {
        list.replaceChildren();
        const text = input.value.trim().toLocaleLowerCase();
        if (!text) return;
        const hits = found(text);
        for (const {l, cell} of hits.slice(0, most)) {
            const level = facts.levels[l], button = wangge.element("button", null, wangge.element("li", null, list));
            button.type = "button";
            wangge.element("b", level.code[cell], button);
            wangge.element("span", `${level.cell_name[cell]} · ${level.label}`, button);
            button.addEventListener("click", () => { list.replaceChildren(); choose(l, cell); });
        }
        if (!hits.length) wangge.element("li", facts.words.nothing_found, list, "note");
        if (hits.length > most) wangge.element("li", `… ${wangge.number(hits.length)}`, list, "note");
    }

    input.addEventListener("input", offer);
    input.addEventListener("keydown", event => {
        if (event.key === "Escape") { input.value = ""; offer(); }
        if (event.key === "Enter") list.querySelector("button")?.click();
    });
};

wangge.table = function (facts, choose) {
    const tables = [...document.querySelectorAll("table.cells")];
    for (const table of tables) {
        const l = facts.levels.findIndex(level => level.name === table.dataset.level);
        table.addEventListener("click", event => {
            const button = event.target.closest("button[data-at]");
            if (button) choose(l, Number(button.dataset.at));
        });
    }
    return function (name) {
        for (const table of tables) table.hidden = table.dataset.level !== name;
    };
};
