// The panel with one request.
import { byId, el } from "./dom.js";
import { bytes, elapsed, ms, statusClass, statusText } from "./format.js";
import { outcome } from "./requests.js";

const panel = byId("panel");
let opened = 0;
let shown = 0;
let focusing = false; // when it has loaded
let asked = new AbortController();

export const current = () => opened;
export const hasFocus = () => panel.contains(document.activeElement);

// open shows the present state of a request.
export async function open(n, focus) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  opened = n;
  focusing ||= focus;
  let content;
  try {
    const answer = await fetch(`exchanges/${n}`, { signal });
    content = answer.ok ? render(await answer.json()) : gone(await answer.text());
  } catch (error) {
    content = gone(`The inspector doesn't answer (${error.message}): is serve still running?`);
  }
  if (signal.aborted) return;
  focusing ||= hasFocus();
  panel.replaceChildren(...content);
  panel.hidden = false;
  if (shown !== n) panel.scrollTop = 0;
  if (focusing) panel.querySelector("h2").focus({ preventScroll: true });
  shown = n;
  focusing = false;
}

export function close() {
  asked.abort();
  opened = shown = 0;
  focusing = false;
  panel.hidden = true;
  panel.replaceChildren();
}

function top(...title) {
  return el("header", {}, el("h2", { id: "panel-title", tabindex: "-1" }, ...title),
    el("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Esc)" }, "×"));
}

const gone = (text) => [top("Not there"), el("p", { class: "verdict" }, text)];

function render(d) {
  return [
    top(el("span", { class: "method" }, d.method), " ", el("span", { class: "url" }, d.url)),
    el("p", { class: "summary" },
      el("span", { class: statusClass(d.status) }, statusText(d.status)), " ", ...outcome(d), " ",
      d.took === null ? el("span", { class: "badge open" }, d.first === null ? "waiting" : "open") : null),
    el("p", { class: "verdict" }, sentence(d.verdict)),
    times(d),
    section("Cache", kept(d)),
    section("Sent to origins", ...(d.sent.length ? d.sent.map(origin) : [el("p", {}, "Nothing was sent.")])),
    section("Decision", el("pre", {}, ...d.decision.trimEnd().split("\n").map(line))),
    section("Headers of the answer", list(d.answerHeader, "headers")),
    section("Headers of the request", list(d.header, "headers")),
    section("Connection", list([
      ["Host", d.host], ["caller", d.key ? `${d.key}, at ${d.caller}` : d.caller], ["protocol", d.tls ? `${d.protocol}, ${d.tls}` : `${d.protocol}, without TLS`], ["X-Amz-Cf-Id", d.id],
    ])),
  ];
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const section = (title, ...children) => el("section", {}, el("h3", {}, title), ...children);

// line is a line of the decision, whose first eight columns are its title.
const line = (text) => el("span", { class: "line" }, el("span", { class: "about" }, text.slice(0, 8)), text.slice(8));

function list(pairs, kind) {
  if (!pairs.length) return el("p", {}, "None.");
  return el("dl", { class: kind ?? "facts" }, ...pairs.flatMap(([name, value]) => [
    el("dt", {}, name), el("dd", {}, ...(value instanceof Node ? [value] : [value || "(empty)"])),
  ]));
}

function times(d) {
  const whole = d.took === null ? el("span", {}, el("span", { "data-begin": d.begin }, elapsed(d.begin)), " ms so far") : `${ms(d.took)} ms`;
  return el("dl", { class: "numbers" }, ...[
    ["first byte", d.first === null ? "none yet" : `${ms(d.first)} ms`], ["total", whole], ["request", bytes(d.requestBytes)], ["body sent", bytes(d.bodyBytes)],
  ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function kept(d) {
  const verdict = el("p", {}, el("strong", {}, d.stored ? "Stored" : "Not stored"), d.why ? `: ${d.why}` : null);
  return d.lifetime.length ? el("div", {}, verdict, list(d.lifetime)) : verdict;
}

function origin(s) {
  return el("article", {},
    el("p", {}, el("span", { class: "method" }, s.method), " ", el("span", { class: "url" }, s.url)),
    el("p", { class: "outcome" }, `${s.origin}: `, s.status ? el("span", { class: statusClass(s.status) }, String(s.status)) : null,
      s.error ? el("span", { class: "failed" }, s.status ? ` ${s.error}` : s.error) : null, ` in ${ms(s.took)} ms`),
    list(s.header, "headers"));
}
