import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { SmsEvent, WatchMessageRequest } from "@textback/stubs";
import { details } from "./errors.js";

/**
 * Where a message's events are to go on: after sequence, or with the request that asks the question.
 *
 * @typedef {{ request?: import("@textback/stubs").SendSmsAndWaitRequest, message: string, sequence: number }} Position
 */

/**
 * Asks the question, or repeats that with the same request id, until the message is known; then it watches.
 *
 * @param {import("@textback/stubs").SmsServiceClient} client @param {Position} at @param {number} [deadline]
 */
function open(client, { request, message, sequence }, deadline) {
  const options = deadline ? { deadline } : {};
  if (request && !message) return client.sendSmsAndWait(request, options);
  return client.watchMessage(WatchMessageRequest.create({ messageId: message, afterSequence: sequence }), options);
}

/**
 * Reports each event once, over as many streams as it takes, and returns the result that the last one carries.
 *
 * @param {import("@textback/stubs").SmsServiceClient} client
 * @param {Position} at
 * @param {{ deadline?: number, signal: AbortSignal }} patience
 */
export async function follow(client, at, { deadline, signal }) {
  for (let attempt = 0; ; attempt++) {
    const stream = open(client, at, deadline);
    const leave = () => stream.cancel();
    signal.addEventListener("abort", leave);
    try {
      for await (const { event } of stream) {
        at.message = event.messageId;
        // A heartbeat repeats the last number.
        if (event.sequence > at.sequence) {
          console.error(JSON.stringify(SmsEvent.toJSON(event)));
          at.sequence = event.sequence;
          attempt = 0;
        }
        if (event.terminal) return event.result;
      }
    } catch (error) {
      if (at.message && (signal.aborted || codeOf(error) === status.DEADLINE_EXCEEDED)) {
        throw new Error(`the question stays open; go on with: watch ${at.message} ${at.sequence}`);
      }
      await pause(error, attempt);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}

/** Makes a call until it succeeds or can never. @template R @param {() => Promise<R>} call */
export async function retried(call) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      await pause(error, attempt);
    }
  }
}

/** Waits before the next attempt, as long as the server says if it says so. @param {unknown} error @param {number} attempt */
async function pause(error, attempt) {
  const { retryAfter } = details(error);
  if ((retryAfter === undefined && codeOf(error) !== status.UNAVAILABLE) || attempt === 8) throw error;
  console.error("once more, since:", String(error));
  await sleep((retryAfter ?? 0) + Math.min(5000, 100 * 2 ** attempt));
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {import("@grpc/grpc-js").ServiceError} */ (error).code;
}
