// The same facts as a table: every cell of the level, sorted by any column, some at a time.
wangge.table = function (facts, cells, state, choose) {
    const box = document.getElementById("cells"), says = facts.words, step = 100;
    const order = {column: -1, down: false};
    let most = step;

    function refresh() {
        const level = cells.current();
        box.replaceChildren();
        const frame = wangge.element("div", null, box, "scroll"), table = wangge.element("table", null, frame, "cells");
        frame.tabIndex = 0;
        frame.setAttribute("role", "region");
        frame.setAttribute("aria-label", says.table);
        wangge.element("caption", `${level.label} · ${wangge.number(level.code.length)}`, table);
        const head = wangge.element("tr", null, wangge.element("thead", null, table)), body = wangge.element("tbody", null, table);
        column(head, -1, `${says.code} / ${says.name}`);
        facts.measures.forEach((measure, m) => column(head, m, measure.label));
        const rows = sorted(level);
        for (const cell of rows.slice(0, most)) row(body, level, cell);
        if (level.shared.some(counts => Object.keys(counts).length)) frame.before(wangge.element("p", says.shared_note, null, "note"));
        if (rows.length > most) {
            wangge.button(`${says.more} (${wangge.number(rows.length - most)})`, box, () => { most += 5 * step; refresh(); }, "more");
        }
    }

    function column(head, m, text) {
        const cell = wangge.element("th", null, head);
        cell.scope = "col";
        const here = order.column === m;
        cell.setAttribute("aria-sort", here ? (order.down ? "descending" : "ascending") : "none");
        wangge.button(text + (here ? (order.down ? " ↓" : " ↑") : ""), cell, () => {
            order.down = here ? !order.down : m >= 0;
            order.column = m;
            refresh();
            box.querySelectorAll("th button")[m + 1].focus();
        });
    }

    function sorted(level) {
        const rows = level.code.map((_, cell) => cell), {column: m, down} = order;
        const value = cell => m < 0 ? cell : level.figures[m].told[cell];
        const rank = (a, b) => value(a) - value(b) || shared(level, a, m) - shared(level, b, m);
        return rows.sort((a, b) => rank(a, b) * (down ? -1 : 1) || a - b);
    }

    // What lies on the ground that the cell shares, and cannot be told apart by floors.
    function shared(level, cell, m) {
        const at = level.ground[cell];
        return m >= 0 && !facts.measures[m].share && level.held[at].length > 1 && level.shared[m][at] || 0;
    }

    function row(body, level, cell) {
        const made = wangge.element("tr", null, body), head = wangge.element("th", null, made);
        head.scope = "row";
        const button = wangge.button(level.code[cell], head, () => choose(state.level, cell));
        button.dataset.at = cell;
        wangge.element("small", [level.cell_name[cell], level.floors[cell] && `${says.floors} ${level.floors[cell]}`].filter(Boolean).join(" · "), head);
        facts.measures.forEach((measure, m) => {
            const more = shared(level, cell, m), own = wangge.figure(measure, level.figures[m].told[cell], says);
            const told = wangge.element("td", more ? `${own} (+${wangge.number(more)})` : own, made);
            if (m === 0 && level.in_band[cell] === 2) { told.className = "out"; told.title = says["band.no"]; }
        });
    }

    const details = box.closest("details");
    details.addEventListener("toggle", () => { if (details.open) refresh(); });
    return () => {
        most = step;
        if (details.open) refresh();
        else box.replaceChildren();
    };
};
