// Events of the server, keys and clicks.
import { byId, setText } from "./dom.js";
import { setNow } from "./format.js";
import * as panel from "./panel.js";
import * as requests from "./requests.js";
import * as routes from "./routes.js";

const filter = byId("filter");
const list = byId("list");
const narrow = matchMedia("(max-width: 760px)");

const source = new EventSource("events");
source.addEventListener("open", () => connection("live"));
source.addEventListener("error", () => connection(source.readyState === EventSource.CLOSED ? "refused" : "lost; trying again"));
source.addEventListener("state", (event) => {
  close(false);
  requests.reset();
  routes.reset();
  apply(JSON.parse(event.data));
});
source.addEventListener("update", (event) => apply(JSON.parse(event.data)));

function connection(text) {
  setText(byId("connection"), text);
  byId("connection").classList.toggle("live", text === "live");
}

function apply(state) {
  setNow(state.now);
  document.title = `${state.environment}: requests at the edge`;
  setText(byId("environment"), state.environment);
  setText(byId("example"), `curl -i ${state.edge.startsWith("https:") ? "-k " : ""}${state.edge}/`);
  requests.apply(state.rows, state.capacity);
  routes.apply(state.routes);
  const opened = panel.current();
  if (state.rows.some((row) => row.n === opened)) panel.open(opened, false);
}

setInterval(requests.tick, 200);
setInterval(routes.draw, 1000);

async function open(n, focus) {
  if (!n) return;
  requests.choose(n);
  requests.markOpen(n);
  await panel.open(n, focus);
  cover();
}

function close(focus = true) {
  const n = panel.current();
  if (!n) return;
  panel.close();
  requests.markOpen(0);
  cover();
  if (focus) requests.focus(n);
}

// In a narrow window the panel covers the list.
function cover() { list.inert = narrow.matches && panel.current() !== 0; }
narrow.addEventListener("change", cover);

function move(by) {
  const inside = panel.hasFocus();
  const to = requests.move(inside || requests.hasFocus() ? by : 0);
  if (panel.current()) open(to, inside);
  if (!inside) requests.focus(to);
}

const rowOf = (element) => Number(element.closest("tr[data-n]")?.dataset.n ?? 0);

const moves = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target === filter) return filterKey(event);
  const scrolls = event.key.length > 1 && panel.hasFocus();
  if (event.key in moves && !scrolls) move(moves[event.key]);
  else if (event.key === "Escape") close();
  else if (event.key === "/" && !list.inert) { filter.focus(); filter.select(); }
  else return;
  event.preventDefault();
});

function filterKey(event) {
  if (event.key === "Escape" && filter.value) { filter.value = ""; requests.filter(""); }
  else if (event.key === "Escape" || event.key === "ArrowDown" || event.key === "Enter") requests.focus();
  else return;
  event.preventDefault();
}

filter.addEventListener("input", () => requests.filter(filter.value));
byId("clear").addEventListener("click", () => fetch("clear", { method: "POST" }));
byId("rows").addEventListener("click", (event) => open(rowOf(event.target), true));
byId("panel").addEventListener("click", (event) => { if (event.target.closest(".close")) close(); });
