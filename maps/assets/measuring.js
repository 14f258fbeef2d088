// Lengths and areas on the ground, from clicks on the map.
wangge.measuring = function (map, facts) {
    const says = facts.words, tip = L.tooltip({permanent: true, direction: "right", offset: [10, 0], className: "tip"});
    const line = L.polyline([], {className: "measured", interactive: false, fill: false});
    const tool = {on: false, toggle, click, end};
    let points = [], button = null;

    // Metres of a degree at a latitude, from the series of the WGS 84 ellipsoid: good to a centimetre in a town.
    function metres(a, b) {
        const lat = (a.lat + b.lat) / 2 * Math.PI / 180;
        const north = 111132.954 - 559.822 * Math.cos(2 * lat) + 1.175 * Math.cos(4 * lat);
        const east = 111412.84 * Math.cos(lat) - 93.5 * Math.cos(3 * lat) + 0.118 * Math.cos(5 * lat);
        return [(b.lng - a.lng) * east, (b.lat - a.lat) * north];
    }

    function told() {
        let length = 0, area = 0;
        points.forEach((point, k) => {
            if (k) length += Math.hypot(...metres(points[k - 1], point));
            const [x, y] = metres(points[0], point), [u, v] = metres(points[0], points[(k + 1) % points.length]);
            area += (x * v - u * y) / 2;
        });
        const said = length < 1000 ? `${wangge.number(Math.round(length))} m` : `${wangge.number(Math.round(length / 10) / 100)} km`;
        if (points.length < 3) return said;
        const size = Math.abs(area);
        return `${said} · ${size < 1e5 ? `${wangge.number(Math.round(size))} m²` : `${wangge.number(Math.round(size / 1e4) / 100)} km²`}`;
    }

    function click(latLng) {
        points.push(latLng);
        line.setLatLngs(points).addTo(map);
        tip.setLatLng(latLng).setContent(points.length > 1 ? told() : says.measure_hint).addTo(map);
    }

    function end() {
        if (tool.on) toggle(button);
    }

    function toggle(pressed) {
        tool.on = !tool.on;
        button = pressed;
        button.setAttribute("aria-pressed", tool.on);
        map.getContainer().classList.toggle("measuring", tool.on);
        points = [];
        line.remove();
        tip.remove();
    }

    return tool;
};
