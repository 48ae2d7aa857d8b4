// One message's way, both worlds joined: the request, its statuses, every call, the application's own lines, the reply.

import { $, announce, button, copy, get, make, post, pretty, span, why } from "./api.js";

const SETTLE_MS = 120;
const CALLS = { "status-callback": "status callback", inbound: "inbound webhook" };

let shown = null; // the sid whose trace is open
let timer = 0;
let asked = 0; // counts the readings, so that only the newest is drawn

export function show(sid) {
  shown = sid;
  $("trace").hidden = sid === null;
  if (sid === null) return;
  refresh();
}

export const current = () => shown;

// Reads again, soon after something happened.
export function touch() {
  if (shown === null) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, SETTLE_MS);
}

async function refresh() {
  const sid = shown;
  const mine = ++asked;
  try {
    const detail = await get(`/_emulator/messages/${sid}`);
    const { id, phone } = detail.message;
    const [{ deliveries }, { entries, complete }] = await Promise.all([
      get(`/_emulator/deliveries?message=${sid}`), get(`/_emulator/trace?after=${id - 1}&phone=${encodeURIComponent(phone)}`),
    ]);
    const replies = answersTo(detail.message, entries);
    const theirs = await Promise.all(replies.map(({ message }) => get(`/_emulator/deliveries?message=${message.sid}`)));
    if (mine !== asked || sid !== shown) return;
    draw(detail, lines(detail, entries, [...deliveries, ...theirs.flatMap((each) => each.deliveries)], replies));
    if (!complete) $("trace-lines").append(make("li", "hint", "Not all steps are shown."));
  } catch {
    if (mine === asked) $("trace-lines").replaceChildren(make("li", "hint", "This message is gone, or the emulator does not answer."));
  }
}

// What the phone texted while this message's question was open, as the application tells it; else nothing.
function answersTo(message, entries) {
  if (message.direction === "inbound") return [];
  const notes = entries.filter(({ note }) => note?.message_sid === message.sid && note.wait);
  if (!notes.length) return [];
  const closed = notes.find(({ note }) => !note.wait.open)?.id ?? Infinity;
  return entries.filter((entry) => entry.kind === "message" && entry.message.direction === "inbound"
    && entry.message.phone === message.phone && entry.id < closed);
}

function lines({ message, request, resource }, entries, deliveries, replies) {
  const sids = new Set([message.sid, ...replies.map((entry) => entry.message.sid)]);
  const found = [];
  for (const { kind, time, message: about, note } of entries) {
    if (note && sids.has(note.message_sid)) {
      found.push({ time: note.time ?? time, source: note.source, text: note.text });
    } else if (about && sids.has(about.sid) && kind === "message") {
      const own = about.sid === message.sid;
      const made = about.direction === "inbound" ? `${pretty(about.phone)} texts "${about.body}"` : "Twilio takes the message";
      const facts = own && Object.keys(request).length ? [["Request", request], ["Resource now", resource]] : [["Resource", about]];
      found.push({ time, source: about.direction === "inbound" ? "person" : "twilio", text: made, facts });
    } else if (about && about.sid === message.sid && kind === "status") {
      const code = about.error_code ? ` ${about.error_code}: ${about.error_meaning ?? ""}` : "";
      found.push({ time, source: "twilio", text: `${about.status}${code}`, bad: Boolean(code) });
    }
  }
  for (const record of deliveries) found.push(call(record));
  return found.sort((a, b) => new Date(a.time) - new Date(b.time));
}

function call(record) {
  const status = record.request.form.MessageStatus ? ` "${record.request.form.MessageStatus}"` : "";
  const how = record.response ? `${record.response.status}` : record.error;
  const notes = [record.again ? `again #${record.again}` : "", record.fault ? `fault: ${record.fault}` : ""].filter(Boolean);
  return {
    time: record.started, source: "call", bad: !record.ok,
    text: `${CALLS[record.purpose] ?? record.purpose}${status} → ${how} in ${record.milliseconds || "<1"} ms${notes.length ? ` (${notes.join(", ")})` : ""}`,
    facts: [["POST", { url: record.request.url, "X-Twilio-Signature": record.request.signature }], ["Form", record.request.form],
      ...(record.response ? [["Answer", record.response]] : [["Error", { error: record.error }]])],
    record,
  };
}

function draw({ message }, found) {
  $("trace-title").textContent = message.direction === "inbound" ? `From ${pretty(message.phone)}` : `To ${pretty(message.phone)}`;
  $("trace-sid").textContent = message.sid;
  const open = new Set([...$("trace-lines").querySelectorAll("details[open]")].map((each) => each.dataset.key));
  const start = new Date(found[0]?.time ?? 0);
  let before = start;
  $("trace-lines").replaceChildren(...found.map((line, place) => {
    const time = new Date(line.time);
    const item = row(line, `${line.source}${place}`, time - start, time - before);
    before = time;
    const details = item.querySelector("details");
    if (details) details.open = open.has(details.dataset.key);
    return item;
  }));
}

function row({ source, text, facts, bad, record }, key, since, step) {
  const item = make("li", `line from-${["twilio", "person", "call"].includes(source) ? source : "application"}${bad ? " bad" : ""}`);
  const time = make("span", "offset", since === 0 ? "0" : `+${span(since)}`);
  time.title = `${span(step)} after the line before`;
  const what = make("span", "what", "", make("b", "", source), " ", text);
  if (!facts) {
    item.append(time, make("div", "", "", what));
    return item;
  }
  const details = make("details", "", "", make("summary", "", "", what));
  details.dataset.key = key;
  for (const [title, values] of facts) details.append(make("h3", "", title), table(values));
  if (record) details.append(make("p", "acts", "", resend(record), curl(record)));
  item.append(time, details);
  return item;
}

function table(values) {
  const rows = Object.entries(values).map(([name, value]) =>
    make("div", "", "", make("dt", "", name), make("dd", "", typeof value === "object" ? JSON.stringify(value) : String(value))));
  return make("dl", "", "", ...rows);
}

const resend = ({ id }) => button("Resend", "small", async (event) => {
  event.target.disabled = true;
  try {
    await post(`/_emulator/deliveries/${id}/resend`);
    announce("");
  } catch (error) {
    announce(why(error));
  }
  refresh();
});

function curl({ request }) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const fields = Object.entries(request.form).map(([name, value]) => `--data-urlencode ${quote(`${name}=${value}`)}`);
  const command = ["curl", "-H", quote(`X-Twilio-Signature: ${request.signature}`), ...fields, quote(request.url)].join(" ");
  return button("Copy as curl", "small", (event) => copy(command, event.target));
}
