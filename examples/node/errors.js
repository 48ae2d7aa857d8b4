import { status } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, Help, RetryInfo } from "nice-grpc-error-details";
import { Status } from "nice-grpc-error-details/lib/proto/google/rpc/status.js";

/**
 * What the server attached to an error, a decoded google.rpc.Status; nothing if the error is not the server's.
 *
 * @param {unknown} error
 */
export function details(error) {
  const { metadata } = /** @type {Partial<import("@grpc/grpc-js").ServiceError>} */ (error);
  const packed = metadata?.get("grpc-status-details-bin")[0];
  /** @type {{ info?: ErrorInfo, fields: BadRequest["fieldViolations"], retryAfter?: number, links: Help["links"] }} */
  const found = { fields: [], links: [] };
  for (const { typeUrl, value } of Buffer.isBuffer(packed) ? Status.decode(packed).details : []) {
    const type = typeUrl.split("/").pop();
    if (type === "google.rpc.ErrorInfo") found.info = ErrorInfo.decode(value);
    if (type === "google.rpc.BadRequest") found.fields = BadRequest.decode(value).fieldViolations;
    if (type === "google.rpc.Help") found.links = Help.decode(value).links;
    if (type === "google.rpc.RetryInfo") {
      const delay = RetryInfo.decode(value).retryDelay;
      found.retryAfter = delay && delay.seconds * 1000 + delay.nanos / 1e6; // milliseconds
    }
  }
  return found;
}

/** All that an error says: its sentence, its reason for programs, every wrong field, and what helps. @param {unknown} error */
export function explained(error) {
  const { code, details: sentence, message } = /** @type {import("@grpc/grpc-js").ServiceError} */ (error);
  if (sentence === undefined) return message;
  const { info, fields, retryAfter, links } = details(error);
  const lines = [`${status[code]}: ${sentence}`];
  if (info) lines.push(`  reason ${info.reason} ${JSON.stringify(info.metadata)}`);
  for (const { field, description } of fields) lines.push(`  field ${field}: ${description}`);
  if (retryAfter !== undefined) lines.push(`  retry after ${retryAfter / 1000} s`);
  for (const { url } of links) lines.push(`  see ${url}`);
  return lines.join("\n");
}
