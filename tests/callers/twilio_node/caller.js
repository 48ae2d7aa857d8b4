// Walks the Messages resource with the unmodified SDK, and checks a webhook: {"url", "form", "signature"} as JSON.
// Usage: node caller.js BASE_URL ACCOUNT_SID AUTH_TOKEN FROM TO WEBHOOK
import twilio from "twilio";

const [baseUrl, accountSid, authToken, from, to, webhook] = process.argv.slice(2);
const client = twilio(accountSid, authToken);
client.api.baseUrl = baseUrl;
client.messaging.baseUrl = baseUrl;

const created = [];
for (let number = 1; number <= 3; number++) {
  created.push(await client.messages.create({ from, to, body: "Backup finished." }));
}
const fetched = await client.messages(created[0].sid).fetch();
const listed = await client.messages.list({ to, pageSize: 2 });
const refusal = await client.messages.create({ from, to: "not a number", body: "x" }).catch((error) => error);

const picture = await client.messages.create({ from, to, mediaUrl: ["https://example.com/a.png"] });
const media = await client.messages(picture.sid).media.list();
const redacted = await client.messages(created[0].sid).update({ body: "" });
const removed = await client.messages(created[1].sid).remove();
const gone = await client.messages(created[1].sid).fetch().catch((error) => error);

const service = await client.messaging.v1.services.create({ friendlyName: "Alerts" });
const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: "+15005550099" });
await client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
const scheduled = await client.messages.create({
  messagingServiceSid: service.sid,
  to,
  body: "Later",
  scheduleType: "fixed",
  sendAt: new Date(Date.now() + 3600_000),
});
const canceled = await client.messages(scheduled.sid).update({ status: "canceled" });

const { url, form, signature } = JSON.parse(webhook);
const error = ({ status, code, moreInfo }) => ({ status, code, moreInfo });

console.log(
  JSON.stringify({
    created: {
      sids: created.map(({ sid }) => sid),
      statuses: created.map(({ status }) => status),
      dated: created.every(({ dateCreated, numSegments }) => !Number.isNaN(dateCreated.getTime()) && numSegments === "1"),
    },
    fetched: { sid: fetched.sid, body: fetched.body, from: fetched.from, direction: fetched.direction },
    media: media.map(({ contentType }) => contentType),
    redacted: redacted.body,
    removed,
    gone: error(gone),
    scheduled: { status: scheduled.status, from: scheduled.from, canceled: canceled.status },
    listed: listed.map(({ sid }) => sid),
    refusal: error(refusal),
    genuine: twilio.validateRequest(authToken, signature, url, form),
    forged: twilio.validateRequest(authToken, signature, `${url}?x=1`, form),
  }),
);
