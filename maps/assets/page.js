// Puts the page together: what is chosen, what is painted in which order, and what pointing and clicking do.
wangge.open = function (map, factsId) {
    const facts = JSON.parse(document.getElementById(factsId).textContent), says = facts.words;
    const state = {level: facts.levels.length - 1, colour: "households"};
    const boxes = Object.fromEntries([...document.querySelectorAll("input[name=layer]")].map(box => [box.value, box]));
    const shows = layer => !boxes[layer] || boxes[layer].checked;
    const ground = wangge.ground(facts.base, facts.origin, shows);
    const cells = wangge.cells(facts, state, shows);
    const labels = wangge.labels(facts, ground, cells, shows);
    const reports = facts.reports && wangge.reports(facts.reports, facts.origin, shows);
    const sheet = new wangge.Sheet([
        ground.paintLand, cells.paintFills, ground.paintLines, ground.paintBuildings, ground.paintVeil, cells.paintBorders,
        ...(reports ? [reports.paint] : []), labels.paintStreetNames, labels.paintCellLabels,
    ]).addTo(map);
    const outline = name => L.polygon([], {className: name, fill: false, interactive: false}).addTo(map);
    const pointed = outline("pointed"), chosen = outline("chosen");
    const tip = L.tooltip({className: "tip", direction: "top", offset: [0, -6], opacity: 1});
    const legend = wangge.legend(facts, state, shows), table = wangge.table(facts, choose);

    function refresh() {
        legend();
        table(facts.levels[state.level].name);
        sheet.paint();
    }

    function setLevel(l) {
        state.level = l;
        for (const radio of document.getElementsByName("level")) radio.checked = radio.value === facts.levels[l].name;
        chosen.setLatLngs([]);
        pointed.setLatLngs([]);
        map.closePopup();
        refresh();
    }

    // From search and table: show the cell, whatever level is on.
    function choose(l, cell) {
        if (l !== state.level) setLevel(l);
        const level = cells.levels[l], at = level.ground[cell];
        map.fitBounds(wangge.bounds(level.grounds, at), {maxZoom: 18, padding: [60, 60], animate: false});
        open(at, wangge.latLng(level.middle[2 * at], level.middle[2 * at + 1]));
        map.getContainer().scrollIntoView({block: "nearest"});
    }

    function open(at, latLng) {
        chosen.setLatLngs(wangge.rings(cells.current().grounds, at));
        map.closeTooltip(tip);
        tell(describe(at, true), latLng);
    }

    // Beside the buttons on the right, on a phone as well.
    function tell(content, latLng) {
        const size = map.getSize(), place = {autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [54, 12]};
        map.openPopup(content, latLng, {...place, maxWidth: Math.min(320, size.x - 100), maxHeight: Math.min(300, size.y - 90)});
    }

    function describe(at, whole) {
        const level = cells.current(), held = level.held[at], box = document.createElement("div");
        box.className = "facts";
        if (held.length > 1) wangge.element("p", `${held.length} × ${level.label}: ${says.stacked}`, box, "note");
        for (const cell of whole ? held : held.slice(0, 6)) describeCell(box, level, cell, whole);
        if (!whole && held.length > 6) wangge.element("p", `… ${held.length}`, box, "note");
        return box;
    }

    function describeCell(box, level, cell, whole) {
        const title = wangge.element("h4", level.cell_name[cell] || level.code[cell], box);
        wangge.element("code", level.code[cell], title);
        const count = level.households[cell], inBand = level.in_band[cell];
        const parts = [`${says.households} ${count === null ? says["withheld.short"] : wangge.number(count)}`];
        if (inBand !== null) parts.push(inBand ? says["band.yes"] : `${says["band.no"]} ${level.band.join("–")}`);
        if (level.floors[cell]) parts.push(`${says.floors} ${level.floors[cell]}`);
        if (level.reports[cell] !== null) parts.push(`${says.reports} ${wangge.number(level.reports[cell])}`);
        if (whole) parts.push(level.kind[cell]);
        wangge.element("p", parts.join(" · "), box, inBand === false ? "out" : "");
        for (const [rule, reason] of level.reasons[cell]) {
            wangge.element("p", [says[`rule.${rule}`], reason].filter(Boolean).join("："), box, "reason");
        }
    }

    function describeReports(held) {
        const box = document.createElement("div");
        box.className = "facts";
        if (held.length > 1) wangge.element("p", `${says["layer.reports"]} · ${held.length}`, box, "note");
        for (const i of held.slice(0, 30)) {
            const title = wangge.element("h4", reports.text("category", i) || says["layer.reports"], box);
            wangge.element("code", reports.text("time", i).replace("T", " ").slice(0, 16), title);
            wangge.element("p", reports.text("description", i), box);
            const place = `${says.cell} ${reports.text("cell_code", i) || says.no_cell}`;
            wangge.element("p", `${place} · ${says[`status.${reports.status(i)}`]}`, box, "reason");
        }
        if (held.length > 30) wangge.element("p", `… ${held.length}`, box, "note");
        return box;
    }

    function under(latLng) {
        const place = wangge.project(latLng.lng, latLng.lat);
        const onSheet = map.latLngToLayerPoint(latLng).subtract(sheet._bounds.min);
        return {held: reports && reports.at(onSheet.x, onSheet.y), cell: cells.at(...place)};
    }

    map.on("click", event => {
        const {held, cell} = under(event.latlng);
        if (held) tell(describeReports(held), event.latlng);
        else if (cell >= 0) open(cell, event.latlng);
        else { map.closePopup(); chosen.setLatLngs([]); }
    });

    let last = null;
    map.on("mousemove", event => {
        const {held, cell} = under(event.latlng), what = held ? `r${held[0]}` : `c${cell}`;
        map.getContainer().classList.toggle("can-open", Boolean(held) || cell >= 0);
        tip.setLatLng(event.latlng);
        if (what === last) return;
        last = what;
        pointed.setLatLngs(!held && cell >= 0 ? wangge.rings(cells.current().grounds, cell) : []);
        if (held) tip.setContent(describeReports(held.slice(0, 3)));
        else if (cell >= 0) tip.setContent(describe(cell, false));
        if (held || cell >= 0) tip.addTo(map);
        else tip.remove();
    });
    map.on("mouseout movestart", () => { last = null; tip.remove(); pointed.setLatLngs([]); });

    for (const radio of document.getElementsByName("level")) {
        radio.addEventListener("change", () => setLevel(facts.levels.findIndex(level => level.name === radio.value)));
    }
    for (const radio of document.getElementsByName("colour")) {
        radio.addEventListener("change", () => { state.colour = radio.value; refresh(); });
    }
    for (const box of Object.values(boxes)) box.addEventListener("change", refresh);
    wangge.search(facts, choose);
    wangge.controls(map, facts);
    refresh();
};
