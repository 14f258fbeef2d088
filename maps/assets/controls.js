// The buttons on the map, its scale, and whose data it shows.
wangge.controls = function (map, facts) {
    const says = facts.words, whole = [map.getCenter(), map.getZoom()];
    L.control.zoom({position: "topright", zoomInTitle: says.zoom_in, zoomOutTitle: says.zoom_out}).addTo(map);
    const Whole = L.Control.extend({
        onAdd() {
            const bar = L.DomUtil.create("div", "leaflet-bar"), button = wangge.element("button", "⤢", bar, "whole");
            button.type = "button";
            button.title = says.whole;
            button.setAttribute("aria-label", says.whole);
            L.DomEvent.disableClickPropagation(bar);
            button.addEventListener("click", () => map.setView(...whole));
            return bar;
        },
    });
    new Whole({position: "topright"}).addTo(map);
    new wangge.Scale({position: "bottomleft", imperial: false}).addTo(map);
    const credit = L.control.attribution({position: "bottomright", prefix: "Wangge · Leaflet"}).addTo(map);
    if (facts.credit) {
        credit.addAttribution('© <a href="https://www.openstreetmap.org/copyright" rel="noreferrer">OpenStreetMap</a> contributors');
    }
};

// Leaflet's own knows nothing shorter than a metre.
wangge.Scale = L.Control.Scale.extend({
    _updateMetric(most) {
        const length = this._getRoundNum(most * 1e6) / 1e6;
        const [size, unit] = length < 0.01 ? [1000, "mm"] : length < 1 ? [100, "cm"] : length < 1000 ? [1, "m"] : [0.001, "km"];
        this._updateScale(this._mScale, `${+(length * size).toPrecision(2)} ${unit}`, length / most);
    },
});
