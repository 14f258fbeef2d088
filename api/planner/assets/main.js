// Signing in, the list of drafts, and the desk on which one is opened.
import {$, consult, make} from "./elements.js";
import {ask, key, planInForce, post, Refused} from "./server.js";
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
    for (const choice of document.querySelectorAll("select.lang")) {
        for (const [value, text] of [["zh", "中文"], ["en", "English"]]) make("option", text, choice, {value});
        choice.addEventListener("change", () => speak(choice.value));
        choice.value = language();
    }
    sayAll();
    await showDrafts();
}

async function showDrafts() {
    editor?.close();
    editor = null;
    $("desk").hidden = true;
    let found, inForce;
    $("sign").hidden = Boolean(key.get());
    if (!key.get()) {
        $("drafts").hidden = true;
        return $("key").focus();
    }
    try {
        [found, inForce] = await Promise.all([ask("drafts"), planInForce()]);
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
    const away = draft => draft.state === "discarded";
    for (const draft of [...found.filter(each => !away(each)), ...found.filter(away)]) {
        const row = make("tr", null, body, {className: away(draft) ? "away" : ""}), name = make("td", null, row);
        make("button", draft.title, name, {className: "plain", onclick: () => open(draft)});
        make("td", draft.owner, row);
        make("td", say(`stage.${draft.state === "active" && draft.made_plan_id !== inForce ? "past" : draft.state}`), row);
        make("td", new Intl.DateTimeFormat(language(), {dateStyle: "medium", timeStyle: "short"}).format(new Date(draft.changed_at)), row);
    }
    const wanted = found.find(draft => String(draft.id) === new URLSearchParams(location.search).get("draft"));
    return wanted ? open(wanted) : $("title").focus();
}

function speak(chosen) {
    setLanguage(chosen);
    for (const choice of document.querySelectorAll("select.lang")) choice.value = language();
    sayAll();
    editor?.sayAll();
    if (!$("drafts").hidden) showDrafts();
}

async function open(draft) {
    $("drafts").hidden = true;
    $("desk").hidden = false;
    address(draft.id);
    const opened = new Editor(draft, {leave, go});
    editor = opened;
    try {
        await opened.open();
    } catch (error) {
        if (editor !== opened) return;
        leave();
        await consult(String(error.message), null, [["ok", say("ok"), true]]);
    }
}

// From one draft to another: → how that one is opened.
async function go(draft) {
    editor.close();
    await open(draft);
    return editor;
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
$("out").addEventListener("click", () => {
    key.set("");
    showDrafts();
});

start();
