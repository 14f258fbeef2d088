// The list of defects. Thousands of rows would make the page slow: only those in sight are there.
wangge.defectList = function (facts, found, state, choose) {
    const box = document.getElementById("list"), list = box.querySelector("ul"), says = facts.words;
    const high = 70, spare = 6;
    let order = [];

    function show(wanted) {
        order = wanted;
        list.style.height = `${order.length * high}px`;
        fill();
    }

    function fill() {
        const held = list.contains(document.activeElement) ? document.activeElement.dataset.at : null;
        const from = Math.max(0, Math.floor(box.scrollTop / high) - spare);
        const to = Math.min(order.length, Math.ceil((box.scrollTop + box.clientHeight) / high) + spare);
        list.replaceChildren(...order.slice(from, to).map((i, k) => row(i, from + k)));
        if (!order.length) wangge.element("li", says.hidden, list, "note");
        if (held !== null) list.querySelector(`button[data-at="${held}"]`)?.focus({preventScroll: true});
    }

    function row(i, place) {
        const item = document.createElement("li"), button = wangge.element("button", null, item);
        item.style.top = `${place * high}px`;
        item.setAttribute("aria-setsize", order.length);
        item.setAttribute("aria-posinset", place + 1);
        button.type = "button";
        button.dataset.at = i;
        if (i === state.at) button.setAttribute("aria-current", "true");
        const head = wangge.element("p", null, button, "head");
        const kind = facts.kinds[found.kind[i]];
        head.append(wangge.sign(kind.sign, "-8 -8 16 16", kind.colour));
        wangge.element("b", kind.word, head);
        wangge.element("span", wangge.size(facts, i), head);
        const cells = facts.defects.codes[i].replaceAll(",", ", ");
        wangge.element("p", cells ? `${says.cells} ${cells}` : "–", button, "cells-of");
        const told = wangge.element("p", null, button, "advice");
        wangge.element("code", facts.defects.id[i], told);
        wangge.element("span", facts.defects.texts[facts.defects.advice[i]], told);
        return item;
    }

    function reveal() {
        const place = order.indexOf(state.at), top = place * high;
        if (place >= 0 && (top < box.scrollTop || top + high > box.scrollTop + box.clientHeight)) {
            box.scrollTop = Math.max(0, top - (box.clientHeight - high) / 2);
        }
        fill();
    }

    box.addEventListener("scroll", fill);
    new ResizeObserver(fill).observe(box);
    list.addEventListener("click", event => {
        const button = event.target.closest("button[data-at]");
        if (button) choose(Number(button.dataset.at));
    });
    return {show, reveal, order: () => order};
};

// The size of a defect in a few words.
wangge.size = function (facts, i) {
    const {area, length, width, placed, points} = facts.defects, says = facts.words;
    if (!placed[i]) return says["size.none"];
    if (area[i]) return width[i] ? `${area[i]} · ${says["size.width"].replace("{width}", width[i])}` : area[i];
    if (length[i]) return length[i];
    return points.parts[i] > 1 ? says["size.points"].replace("{count}", points.parts[i]) : says["size.point"];
};
