// Which boxes are where: squares over all of them, each with the rows of those that reach into it.
export function squaresOf(box, count) {
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 0; k < count; k++) grow(all, box, k);
    const across = Math.max(1, Math.round(Math.sqrt(count / 4))), step = Math.max(all[2] - all[0], all[3] - all[1]) / across || 1;
    const squares = new Map(), column = x => Math.floor((x - all[0]) / step), row = y => Math.floor((y - all[1]) / step);
    for (let k = 0; k < count; k++) {
        for (let i = column(box[4 * k]); i <= column(box[4 * k + 2]); i++) {
            for (let j = row(box[4 * k + 1]); j <= row(box[4 * k + 3]); j++) {
                const key = i * 65536 + j;
                if (squares.has(key)) squares.get(key).push(k);
                else squares.set(key, [k]);
            }
        }
    }
    const clamp = value => Math.max(0, Math.min(across, value));
    return {
        at: (x, y) => squares.get(column(x) * 65536 + row(y)) || [],
        within(west, north, east, south) {
            const found = new Set();
            for (let i = clamp(column(west)); i <= clamp(column(east)); i++) {
                for (let j = clamp(row(north)); j <= clamp(row(south)); j++) for (const k of squares.get(i * 65536 + j) || []) found.add(k);
            }
            return found;
        },
    };
}

// Let a box reach over one of many.
export function grow(box, boxes, i) {
    for (const side of [0, 1]) box[side] = Math.min(box[side], boxes[4 * i + side]);
    for (const side of [2, 3]) box[side] = Math.max(box[side], boxes[4 * i + side]);
}

export const seen = (box, view) => box[0] < view.east && box[2] > view.west && box[1] < view.south && box[3] > view.north;
