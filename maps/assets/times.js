// One span of time for all layers that know when: two ends to move, a bar for each day or week, and a button that lets
// the span run.
wangge.times = function (facts, painters, state, refresh) {
    const timed = painters.filter(painter => painter.minutes), says = facts.words, day = 24 * 60;
    let first = Infinity, last = -Infinity;
    for (const {minutes} of timed) {
        for (const minute of minutes) {
            if (minute < 0) continue;
            first = Math.min(first, Math.floor(minute / day));
            last = Math.max(last, Math.floor(minute / day));
        }
    }
    if (last <= first) return {set() {}, offer() {}};
    const days = last - first + 1, box = document.getElementById("times"), running = {timer: null};
    const play = wangge.button("▶", box, () => running.timer ? stop() : run(), "play");
    const told = wangge.element("output", null, box), track = wangge.element("div", null, box, "track");
    const bars = wangge.element("canvas", null, track);
    bars.setAttribute("aria-hidden", "true");
    const ends = [0, days].map((value, k) => {
        const input = wangge.element("input", null, track);
        Object.assign(input, {type: "range", min: 0, max: days, step: 1, value});
        input.setAttribute("aria-label", k ? says.until : says.from);
        input.addEventListener("input", () => { stop(); moved(k); });
        return input;
    });
    const all = wangge.button(says.all_times, box, () => { stop(); set(0, days); }, "small");

    const span = () => ends.map(input => Number(input.value));
    const date = n => new Date((first + n) * 86400000).toLocaleDateString(document.documentElement.lang, {timeZone: "UTC", year: "numeric", month: "short", day: "numeric"});

    // The ends do not pass each other: what is moved stops a day before the other.
    function moved(k) {
        const [from, to] = span();
        if (to - from < 1) ends[k].value = k ? from + 1 : to - 1;
        set(...span());
    }

    function set(from, to) {
        ends[0].value = from;
        ends[1].value = to;
        const whole = from === 0 && to === days;
        state.span = whole ? null : {from: (first + from) * day, to: (first + to) * day};
        state.days = whole ? null : [from, to];
        told.textContent = `${date(from)} – ${date(to - 1)}`;
        ends.forEach((input, k) => input.setAttribute("aria-valuetext", date(k ? to - 1 : from)));
        all.disabled = whole;
        for (const painter of timed) painter.sift();
        refresh();
    }

    // What is on; while nothing of it knows when, there is nothing to choose.
    const seen = () => timed.filter(({layer}) => state.shows(layer.name) || layer.heat && state.shows(`${layer.name}:heat`));

    function offer() {
        box.hidden = !seen().length;
        if (box.hidden) stop();
        else draw();
    }

    function run() {
        let [from, to] = span();
        const long = to - from === days ? Math.max(1, Math.round(days / 12)) : to - from, step = Math.max(1, Math.round(days / 60));
        if (to === days) from = -step;
        play.textContent = "❚❚";
        play.setAttribute("aria-label", says.pause);
        running.timer = setInterval(() => {
            from += step;
            if (from + long >= days) stop();
            set(Math.min(from, days - long), Math.min(from + long, days));
        }, 350);
    }

    function stop() {
        clearInterval(running.timer);
        running.timer = null;
        play.textContent = "▶";
        play.setAttribute("aria-label", says.play);
    }

    function draw() {
        const wide = track.clientWidth, high = 26, sharp = Math.min(window.devicePixelRatio || 1, 2), ctx = bars.getContext("2d");
        const long = Math.max(1, Math.ceil(days / Math.max(1, wide / 4))), heights = new Float64Array(Math.ceil(days / long));
        for (const painter of seen()) {
            painter.minutes.forEach((minute, i) => {
                if (minute >= 0) heights[Math.floor((Math.floor(minute / day) - first) / long)] += painter.weight(i);
            });
        }
        const most = heights.reduce((a, b) => Math.max(a, b), 1), [from, to] = span();
        Object.assign(bars, {width: wide * sharp, height: high * sharp});
        ctx.scale(sharp, sharp);
        heights.forEach((height, k) => {
            const left = k * long / days * wide, within = (k + 1) * long > from && k * long < to;
            ctx.fillStyle = within ? "#3d86ad" : "rgba(128, 138, 146, 0.45)";
            ctx.fillRect(left, high - height / most * high, Math.max(1, long / days * wide - 0.6), height / most * high);
        });
    }

    addEventListener("resize", draw);
    stop();
    set(0, days);
    return {offer, set: (from, to) => {
        if (from >= 0 && to <= days && to > from) set(from, to);
    }};
};
