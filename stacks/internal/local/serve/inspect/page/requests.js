// The list of requests.
import { byId, el, set, setText } from "./dom.js";
import { count, elapsed, ms, statusClass, statusText, time } from "./format.js";

const rows = new Map(); // by number: what the server sent, and its elements
const body = byId("rows");
let words = [];
let current = 0; // the row that Tab comes to
let chosen = false; // by the person; otherwise it is the newest

export function reset() {
  rows.clear();
  body.replaceChildren();
  chosen = false;
}

// apply takes rows in the order of their numbers; a number that is new is greater than all before.
export function apply(list, capacity) {
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
  const cells = { time: cell("time"), status: cell("status"), route: cell("route"), result: cell("result"), took: cell("took") };
  const button = el("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel", tabindex: "-1", title: `${data.method} ${data.url}` },
    el("span", { class: "method" }, data.method), " ", el("span", { class: "url" }, data.url));
  const tr = el("tr", { "data-n": data.n }, cells.time, cells.status,
    el("th", { scope: "row", class: "request" }, button), cells.route, cells.result, cells.took);
  return { tr, button, cells, data };
}

function update(row, data) {
  row.data = data;
  const { cells } = row;
  setText(cells.time, time(data.begin));
  cells.status.replaceChildren(el("span", { class: statusClass(data.status) }, statusText(data.status)));
  setText(cells.route, [data.route || "none", data.key, data.canary && "canary"].filter(Boolean).join(" · "));
  cells.result.replaceChildren(...outcome(data));
  cells.took.replaceChildren(...took(data));
  row.text = `${data.method} ${data.url} ${cells.route.textContent} ${data.status} ${data.result} ${data.took !== null ? "" : data.first === null ? "waiting" : "open"}`.toLowerCase();
}

// outcome is what CloudFront calls it, once that is known.
export const outcome = (data) => (data.result ? [badge(data.result)] : []);

const short = { FunctionGeneratedResponse: "Function", FunctionExecutionError: "Function failed", FunctionValidationError: "Function failed" };

const badge = (result) => el("span", { class: `badge ${result.startsWith("Function") ? "error" : result.toLowerCase()}`, title: result }, short[result] ?? result);

// took is how long a request took, or that it is still open.
export function took(data) {
  if (data.took !== null) return [ms(data.took)];
  return [el("span", { class: "badge open" }, data.first === null ? "waiting" : "open"), " ", el("span", { "data-begin": data.begin }, elapsed(data.begin))];
}

// tick lets the milliseconds of what is open grow.
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
  const all = `${count(rows.size)} ${rows.size === 1 ? "request" : "requests"}`;
  setText(byId("count"), words.length ? `${count(shown)} of ${all}` : rows.size ? all : "");
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

// move goes some rows on, and tells where it came to.
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
