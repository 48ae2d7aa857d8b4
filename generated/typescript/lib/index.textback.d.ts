export * as v1 from "./index.textback.v1.js";
