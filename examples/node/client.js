import { readFileSync } from "node:fs";
import { credentials, Metadata } from "@grpc/grpc-js";
import { SmsServiceClient } from "@textback/stubs";

const SERVICE_CONFIG = readFileSync(new URL("../service-config.json", import.meta.url), "utf8");
const CALL_LIMIT = 20_000; // milliseconds, of a call with one answer

/** Prepares a connection; it is made with the first call. Beyond this machine it takes TLS. @param {string} server */
export function connect(server) {
  return new SmsServiceClient(server, credentials.createInsecure(), {
    "grpc.service_config": SERVICE_CONFIG,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
  });
}

/**
 * Makes a call with one answer.
 *
 * @template Q, R
 * @param {SmsServiceClient} client
 * @param {(
 *   this: SmsServiceClient, request: Q, metadata: Metadata, options: import("@grpc/grpc-js").CallOptions,
 *   callback: (error: import("@grpc/grpc-js").ServiceError | null, response: R) => void,
 * ) => unknown} method
 * @param {Q} request
 * @param {{ waitForReady?: boolean }} options
 * @returns {Promise<R>}
 */
export function unary(client, method, request, { waitForReady = false } = {}) {
  return new Promise((resolve, reject) => {
    const metadata = new Metadata({ waitForReady });
    const deadline = Date.now() + CALL_LIMIT;
    method.call(client, request, metadata, { deadline }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}
