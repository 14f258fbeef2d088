// Puts the page together: what is chosen, what is painted in which order, and what pointing and clicking do.
wangge.open = function (map, facts) {
    const says = facts.words, dark = matchMedia("(prefers-color-scheme: dark)");
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) wangge.still(map);
    const boxes = () => [...document.querySelectorAll("input[name=layer]")], ticked = {};
    const state = {level: facts.levels.length - 1, measure: -1, theme: null, chosenTheme: null, span: null, days: null, cell: null};
    const shows = state.shows = name => ticked[name] !== false;
    const ground = wangge.ground(facts.base, facts.origin, state, shows);
    const cells = wangge.cells(facts, state, shows);
    const labels = wangge.labels(facts, ground, cells, state, shows);
    const painters = facts.layers.map(layer => wangge.painters[layer.painter](layer, {map, facts, state, shows, cells, refresh}));
    const sheet = new wangge.Sheet([
        ground.paintLand, cells.paintFills, ground.paintLines, ground.paintBuildings, cells.paintVeil, cells.paintBorders,
        ...painters.filter(painter => painter.layer.heat).map(painter => wangge.heat(painter, shows)),
        ...painters.map(painter => painter.paint), labels.paintStreetNames, labels.paintCellLabels,
    ]);
    const outline = name => L.polygon([], {className: name, fill: false, interactive: false}).addTo(map);
    const pointed = outline("pointed"), chosen = outline("chosen");
    const tip = L.tooltip({className: "tip", direction: "top", offset: [0, -6], opacity: 1});
    const legend = wangge.legend(facts, cells, painters, state, shows), picture = wangge.picture(map, sheet, facts, legend, state);
    const table = wangge.table(facts, cells, state, choose), measuring = wangge.measuring(map, facts);
    const address = wangge.address(map, facts, state, boxes);
    const measureChosen = wangge.measureChoice(facts, state, m => { state.measure = m; refresh(); });
    wangge.layerChoice(facts, painters, state, refresh);
    let opened = false;

    function refresh() {
        if (!opened) return;
        for (const box of boxes()) ticked[box.value] = box.checked;
        times.offer();
        legend.refresh();
        list();
        sheet.paint();
        address.write();
    }

    function setTheme(name) {
        state.theme = facts.themes[name];
        document.documentElement.dataset.theme = name;
    }

    function setLevel(l) {
        state.level = l;
        for (const radio of document.getElementsByName("level")) radio.checked = radio.value === facts.levels[l].name;
        pointed.setLatLngs([]);
        map.closePopup();
        table();
        refresh();
    }

    // From search, table and address: show the cell, whatever level is on.
    function choose(l, cell) {
        if (l !== state.level) setLevel(l);
        const level = cells.levels[l], at = level.ground[cell];
        map.fitBounds(wangge.bounds(level.grounds, at), {maxZoom: 18, padding: [60, 60], animate: false});
        openCell(at, wangge.latLng(level.middle[2 * at], level.middle[2 * at + 1]), opened, cell);
        map.getContainer().scrollIntoView({block: "nearest"});
    }

    function showMark(painter, i) {
        const place = wangge.latLng(painter.points[2 * i], painter.points[2 * i + 1]);
        map.setView(place, Math.max(map.getZoom(), 17), {animate: false});
        tell(painter.tell([i], 1), place, true);
        map.getContainer().scrollIntoView({block: "nearest"});
    }

    // An address lies in a cell of the chosen level: that is what it is looked up for.
    function showPlace(address, [x, y]) {
        const place = wangge.latLng(x, y), cell = cells.at(x, y);
        map.setView(place, Math.max(map.getZoom(), 17.5), {animate: false});
        if (cell >= 0) openCell(cell, place, true);
        else tell(wangge.element("p", address), place, true);
        map.getContainer().scrollIntoView({block: "nearest"});
    }

    function openCell(at, latLng, reading = false, cell = cells.current().held[at][0]) {
        tell(describe(at, true), latLng, reading);
        chosen.setLatLngs(wangge.groundRings(cells.current().grounds, at));
        state.cell = cells.current().code[cell];
        address.write();
    }

    // Beside the buttons on the right, on a phone as well. Who came by keyboard, or from the panel, reads on in it
    // (`reading`), and is back where he was when it is closed.
    function tell(content, latLng, reading) {
        const size = map.getSize(), place = {autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [54, 12]};
        const popup = L.popup({...place, maxWidth: Math.min(320, size.x - 100), maxHeight: Math.min(300, size.y - 90)});
        const from = document.activeElement;
        map.closeTooltip(tip);
        popup.setLatLng(latLng).setContent(content).openOn(map);
        const frame = popup.getElement(), text = frame.querySelector(".leaflet-popup-content");
        frame.setAttribute("role", "dialog");
        frame.setAttribute("aria-label", content.querySelector("h3")?.firstChild.textContent || says.map);
        frame.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", says.close);
        text.tabIndex = 0;
        if (!reading) return;
        text.focus({preventScroll: true});
        popup.once("remove", () => {
            if (document.activeElement === document.body || frame.contains(document.activeElement)) from.focus({preventScroll: true});
        });
    }

    function describe(at, whole) {
        const level = cells.current(), held = level.held[at], box = wangge.element("div", null, null, "facts");
        if (held.length > 1) wangge.element("p", `${held.length} × ${level.label}: ${says.stacked}`, box, "note");
        const shared = level.shared.flatMap((counts, m) => counts[at] && !facts.measures[m].share ? [`${facts.measures[m].label} ${wangge.number(counts[at])}`] : []);
        if (shared.length && held.length > 1) wangge.element("p", `${says.not_told_apart} ${shared.join(" · ")}`, box, "note");
        for (const cell of whole ? held : held.slice(0, 6)) describeCell(box, level, cell, whole);
        if (!whole && held.length > 6) wangge.element("p", `… ${held.length}`, box, "note");
        return box;
    }

    function describeCell(box, level, cell, whole) {
        const title = wangge.element("h3", level.cell_name[cell] || level.code[cell], box), inBand = level.in_band[cell];
        wangge.element("code", level.code[cell], title);
        const figure = m => `${facts.measures[m].label} ${wangge.figure(facts.measures[m], level.figures[m].told[cell], says)}`;
        const parts = (state.measure > 0 && !whole ? [0, state.measure] : [0]).map(figure);
        if (inBand && level.band) parts.splice(1, 0, inBand === 1 ? says["band.yes"] : `${says["band.no"]} ${level.band.join("–")}`);
        if (level.floors[cell]) parts.push(`${says.floors} ${level.floors[cell]}`);
        if (whole) parts.push(level.kinds[level.kind[cell]]);
        wangge.element("p", parts.join(" · "), box, inBand === 2 ? "out" : "");
        if (whole) describeFigures(box, level, cell, level.held[level.ground[cell]].length > 1);
        for (const [rule, reason] of level.reasons[cell] || []) {
            wangge.element("p", [says[`rule.${rule}`], reason].filter(Boolean).join(says.colon), box, "reason");
        }
    }

    // A line for each heading; what is not told, or what there is none of, is named together at the end. Where cells
    // share a ground, none of theirs may still be some of the ground's.
    function describeFigures(box, level, cell, shared) {
        const lines = new Map(), rest = new Map();
        const add = (list, key, item) => list.set(key, [...list.get(key) || [], item]);
        facts.measures.forEach((measure, m) => {
            if (!m) return;
            const told = level.figures[m].told[cell], said = wangge.figure(measure, told, says);
            const label = measure.label.replace(`${measure.heading} · `, "");
            if (told > 0 || told === 0 && measure.share) { add(lines, measure.heading, [label, said]); return; }
            if (told === 0 && shared) return;
            const kind = measure.share ? says.no_figure : said;
            if (!rest.has(kind)) rest.set(kind, new Map());
            add(rest.get(kind), measure.heading, label);
        });
        for (const [heading, items] of lines) {
            const line = wangge.element("p", heading && heading + says.colon, box);
            items.forEach(([label, said], k) => {
                line.append(`${k ? " · " : ""}${label} `);
                wangge.element("b", said, line);
            });
        }
        const grouped = ([heading, labels]) => heading ? `${heading} (${labels.join(", ")})` : labels.join(", ");
        for (const [kind, by] of rest) wangge.element("p", kind + says.colon + [...by].map(grouped).join(" · "), box, "reason");
    }

    // The topmost thing there: a mark, else a cell.
    function under(latLng) {
        const place = wangge.project(latLng.lng, latLng.lat), onSheet = map.latLngToLayerPoint(latLng).subtract(sheet._bounds.min);
        for (const painter of [...painters].reverse()) {
            const held = painter.at?.(onSheet.x, onSheet.y);
            if (held) return {painter, held};
        }
        return {cell: cells.at(...place)};
    }

    map.on("click", event => {
        if (measuring.on) { measuring.click(event.latlng); return; }
        const {painter, held, cell} = under(event.latlng);
        if (painter) tell(painter.tell(held, 30), event.latlng);
        else if (cell >= 0) openCell(cell, event.latlng);
        else map.closePopup();
    });
    map.on("popupclose", () => {
        chosen.setLatLngs([]);
        state.cell = null;
        if (opened) address.write();
    });

    let last = null;
    map.on("mousemove", event => {
        if (measuring.on) return;
        const {painter, held, cell} = under(event.latlng), what = painter ? `${painter.layer.name} ${held[0]}` : `cell ${cell}`;
        map.getContainer().classList.toggle("can-open", Boolean(painter) || cell >= 0);
        tip.setLatLng(event.latlng);
        if (what === last) return;
        last = what;
        pointed.setLatLngs(!painter && cell >= 0 ? wangge.groundRings(cells.current().grounds, cell) : []);
        if (painter) tip.setContent(painter.tell(held, 3));
        else if (cell >= 0) tip.setContent(describe(cell, false));
        if (painter || cell >= 0) tip.addTo(map);
        else tip.remove();
    });
    map.on("mouseout movestart", () => { last = null; tip.remove(); pointed.setLatLngs([]); });
    map.on("moveend", () => opened && address.write());
    // Without a mouse: the middle of the map.
    map.getContainer().addEventListener("keydown", event => {
        if (event.key === "Escape") { measuring.end(); map.closePopup(); }
        if (event.key !== "Enter" || event.target !== map.getContainer()) return;
        const middle = map.getCenter(), cell = cells.at(...wangge.project(middle.lng, middle.lat));
        if (measuring.on) measuring.click(middle);
        else if (cell >= 0) openCell(cell, middle, true);
    });

    // Who points needs no frame of what the keyboard moves.
    const pointing = on => () => { document.documentElement.classList.toggle("pointing", on); };
    addEventListener("pointerdown", pointing(true), true);
    addEventListener("keydown", pointing(false), true);
    for (const radio of document.getElementsByName("level")) {
        radio.addEventListener("change", () => setLevel(facts.levels.findIndex(level => level.name === radio.value)));
    }
    document.getElementById("layers").addEventListener("change", refresh);
    wangge.search(facts, painters, choose, showMark, showPlace);
    const list = wangge.list(map, painters, state, says, showMark);
    setTheme(dark.matches ? "dark" : "light");
    dark.addEventListener("change", () => { if (!state.chosenTheme) { setTheme(dark.matches ? "dark" : "light"); refresh(); } });
    const times = wangge.times(facts, painters, state, refresh);
    for (const box of boxes()) ticked[box.value] = box.checked;
    times.offer();
    // The slider covers the foot of the map.
    if (!document.getElementById("times").hidden) map.fitBounds(map.getBounds().pad(-0.02), {paddingBottomRight: [44, 84], animate: false});
    const nextTheme = () => state.theme === facts.themes.dark ? "light" : "dark";
    wangge.controls(map, facts, [
        {name: "measure", sign: "⟷", act: measuring.toggle},
        {name: "theme", sign: "◐", act: () => { setTheme(state.chosenTheme = nextTheme()); refresh(); }},
        {name: "save", sign: "⤓", act: picture.save},
        {name: "print_a4", sign: "A4", act: () => picture.print("a4")},
        {name: "print_a3", sign: "A3", act: () => picture.print("a3")},
    ]);

    function restore() {
        const told = address.read();
        if (told.theme) setTheme(state.chosenTheme = told.theme);
        if (told.measure !== undefined) state.measure = told.measure;
        measureChosen();
        if (told.on) for (const box of boxes()) box.checked = told.on.has(box.value);
        if (told.days) times.set(...told.days);
        if (told.level !== undefined && told.level !== state.level) setLevel(told.level);
        if (told.view) map.setView(...told.view, {animate: false});
        const cell = told.cell ? facts.levels[state.level].code.indexOf(told.cell) : -1;
        if (cell >= 0 && !told.view) choose(state.level, cell);
        else if (cell >= 0) {
            const level = cells.current(), at = level.ground[cell];
            openCell(at, wangge.latLng(level.middle[2 * at], level.middle[2 * at + 1]), false, cell);
        }
    }

    sheet.addTo(map);
    restore();
    addEventListener("hashchange", () => { restore(); refresh(); });
    opened = true;
    refresh();
    document.documentElement.dataset.ready = "yes";
};
