// Calls a model provider behind the edge, with a key that the edge doesn't know and with the one it knows, and prints what
// it got, as JSON. Arguments: CLIENT, URL of the edge, and RELEASE, a URL to post to when the first word of a stream has come.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [kind, edge, release] = process.argv.slice(2);
const asked = { model: "echo", messages: [{ role: "user", content: "hello from the edge" }] };

function openai(key) {
  const chat = new OpenAI({ baseURL: `${edge}/v1`, apiKey: key, maxRetries: 0 }).chat.completions;
  return {
    whole: async () => (await chat.create(asked)).choices[0].message.content,
    stream: () => chat.create({ ...asked, stream: true }),
    word: (part) => part.choices[0]?.delta.content,
  };
}

function anthropic(options) {
  const { messages } = new Anthropic({ baseURL: edge, maxRetries: 0, ...options });
  const request = { ...asked, max_tokens: 64 };
  return {
    whole: async () => (await messages.create(request)).content[0].text,
    stream: () => messages.create({ ...request, stream: true }),
    word: (event) => event.delta?.text,
  };
}

const clients = {
  openai,
  anthropic: (key) => anthropic({ apiKey: key }),
  // Version 1.0 began to send keys in Authorization.
  "anthropic before 1.0": (key) => anthropic({ apiKey: null, defaultHeaders: { "X-Api-Key": key } }),
};
const got = { words: [] };

try {
  await clients[kind]("sk-wrong").whole();
} catch (error) {
  got.refused = { kind: error.constructor.name, status: error.status };
}
const client = clients[kind]("sk-alice");
got.whole = await client.whole();
for await (const part of await client.stream()) {
  const word = client.word(part);
  if (word) got.words.push(word);
  if (word && got.words.length === 1) await fetch(release, { method: "POST" });
}

console.log(JSON.stringify(got));
