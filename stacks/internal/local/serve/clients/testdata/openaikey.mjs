// Calls the edge with a key that it doesn't know, with none that could be one, and with the one it knows, and prints what it got, as JSON.
// Arguments: BASE_URL of the API, and RELEASE, a URL to post to when the first word of a stream has come.
import OpenAI from "openai";

const [baseURL, release] = process.argv.slice(2);
const messages = [{ role: "user", content: "hello from the edge" }];
const stream = (apiKey) => new OpenAI({ baseURL, apiKey, maxRetries: 0 }).chat.completions.create({ model: "echo", messages, stream: true });
const got = { refused: [], words: [] };

for (const apiKey of ["sk-wrong", "two words"]) {
  try {
    await stream(apiKey);
  } catch (error) {
    got.refused.push({ kind: error.constructor.name, status: error.status, code: error.code, type: error.type, message: error.message });
  }
}
for await (const part of await stream("sk-test")) {
  const word = part.choices[0]?.delta.content;
  if (word) got.words.push(word);
  if (word && got.words.length === 1) await fetch(release, { method: "POST" });
}

console.log(JSON.stringify(got));
