// The control API, and what every part of the page needs.

let token = "";

export async function learnToken() {
  ({ token } = await get("/_emulator/token", { "X-Emulator-Client": "page" }));
}

export const get = (path, headers = {}) => ask(path, { headers, cache: "no-store" });
export const post = (path, body = {}) => change("POST", path, body);
export const put = (path, body) => change("PUT", path, body);

const change = (method, path, body) =>
  ask(path, { method, headers: { "Content-Type": "application/json", "X-Emulator-Token": token }, body: JSON.stringify(body) });

async function ask(path, options) {
  const answer = await fetch(path, options);
  const found = await answer.json().catch(() => ({ error: `the emulator answered ${answer.status}` }));
  if (!answer.ok) throw new Error(found.error);
  return found;
}

export const why = (error) => (error instanceof TypeError ? "The emulator does not answer." : error.message);

export const $ = (id) => document.getElementById(id);
export const on = (id, kind, act) => $(id).addEventListener(kind, act);

export function make(name, className = "", text = "", ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

export function button(text, className, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

export function announce(text) {
  $("notice").hidden = !text;
  $("notice").textContent = text;
}

export async function copy(text, from) {
  const label = from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    from.textContent = "Copied";
  } catch {
    from.textContent = "Select and copy";
  }
  setTimeout(() => { from.textContent = label; }, 1500);
}

export function pretty(number) {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number ?? "");
  return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : (number ?? "");
}

export const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function span(milliseconds) {
  const size = Math.abs(milliseconds);
  if (size < 1) return "0 ms";
  if (size < 1000) return `${Math.round(milliseconds)} ms`;
  if (size < 60_000) return `${(milliseconds / 1000).toFixed(size < 10_000 ? 1 : 0)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

export function countdown(until) {
  const left = Math.max(0, Math.round((new Date(until) - Date.now()) / 1000));
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours ? `${hours} h ${minutes} min` : `${minutes}:${String(seconds).padStart(2, "0")}`;
}
