// The buttons on the map, its scale, and whose data it shows.
wangge.controls = function (map, facts, tools = []) {
    const says = facts.words, whole = [map.getCenter(), map.getZoom()];
    L.control.zoom({position: "topright", zoomInTitle: says.zoom_in, zoomOutTitle: says.zoom_out}).addTo(map);
    const Tools = L.Control.extend({
        onAdd() {
            const bar = L.DomUtil.create("div", "leaflet-bar tools");
            L.DomEvent.disableClickPropagation(bar);
            for (const {name, sign, act} of [{name: "whole", sign: "⤢", act: () => map.setView(...whole)}, ...tools]) {
                const button = wangge.button(sign, bar, () => act(button), name);
                button.title = says[name];
                button.setAttribute("aria-label", says[name]);
            }
            return bar;
        },
    });
    new Tools({position: "topright"}).addTo(map);
    new wangge.Scale({position: "bottomleft", imperial: false}).addTo(map);
    const credit = L.control.attribution({position: "bottomright", prefix: "Wangge · Leaflet"}).addTo(map);
    if (facts.credit) {
        credit.addAttribution('© <a href="https://www.openstreetmap.org/copyright" rel="noreferrer">OpenStreetMap</a> contributors');
    }
};

// For those who asked for less motion: the map jumps to where it would glide.
wangge.still = function (map) {
    const pan = map.panBy;
    map._zoomAnimated = map._fadeAnimated = false;
    map.options.inertia = false;
    map.panBy = (offset, options) => pan.call(map, offset, {...options, animate: false});
    map.getContainer().classList.remove("leaflet-zoom-anim", "leaflet-fade-anim");
};

// Leaflet's own knows nothing shorter than a metre.
wangge.Scale = L.Control.Scale.extend({
    _updateMetric(most) {
        const length = this._getRoundNum(most * 1e6) / 1e6;
        const [size, unit] = length < 0.01 ? [1000, "mm"] : length < 1 ? [100, "cm"] : length < 1000 ? [1, "m"] : [0.001, "km"];
        this._updateScale(this._mScale, `${+(length * size).toPrecision(2)} ${unit}`, length / most);
    },
});
