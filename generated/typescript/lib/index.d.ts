export * as google from "./index.google.js";
export * as textback from "./index.textback.js";
