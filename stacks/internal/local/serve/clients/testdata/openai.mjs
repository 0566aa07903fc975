// Calls the edge as OpenAI's own client does, and prints what it got, as JSON.
// Arguments: BASE_URL of the API, and RELEASE, a URL to post to when the first word of a stream has come. It leaves a second
// stream after the first word.
import OpenAI from "openai";

const [baseURL, release] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "sk-test", maxRetries: 0 });
const messages = [{ role: "user", content: "hello from the edge" }];
const got = {};

got.models = [];
for (let i = 0; i < 2; i++) {
  const { data, response } = await client.models.list().withResponse();
  got.models.push({ ids: data.data.map((m) => m.id), cache: response.headers.get("x-cache") });
}

const whole = await client.chat.completions.create({ model: "echo", messages });
got.chat = { text: whole.choices[0].message.content, tokens: whole.usage.total_tokens };

got.stream = { words: [] };
for await (const part of await client.chat.completions.create({
  model: "echo", messages, stream: true, stream_options: { include_usage: true },
})) {
  const word = part.choices[0]?.delta.content;
  if (word) got.stream.words.push(word);
  if (word && got.stream.words.length === 1) await fetch(release, { method: "POST" });
  if (part.usage) got.stream.tokens = part.usage.total_tokens;
}

const left = await client.chat.completions.create({ model: "echo", messages, stream: true });
for await (const _ of left) left.controller.abort();

const embeddings = await client.embeddings.create({ model: "echo", input: ["the edge", "the edge"] });
got.embeddings = embeddings.data.map((e) => e.embedding.reduce((sum, x) => sum + x * x, 0).toFixed(3));

try {
  await client.chat.completions.create({ model: "gpt", messages });
} catch (error) {
  got.error = { kind: error.constructor.name, status: error.status, code: error.code, message: error.error?.message };
}

console.log(JSON.stringify(got));
