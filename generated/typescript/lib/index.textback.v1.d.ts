export * from "./textback/v1/sms_message.js";
export * from "./textback/v1/sms_event.js";
export * from "./textback/v1/sms_service.js";
