// Ask a person by text message, and get the answer back.
//
//   node main.js ping
//   node main.js send +14155550123 "Backup finished."
//   node main.js ask +14155550123 "Isolate host web-03?" yes no
//
// TEXTBACK_SERVER names the server, by default 127.0.0.1:50051. Progress goes to standard error, the answer to
// standard output.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { credentials, status } from "@grpc/grpc-js";
import {
  messageStateToJSON,
  Outcome,
  outcomeToJSON,
  PingRequest,
  PingResponse,
  SendSmsAndWaitRequest,
  SendSmsRequest,
  SmsEvent,
  SmsServiceClient,
} from "@textback/stubs";

const client = new SmsServiceClient(process.env.TEXTBACK_SERVER || "127.0.0.1:50051", credentials.createInsecure());

async function ping() {
  /** @type {(request: PingRequest) => Promise<PingResponse>} */
  const call = promisify(client.ping.bind(client));
  console.log(JSON.stringify(PingResponse.toJSON(await call(PingRequest.create())), null, 2));
}

/** @param {string} recipient @param {string} body */
async function send(recipient, body) {
  /** @type {(request: SendSmsRequest) => Promise<import("@textback/stubs").SendSmsResponse>} */
  const call = promisify(client.sendSms.bind(client));
  const { message } = await call(SendSmsRequest.create({ requestId: randomUUID(), sms: { recipient, body } }));
  if (message) console.log(message.messageId, messageStateToJSON(message.state));
}

/** @param {string} recipient @param {string} body @param {string[]} choices */
async function ask(recipient, body, ...choices) {
  // The request id makes the call safe to repeat: the same one attaches to the question that is already open.
  const request = SendSmsAndWaitRequest.create({
    requestId: randomUUID(),
    sms: { recipient, body },
    wait: { replyTimeout: { seconds: 600 }, choices: choices.map((value) => ({ value })) },
  });
  const result = await follow(request);
  if (result?.outcome !== Outcome.OUTCOME_REPLIED) {
    throw new Error(`no answer: ${result && outcomeToJSON(result.outcome)} ${result?.failure?.message ?? ""}`);
  }
  console.log(result.choice || result.text);
}

/** Reports each event once, and returns the result that the last one carries. @param {SendSmsAndWaitRequest} request */
async function follow(request) {
  for (let seen = 0; ; await sleep(1000)) {
    try {
      for await (const { event } of client.sendSmsAndWait(request)) {
        if (event.sequence > seen) console.error(JSON.stringify(SmsEvent.toJSON(event)));
        seen = Math.max(seen, event.sequence);
        if (event.terminal) return event.result;
      }
    } catch (error) {
      const { code } = /** @type {import("@grpc/grpc-js").ServiceError} */ (error);
      if (seen === 0 || code !== status.UNAVAILABLE) throw error;
      console.error("connection lost, picking it up again:", String(error));
    }
  }
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === "ping" && args.length === 0) await ping();
  else if (command === "send" && args.length === 2) await send(args[0], args[1]);
  else if (command === "ask" && args.length >= 2) await ask(args[0], args[1], ...args.slice(2));
  else throw new Error("usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...]");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  client.close();
}
