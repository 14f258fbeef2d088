// Elements of the page; what was typed by anybody is set as text alone.
export const $ = id => document.getElementById(id);

export function make(tag, text = null, parent = null, props = {}) {
    const element = document.createElement(tag);
    if (text !== null) element.textContent = text;
    for (const [name, value] of Object.entries(props)) {
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name.startsWith("aria-") || name.startsWith("data-") || name === "role" || name === "for") element.setAttribute(name, value);
        else element[name] = value;
    }
    parent?.append(element);
    return element;
}

// A dialog with a text, fields and buttons: → the value of the button that was pressed, null where it was closed.
// Aside, it leaves the map in sight.
export function consult(title, build, buttons, {aside = false} = {}) {
    const dialog = $("dialog");
    dialog.classList.toggle("aside", aside);
    dialog.replaceChildren();
    make("h2", title, dialog, {id: "dialog-title"});
    dialog.setAttribute("aria-labelledby", "dialog-title");
    const fields = build?.(dialog);
    const row = make("p", null, dialog, {className: buttons.length > 3 ? "buttons many" : "buttons"});
    return new Promise(done => {
        let pressed = null;
        for (const [value, text, main] of buttons) {
            make("button", text, row, {className: main ? "main" : "", onclick: () => { pressed = value; dialog.close(); }});
        }
        dialog.onclose = () => done(pressed === null ? null : {pressed, fields});
        dialog.showModal();
    });
}
