// The list of requests.
import { byId, el, set, setText } from "./dom.js";
import { count, elapsed, ms, statusClass, statusText, time } from "./format.js";

const rows = new Map(); // by number: the server's data, and its elements
const body = byId("rows");
let words = [];
let current = 0; // the row that Tab reaches
let most = 0; // rows that the server keeps
let chosen = false; // whether the user chose it; otherwise it is the newest

export function reset() {
  rows.clear();
  body.replaceChildren();
  byId("requests").classList.remove("callers");
  chosen = false;
}

// apply takes rows in the order of their numbers; new ones have greater numbers than all before.
export function apply(list, capacity) {
  most = capacity;
  const fresh = document.createDocumentFragment();
  for (const data of list) {
    let row = rows.get(data.n);
    if (!row) {
      row = make(data);
      rows.set(data.n, row);
      fresh.prepend(row.tr);
    }
    update(row, data);
  }
  body.prepend(fresh);
  for (const [n, row] of rows) {
    if (rows.size <= capacity) break;
    rows.delete(n);
    row.tr.remove();
  }
  show();
}

function make(data) {
  const cell = (name) => el("td", { class: name });
  const cells = { time: cell("time"), status: cell("status"), route: cell("route"),
    caller: cell("caller"), result: cell("result"), took: cell("took") };
  const button = el("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel", tabindex: "-1", title: `${data.method} ${data.url}` },
    el("span", { class: "method" }, data.method), " ", el("span", { class: "url" }, data.url));
  const tr = el("tr", { "data-n": data.n }, cells.time, cells.status,
    el("th", { scope: "row", class: "request" }, button), cells.route, cells.caller, cells.result, cells.took);
  return { tr, button, cells, data };
}

function update(row, data) {
  row.data = data;
  const { cells } = row;
  setText(cells.time, time(data.begin));
  cells.status.replaceChildren(el("span", { class: statusClass(data.status) }, statusText(data.status)));
  setText(cells.route, [data.route || "none", data.canary && "canary"].filter(Boolean).join(" · "));
  setText(cells.caller, data.key);
  set(cells.caller, { title: data.key || null });
  if (data.key) byId("requests").classList.add("callers"); // a column only where callers are known
  cells.result.replaceChildren(...outcome(data));
  cells.took.replaceChildren(...took(data));
  row.text = [data.method, data.url, cells.route.textContent, data.key, data.status, data.result, cells.result.textContent,
    data.took !== null ? "" : data.first === null ? "waiting" : "open"].join(" ").toLowerCase();
}

// outcome is CloudFront's name for what happened, but for what never looks into the cache, which it calls a Miss, too.
export const outcome = (data) => (data.result ? [badge(data.result)] : []);

const shown = {
  NotCached: "not cached", FunctionGeneratedResponse: "Function",
  FunctionExecutionError: "Function failed", FunctionValidationError: "Function failed",
};
const titles = { NotCached: "X-Cache: Miss, but this request never looks into the cache" };

const badge = (result) => el("span", {
  class: `badge ${result.startsWith("Function") ? "error" : result.toLowerCase()}`, title: titles[result] ?? result,
}, shown[result] ?? result);

// took is how long a request took, or that it is still open.
export function took(data) {
  if (data.took !== null) return [ms(data.took)];
  return [el("span", { class: "badge open" }, data.first === null ? "waiting" : "open"), " ", el("span", { "data-begin": data.begin }, elapsed(data.begin))];
}

// tick updates the milliseconds of open requests.
export function tick() {
  for (const element of document.querySelectorAll("[data-begin]")) setText(element, elapsed(Number(element.dataset.begin)));
}

export function filter(text) {
  words = text.toLowerCase().split(/\s+/).filter(Boolean);
  show();
}

function show() {
  let shown = 0;
  for (const row of rows.values()) {
    row.tr.hidden = !words.every((word) => row.text.includes(word));
    if (!row.tr.hidden) shown++;
  }
  byId("requests").hidden = shown === 0;
  byId("empty").hidden = rows.size > 0;
  byId("nothing").hidden = rows.size === 0 || shown > 0;
  const last = rows.size === most; // there may have been more
  const all = `${last ? "last " : ""}${count(rows.size)}${last ? "" : rows.size === 1 ? " request" : " requests"}`;
  setText(byId("count"), words.length ? `${count(shown)} of ${last ? "the " : ""}${all}` : rows.size ? all : "");
  if (!chosen || !rows.has(current) || rows.get(current).tr.hidden) {
    select(number(body.querySelector("tr:not([hidden])")));
    chosen = false;
  }
}

const number = (tr) => Number(tr?.dataset.n ?? 0);
const visible = () => [...body.rows].filter((tr) => !tr.hidden).map(number);

export function choose(n) { if (rows.has(n)) select(n); }

function select(n) {
  if (rows.has(current)) set(rows.get(current).button, { tabindex: "-1" });
  current = n;
  chosen = true;
  if (rows.has(current)) set(rows.get(current).button, { tabindex: "0" });
}

// move goes some rows on, and returns the row.
export function move(by) {
  const list = visible();
  const to = Math.min(Math.max(list.indexOf(current) + by, 0), list.length - 1);
  select(list[to] ?? 0);
  return current;
}

export const hasFocus = () => body.contains(document.activeElement);

export function focus(n = current) {
  if (!rows.has(n)) n = current;
  if (!rows.has(n)) return byId("filter").focus();
  select(n);
  rows.get(n).button.focus();
}

export function markOpen(n) {
  for (const [number, row] of rows) {
    row.tr.classList.toggle("opened", number === n);
    set(row.button, { "aria-expanded": String(number === n) });
  }
  rows.get(n)?.tr.scrollIntoView({ block: "nearest" });
}
