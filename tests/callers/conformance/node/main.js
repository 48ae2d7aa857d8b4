// The runner on Node: the generated stubs on grpc-js. runners.py says what a runner does. Usage: node main.js SERVER
import { createInterface } from "node:readline";
import { credentials, Metadata, status } from "@grpc/grpc-js";
import * as stubs from "@textback/stubs";
import { BadRequest, ErrorInfo, Help, RetryInfo } from "nice-grpc-error-details";
import { Status } from "nice-grpc-error-details/lib/proto/google/rpc/status.js";

const client = new stubs.SmsServiceClient(process.argv[2], credentials.createInsecure());
const calls = new Map();

function tell(id, said) {
  process.stdout.write(JSON.stringify({ id, ...said }) + "\n");
}

function details(error) {
  const said = {};
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  for (const { typeUrl, value } of packed ? Status.decode(packed).details : []) {
    switch (typeUrl.split("/").pop()) {
      case "google.rpc.ErrorInfo":
        Object.assign(said, ErrorInfo.decode(value));
        break;
      case "google.rpc.BadRequest": {
        const { fieldViolations } = BadRequest.decode(value);
        said.violations = Object.fromEntries(fieldViolations.map(({ field, description }) => [field, description]));
        break;
      }
      case "google.rpc.RetryInfo": {
        const { seconds, nanos } = RetryInfo.decode(value).retryDelay;
        said.retry_after = Number(seconds) + nanos / 1e9;
        break;
      }
      case "google.rpc.Help":
        said.help = Help.decode(value).links[0].url;
    }
  }
  return said;
}

function ended(id, error) {
  if (error) tell(id, { code: status[error.code], message: error.details, details: details(error) });
  else tell(id, { code: "OK" });
}

// These stubs read durations as objects, JSON writes them as "1.5s".
function durations(request) {
  return JSON.parse(JSON.stringify(request), (key, value) => {
    if (key !== "replyTimeout" && key !== "validityPeriod") return value;
    const seconds = Number.parseFloat(value);
    return { seconds: Math.trunc(seconds), nanos: Math.round((seconds % 1) * 1e9) };
  });
}

function make({ id, method, request, deadline, cut }) {
  const { requestStream, responseStream, path } = stubs.SmsServiceService[method[0].toLowerCase() + method.slice(1)];
  if (requestStream) throw new Error(`${path} streams requests`);
  const call = client[method[0].toLowerCase() + method.slice(1)].bind(client);
  const asked = stubs[`${method}Request`].fromJSON(durations(request));
  const options = deadline ? { deadline: Date.now() + deadline * 1000 } : {};
  const respond = (response) => tell(id, { response: stubs[`${method}Response`].toJSON(response) });
  if (!responseStream) {
    calls.set(id, call(asked, new Metadata(), options, (error, response) => {
      if (!error) respond(response);
      ended(id, error);
    }));
    return;
  }
  let responses = 0;
  const stream = call(asked, options);
  calls.set(id, stream);
  stream.on("data", (response) => {
    responses++;
    if (cut && responses > cut) return; // came between the cut and its effect
    respond(response);
    if (responses === cut) stream.cancel();
  });
  stream.on("error", (error) => ended(id, error));
  stream.on("end", () => {});
  stream.on("status", ({ code }) => code === status.OK && ended(id));
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.cancel) calls.get(told.id).cancel();
  else make(told);
}
client.close();
process.exit();
