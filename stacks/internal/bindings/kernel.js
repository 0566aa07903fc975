// Runs jsii's kernel in this process. jsii's own entry point starts it in another one, in which it talks over
// file descriptor 3, and passes each message on; here it talks over stdin and stdout.

// Ctrl-C in a terminal, and SIGTERM to a group, reach this process too; the one that started it says when to end.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});

const child_process = require("child_process");
const fs = require("fs");

// The entry point warns of a Node.js that is too old or too new before it starts the other process.
const { spawn } = child_process;
const warned = new Error("the entry point of jsii would start a process");
child_process.spawn = () => { throw warned; };
try {
  require("./jsii-runtime.js");
} catch (error) {
  if (error !== warned) throw error;
}
child_process.spawn = spawn;

const { readSync, writeSync } = fs;
fs.readSync = (fd, ...rest) => readSync(fd === 3 ? 0 : fd, ...rest);
fs.writeSync = (fd, ...rest) => writeSync(fd === 3 ? 1 : fd, ...rest);
// What a library prints must not get between the messages.
Object.defineProperty(process, "stdout", { get: () => process.stderr });
require("./program.js");
