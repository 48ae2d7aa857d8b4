// What a text costs, what may be answered to one, and which question an answer speaks to.

const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";

// Encoding, units and segments (3GPP TS 23.038): a pair that would straddle two segments moves whole.
export function measure(text) {
  const characters = [...text];
  const gsm = characters.every((each) => BASIC.includes(each) || EXTENDED.includes(each));
  const sizes = characters.map((each) => (gsm ? (EXTENDED.includes(each) ? 2 : 1) : each.length));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const [single, part] = gsm ? [160, 153] : [70, 67];
  let segments = 1;
  if (units > single) {
    let filled = 0;
    for (const size of sizes) {
      if (filled + size > part) { segments += 1; filled = 0; }
      filled += size;
    }
  }
  return { encoding: gsm ? "GSM-7" : "UCS-2", units, segments };
}

// Up to four: what the text itself offers, then the words that Twilio knows.
export function quickReplies(body) {
  const found = [...body.matchAll(/"(\d{4,9} [^"\n]{1,40})"/g)].map((match) => match[1]);
  const code = /\bText back (\d{4,9}) and/.exec(body)?.[1];
  if (!found.length && code) found.push(`${code} yes`, `${code} no`);
  const either = /\breply(?: with)? "?(\w{1,20})"? or "?(\w{1,20})"?/i.exec(body);
  if (!found.length && either) found.push(either[1], either[2]);
  if (!found.length && body) found.push("YES", "NO");
  return [...new Set([...found.slice(0, 3), "STOP", "HELP"])].slice(0, 4);
}

// The question that a text answers, and a sentence about it; null where none is open.
export function speaksTo(text, waits) {
  if (!waits.length) return null;
  const digits = text.match(/\d[\d\s-]*\d/g)?.map((run) => run.replace(/\D/g, "")) ?? [];
  const meant = waits.find(({ code }) => digits.some((run) => run === code) || new RegExp(`(^|\\D)${code}(\\D|$)`).test(text));
  if (meant) return { wait: meant, says: `answers ${about(meant)}` };
  if (waits.length === 1) return { wait: null, says: `${about(waits[0])} is open: its code makes a text its answer` };
  return { wait: null, says: `${waits.length} questions are open: a code says which one is answered (${waits.map(({ code }) => code).join(", ")})` };
}

function about({ code, asked, by }) {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(asked)) / 1000));
  const ago = seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `question ${code}, asked ${ago} ago${by ? ` by ${by}` : ""}`;
}
