// Signing in, the list of drafts, and the desk on which one is opened.
import {$, consult, make} from "./elements.js";
import {ask, key, post, Refused} from "./server.js";
import {Editor} from "./editor.js";
import {language, say, sayAll, setLanguage} from "./words.js";

let editor = null;

async function start() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    // A link may bring the key along, behind the sign that is never sent.
    const brought = new URLSearchParams(location.hash.slice(1)).get("key");
    if (brought) {
        key.set(brought);
        history.replaceState(null, "", location.pathname + location.search);
    }
    $("lang").value = language();
    sayAll();
    await showDrafts();
}

async function showDrafts() {
    editor?.close();
    editor = null;
    $("desk").hidden = true;
    let found;
    $("sign").hidden = Boolean(key.get());
    if (!key.get()) return $("key").focus();
    try {
        found = await ask("drafts");
    } catch (error) {
        $("sign").hidden = false;
        $("drafts").hidden = true;
        $("sign").querySelector(".error").textContent = error instanceof Refused ? say("sign.wrong") : String(error.message);
        return $("key").focus();
    }
    $("sign").hidden = true;
    $("drafts").hidden = false;
    const body = $("drafts").querySelector("tbody");
    body.replaceChildren();
    for (const draft of found) {
        const row = make("tr", null, body), name = make("td", null, row);
        make("button", draft.title, name, {className: "plain", onclick: () => open(draft)});
        make("td", draft.owner, row);
        make("td", say(`stage.${draft.state}`), row);
        make("td", new Intl.DateTimeFormat(language(), {dateStyle: "medium", timeStyle: "short"}).format(new Date(draft.changed_at)), row);
    }
    const wanted = found.find(draft => String(draft.id) === new URLSearchParams(location.search).get("draft"));
    return wanted ? open(wanted) : $("title").focus();
}

async function open(draft) {
    $("drafts").hidden = true;
    $("desk").hidden = false;
    address(draft.id);
    const opened = new Editor(draft, {leave});
    editor = opened;
    try {
        await opened.open();
    } catch (error) {
        if (editor !== opened) return;
        leave();
        await consult(String(error.message), null, [["ok", say("ok"), true]]);
    }
}

function leave() {
    address(null);
    showDrafts();
}

function address(id) {
    const query = new URLSearchParams(location.search);
    if (id === null) query.delete("draft");
    else query.set("draft", id);
    history.replaceState(null, "", `${location.pathname}${query.size ? "?" : ""}${query}`);
}

$("sign").addEventListener("submit", event => {
    event.preventDefault();
    key.set($("key").value.trim());
    $("key").value = "";
    showDrafts();
});
$("begin").addEventListener("submit", async event => {
    event.preventDefault();
    try {
        const draft = await post("drafts", {title: $("title").value.trim()});
        $("title").value = "";
        await open(draft);
    } catch (error) {
        $("drafts").querySelector(".error").textContent = String(error.message);
    }
});
$("back").addEventListener("click", leave);
$("lang").addEventListener("change", () => {
    setLanguage($("lang").value);
    sayAll();
    editor?.sayAll();
});

start();
