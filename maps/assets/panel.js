// The panel beside the map: what colours the cells, which layers are on, and the legend of what is shown.
// Text enters the page as text only.
wangge.element = function (tag, text, parent, className) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    if (parent) parent.append(made);
    return made;
};

wangge.number = count => count.toLocaleString(document.documentElement.lang);

// A figure as readers want it: shares are told in thousandths.
wangge.figure = function (measure, told, says) {
    if (told < 0) return measure.share ? "–" : says["withheld.short"];
    return measure.share ? (told / 1000).toLocaleString(document.documentElement.lang, {style: "percent", maximumFractionDigits: 1}) : wangge.number(Math.round(told));
};

wangge.button = function (text, parent, act, className) {
    const made = wangge.element("button", text, parent, className);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
};

wangge.tick = function (text, parent, name, value, on, act) {
    const label = wangge.element("label", null, parent), box = wangge.element("input", null, label);
    Object.assign(box, {type: "checkbox", name, value, defaultChecked: on});
    label.append(` ${text}`);
    if (act) box.addEventListener("change", () => act(box.checked));
    return box;
};

// A picture of one path, in a box of the path's own units.
wangge.sign = function (path, box, colour) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), drawn = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", box);
    svg.setAttribute("aria-hidden", "true");
    drawn.setAttribute("d", path);
    if (colour) drawn.setAttribute("fill", colour);
    svg.append(drawn);
    return svg;
};

// The choice of the measure, under its headings.
wangge.measureChoice = function (facts, state, choose) {
    const select = document.getElementById("measure"), groups = new Map();
    wangge.element("option", facts.words.apart, select).value = -1;
    facts.measures.forEach((measure, m) => {
        const heading = measure.heading || "";
        if (heading && !groups.has(heading)) {
            groups.set(heading, wangge.element("optgroup", null, select));
            groups.get(heading).label = heading;
        }
        wangge.element("option", measure.label, groups.get(heading) || select).value = m;
    });
    select.addEventListener("change", () => choose(Number(select.value)));
    return () => { select.value = state.measure; };
};

// Switches of the layers that others drew, and what may be left out of each.
wangge.layerChoice = function (facts, painters, state, refresh) {
    const list = document.getElementById("layers"), says = facts.words;
    const resift = painter => { painter.sift(); refresh(); };
    for (const painter of painters) {
        const {name, label, heat} = painter.layer, alone = painters.length === 1;
        wangge.tick(label, list, "layer", name, painter.layer.on || alone);
        if (heat) wangge.tick(`${label} · ${says.heat}`, list, "layer", `${name}:heat`, false);
        if (painter.layer.linked) wangge.tick(`${label} · ${says.links}`, list, "layer", `${name}:links`, false);
        if (!painter.sift || !painter.size) continue;
        const details = wangge.element("details", null, document.getElementById("filters"), "filter");
        wangge.element("summary", `${says.filter} · ${label}`, details);
        const rest = painter.groups.map((group, g) => ({text: group.label, on: painter.onGroup, at: g, total: painter.layer.totals[g]}));
        const kinds = painter.kinds ? counted(painter) : [];
        for (const [title, some] of [[null, rest], [painter.kinds?.label, kinds]]) {
            const known = some.filter(each => each.total);
            if (known.length > 1) ticks(details, title, known, () => resift(painter));
        }
    }

    function counted(painter) {
        const totals = painter.kinds.texts.map(() => 0);
        for (let i = 0; i < painter.size; i++) totals[painter.kinds.at[i]] += painter.weight(i);
        const every = painter.kinds.texts.map((text, k) => ({text: text || "–", on: painter.onKind, at: k, total: totals[k]}));
        return every.sort((a, b) => b.total - a.total);
    }

    function ticks(details, title, some, act) {
        const group = wangge.element("fieldset", null, details), boxes = [];
        wangge.element("legend", title || says.state, group);
        for (const [word, on] of [[says.all, true], [says.none, false]]) {
            wangge.button(word, group, () => {
                some.forEach((each, k) => { each.on[each.at] = boxes[k].checked = on; });
                act();
            }, "small");
        }
        const list = wangge.element("div", null, group, "ticks");
        for (const each of some) {
            boxes.push(wangge.tick(`${each.text} · ${wangge.number(each.total)}`, list, "filter", "", true, on => { each.on[each.at] = on; act(); }));
        }
    }
};

wangge.legend = function (facts, cells, painters, state, shows) {
    const box = document.getElementById("legend"), says = facts.words;

    function entry(list, colour, text, className, path) {
        const row = wangge.element("li", null, list);
        const swatch = wangge.element("i", null, row, className || "");
        if (colour) swatch.style.backgroundColor = colour;
        if (path) swatch.append(wangge.sign(path, "-3 -3 21 21"));
        wangge.element("span", text, row);
    }

    // What the cells of the level are coloured by, class by class: as text and colour, for the picture as well.
    function classes() {
        if (state.measure < 0) return [];
        const level = cells.current(), measure = facts.measures[state.measure], {told, breaks} = level.figures[state.measure];
        const ramp = wangge.ramp(state.theme, level.figures[state.measure]), found = [];
        const said = count => wangge.figure(measure, count, says), most = told.reduce((a, b) => Math.max(a, b), 0);
        if (told.includes(0)) found.push({colour: state.theme.nothing, text: said(0)});
        breaks.forEach((from, i) => {
            const to = i + 1 < breaks.length ? breaks[i + 1] - 1 : null;
            if (!told.some(count => count >= from && count <= (to ?? most))) return;
            const band = state.measure === 0 && level.band && from === level.band[0];
            const span = measure.share && i === 0 && to !== null ? `< ${said(to + 1)}` : to === null && from < most ? `≥ ${said(from)}` : to === null ? said(from) : from === to ? said(from) : `${said(from)}–${said(to)}`;
            found.push({colour: ramp[i], text: band ? `${span} · ${says.band}` : span, className: band ? "band" : ""});
        });
        if (told.some(count => count < 0)) found.push({colour: state.theme.unknown, text: measure.share ? says.no_figure : says.withheld, className: "withheld"});
        if (state.measure === 0 && level.in_band.includes(2)) found.push({colour: null, text: says.hatched, className: "hatched"});
        return found;
    }

    // The groups of the marks that are shown, each layer under its name: for the picture.
    const groups = () => painters.filter(painter => painter.groups && shows(painter.layer.name)).flatMap(({layer, groups: all}) => [
        {text: layer.label, className: "heading"},
        ...all.filter((_, g) => layer.totals[g]).map(({colour, label, sign}) => ({colour, text: label, sign, className: "dot"})),
    ]);
    const title = () => `${cells.current().label} · ${state.measure < 0 ? says.apart : facts.measures[state.measure].label}`;

    function heat(label) {
        wangge.element("h3", `${label} · ${says.heat}`, box);
        const list = wangge.element("ul", null, box);
        [["heat.few", wangge.HEAT[0]], ["heat.most", wangge.HEAT.at(-1)]].forEach(([word, [, colour]]) => entry(list, `rgb(${colour})`, says[word]));
    }

    function refresh() {
        box.replaceChildren();
        if (shows("cells")) {
            wangge.element("h3", title(), box);
            const list = wangge.element("ul", null, box);
            for (const {colour, text, className} of classes()) entry(list, colour, text, className);
            if (cells.current().held.some(held => held.length > 1)) wangge.element("p", says.stacked_note, box, "note");
        }
        for (const painter of painters) {
            painter.legend?.(box, entry);
            if (painter.layer.heat && shows(`${painter.layer.name}:heat`)) heat(painter.layer.label);
        }
    }

    return {refresh, classes, groups, title};
};
