// The virtual phones. All text from messages goes into the page by textContent, never as HTML.

import { $, announce as notice, button, clock, countdown, get, learnToken, make, on, post, pretty, why } from "./api.js";
import { measure, quickReplies, speaksTo } from "./texts.js";
import * as tools from "./tools.js";
import * as trace from "./trace.js";

const DEMO_PHONE = "+14155550123";
const RETRY_MS = 1000;
const MINUTE_MS = 60_000;
const STATES = {
  scheduled: "Scheduled", accepted: "Choosing a sender", queued: "Queued", sending: "Sending", sent: "Sent",
  delivered: "Delivered", undelivered: "Undelivered", failed: "Failed", canceled: "Cancelled",
};
const NEXT = { accepted: ["queued"], queued: ["sent"], sending: ["sent"], sent: ["delivered", "undelivered"] };

const phones = new Map(); // phone -> { phone, name, last, blocked, waits, unread, messages: Map(sid -> message), refusals: Map(id -> entry), loaded }
const rows = new Map(); // sid -> <li> of the open conversation
let current = null; // the open phone
let stream = null;
let about = { demo: false, numbers: [] };
let beginning = 0; // counts the starts, so that only the newest goes on
let drawing = false; // the list of phones is drawn once a frame, however many events come

// Reads everything again and follows from there: at the start, after a restart, after a reset.
async function begin() {
  const mine = ++beginning;
  stream?.close();
  try {
    [about] = await Promise.all([tools.refresh(), learnToken()]);
    const { phones: found, cursor } = await get("/_emulator/phones");
    if (mine !== beginning) return;
    const unread = new Map([...phones].map(([phone, entry]) => [phone, entry.unread]));
    phones.clear();
    for (const { phone, name, last, blocked, waits } of found) {
      const open = new Map(waits.map((wait) => [wait.id, wait]));
      phones.set(phone, { ...newPhone(phone), name, last, blocked, waits: open, unread: unread.get(phone) ?? 0 });
    }
    follow(cursor);
    $("demo").hidden = $("demo-empty").hidden = !about.demo;
    await open(current ?? phoneInAddress());
  } catch {
    connection("lost", "Reconnecting");
    if (mine === beginning) setTimeout(begin, RETRY_MS);
  }
}

function follow(cursor) {
  stream = new EventSource(`/_emulator/events?after=${encodeURIComponent(cursor)}`);
  stream.onopen = () => connection("live", "Live");
  stream.onerror = () => {
    connection("lost", "Reconnecting");
    if (stream.readyState === EventSource.CLOSED) setTimeout(begin, RETRY_MS);
  };
  for (const kind of ["message", "status", "webhook"]) {
    // A lost connection raises a plain Event of type "error", never one of these.
    stream.addEventListener(kind, (event) => take(JSON.parse(event.data)));
  }
  stream.addEventListener("refusal", (event) => refused(JSON.parse(event.data)));
  stream.addEventListener("annotation", (event) => annotated(JSON.parse(event.data).note));
  for (const kind of ["fault", "setting"]) stream.addEventListener(kind, () => { tools.refresh().catch(() => {}); trace.touch(); });
  for (const kind of ["resync", "reset", "deleted"]) stream.addEventListener(kind, begin);
}

// What the application under test says: a line of a trace, and perhaps a question that opens or closes.
function annotated({ wait }) {
  trace.touch();
  if (!wait) return;
  const phone = known(wait.phone);
  phone.waits.delete(wait.id);
  if (wait.open) phone.waits.set(wait.id, wait);
  drawPhonesSoon();
  if (wait.phone === current) typed();
}

function take({ kind, message }) {
  if (!message) return;
  trace.touch();
  const phone = known(message.phone);
  if (!phone.last || message.id >= phone.last.id) phone.last = message;
  phone.messages.set(message.sid, newer(phone.messages.get(message.sid), message));
  const inbound = message.direction === "inbound";
  if (inbound && kind === "message") refreshBlocked(phone);
  if (kind === "message" && !inbound && !isSeen(message.phone)) phone.unread += 1;
  drawPhonesSoon();
  if (inbound && kind === "message") settlePending(message);
  if (message.phone === current) {
    drawMessage(message, true);
    if (kind === "message" && !inbound) drawQuick(phone);
  }
  else if (current === null && !isNarrow()) open(message.phone, { focus: false });
}

function newer(old, message) {
  if (!old || message.updated > old.updated) return message;
  return message.updated < old.updated || old.webhook ? old : message;
}

// Twilio took none: the phone says why.
function refused(entry) {
  const phone = known(entry.note.phone);
  phone.refusals.set(entry.id, entry);
  drawPhonesSoon();
  if (phone.phone !== current) return;
  drawRefusal(entry);
  toEnd();
}

function known(phone) {
  if (!phones.has(phone)) phones.set(phone, newPhone(phone));
  return phones.get(phone);
}

const newPhone = (phone) => ({
  phone, name: "", last: null, blocked: [], waits: new Map(), unread: 0, messages: new Map(), refusals: new Map(), loaded: false,
});

async function refreshBlocked(phone) {
  const { phones: found } = await get("/_emulator/phones").catch(() => ({ phones: [phone] }));
  phone.blocked = found.find((entry) => entry.phone === phone.phone)?.blocked ?? [];
  if (phone.phone === current) { drawHead(phone); drawQuick(phone); }
}

async function open(phone, { focus = !matchMedia("(pointer: coarse)").matches } = {}) {
  const entry = phones.get(phone) ?? (isNarrow() ? undefined : inOrder()[0]);
  current = entry?.phone ?? null;
  document.body.dataset.view = current ? "chat" : "phones";
  $("chat").hidden = current === null;
  if (current) {
    history.replaceState(null, "", `#/p/${current}`);
    drawHead(entry);
    if (!entry.loaded) await load(entry);
    if (current !== entry.phone) return; // another phone was opened meanwhile
    markSeen(entry);
    drawLog(entry);
    drawQuick(entry);
    typed();
    notice("");
    if (trace.current()) showTrace(newest(entry)?.sid ?? null);
    if (focus) $("text").focus({ preventScroll: true });
  }
  drawPhones();
}

// Events may tell of newer messages while the older ones are on their way.
async function load(entry) {
  try {
    const of = `phone=${encodeURIComponent(entry.phone)}`;
    const [{ messages }, { entries }] = await Promise.all([get(`/_emulator/messages?${of}`), get(`/_emulator/trace?kind=refusal&${of}`)]);
    for (const each of entries) entry.refusals.set(each.id, each);
    for (const message of messages) entry.messages.set(message.sid, newer(entry.messages.get(message.sid), message));
    entry.loaded = true;
  } catch {
    connection("lost", "Reconnecting");
    setTimeout(begin, RETRY_MS);
  }
}

function close() {
  current = null;
  history.replaceState(null, "", "#");
  document.body.dataset.view = "phones";
  $("chat").hidden = true;
  drawPhones();
  $("phones").querySelector("button")?.focus();
}

async function send(text = $("text").value, phone = current) {
  if (!text.trim() || phone === null) return;
  const bubble = pending(text, phone);
  $("text").value = "";
  typed();
  $("text").focus();
  try {
    const { sid } = await post("/_emulator/reply", { from: phone, text });
    notice("");
    if (sid === null) failPending(bubble, "The Messaging Service has no inbound webhook: Twilio drops what is texted to it.");
  } catch (error) {
    failPending(bubble, `Not sent: ${why(error)}`);
  }
}

// A text is on the page before the emulator has it; the real one takes its place.
function pending(text, phone) {
  const bubble = make("li", "message mine pending new", "", make("p", "bubble", text), make("p", "meta", "Sending…"));
  Object.assign(bubble.dataset, { phone, text });
  $("messages").append(bubble);
  toEnd();
  return bubble;
}

function settlePending({ phone, body }) {
  [...$("messages").querySelectorAll(".pending:not(.failed)")]
    .find(({ dataset }) => dataset.phone === phone && dataset.text === body)?.remove();
}

function failPending(bubble, reason) {
  if (!bubble.isConnected) return;
  bubble.classList.add("failed");
  const again = button("Retry", "small", () => { bubble.remove(); send(bubble.dataset.text, bubble.dataset.phone); });
  bubble.lastElementChild.replaceChildren(make("span", "state bad", reason), again);
}

// The application did not take it: the same call once more.
async function redeliver(message) {
  try {
    const { deliveries } = await get(`/_emulator/deliveries?message=${message.sid}`);
    await post(`/_emulator/deliveries/${deliveries.at(-1).id}/resend`);
    notice("");
  } catch (error) {
    notice(why(error));
  }
}

async function step(message, status) {
  const bad = status === "undelivered" ? { error_code: 30003 } : {};
  try {
    await post(`/_emulator/messages/${message.sid}/status`, { status, ...bad });
    notice("");
  } catch (error) {
    notice(why(error));
  }
}

async function demo(event) {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    await post("/_emulator/demo", { to: current ?? DEMO_PHONE });
    notice("");
  } catch (error) {
    notice(why(error));
  } finally {
    button.disabled = false;
    if (current) $("text").focus();
  }
}

function drawPhonesSoon() {
  if (drawing) return;
  drawing = true;
  // A hidden tab gets no frames, but its title counts the unread texts.
  setTimeout(() => { drawing = false; drawPhones(); }, 16);
}

const inOrder = () => [...phones.values()].sort((a, b) => (b.last?.id ?? 0) - (a.last?.id ?? 0));

function fitting() {
  const wanted = $("search").value.trim().toLowerCase();
  const digits = wanted.replace(/\D/g, "");
  return inOrder().filter(({ phone, name, last }) => !wanted || (digits && phone.includes(digits))
    || `${name} ${last?.body ?? ""}`.toLowerCase().includes(wanted));
}

function drawPhones() {
  const found = fitting();
  $("main").dataset.empty = String(phones.size === 0);
  $("no-phones").hidden = found.length > 0 || phones.size === 0;
  const focused = document.activeElement?.closest?.(".phone")?.dataset.phone;
  $("phones").replaceChildren(...found.map(phoneRow));
  if (focused) document.querySelector(`.phone[data-phone="${CSS.escape(focused)}"]`)?.focus();
  const unread = [...phones.values()].reduce((sum, phone) => sum + phone.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}Phones · Twilio emulator`;
}

function phoneRow({ phone, name, last, unread, waits }) {
  const button = make("button", "phone");
  button.type = "button";
  button.dataset.phone = phone;
  button.setAttribute("aria-current", String(phone === current));
  const mine = last?.direction === "inbound";
  const snippet = make("span", last?.error_code ? "last bad" : "last", `${mine ? "You: " : ""}${last?.body ?? ""}`);
  button.append(make("span", "face", phone.slice(-2)), make("span", "who", name || pretty(phone)));
  button.firstChild.setAttribute("aria-hidden", "true");
  button.firstChild.style.setProperty("--hue", (Number(phone.slice(-4)) * 47) % 360);
  button.append(last ? ago(last.created) : make("span"), snippet);
  const soonest = [...waits.values()].sort((a, b) => new Date(a.until) - new Date(b.until))[0];
  if (soonest) {
    const left = make("span", "left", countdown(soonest.until));
    left.dataset.until = soonest.until;
    button.append(make("span", "waiting", waits.size > 1 ? `${waits.size} waiting ` : "waiting ", left));
  }
  if (unread) {
    const pill = make("span", "unread", String(unread));
    pill.setAttribute("aria-label", `${unread} unread`);
    button.append(pill);
  }
  button.addEventListener("click", () => open(phone));
  const item = make("li");
  item.append(button);
  return item;
}

function drawHead({ phone, name, last, blocked }) {
  const number = last?.number ?? about.numbers[0]?.number ?? "";
  $("chat-phone").textContent = name ? `${name}, ${pretty(phone)}` : pretty(phone);
  $("chat-number").textContent = blocked.length ? `opted out of ${blocked.map(pretty).join(", ")} · text START to opt in` : `with ${pretty(number)}`;
  $("chat-number").className = blocked.length ? "bad" : "";
  $("text-label").textContent = `Reply as ${pretty(phone)}`;
}

function drawLog({ messages, refusals }) {
  rows.clear();
  $("messages").replaceChildren();
  for (const each of [...messages.values(), ...refusals.values()].sort((a, b) => a.id - b.id)) each.note ? drawRefusal(each) : drawMessage(each, false);
  toEnd();
}

// What the newest text of the application offers to answer.
function drawQuick(entry) {
  const last = newest(entry);
  const words = entry.blocked.length ? ["START"] : quickReplies(last?.direction === "inbound" ? "" : (last?.body ?? ""));
  $("quick").replaceChildren(...words.map((word) => button(word, "small", () => send(word))));
}

function drawMessage(message, live) {
  const log = $("log");
  const atEnd = live && log.scrollHeight - log.scrollTop - log.clientHeight < 80; // costs a layout
  const old = rows.get(message.sid);
  if (old) {
    old.replaceChildren(old.firstChild, meta(message));
    old.classList.toggle("failed", isFailed(message));
  } else {
    addDay(message.created);
    const row = make("li", `message ${message.direction === "inbound" ? "mine" : "theirs"}${live ? " new" : ""}`);
    row.dataset.sid = message.sid;
    row.dataset.day = dayOf(message.created);
    row.classList.toggle("failed", isFailed(message));
    row.append(make("p", "bubble", message.body || "(media)"), meta(message));
    rows.set(message.sid, row);
    $("messages").append(row);
    const phone = phones.get(message.phone);
    if (live && isSeen(message.phone)) markSeen(phone);
  }
  if (live && (atEnd || message.direction === "inbound")) toEnd();
}

function drawRefusal({ time, note }) {
  addDay(time);
  const row = make("li", "day bad", `${clock(time)} · ${note.text}`);
  row.dataset.day = dayOf(time);
  $("messages").append(row);
}

function addDay(moment) {
  if ($("messages").lastElementChild?.dataset.day === dayOf(moment)) return;
  const options = { weekday: "long", day: "numeric", month: "long" };
  $("messages").append(make("li", "day", new Date(moment).toLocaleDateString([], options)));
}

function meta(message) {
  const line = make("p", "meta");
  const time = make("time", "", clock(message.created));
  time.dateTime = message.created;
  time.title = new Date(message.created).toLocaleString();
  line.append(time);
  if (message.segments > 1) line.append(make("span", "", `${message.segments} segments`));
  const [kind, text] = message.direction === "inbound" ? webhookState(message) : deliveryState(message);
  if (text) line.append(make("span", `state ${kind}`, text));
  if (message.webhook?.ok === false) line.append(button("Retry", "small", () => redeliver(message)));
  for (const status of message.direction === "inbound" ? [] : (NEXT[message.status] ?? [])) {
    line.append(button(STATES[status].toLowerCase(), "small by-hand", () => step(message, status)));
  }
  const way = button("trace", "link", () => showTrace(message.sid));
  way.setAttribute("aria-label", `Trace of the message of ${time.textContent}`);
  line.append(way);
  return line;
}

function deliveryState({ status, error_code: code, error_meaning: meaning }) {
  const name = STATES[status] ?? status;
  if (code) return ["bad", `${name} ${code}${meaning ? `: ${meaning}` : ""}`];
  return [status === "delivered" ? "good" : "", status === "delivered" ? `${name} ✓` : name];
}

function webhookState({ webhook }) {
  if (!webhook) return ["", ""];
  return webhook.ok ? ["", `webhook ${webhook.status} in ${webhook.milliseconds || "<1"} ms`] : ["bad", `Webhook failed: ${webhook.error}`];
}

function isFailed({ error_code: code, webhook }) {
  return Boolean(code) || webhook?.ok === false;
}

function connection(state, text) {
  $("connection").dataset.state = state;
  $("connection-text").textContent = text;
}

function typed() {
  const text = $("text").value;
  const { encoding, units, segments } = measure(text);
  $("send").disabled = !text.trim();
  $("count").hidden = !text;
  $("count").textContent = `${encoding} · ${units} · ${segments} ${segments === 1 ? "segment" : "segments"}`;
  const meant = speaksTo(text, [...(phones.get(current)?.waits.values() ?? [])]);
  $("speaks").hidden = !meant;
  $("speaks").textContent = meant?.says ?? "";
  $("speaks").classList.toggle("hit", Boolean(meant?.wait));
}

function showTrace(sid) {
  trace.show(sid);
  $("main").dataset.trace = String(sid !== null);
  $("trace-open").setAttribute("aria-pressed", String(sid !== null));
  for (const [each, row] of rows) row.classList.toggle("traced", each === sid);
}

// The application's newest message, else the person's.
const newest = (entry) => [...(entry?.messages.values() ?? [])]
  .sort((a, b) => (a.direction === "inbound") - (b.direction === "inbound") || b.id - a.id)[0];

function toggleTrace() {
  showTrace(trace.current() ? null : (newest(phones.get(current))?.sid ?? null));
  if (trace.current()) $("trace-title").focus({ preventScroll: true });
  else $("text").focus();
}

function ago(moment) {
  const time = make("time");
  const minutes = Math.floor((Date.now() - new Date(moment)) / MINUTE_MS);
  time.dateTime = moment;
  time.textContent = minutes < 1 ? "now" : minutes < 60 ? `${minutes} min` : clock(moment);
  return time;
}

const toEnd = () => { $("log").scrollTop = $("log").scrollHeight; };
const dayOf = (moment) => new Date(moment).toDateString();
const isNarrow = () => matchMedia("(max-width: 760px)").matches;
const isSeen = (phone) => phone === current && document.visibilityState === "visible";
const phoneInAddress = () => /^#\/p\/(\+\d{7,15})$/.exec(location.hash.replace("%2B", "+"))?.[1] ?? null;

function markSeen(phone) {
  if (phone) phone.unread = 0;
}

const KEYS = {
  "/": () => $("search").focus(), j: () => move(1), k: () => move(-1), r: () => $("text").focus(), t: toggleTrace,
  f: () => tools.toggle(), "?": () => $("help").showModal(),
  ...Object.fromEntries([1, 2, 3, 4].map((place) => [place, () => $("quick").children[place - 1]?.click()])),
};

function move(by) {
  const found = fitting();
  const place = found.findIndex(({ phone }) => phone === current);
  const next = found[Math.min(Math.max(place + by, 0), found.length - 1)];
  if (next) open(next.phone, { focus: false });
}

function escape() {
  if (!$("tools").hidden) tools.toggle(false);
  else if (trace.current()) { showTrace(null); $("text").focus(); }
  else document.activeElement?.blur();
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("help").open) { escape(); return; }
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
on("composer", "submit", (event) => { event.preventDefault(); send(); });
on("text", "input", typed);
on("text", "keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
on("search", "input", drawPhones);
on("back", "click", close);
on("trace-open", "click", toggleTrace);
on("trace-close", "click", () => { showTrace(null); $("text").focus(); });
on("help-open", "click", () => $("help").showModal());
for (const id of ["demo", "demo-empty"]) on(id, "click", demo);
tools.wire(() => current);
addEventListener("hashchange", () => open(phoneInAddress()));
addEventListener("phones-changed", async ({ detail }) => { await begin(); open(detail); });
document.addEventListener("visibilitychange", () => {
  if (current && isSeen(current)) { markSeen(phones.get(current)); drawPhones(); }
});
setInterval(drawPhones, MINUTE_MS);
setInterval(() => {
  for (const left of document.querySelectorAll("[data-until]")) left.textContent = countdown(left.dataset.until);
}, 1000);
document.body.classList.toggle("embed", new URLSearchParams(location.search).has("embed"));
$("command").textContent = `twilio-emulator reply --url ${location.origin} --from ${DEMO_PHONE} "Hello"`;
begin();
