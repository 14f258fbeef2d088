// Finds cells by code or name, buildings by address, and marks by their words.
wangge.search = function (facts, painters, choose, showMark, showPlace) {
    const input = document.getElementById("search"), list = document.getElementById("found"), most = 8;

    function inCells(text) {
        const hits = [];
        facts.levels.forEach((level, l) => level.code.forEach((code, cell) => {
            const name = level.cell_name[cell].toLocaleLowerCase(), same = code.toLocaleLowerCase();
            if (!same.includes(text) && !name.includes(text)) return;
            hits.push({title: code, note: `${level.cell_name[cell]} · ${level.label}`, exact: same === text || name === text, go: () => choose(l, cell)});
        }));
        return hits;
    }

    // Every different text is looked at once, however many marks have it.
    function inMarks(painter, text) {
        const hits = [];
        painter.layer.texts.forEach(({label, texts, at}) => {
            // The cell of a mark is found as a cell.
            if (label === facts.words.cell) return;
            const found = new Set(texts.flatMap((each, t) => each.toLocaleLowerCase().includes(text) ? [t] : []));
            if (!found.size) return;
            for (let i = 0; i < painter.size && hits.length < 50; i++) {
                if (!found.has(at[i])) continue;
                const words = painter.layer.texts.map((_, c) => painter.text(c, i)).filter(Boolean);
                hits.push({title: texts[at[i]], note: `${painter.layer.label} · ${words.join(" · ")}`, exact: texts[at[i]].toLocaleLowerCase() === text, go: () => showMark(painter, i)});
            }
        });
        return hits;
    }

    function inAddresses(text) {
        const {texts, points} = facts.addresses || {texts: []}, hits = [];
        texts.forEach((address, i) => {
            const same = address.toLocaleLowerCase();
            if (hits.length > 50 || !same.includes(text)) return;
            hits.push({title: address, note: facts.words.address, exact: same === text, go: () => showPlace(address, wangge.unpackPoints(points, facts.origin).subarray(2 * i, 2 * i + 2))});
        });
        return hits;
    }

    function offer() {
        list.replaceChildren();
        const text = input.value.trim().toLocaleLowerCase();
        if (!text) return;
        const hits = [...inCells(text), ...inAddresses(text), ...painters.filter(painter => painter.text).flatMap(painter => inMarks(painter, text))];
        hits.sort((a, b) => b.exact - a.exact);
        for (const {title, note, go} of hits.slice(0, most)) {
            const button = wangge.button(null, wangge.element("li", null, list), () => { list.replaceChildren(); go(); });
            wangge.element("b", title, button);
            wangge.element("span", note, button);
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
