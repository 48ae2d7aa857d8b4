// Walks the Messages resource with the unmodified SDK. Usage: node caller.js BASE_URL ACCOUNT_SID AUTH_TOKEN FROM TO
import twilio from "twilio";

const [baseUrl, accountSid, authToken, from, to] = process.argv.slice(2);
const client = twilio(accountSid, authToken);
client.api.baseUrl = baseUrl;

const created = [];
for (let number = 1; number <= 3; number++) {
  created.push(await client.messages.create({ from, to, body: `Backup ${number} finished.` }));
}
const fetched = await client.messages(created[0].sid).fetch();
const listed = await client.messages.list({ to, pageSize: 2 });
const refusal = await client.messages.create({ from, to: "not a number", body: "x" }).catch((error) => error);

console.log(
  JSON.stringify({
    created: created.map(({ sid, status, numSegments, dateCreated }) => ({
      sid,
      status,
      numSegments,
      dated: dateCreated instanceof Date && !Number.isNaN(dateCreated.getTime()),
    })),
    fetched: { sid: fetched.sid, body: fetched.body, from: fetched.from, to: fetched.to, direction: fetched.direction },
    listed: listed.map(({ sid }) => sid),
    refusal: { status: refusal.status, code: refusal.code, moreInfo: refusal.moreInfo },
  }),
);
