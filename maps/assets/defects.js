// The page of defects: which is chosen, how the map gets there, and what the address, keys and switches do.
wangge.open = function (map, facts) {
    const says = facts.words, told = document.getElementById("told");
    const unpack = lines => wangge.unpack(lines, facts.origin, facts.per_degree);
    const found = {
        ...facts.defects,
        count: facts.defects.id.length,
        cells: unpack(facts.cells.shapes),
        outline: unpack(facts.outline),
        ...Object.fromEntries(["faces", "lines", "points"].map(name => [name, unpack(facts.defects[name])])),
    };
    found.inner = innerPoints();
    const state = {at: -1, whole: false}, boxes = [...document.getElementsByName("kind")];
    const on = facts.kinds.map(() => true), shown = i => on[found.kind[i]];
    const {painters, near} = wangge.defectPainters(facts, found, state, shown);
    const views = [];
    const sheet = new wangge.LiveSheet([(ctx, view) => { views[0] = view; }, ...painters]).addTo(map);
    const list = found.count ? wangge.defectList(facts, found, state, choose) : null;
    wangge.controls(map, facts);
    const locator = wangge.locator(map, facts, found, shown);
    const calm = matchMedia("(prefers-reduced-motion: reduce)");

    // Only those that have a place are written.
    function innerPoints() {
        const written = wangge.unpackPoints(facts.defects.inner, facts.origin, facts.per_degree), points = new Float64Array(2 * found.count);
        let k = 0;
        found.placed.forEach((placed, i) => {
            if (placed) points.set(written.subarray(2 * k, 2 * ++k), 2 * i);
        });
        return points;
    }

    // --- where a defect is seen -------------------------------------------------------------------------------------

    const around = 40075016.7, seen = 18, context = 0.02;

    // The zoom at which a pixel at a defect is so many metres.
    function zoomAt(i, metres) {
        const lat = wangge.latLng(0, found.inner[2 * i + 1]).lat;
        return Math.log2(around * Math.cos(lat * Math.PI / 180) / 256 / metres);
    }

    function wholeView(i) {
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (const shapes of [found.faces, found.lines, found.points]) {
            for (const k of [0, 1]) box[k] = Math.min(box[k], shapes.box[4 * i + k]);
            for (const k of [2, 3]) box[k] = Math.max(box[k], shapes.box[4 * i + k]);
        }
        const size = map.getSize(), room = share => Math.log2(share);
        const fit = Math.min(room(size.x * 0.62 / (box[2] - box[0])), room(size.y * 0.62 / (box[3] - box[1])));
        const single = !found.width_m[i] && !found.area[i];
        const zoom = Math.min(fit, single ? zoomAt(i, context) : map.getMaxZoom());
        return [wangge.latLng((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), zoom];
    }

    // Where its widest circle is as wide as a finger; for points, where their surroundings are seen.
    function closeView(i) {
        const [middle, zoom] = wholeView(i), wide = found.width_m[i];
        const closer = wide ? zoomAt(i, wide / seen) : found.area[i] || found.length[i] ? zoom : zoomAt(i, context);
        if (closer <= zoom + 0.3) return [middle, zoom];
        return [wangge.latLng(found.inner[2 * i], found.inner[2 * i + 1]), Math.min(closer, map.getMaxZoom())];
    }

    function go() {
        if (!found.placed[state.at]) { sheet.paint(); return; }
        const [middle, zoom] = (state.whole ? wholeView : closeView)(state.at);
        // Leaflet's flight loses its way where the goal is too many pixels off.
        const far = map.project(middle, map.getZoom()).distanceTo(map.project(map.getCenter(), map.getZoom())) > 1e9;
        map.stop();
        if (calm.matches || far || sheet.seconds > 0.05) map.setView(middle, zoom, {animate: false});
        else map.flyTo(middle, zoom, {duration: 0.9});
        sheet.paint();
    }

    // --- what is chosen ---------------------------------------------------------------------------------------------

    function choose(i) {
        state.at = i;
        state.whole = false;
        history.replaceState(null, "", i < 0 ? location.pathname + location.search : `#${encodeURIComponent(found.id[i])}`);
        tell();
        list.reveal();
        if (i >= 0) go();
        else sheet.paint();
    }

    function step(by) {
        const order = list.order(), place = order.indexOf(state.at);
        if (!order.length) return;
        choose(order[place < 0 ? (by > 0 ? 0 : order.length - 1) : (place + by + order.length) % order.length]);
    }

    function tell() {
        const i = state.at, order = list.order(), position = document.getElementById("position");
        position.textContent = i < 0 ? wangge.number(order.length)
            : says.position.replace("{at}", wangge.number(order.indexOf(i) + 1)).replace("{count}", wangge.number(order.length));
        for (const id of ["previous", "next"]) document.getElementById(id).disabled = !order.length;
        told.hidden = i < 0;
        told.replaceChildren();
        if (i >= 0) describe(i);
    }

    function describe(i) {
        const kind = facts.kinds[found.kind[i]], head = wangge.element("h2", null, told);
        head.append(wangge.sign(kind.sign, "-8 -8 16 16", kind.colour));
        wangge.element("span", kind.word, head);
        wangge.element("code", found.id[i], head);
        wangge.button("×", head, () => choose(-1), "close").setAttribute("aria-label", says.close);
        const figures = wangge.element("dl", null, told);
        const sizes = found.area[i] ? ["area", "width"] : ["length"];
        if (facts.defects.level) fact(says.levels, facts.defects.level[i]);
        fact(says.cells, found.codes[i].replaceAll(",", ", "));
        for (const name of sizes) fact(says[name], (name === "width" && found.width[i] ? "≈ " : "") + found[name][i]);
        wangge.element("p", found.texts[found.advice[i]], told, "advice");
        if (!found.placed[i]) wangge.element("p", says.no_place, told, "note");
        else if (closeView(i)[1] > wholeView(i)[1]) told.append(toggle());

        function fact(name, value) {
            if (!value) return;
            wangge.element("dt", name, figures);
            wangge.element("dd", value, figures);
        }
    }

    function toggle() {
        const button = wangge.button(says.farther, null, () => {
            state.whole = !state.whole;
            button.textContent = state.whole ? says.closer : says.farther;
            go();
        }, "toggle");
        return button;
    }

    function fromAddress() {
        let id = "";
        try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }  // typed by hand, and no such code
        const i = found.id.indexOf(id);
        if (i < 0 || i === state.at) return;
        if (!shown(i)) setKinds(k => on[k] || k === found.kind[i]);
        choose(i);
    }

    function setKinds(wanted) {
        facts.kinds.forEach((kind, k) => { on[k] = wanted(k); });
        for (const box of boxes) box.checked = on[facts.kinds.findIndex(kind => kind.kind === box.value)];
        refresh();
    }

    function refresh() {
        list.show(found.id.map((_, i) => i).filter(shown));
        locator.refresh();
        if (state.at >= 0 && !shown(state.at)) choose(-1);
        else { tell(); sheet.paint(); }
    }

    // --- pointing, clicking, typing ---------------------------------------------------------------------------------

    const tip = L.tooltip({className: "tip", direction: "top", offset: [0, -8], opacity: 1});

    function under(latLng) {
        const onSheet = map.latLngToLayerPoint(latLng).subtract(sheet._bounds.min), place = wangge.project(latLng.lng, latLng.lat);
        const here = [];
        for (let i = 0; i < found.cells.count && here.length < 8; i++) if (wangge.contains(found.cells, i, ...place)) here.push(i);
        return {defect: near(views[0], onSheet.x, onSheet.y), here};
    }

    map.on("click", event => {
        const {defect} = under(event.latlng);
        if (defect >= 0) choose(defect);
    });
    map.on("mousemove", event => {
        const {defect, here} = under(event.latlng), box = document.createElement("div");
        map.getContainer().classList.toggle("can-open", defect >= 0);
        if (defect >= 0) wangge.element("b", `${facts.kinds[found.kind[defect]].word} · ${wangge.size(facts, defect)}`, box);
        for (const cell of here) {
            const level = facts.cells.levels[facts.cells.level[cell]];
            wangge.element("div", `${level || says.cell} ${facts.cells.code[cell] || "–"}`, box);
        }
        if (box.childNodes.length) tip.setLatLng(event.latlng).setContent(box).addTo(map);
        else tip.remove();
    });
    map.on("mouseout movestart", () => tip.remove());
    if (!list) { locator.refresh(); return; }

    const keys = {n: 1, p: -1, ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1};
    document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        const by = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        // On the map, arrows move the map.
        if (!by || (event.key.length > 1 && map.getContainer().contains(event.target))) return;
        event.preventDefault();
        step(by);
    });
    document.getElementById("previous").addEventListener("click", () => step(-1));
    document.getElementById("next").addEventListener("click", () => step(1));
    for (const box of boxes) {
        box.addEventListener("change", () => {
            on[facts.kinds.findIndex(kind => kind.kind === box.value)] = box.checked;
            refresh();
        });
    }
    for (const button of document.querySelectorAll("button[data-kinds]")) {
        button.addEventListener("click", () => setKinds(() => button.dataset.kinds === "all"));
    }
    addEventListener("hashchange", fromAddress);
    refresh();
    fromAddress();
};
