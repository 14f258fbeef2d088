// The marks in view as a list: the same facts for who reads the page and does not see the map, some at a time.
wangge.list = function (map, painters, state, says, showMark) {
    const known = painters.filter(painter => painter.text), step = 100;
    if (!known.length) return () => {};
    const details = wangge.element("details", null, null, "marks");
    document.querySelector("details.table").after(details);
    wangge.element("summary", says.marks_in_view, details);
    const box = wangge.element("div", null, details, "hits");
    let most = step, opening = false;

    function inView() {
        const {min, max} = map.getPixelBounds(), scale = 2 ** map.getZoom(), found = [];
        for (const painter of known.filter(({layer}) => state.shows(layer.name))) {
            for (const i of painter.shown()) {
                const x = painter.points[2 * i] * scale, y = painter.points[2 * i + 1] * scale;
                if (x >= min.x && x <= max.x && y >= min.y && y <= max.y) found.push([painter, i]);
            }
        }
        return found;
    }

    function refresh() {
        box.replaceChildren();
        if (!details.open) return;
        const found = inView(), list = wangge.element("ul", null, box);
        if (!found.length) wangge.element("p", says.nothing_found, box, "note");
        for (const [painter, i] of found.slice(0, most)) {
            const group = painter.groups[painter.group(i)].label, words = painter.layer.texts.map((_, c) => painter.text(c, i)).filter(Boolean);
            const button = wangge.button(null, wangge.element("li", null, list), () => { opening = true; showMark(painter, i); opening = false; });
            wangge.element("b", words[0] || group, button);
            wangge.element("span", [painter.layer.label, group, ...words.slice(1)].join(" · "), button);
        }
        if (found.length > most) wangge.button(`${says.more} (${wangge.number(found.length - most)})`, box, () => { most += 5 * step; refresh(); }, "more");
    }

    details.addEventListener("toggle", refresh);
    // The list stays for a popup that is opened from it, and while one is open: its reader comes back to his place.
    map.on("moveend", () => {
        if (opening || map._popup?.isOpen()) return;
        most = step;
        refresh();
    });
    return refresh;
};
