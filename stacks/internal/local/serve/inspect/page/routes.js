// The hit rate of each route, and its course.
import { byId, el, set, setText, svg } from "./dom.js";
import { count, now, percent, span } from "./format.js";

const lastMinutes = 10 * 60 * 1000; // as the server keeps them
const least = 30 * 1000;
const width = 160;
const height = 28;
const routes = new Map(); // by name

export function reset() {
  routes.clear();
  byId("routes").replaceChildren();
}

export function apply(list) {
  for (const data of list) {
    let route = routes.get(data.route);
    if (!route) {
      route = make(data.route);
      routes.set(data.route, route);
    }
    for (const point of data.points) {
      if (route.points.at(-1)?.at === point.at) route.points.pop();
      route.points.push(point);
    }
    update(route, data);
  }
  byId("rates").hidden = routes.size === 0;
  draw();
}

function make(name) {
  const route = { points: [], rate: el("strong"), of: el("span", { class: "of" }), area: svg("path", { class: "area" }), line: svg("path", { class: "line" }) };
  route.svg = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" }, route.area, route.line);
  route.item = el("li", {}, el("span", { class: "name", title: name }, name), route.rate, route.svg, route.of);
  byId("routes").append(route.item);
  return route;
}

function update(route, { route: name, requests, hits, of }) {
  const rate = of ? percent(hits / of) : "–";
  setText(route.rate, rate);
  const only = requests - of;
  setText(route.of, of ? `${count(hits)} of ${of < requests ? "the last " : ""}${count(of)}` : `${count(requests)}, none cacheable`);
  if (of && only > 0 && of < 100) setText(route.of, `${count(hits)} of ${count(of)}, ${count(only)} not cacheable`);
  set(route.svg, { "aria-label": of ? `Hit rate of ${name} over time, now ${rate}` : null, "aria-hidden": of ? null : "true" });
}

// draw gives all lines the same time: from the first request on, at most the last ten minutes.
export function draw() {
  const end = now();
  let start = end - least;
  for (const { points } of routes.values()) {
    if (points.length) start = Math.min(start, Math.max(points[0].at, end - lastMinutes));
  }
  const x = (at) => (width * Math.max(0, at - start) / (end - start)).toFixed(1);
  const y = (rate) => (height - 2 - (height - 4) * rate).toFixed(1);
  for (const { points, line, area } of routes.values()) {
    while (points.length > 1 && points[1].at <= start) points.shift();
    if (!points.length) continue;
    let path = `M${x(points[0].at)} ${y(points[0].rate)}`;
    for (const point of points.slice(1)) path += `H${x(point.at)}V${y(point.rate)}`;
    path += `H${width}`;
    set(line, { d: path });
    set(area, { d: `${path}V${height}H${x(points[0].at)}Z` });
  }
  setText(byId("span"), span(end - start));
}
