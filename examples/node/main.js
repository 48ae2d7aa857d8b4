// Ask a person by text message, and get the answer back.
//
//   node main.js ping
//   node main.js send +14155550123 "Backup finished."
//   node main.js ask +14155550123 "Isolate host web-03?" yes no
//   node main.js watch msg_01m80dkhjdg64dkxvhht2cfksv 3
//   node main.js cancel msg_01m80dkhjdg64dkxvhht2cfksv
//
// TEXTBACK_SERVER names the server, by default 127.0.0.1:50051. Progress goes to standard error, the answer to
// standard output.
import { randomUUID } from "node:crypto";
import {
  CancelWaitRequest,
  messageStateToJSON,
  Outcome,
  outcomeToJSON,
  PingRequest,
  PingResponse,
  SendSmsAndWaitRequest,
  SendSmsRequest,
  waitStateToJSON,
} from "@textback/stubs";
import { connect, unary } from "./client.js";
import { explained } from "./errors.js";
import { follow, retried } from "./follow.js";

const USAGE =
  "usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...] | watch MESSAGE [AFTER] | cancel MESSAGE";
const REPLY_TIMEOUT = 600; // seconds, kept by the server

const client = connect(process.env.TEXTBACK_SERVER || "127.0.0.1:50051");
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

async function ping() {
  // A server that is just starting is waited for, up to the deadline.
  const response = await unary(client, client.ping, PingRequest.create(), { waitForReady: true });
  console.log(JSON.stringify(PingResponse.toJSON(response), null, 2));
}

/** @param {string} recipient @param {string} body */
async function send(recipient, body) {
  // The request id makes the call safe to repeat: with the same one, nothing is sent twice.
  const request = SendSmsRequest.create({ requestId: randomUUID(), sms: { recipient, body } });
  const { message } = await retried(() => unary(client, client.sendSms, request));
  if (message) console.log(message.messageId, messageStateToJSON(message.state));
}

/** @param {string} recipient @param {string} body @param {string[]} choices */
async function ask(recipient, body, ...choices) {
  const request = SendSmsAndWaitRequest.create({
    requestId: randomUUID(),
    sms: { recipient, body },
    wait: { replyTimeout: { seconds: REPLY_TIMEOUT }, choices: choices.map((value) => ({ value })) },
  });
  // The deadline is this program's patience. It leaves the question open, so it is longer than the question is.
  const deadline = Date.now() + (REPLY_TIMEOUT + 60) * 1000;
  answer(await follow(client, { request, message: "", sequence: 0 }, { deadline, signal: interrupted.signal }));
}

/** @param {string} message @param {string} after */
async function watch(message, after = "0") {
  answer(await follow(client, { message, sequence: Number(after) }, { signal: interrupted.signal }));
}

/** Prints what the person decided. @param {import("@textback/stubs").Result | undefined} result */
function answer(result) {
  if (result?.outcome !== Outcome.OUTCOME_REPLIED) {
    throw new Error(`no answer: ${result && outcomeToJSON(result.outcome)} ${result?.failure?.message ?? ""}`);
  }
  console.log(result.choice || result.text);
}

/** @param {string} messageId */
async function cancel(messageId) {
  const { message } = await unary(client, client.cancelWait, CancelWaitRequest.create({ messageId }));
  if (message?.wait) console.log(waitStateToJSON(message.wait.state));
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === "ping" && args.length === 0) await ping();
  else if (command === "send" && args.length === 2) await send(args[0], args[1]);
  else if (command === "ask" && args.length >= 2) await ask(args[0], args[1], ...args.slice(2));
  else if (command === "watch" && (args.length === 1 || args.length === 2)) await watch(args[0], args[1]);
  else if (command === "cancel" && args.length === 1) await cancel(args[0]);
  else throw new Error(USAGE);
} catch (error) {
  console.error(explained(error));
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
} finally {
  client.close();
}
