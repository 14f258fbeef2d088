// Talks to the service. The key stays in this tab.
const root = document.documentElement.dataset.root;

export class Refused extends Error {
    constructor(status, detail) {
        super(detail);
        this.status = status;
    }
}

export const key = {
    get: () => sessionStorage.getItem("wangge-key") || "",
    set: value => value ? sessionStorage.setItem("wangge-key", value) : sessionStorage.removeItem("wangge-key"),
};

// → the answer; throws Refused where the service refuses, TypeError where it cannot be reached.
export async function ask(path, {method = "GET", body, file, bytes = false} = {}) {
    const answer = await fetch(`${root}/api/v1/${path}`, {
        method,
        headers: {Authorization: `Bearer ${key.get()}`, ...body && {"Content-Type": "application/json"}, ...file && {"Content-Type": "application/geopackage+sqlite3"}},
        body: file || (body && JSON.stringify(body)),
    });
    if (answer.ok) return bytes ? answer.arrayBuffer() : answer.json();
    const told = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, told.detail || answer.statusText);
}

// → the number of the plan in force.
export async function planInForce() {
    const begun = (await ask("generations")).filter(each => Date.parse(each.begins) <= Date.now());
    return begun.at(-1)?.plan_id;
}

export const post = (path, body = {}) => ask(path, {method: "POST", body});
