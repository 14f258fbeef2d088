// The map as a picture with its title, legend and scale: to be kept as a file, or printed on A4 or A3.
wangge.picture = function (map, sheet, facts, legend, state) {
    const fonts = 'system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

    // What is in view, on so many pixels (of 1/96 inch), each of them `sharp` pixels of the picture.
    function drawn(width, height, sharp) {
        const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d"), size = map.getSize();
        [canvas.width, canvas.height] = [Math.round(width * sharp), Math.round(height * sharp)];
        const zoom = map.getZoom() + Math.log2(Math.min(width / size.x, height / size.y));
        const from = map.project(map.getCenter(), zoom).subtract([width / 2, height / 2]);
        sheet.paintOn(ctx, from, L.point(width, height), zoom, sharp);
        ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
        behind(ctx, width, height);
        title(ctx);
        rows(ctx, height);
        foot(ctx, width, height, zoom);
        return canvas;
    }

    // Painted last and under everything: the sheet begins by clearing its canvas.
    function behind(ctx, width, height) {
        ctx.globalCompositeOperation = "destination-over";
        ctx.fillStyle = state.theme.plain;
        ctx.fillRect(0, 0, width, height);
        ctx.globalCompositeOperation = "source-over";
        ctx.textBaseline = "middle";
        ctx.textAlign = "left";
    }

    function card(ctx, x, y, wide, high) {
        ctx.fillStyle = state.theme.halo;
        ctx.fillRect(x, y, wide, high);
        ctx.fillStyle = state.theme.ink;
    }

    function title(ctx) {
        ctx.font = `600 20px ${fonts}`;
        const wide = ctx.measureText(facts.title).width;
        ctx.font = `13px ${fonts}`;
        const times = document.getElementById("times"), below = [legend.title()];
        if (state.span && !times.hidden) below.push(times.querySelector("output").textContent);
        card(ctx, 12, 12, Math.max(wide, ...below.map(text => ctx.measureText(text).width)) + 24, 36 + 20 * below.length);
        below.forEach((text, k) => ctx.fillText(text, 24, 54 + 20 * k));
        ctx.font = `600 20px ${fonts}`;
        ctx.fillText(facts.title, 24, 32);
    }

    // The legend, as much of it as there is room for below the title.
    function rows(ctx, height) {
        const all = [...state.shows("cells") ? legend.classes() : [], ...legend.groups()], most = Math.floor((height - 160) / 20);
        const some = all.length > most ? [...all.slice(0, most - 1), {text: "…", className: "heading"}] : all;
        if (!some.length) return;
        ctx.font = `600 12px ${fonts}`;
        const wide = Math.max(...some.map(row => ctx.measureText(row.text).width)) + 56, high = 20 * some.length + 12;
        card(ctx, 12, height - high - 44, wide, high);
        some.forEach((row, k) => {
            const y = height - high - 44 + 16 + 20 * k;
            ctx.font = `${row.className === "heading" ? "600 " : ""}12px ${fonts}`;
            if (row.className === "heading") { ctx.fillText(row.text, 22, y); return; }
            swatch(ctx, row, y);
            ctx.fillStyle = state.theme.ink;
            ctx.fillText(row.text, 52, y);
        });
    }

    function swatch(ctx, row, y) {
        ctx.fillStyle = row.colour || state.theme.plain;
        if (row.className === "dot") {
            ctx.beginPath();
            ctx.arc(33, y, row.sign ? 8.5 : 5.5, 0, 2 * Math.PI);
            ctx.fill();
            if (!row.sign) return;
            ctx.save();
            ctx.translate(27, y - 6);
            ctx.scale(0.8, 0.8);
            ctx.fillStyle = "#ffffff";
            ctx.fill(new Path2D(row.sign));
            ctx.restore();
            return;
        }
        ctx.fillRect(22, y - 7, 22, 13);
        ctx.strokeStyle = state.theme.borders[2];
        ctx.lineWidth = 0.7;
        ctx.strokeRect(22, y - 7, 22, 13);
        if (row.className !== "hatched" && row.className !== "withheld") return;
        ctx.beginPath();
        for (const x of [22, 30, 38]) { ctx.moveTo(x, y + 6); ctx.lineTo(x + 6, y - 7); }
        ctx.strokeStyle = row.className === "hatched" ? state.theme.hatch : state.theme.hidden;
        ctx.stroke();
    }

    function foot(ctx, width, height, zoom) {
        const metre = 256 * 2 ** zoom / (40075016.7 * Math.cos(map.getCenter().lat * Math.PI / 180));
        const steps = [20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10], long = steps.find(step => step * metre < 180) || 5;
        ctx.font = `12px ${fonts}`;
        card(ctx, 12, height - 36, long * metre + 90, 26);
        ctx.fillRect(22, height - 22, long * metre, 2);
        for (const x of [22, 20 + long * metre]) ctx.fillRect(x, height - 28, 2, 8);
        ctx.fillText(long < 1000 ? `${long} m` : `${long / 1000} km`, 32 + long * metre, height - 22);
        const credit = `Wangge${facts.credit ? " · © OpenStreetMap contributors" : ""}`, wide = ctx.measureText(credit).width;
        card(ctx, width - wide - 32, height - 36, wide + 20, 26);
        ctx.fillText(credit, width - wide - 22, height - 22);
    }

    function save() {
        const {x, y} = map.getSize(), link = document.createElement("a");
        // On a phone's width there is no room for a legend.
        link.href = drawn(Math.max(x, 1046), Math.max(y, 716), 2).toDataURL("image/png");
        // Of a title no more than a file can be named: no signs of paths, none that are not seen or turn the writing.
        link.download = `${[...facts.title.replace(/[\\/:*?"<>|\s\p{C}]+/gu, "-")].slice(0, 80).join("")}.png`;
        link.click();
    }

    // Within margins of 10 mm, in pixels of 1/96 inch; printed at 192 dots an inch. A hair too high would be two pages.
    const papers = {a4: [1046, 716], a3: [1511, 1044]};

    function print(paper) {
        const box = document.getElementById("print"), picture = new Image();
        picture.alt = `${facts.title} · ${legend.title()}`;
        picture.src = drawn(...papers[paper], 2).toDataURL("image/png");
        box.className = paper;
        box.replaceChildren(picture);
        addEventListener("afterprint", () => box.replaceChildren(), {once: true});
        return picture.decode().then(() => window.print());
    }

    return {save, print, drawn};
};
