// The virtual phones. All text from messages goes into the page by textContent, never as HTML.

const DEMO_PHONE = "+14155550123";
const COUNT_FROM = 1200;
const RETRY_MS = 1000;
const MINUTE_MS = 60_000;
const STATES = {
  accepted: "Choosing a sender", queued: "Queued", sent: "Sent", delivered: "Delivered",
  undelivered: "Undelivered", failed: "Failed",
};

const $ = (id) => document.getElementById(id);
const phones = new Map(); // phone -> { phone, last, blocked, unread, messages: Map(sid -> message), loaded }
const rows = new Map(); // sid -> <li> of the open conversation
let current = null; // the open phone
let token = "";
let stream = null;
let about = { demo: false, numbers: [] };
let beginning = 0; // counts the starts, so that only the newest goes on
let drawing = false; // the list of phones is drawn once a frame, however many events come

// --- talking to the emulator

async function get(path, headers = {}) {
  const answer = await fetch(path, { headers, cache: "no-store" });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-Emulator-Token": token };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const found = await answer.json().catch(() => ({ error: `the emulator answered ${answer.status}` }));
  if (!answer.ok) throw new Error(found.error);
  return found;
}

// Reads everything again and follows from there: at the start, after a restart, after a reset.
async function begin() {
  const mine = ++beginning;
  stream?.close();
  try {
    [about, { token }] = await Promise.all([
      get("/_emulator/about"), get("/_emulator/token", { "X-Emulator-Client": "page" }),
    ]);
    const { phones: found, cursor } = await get("/_emulator/phones");
    if (mine !== beginning) return;
    const unread = new Map([...phones].map(([phone, entry]) => [phone, entry.unread]));
    phones.clear();
    for (const { phone, last, blocked } of found) {
      phones.set(phone, { ...newPhone(phone), last, blocked, unread: unread.get(phone) ?? 0 });
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
  for (const kind of ["resync", "reset", "deleted"]) stream.addEventListener(kind, begin);
}

function take({ kind, message }) {
  if (!message) return;
  const phone = phones.get(message.phone) ?? newPhone(message.phone);
  phones.set(message.phone, phone);
  if (!phone.last || message.id >= phone.last.id) phone.last = message;
  phone.messages.set(message.sid, newer(phone.messages.get(message.sid), message));
  const inbound = message.direction === "inbound";
  if (inbound && kind === "message") refreshBlocked(phone);
  if (kind === "message" && !inbound && !isSeen(message.phone)) phone.unread += 1;
  drawPhonesSoon();
  if (message.phone === current) drawMessage(message, true);
  else if (current === null && !isNarrow()) open(message.phone, { focus: false });
}

function newer(known, message) {
  if (!known || message.updated > known.updated) return message;
  return message.updated < known.updated || known.webhook ? known : message;
}

const newPhone = (phone) => ({ phone, last: null, blocked: [], unread: 0, messages: new Map(), loaded: false });

async function refreshBlocked(phone) {
  const { phones: found } = await get("/_emulator/phones").catch(() => ({ phones: [phone] }));
  phone.blocked = found.find((entry) => entry.phone === phone.phone)?.blocked ?? [];
  if (phone.phone === current) drawHead(phone);
}

// --- the open conversation

async function open(phone, { focus = !matchMedia("(pointer: coarse)").matches } = {}) {
  const entry = phones.get(phone) ?? (isNarrow() ? undefined : newestPhone());
  current = entry?.phone ?? null;
  document.body.dataset.view = current ? "chat" : "phones";
  $("chat").hidden = current === null;
  if (current) {
    history.replaceState(null, "", `#/p/${current}`);
    if (!entry.loaded) {
      await load(entry);
    }
    if (current !== entry.phone) return; // another phone was opened meanwhile
    markSeen(entry);
    drawHead(entry);
    drawLog(entry);
    notice("");
    if (focus) $("text").focus({ preventScroll: true });
  }
  drawPhones();
}

// Events may tell of newer messages while the older ones are on their way.
async function load(entry) {
  try {
    const { messages } = await get(`/_emulator/messages?phone=${encodeURIComponent(entry.phone)}`);
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

async function send() {
  const field = $("text");
  const text = field.value;
  const phone = current;
  if (!text.trim() || phone === null) return;
  field.value = "";
  typed();
  field.focus();
  try {
    await post("/_emulator/reply", { from: phone, text });
    notice("");
  } catch (error) {
    if (phone === current && !field.value) field.value = text;
    typed();
    notice(error instanceof TypeError ? "The emulator does not answer. Your text is still here." : error.message);
  }
}

async function demo(event) {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    await post("/_emulator/demo", { to: current ?? DEMO_PHONE });
    notice("");
  } catch (error) {
    notice(error.message);
  } finally {
    button.disabled = false;
    if (current) $("text").focus();
  }
}

// --- drawing

function drawPhonesSoon() {
  if (drawing) return;
  drawing = true;
  // A hidden tab gets no frames, but its title counts the unread texts.
  setTimeout(() => { drawing = false; drawPhones(); }, 16);
}

function drawPhones() {
  const found = [...phones.values()].sort((a, b) => (b.last?.id ?? 0) - (a.last?.id ?? 0));
  $("main").dataset.empty = String(found.length === 0);
  const focused = document.activeElement?.closest?.(".phone")?.dataset.phone;
  $("phones").replaceChildren(...found.map(phoneRow));
  if (focused) document.querySelector(`.phone[data-phone="${CSS.escape(focused)}"]`)?.focus();
  const unread = found.reduce((sum, phone) => sum + phone.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}Phones · Twilio emulator`;
}

function phoneRow({ phone, last, unread }) {
  const button = make("button", "phone");
  button.type = "button";
  button.dataset.phone = phone;
  button.setAttribute("aria-current", String(phone === current));
  const mine = last?.direction === "inbound";
  const snippet = make("span", last?.error_code ? "last bad" : "last", `${mine ? "You: " : ""}${last?.body ?? ""}`);
  button.append(make("span", `face hue-${Number(phone.slice(-2)) % 8}`, phone.slice(-2)), make("span", "who", pretty(phone)));
  button.firstChild.setAttribute("aria-hidden", "true");
  button.append(last ? ago(last.created) : make("span"), snippet);
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

function drawHead({ phone, last, blocked }) {
  const number = last?.number ?? about.numbers[0]?.number ?? "";
  $("chat-phone").textContent = pretty(phone);
  $("chat-number").textContent = blocked.length ? `opted out of ${blocked.map(pretty).join(", ")} · text START to opt in` : `with ${pretty(number)}`;
  $("chat-number").className = blocked.length ? "bad" : "";
  $("text-label").textContent = `Reply as ${pretty(phone)}`;
}

function drawLog({ messages }) {
  rows.clear();
  $("messages").replaceChildren();
  for (const message of [...messages.values()].sort((a, b) => a.id - b.id)) drawMessage(message, false);
  $("log").scrollTop = $("log").scrollHeight;
}

function drawMessage(message, live) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const known = rows.get(message.sid);
  if (known) {
    known.replaceChildren(known.firstChild, meta(message));
    known.classList.toggle("failed", isFailed(message));
  } else {
    addDay(message);
    const row = make("li", `message ${message.direction === "inbound" ? "mine" : "theirs"}${live ? " new" : ""}`);
    row.dataset.sid = message.sid;
    row.dataset.day = dayOf(message);
    row.classList.toggle("failed", isFailed(message));
    row.append(make("p", "bubble", message.body || "(media)"), meta(message));
    rows.set(message.sid, row);
    $("messages").append(row);
    const phone = phones.get(message.phone);
    if (live && isSeen(message.phone)) markSeen(phone);
  }
  if (live && (atEnd || message.direction === "inbound")) log.scrollTop = log.scrollHeight;
}

function addDay(message) {
  const last = $("messages").lastElementChild?.dataset.day;
  if (last === dayOf(message)) return;
  const options = { weekday: "long", day: "numeric", month: "long" };
  $("messages").append(make("li", "day", new Date(message.created).toLocaleDateString([], options)));
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

function notice(text) {
  $("notice").hidden = !text;
  $("notice").textContent = text;
}

function typed() {
  const length = $("text").value.length;
  $("send").disabled = !$("text").value.trim();
  $("count").hidden = length < COUNT_FROM;
  $("count").textContent = `${length} / 1600`;
}

// --- small things

function make(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

function pretty(number) {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number ?? "");
  return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : (number ?? "");
}

function ago(moment) {
  const time = make("time");
  const minutes = Math.floor((Date.now() - new Date(moment)) / MINUTE_MS);
  time.dateTime = moment;
  time.textContent = minutes < 1 ? "now" : minutes < 60 ? `${minutes} min` : clock(moment);
  return time;
}

const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const dayOf = (message) => new Date(message.created).toDateString();
const isNarrow = () => matchMedia("(max-width: 760px)").matches;
const isSeen = (phone) => phone === current && document.visibilityState === "visible";
const newestPhone = () => [...phones.values()].sort((a, b) => b.last.id - a.last.id)[0];
const phoneInAddress = () => /^#\/p\/(\+\d{7,15})$/.exec(location.hash.replace("%2B", "+"))?.[1] ?? null;

function markSeen(phone) {
  if (phone) phone.unread = 0;
}

// --- wiring

$("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
$("text").addEventListener("input", typed);
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
$("back").addEventListener("click", close);
for (const id of ["demo", "demo-empty"]) $(id).addEventListener("click", demo);
addEventListener("hashchange", () => open(phoneInAddress()));
document.addEventListener("visibilitychange", () => {
  if (current && isSeen(current)) { markSeen(phones.get(current)); drawPhones(); }
});
setInterval(drawPhones, MINUTE_MS);
$("command").textContent = `twilio-emulator reply --url ${location.origin} --from ${DEMO_PHONE} "Hello"`;
begin();
