export * from "./google/protobuf/duration.js";
export * from "./google/protobuf/timestamp.js";
