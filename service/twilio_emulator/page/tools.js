// The drawer: how messages move on, the clock, faults, phones, what to copy, starting over.

import { $, announce, button, copy, get, make, on, post, put, why } from "./api.js";

const STAGES = {
  create: "sending (create)", fetch: "fetching one message", list: "listing messages",
  status_callback: "status callbacks", inbound_webhook: "inbound webhooks",
};
const REQUESTS = {
  "answers 429 (busy)": { status: 429, code: 20429 },
  "answers 500, nothing sent": { status: 500, code: 20500 },
  "answers 500, but sends it": { status: 500, code: 20500, store: true },
  "answers a proxy's HTML 502": { status: 502, body: "<html>Bad gateway</html>", content_type: "text/html" },
  "is slow (5 s)": { latency: 5 },
  "cuts the line before": { reset: "before" },
  "cuts the line after": { reset: "after" },
};
const LISTS = { "shows nothing younger than 30 s": { stale: 30 } };
const CALLS = {
  "are lost": { drop: true }, "come 3 s late": { delay: 3 }, "come twice": { duplicate: 1 },
  "overtake each other": { reorder: true }, "have a wrong signature": { corrupt_signature: true },
};

let phone = () => null; // the phone that is open
let rules = {};

export function wire(currentPhone) {
  phone = currentPhone;
  for (const name of ["lifecycle", "clock"]) {
    for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
      input.addEventListener("change", () => act(() => put(`/_emulator/${name}`, { mode: input.value })));
    }
  }
  for (const each of document.querySelectorAll("[data-advance]")) {
    each.addEventListener("click", () => act(() => post("/_emulator/clock/advance", { seconds: Number(each.dataset.advance) })));
  }
  fill($("fault-stage"), Object.entries(STAGES).map(([value, text]) => [text, value]));
  on("fault-stage", "change", offerEffects);
  offerEffects();
  on("fault-form", "submit", (event) => { event.preventDefault(); addFault(); });
  on("faults-off", "click", () => act(() => put("/_emulator/faults", {})));
  on("fault-apply", "click", () => act(() => put("/_emulator/faults", JSON.parse($("fault-json").value))));
  on("phone-form", "submit", (event) => { event.preventDefault(); addPhone(); });
  on("reset", "click", startOver);
  on("tools-open", "click", () => toggle());
  on("faults-chip", "click", () => toggle(true));
  on("tools-close", "click", () => toggle(false));
}

export function toggle(open = $("tools").hidden) {
  const was = !$("tools").hidden;
  $("tools").hidden = !open;
  $("tools-open").setAttribute("aria-expanded", String(open));
  if (open) { refresh(); $("tools-title").focus(); }
  else if (was) $("tools-open").focus();
}

export async function refresh() {
  const [about, faults] = await Promise.all([get("/_emulator/about"), get("/_emulator/faults")]);
  chips(about);
  for (const name of ["lifecycle", "clock"]) {
    const input = document.querySelector(`input[name="${name}"][value="${about[name]}"]`);
    if (input) input.checked = true;
  }
  $("clock-steps").hidden = about.clock !== "manual";
  $("clock-now").textContent = about.clock === "manual" ? `It stands at ${new Date(about.now).toLocaleString()}.` : "";
  rules = faults.rules;
  drawFaults(faults);
  drawAbout(about);
  return about;
}

// What is out of the ordinary is always in sight.
function chips({ faults, struck, lifecycle, clock }) {
  $("faults-chip").hidden = faults === 0;
  $("faults-chip").textContent = `Faults on · struck ${struck}`;
  $("mode-chip").hidden = lifecycle !== "manual" && clock !== "manual";
  $("mode-chip").textContent = [lifecycle === "manual" ? "messages by hand" : "", clock === "manual" ? "clock stands" : ""].filter(Boolean).join(" · ");
  document.body.dataset.lifecycle = lifecycle;
}

function drawFaults({ rules: all, fired }) {
  const list = Object.entries(all).flatMap(([stage, some]) => some.map((rule, place) => faultRow(stage, rule, place, fired[stage]?.[place] ?? 0)));
  $("faults-off").hidden = list.length === 0;
  $("fault-list").replaceChildren(...(list.length ? list : [make("li", "hint", "None: everything goes well.")]));
  if (document.activeElement !== $("fault-json")) $("fault-json").value = JSON.stringify(all, null, 1);
}

function faultRow(stage, rule, place, struck) {
  const { effect, match = {}, probability = 1, count } = rule;
  const what = Object.entries(effect).map(([name, value]) => (value === true ? name : `${name} ${value}`)).join(", ");
  const whom = Object.entries(match).map(([name, value]) => `${name} ${value}`).join(", ");
  const limits = [whom, probability < 1 ? `${Math.round(probability * 100)} %` : "", count ? `${count} ×` : ""].filter(Boolean).join(" · ");
  const off = button("Remove", "small", () => act(() => put("/_emulator/faults", {
    ...rules, [stage]: rules[stage].filter((_, other) => other !== place),
  })));
  off.setAttribute("aria-label", `Remove fault: ${STAGES[stage]}, ${what}`);
  return make("li", "", "", make("span", "", "", make("b", "", STAGES[stage]), ` ${what}${limits ? ` · ${limits}` : ""} · struck ${struck}`), off);
}

function offerEffects() {
  const stage = $("fault-stage").value;
  const effects = stage.includes("_") ? CALLS : { ...REQUESTS, ...(stage === "list" ? LISTS : {}) };
  const fitting = Object.entries(effects).filter(([, effect]) => stage === "create" || !effect.store);
  fill($("fault-effect"), fitting.map(([text, effect]) => [text, JSON.stringify(effect)]));
}

function addFault() {
  const stage = $("fault-stage").value;
  const rule = { effect: JSON.parse($("fault-effect").value) };
  const [percent, count, to] = [Number($("fault-percent").value), Number($("fault-count").value), $("fault-to").value.trim()];
  if (percent < 100) Object.assign(rule, { probability: percent / 100, seed: 1 });
  if (count) rule.count = count;
  if (to) rule.match = { to };
  act(() => put("/_emulator/faults", { ...rules, [stage]: [...(rules[stage] ?? []), rule] }));
}

async function addPhone() {
  const [number, name] = [$("phone-number").value.replace(/[\s()-]/g, ""), $("phone-name").value.trim()];
  if (await act(() => post("/_emulator/seed", { contacts: [{ phone: number, name }] }))) {
    $("phone-form").reset();
    dispatchEvent(new CustomEvent("phones-changed", { detail: number }));
  }
}

async function startOver() {
  if (confirm("Forget all messages, opt-outs and calls?")) await act(() => post("/_emulator/reset"));
}

function drawAbout({ account_sid: sid, auth_token: auth, numbers, service_sids: services, snippets }) {
  const facts = { "Base URL": location.origin, "Account SID": sid, "Auth token": auth, Numbers: numbers.map(({ number }) => number).join(", "),
    "Inbound webhook": [...new Set(numbers.map(({ sms_url: url }) => url ?? "none"))].join(", "), "Messaging Service": services.join(", ") };
  $("about").replaceChildren(...Object.entries(facts).map(([name, value]) => make("div", "", "", make("dt", "", name), make("dd", "", value))));
  $("snippets-part").hidden = snippets.length === 0;
  $("snippets").replaceChildren(...snippets.map(({ title, text }) => {
    const filled = text.replaceAll("{phone}", phone() ?? "+14155550123");
    const pre = make("pre", "", filled);
    pre.tabIndex = 0;
    pre.setAttribute("aria-label", title);
    return make("li", "", "", make("h4", "", title), pre, button("Copy", "small", (event) => copy(filled, event.target)));
  }));
}

async function act(change) {
  try {
    await change();
    announce("");
    await refresh();
    return true;
  } catch (error) {
    announce(error instanceof SyntaxError ? `The rules are no JSON: ${error.message}` : why(error));
    return false;
  }
}

function fill(select, options) {
  select.replaceChildren(...options.map(([text, value]) => new Option(text, value)));
}
