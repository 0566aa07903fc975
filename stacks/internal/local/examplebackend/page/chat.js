// A chat with OpenAI's API on the page's own origin. What the model writes is only ever text, never HTML.

const $ = (id) => document.getElementById(id);
const store = sessionStorage; // of this tab alone: neither key nor conversation outlive it
let messages = JSON.parse(store.getItem("messages") ?? "[]");
let running = null; // the AbortController of the answer that is under way

function show(role, text) {
  $("empty").hidden = true;
  const article = document.createElement("article");
  article.className = role;
  const who = document.createElement("h2");
  who.textContent = role === "user" ? "You" : "Model";
  const said = document.createElement("p");
  said.textContent = text;
  article.append(who, said);
  $("log").append(article);
  $("log").scrollTop = $("log").scrollHeight;
  return { article, said };
}

function keep(message) {
  messages.push(message);
  store.setItem("messages", JSON.stringify(messages));
}

// takeBack forgets the last message, if it is by one of both.
function takeBack(role) {
  if (messages.at(-1)?.role === role) messages.pop();
  [...document.querySelectorAll(`#log article.${role}`)].at(-1)?.remove();
}

function complain(reason, { key = false, again = true } = {}) {
  $("reason").textContent = reason;
  $("keyform").hidden = !key;
  $("again").hidden = key || !again;
  $("problem").hidden = false;
  if (key) $("key").focus();
}

function calm() {
  $("problem").hidden = true;
  $("reason").textContent = "";
}

function headers() {
  const key = store.getItem("key");
  return { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
}

// refusal says in words what an answer that is an error means. Edge and backend write errors as OpenAI does.
async function refusal(answer) {
  const text = await answer.text();
  let said = "";
  try {
    said = JSON.parse(text).error.message;
  } catch {
    said = answer.headers.get("Content-Type")?.startsWith("text/plain") ? text.slice(0, 200) : "";
  }
  const after = waiting(answer.headers.get("Retry-After"));
  const what = {
    401: "The API wants a key, or doesn't know this one.",
    403: "The API lets nobody in here.",
    413: "That is too long.",
    429: "That was too much at a time.",
    503: "The API is paused or overloaded.",
  }[answer.status] ?? `The API answered with status ${answer.status}.`;
  return [what, said, after].filter(Boolean).join(" ");
}

// waiting reads Retry-After, which is seconds or a date.
function waiting(after) {
  if (!after) return "";
  const seconds = /^\d+$/.test(after) ? Number(after) : Math.ceil((Date.parse(after) - Date.now()) / 1000);
  if (!(seconds > 0)) return "";
  return seconds < 120 ? `Try again in ${seconds} s.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

// events yields the data of server-sent events (HTML Standard, 9.2.6), however the network cuts them.
async function* events(body) {
  let rest = "", data = [];
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) {
        data.push(line.slice(5).replace(/^ /, ""));
      }
    }
  }
}

// words yields an answer as it comes. One that ends without saying so was cut off.
async function* words(answer) {
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    yield (await answer.json()).choices[0].message.content;
    return;
  }
  for await (const data of events(answer.body)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    const text = event.choices?.[0]?.delta?.content;
    if (text) yield text;
  }
  throw new Error("The answer was cut off.");
}

// ask sends the conversation, and shows the answer as it comes.
async function ask() {
  calm();
  running = new AbortController();
  busy(true);
  let shown = null, text = "";
  const asked = messages;
  const log = $("log");
  try {
    const answer = await fetch("/v1/chat/completions", {
      method: "POST",
      headers: headers(),
      body: JSON.stringify({ model: $("model").value.trim(), stream: true, messages }),
      signal: running.signal,
    });
    if (!answer.ok) {
      complain(await refusal(answer), { key: answer.status === 401 });
      return;
    }
    shown = show("assistant", "");
    shown.article.setAttribute("aria-busy", "true"); // a screen reader reads it once it is whole
    for await (const word of words(answer)) {
      const below = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      shown.said.append(word);
      text += word;
      if (below) log.scrollTop = log.scrollHeight;
    }
  } catch (error) {
    if (error.name === "AbortError") {
      note(shown, "stopped");
    } else {
      note(shown, "not all of it");
      complain(!(error instanceof TypeError) ? error.message : shown ? "The answer was cut off." : "The API can't be reached.");
    }
  } finally {
    shown?.article.removeAttribute("aria-busy");
    if (text && messages === asked) keep({ role: "assistant", content: text }); // else a new chat has begun
    running = null;
    busy(false);
  }
}

function note(shown, text) {
  if (!shown) return;
  const line = document.createElement("p");
  line.className = "note";
  line.textContent = `(${text})`;
  shown.article.append(line);
}

function busy(is) {
  $("send").hidden = is;
  $("stop").hidden = !is;
}

function send() {
  const text = $("text").value.trim();
  if (!text || running) return;
  $("text").value = "";
  if (messages.at(-1)?.role === "user") takeBack("user"); // it got no answer: this one takes its place
  keep({ role: "user", content: text });
  show("user", text);
  if (document.activeElement === $("send")) $("text").focus(); // the button goes
  ask();
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
});
$("stop").addEventListener("click", () => {
  running?.abort();
  $("text").focus();
});
$("again").addEventListener("click", () => {
  $("text").focus();
  if ($("log").lastElementChild?.className === "assistant") takeBack("assistant"); // the part that came
  if (!running && messages.length > 0) ask();
});
$("keyform").addEventListener("submit", (event) => {
  event.preventDefault();
  store.setItem("key", $("key").value.trim());
  $("key").value = "";
  $("text").focus();
  if (!running && messages.length > 0) ask();
});
$("clear").addEventListener("click", () => {
  running?.abort();
  messages = [];
  store.removeItem("messages");
  document.querySelectorAll("#log article").forEach((article) => article.remove());
  $("empty").hidden = false;
  calm();
  $("text").focus();
});

for (const { role, content } of messages) show(role, content);
$("text").focus();

// Which models there are is only a help: what can't be listed can still be typed.
try {
  const answer = await fetch("/v1/models", { headers: headers() });
  const { data } = answer.ok ? await answer.json() : { data: [] };
  for (const { id } of data) {
    $("models").append(new Option(id, id));
  }
  if (data.length > 0 && !data.some(({ id }) => id === $("model").value)) $("model").value = data[0].id;
} catch {
  // The first message says what is wrong.
}
