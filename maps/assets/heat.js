// How close together marks lie, as heat: squares of some pixels, blurred, in colours from nothing to glowing.
wangge.HEAT = [[0, [255, 196, 61]], [0.5, [232, 93, 46]], [1, [148, 22, 62]]];

wangge.heat = function (marks, shows) {
    const square = 6, reach = 3, stops = wangge.HEAT;

    return function (ctx, view) {
        if (!shows(`${marks.layer.name}:heat`)) return;
        const columns = Math.ceil(view.width / square) + 1, rows = Math.ceil(view.height / square) + 1;
        let density = new Float32Array(columns * rows);
        for (const i of marks.shown()) {
            const column = Math.floor((marks.points[2 * i] * view.scale + view.dx) / square);
            const row = Math.floor((marks.points[2 * i + 1] * view.scale + view.dy) / square);
            if (column >= 0 && row >= 0 && column < columns && row < rows) density[row * columns + column] += marks.weight(i);
        }
        // Three plain means one after another come close to a bell.
        for (let pass = 0; pass < 3; pass++) density = blurred(blurred(density, columns, rows, 1, columns), rows, columns, columns, 1);
        const most = density.reduce((a, b) => Math.max(a, b), 0);
        if (!most) return;
        const tile = document.createElement("canvas"), small = tile.getContext("2d");
        [tile.width, tile.height] = [columns, rows];
        const picture = small.createImageData(columns, rows);
        density.forEach((value, k) => picture.data.set(colour((value / most) ** 1.25), 4 * k));
        small.putImageData(picture, 0, 0);
        ctx.globalAlpha = 0.78;
        ctx.imageSmoothingQuality = "high";
        ctx.drawImage(tile, 0, 0, columns * square, rows * square);
    };

    // Along lines of `length` values, `step` apart; the lines begin `next` apart.
    function blurred(values, length, lines, step, next) {
        const found = new Float32Array(values.length);
        for (let line = 0; line < lines; line++) {
            let sum = 0;
            for (let k = -reach; k < length + reach; k++) {
                if (k + reach < length) sum += values[line * next + (k + reach) * step];
                if (k - reach - 1 >= 0) sum -= values[line * next + (k - reach - 1) * step];
                if (k >= 0 && k < length) found[line * next + k * step] = sum / (2 * reach + 1);
            }
        }
        return found;
    }

    function colour(share) {
        const upper = stops.findIndex(([from]) => share <= from), [to, high] = stops[Math.max(upper, 1)], [from, low] = stops[Math.max(upper, 1) - 1];
        const mix = (share - from) / (to - from);
        return [...low.map((value, c) => value + (high[c] - value) * mix), 255 * Math.min(1, 1.25 * share)];
    }
};
