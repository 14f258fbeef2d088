// What is seen, kept in the page's address: a link opens the same view, level, figures, layers and span of time.
wangge.address = function (map, facts, state, boxes) {
    const near = map.getBounds().pad(2);

    // What anybody may have written there: only what this page has is taken.
    function read() {
        const told = new URLSearchParams(location.hash.slice(1)), found = {};
        const level = facts.levels.findIndex(each => each.name === told.get("level"));
        const measure = facts.measures.findIndex(each => each.name === told.get("measure"));
        if (level >= 0) found.level = level;
        if (measure >= 0 || told.get("measure") === "apart") found.measure = measure;
        if (Object.hasOwn(facts.themes, told.get("theme"))) found.theme = told.get("theme");
        const [zoom, lat, lng] = (told.get("view") || "").split("/").map(Number);
        if ([zoom, lat, lng].every(Number.isFinite) && near.contains([lat, lng])) found.view = [[lat, lng], zoom];
        const days = (told.get("days") || "").split("-").map(Number);
        if (days.length === 2 && days.every(Number.isInteger)) found.days = days;
        if (told.has("on")) found.on = new Set(told.get("on").split(","));
        if (told.get("cell")) found.cell = told.get("cell");
        return found;
    }

    function write() {
        const told = new URLSearchParams(), centre = map.getCenter();
        told.set("view", [map.getZoom().toFixed(2), centre.lat.toFixed(5), centre.lng.toFixed(5)].join("/"));
        told.set("level", facts.levels[state.level].name);
        told.set("measure", state.measure < 0 ? "apart" : facts.measures[state.measure].name);
        if (state.chosenTheme) told.set("theme", state.chosenTheme);
        if (state.days) told.set("days", state.days.join("-"));
        if (state.cell) told.set("cell", state.cell);
        if (boxes().some(box => box.checked !== box.defaultChecked)) {
            told.set("on", boxes().filter(box => box.checked).map(box => box.value).join(","));
        }
        const hash = `#${String(told).replaceAll("%2F", "/")}`;
        if (hash !== location.hash) history.replaceState(null, "", hash);
    }

    return {read, write};
};
