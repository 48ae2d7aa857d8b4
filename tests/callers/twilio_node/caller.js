// Walks the Messages resource with the unmodified SDK. Usage: node caller.js BASE_URL ACCOUNT_SID AUTH_TOKEN FROM TO
import twilio from "twilio";

const [baseUrl, accountSid, authToken, from, to] = process.argv.slice(2);
const client = twilio(accountSid, authToken);
client.api.baseUrl = baseUrl;
client.messaging.baseUrl = baseUrl;

const created = [];
for (let number = 1; number <= 3; number++) {
  created.push(await client.messages.create({ from, to, body: `Backup ${number} finished.` }));
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

console.log(
  JSON.stringify({
    created: created.map(({ sid, status, numSegments, dateCreated }) => ({
      sid,
      status,
      numSegments,
      dated: dateCreated instanceof Date && !Number.isNaN(dateCreated.getTime()),
    })),
    fetched: { sid: fetched.sid, body: fetched.body, from: fetched.from, to: fetched.to, direction: fetched.direction },
    media: media.map(({ contentType }) => contentType),
    redacted: redacted.body,
    removed,
    gone: { status: gone.status, code: gone.code },
    scheduled: { status: scheduled.status, from: scheduled.from, canceled: canceled.status },
    listed: listed.map(({ sid }) => sid),
    refusal: { status: refusal.status, code: refusal.code, moreInfo: refusal.moreInfo },
  }),
);
