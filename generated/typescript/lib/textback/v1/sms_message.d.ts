import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Duration } from "../../google/protobuf/duration.js";
/** What happens to a text that is too long. Values may be added. */
export declare enum OnTooLong {
    /** ON_TOO_LONG_UNSPECIFIED - As REFUSE. */
    ON_TOO_LONG_UNSPECIFIED = 0,
    /** ON_TOO_LONG_REFUSE - INVALID_ARGUMENT, with the counts. */
    ON_TOO_LONG_REFUSE = 1,
    /** ON_TOO_LONG_TRUNCATE - The body is cut at a whole character and marked as cut, never the prompt; a warning says so. */
    ON_TOO_LONG_TRUNCATE = 2,
    UNRECOGNIZED = -1
}
export declare function onTooLongFromJSON(object: any): OnTooLong;
export declare function onTooLongToJSON(object: OnTooLong): string;
/** What a reply must carry to find its question. Values may be added. */
export declare enum ReplyMatch {
    /** REPLY_MATCH_UNSPECIFIED - The account's default. */
    REPLY_MATCH_UNSPECIFIED = 0,
    /** REPLY_MATCH_CODE - The code. */
    REPLY_MATCH_CODE = 1,
    /** REPLY_MATCH_SENDER - Nothing, where the phone has exactly one open question in all and no other closed within 10 minutes; else the code. */
    REPLY_MATCH_SENDER = 2,
    UNRECOGNIZED = -1
}
export declare function replyMatchFromJSON(object: any): ReplyMatch;
export declare function replyMatchToJSON(object: ReplyMatch): string;
/** What the person may be texted back. The account sets the texts. Values may be added. */
export declare enum Notices {
    /** NOTICES_UNSPECIFIED - As HINTS. */
    NOTICES_UNSPECIFIED = 0,
    /** NOTICES_NONE - Nothing. */
    NOTICES_NONE = 1,
    /** NOTICES_HINTS - That the code is missing (once per question), that the answer is no choice, that it is too late or was given. */
    NOTICES_HINTS = 2,
    /** NOTICES_ALL - Also a confirmation of the answer, which costs a segment. */
    NOTICES_ALL = 3,
    UNRECOGNIZED = -1
}
export declare function noticesFromJSON(object: any): Notices;
export declare function noticesToJSON(object: Notices): string;
/** Where an SMS is on its way. Values may be added. */
export declare enum MessageState {
    /** MESSAGE_STATE_UNSPECIFIED - Never sent by the server. */
    MESSAGE_STATE_UNSPECIFIED = 0,
    /** MESSAGE_STATE_PENDING - Stored, not handed to Twilio yet: held back by a back-off. */
    MESSAGE_STATE_PENDING = 1,
    /** MESSAGE_STATE_SENDING - Being handed to Twilio right now. */
    MESSAGE_STATE_SENDING = 2,
    /** MESSAGE_STATE_UNCONFIRMED - Handed over, but no answer says whether Twilio took it. Not repeated; evidence is awaited. */
    MESSAGE_STATE_UNCONFIRMED = 3,
    /** MESSAGE_STATE_OUTCOME_UNKNOWN - No evidence came in time: nobody can say whether the person has it. Later evidence still moves it on. */
    MESSAGE_STATE_OUTCOME_UNKNOWN = 4,
    /** MESSAGE_STATE_ACCEPTED - Twilio has it ("accepted", "scheduled"). */
    MESSAGE_STATE_ACCEPTED = 5,
    /** MESSAGE_STATE_QUEUED - Queued at Twilio ("queued", "sending"). */
    MESSAGE_STATE_QUEUED = 6,
    /** MESSAGE_STATE_SENT - The nearest carrier has it. May stay the last word: not every carrier returns receipts. */
    MESSAGE_STATE_SENT = 7,
    /** MESSAGE_STATE_DELIVERED - The carrier confirmed delivery. */
    MESSAGE_STATE_DELIVERED = 8,
    /** MESSAGE_STATE_UNDELIVERED - The carrier says that it cannot be delivered. */
    MESSAGE_STATE_UNDELIVERED = 9,
    /** MESSAGE_STATE_FAILED - It never left: refused by Twilio, or failed there. */
    MESSAGE_STATE_FAILED = 10,
    /** MESSAGE_STATE_CANCELLED - Never sent, because its wait closed first or Twilio cancelled it. */
    MESSAGE_STATE_CANCELLED = 11,
    /** MESSAGE_STATE_READ - The person opened it (not on plain SMS). */
    MESSAGE_STATE_READ = 12,
    UNRECOGNIZED = -1
}
export declare function messageStateFromJSON(object: any): MessageState;
export declare function messageStateToJSON(object: MessageState): string;
/** Open, or how a wait ended. Values may be added. */
export declare enum WaitState {
    /** WAIT_STATE_UNSPECIFIED - Never sent by the server. */
    WAIT_STATE_UNSPECIFIED = 0,
    /** WAIT_STATE_OPEN - Expecting a reply. */
    WAIT_STATE_OPEN = 1,
    /** WAIT_STATE_REPLIED - Answered. */
    WAIT_STATE_REPLIED = 2,
    /** WAIT_STATE_TIMED_OUT - Nobody answered in time. */
    WAIT_STATE_TIMED_OUT = 3,
    /** WAIT_STATE_CANCELLED - CancelWait. */
    WAIT_STATE_CANCELLED = 4,
    /** WAIT_STATE_OPTED_OUT - The person texted STOP, or had done so before. */
    WAIT_STATE_OPTED_OUT = 5,
    /** WAIT_STATE_FAILED - The SMS cannot arrive. */
    WAIT_STATE_FAILED = 6,
    UNRECOGNIZED = -1
}
export declare function waitStateFromJSON(object: any): WaitState;
export declare function waitStateToJSON(object: WaitState): string;
/** How a message ended. Values may be added. */
export declare enum Outcome {
    /** OUTCOME_UNSPECIFIED - Never sent by the server. */
    OUTCOME_UNSPECIFIED = 0,
    /** OUTCOME_REPLIED - The person answered. */
    OUTCOME_REPLIED = 1,
    /** OUTCOME_TIMED_OUT - Nobody answered in time. */
    OUTCOME_TIMED_OUT = 2,
    /** OUTCOME_CANCELLED - CancelWait, or never sent. */
    OUTCOME_CANCELLED = 3,
    /** OUTCOME_OPTED_OUT - The person texted STOP, or had done so before. */
    OUTCOME_OPTED_OUT = 4,
    /** OUTCOME_FAILED - The SMS cannot arrive. */
    OUTCOME_FAILED = 5,
    /** OUTCOME_DELIVERED - A message without a wait was delivered. */
    OUTCOME_DELIVERED = 6,
    /** OUTCOME_UNKNOWN - A message without a wait: nobody can say whether it was sent. */
    OUTCOME_UNKNOWN = 7,
    /** OUTCOME_SETTLED - A message without a wait: accepted by Twilio, and no receipt came within 72 hours. */
    OUTCOME_SETTLED = 8,
    UNRECOGNIZED = -1
}
export declare function outcomeFromJSON(object: any): Outcome;
export declare function outcomeToJSON(object: Outcome): string;
/** Who decided a question. Values may be added. */
export declare enum DecidedBy {
    /** DECIDED_BY_UNSPECIFIED - Nobody. */
    DECIDED_BY_UNSPECIFIED = 0,
    /** DECIDED_BY_REPLY - The person. */
    DECIDED_BY_REPLY = 1,
    /** DECIDED_BY_TIMEOUT - The timeout, by timeout_choice. */
    DECIDED_BY_TIMEOUT = 2,
    UNRECOGNIZED = -1
}
export declare function decidedByFromJSON(object: any): DecidedBy;
export declare function decidedByToJSON(object: DecidedBy): string;
/** By which way an inbound SMS came. Values may be added. */
export declare enum ReplyVia {
    /** REPLY_VIA_UNSPECIFIED - Never sent by the server. */
    REPLY_VIA_UNSPECIFIED = 0,
    /** REPLY_VIA_WEBHOOK - Twilio called our inbound webhook. */
    REPLY_VIA_WEBHOOK = 1,
    /** REPLY_VIA_POLLING - We found it in Twilio's list of messages. */
    REPLY_VIA_POLLING = 2,
    UNRECOGNIZED = -1
}
export declare function replyViaFromJSON(object: any): ReplyVia;
export declare function replyViaToJSON(object: ReplyVia): string;
/** Why an inbound SMS was not the answer. Values may be added. */
export declare enum RejectReason {
    /** REJECT_REASON_UNSPECIFIED - Never sent by the server. */
    REJECT_REASON_UNSPECIFIED = 0,
    /** REJECT_REASON_NOT_A_CHOICE - It carried the code, but none of the choices. */
    REJECT_REASON_NOT_A_CHOICE = 1,
    /** REJECT_REASON_NO_CODE - It carried no code. */
    REJECT_REASON_NO_CODE = 2,
    /** REJECT_REASON_SEVERAL_CODES - Its digits can be read as the codes of different questions. */
    REJECT_REASON_SEVERAL_CODES = 3,
    /** REJECT_REASON_SEVERAL_ANSWERS - It gave different answers. */
    REJECT_REASON_SEVERAL_ANSWERS = 4,
    /** REJECT_REASON_WRONG_CODE - It carried a number that is the code of none of this person's questions. */
    REJECT_REASON_WRONG_CODE = 5,
    /** REJECT_REASON_EMPTY - It carried the code alone, where an answer is needed. */
    REJECT_REASON_EMPTY = 6,
    /** REJECT_REASON_TAPBACK - A reaction to a text ("Liked …"). */
    REJECT_REASON_TAPBACK = 7,
    /** REJECT_REASON_ECHO - Our own text came back, echoed or forwarded. */
    REJECT_REASON_ECHO = 8,
    /** REJECT_REASON_AUTO_REPLY - A machine answered ("I'm driving …"). */
    REJECT_REASON_AUTO_REPLY = 9,
    /** REJECT_REASON_LATE - The question had closed. */
    REJECT_REASON_LATE = 10,
    /** REJECT_REASON_ANSWERED - The question had been answered. */
    REJECT_REASON_ANSWERED = 11,
    /** REJECT_REASON_FOREIGN - The code is that of a question to another phone. */
    REJECT_REASON_FOREIGN = 12,
    /** REJECT_REASON_OPT_IN - START, YES or UNSTOP alone: Twilio takes it as an opt-in. */
    REJECT_REASON_OPT_IN = 13,
    /** REJECT_REASON_HELP - HELP or INFO alone: Twilio answers it. */
    REJECT_REASON_HELP = 14,
    /** REJECT_REASON_NO_QUESTION - Nothing is open for this person. */
    REJECT_REASON_NO_QUESTION = 15,
    UNRECOGNIZED = -1
}
export declare function rejectReasonFromJSON(object: any): RejectReason;
export declare function rejectReasonToJSON(object: RejectReason): string;
/** What became of an inbound SMS. Values may be added. */
export declare enum InboundDisposition {
    /** INBOUND_DISPOSITION_UNSPECIFIED - Never sent by the server. */
    INBOUND_DISPOSITION_UNSPECIFIED = 0,
    /** INBOUND_DISPOSITION_REPLY - It answered a wait. */
    INBOUND_DISPOSITION_REPLY = 1,
    /** INBOUND_DISPOSITION_REJECTED - It carried the code of an open wait but was not an answer. */
    INBOUND_DISPOSITION_REJECTED = 2,
    /** INBOUND_DISPOSITION_LATE - It carried the code of a wait that had closed. */
    INBOUND_DISPOSITION_LATE = 3,
    /** INBOUND_DISPOSITION_UNMATCHED - It carried no code of this person's waits. */
    INBOUND_DISPOSITION_UNMATCHED = 4,
    /** INBOUND_DISPOSITION_OPT_OUT - An opt-out word. */
    INBOUND_DISPOSITION_OPT_OUT = 5,
    /** INBOUND_DISPOSITION_OPT_IN - An opt-in word. */
    INBOUND_DISPOSITION_OPT_IN = 6,
    /** INBOUND_DISPOSITION_FOREIGN - It carried the code of a question to another phone. */
    INBOUND_DISPOSITION_FOREIGN = 7,
    UNRECOGNIZED = -1
}
export declare function inboundDispositionFromJSON(object: any): InboundDisposition;
export declare function inboundDispositionToJSON(object: InboundDisposition): string;
/** How a text is encoded on the air. */
export declare enum SmsEncoding {
    /** SMS_ENCODING_UNSPECIFIED - Never sent by the server. */
    SMS_ENCODING_UNSPECIFIED = 0,
    /** SMS_ENCODING_GSM7 - GSM 03.38: 160 characters in one segment, 153 in each of several. */
    SMS_ENCODING_GSM7 = 1,
    /** SMS_ENCODING_UCS2 - UCS-2: 70 characters in one segment, 67 in each of several. */
    SMS_ENCODING_UCS2 = 2,
    UNRECOGNIZED = -1
}
export declare function smsEncodingFromJSON(object: any): SmsEncoding;
export declare function smsEncodingToJSON(object: SmsEncoding): string;
/** The SMS to send, shared by both ways of sending. */
export interface Sms {
    /**
     * Who receives it, in E.164: "+", country code, number; 3 to 15 digits, e.g. "+14155550123".
     * INVALID_ARGUMENT if it is anything else or cannot be a number of its country. Required.
     */
    recipient: string;
    /**
     * Who it is from: an E.164 number, a short code (3 to 8 digits), an alphanumeric sender
     * (1 to 11 letters, digits and spaces, at least one letter) or a Messaging Service SID ("MG" and 32 hex digits).
     * Default: the account's sender, if it lists exactly one. If the account lists senders, it must be one of
     * those; if it lists none, any, and Twilio judges. An alphanumeric sender cannot be combined with a wait: nobody
     * can answer it.
     */
    sender: string;
    /**
     * The text, literal. With the prompt that a wait adds it may have 1,600 characters (see on_too_long); characters
     * outside the basic plane count twice. Required, unless there is a template.
     */
    body: string;
    /**
     * The text as a template in Go's notation over data, e.g. "Login by {{ .event.user }}", instead of body. Fields by
     * path, index, and the functions json, prettyjson, join, split, replace, base, dir, parsetime, token and anon; no
     * conditions, no loops. At most 10,000 characters. An unknown key or function is INVALID_ARGUMENT with its place.
     * Default: none, body is the text.
     */
    template: string;
    /** What the template is about: a JSON document of at most 64 KB. Default: {}. Only with a template. */
    data: string;
    /**
     * How long Twilio may hold the message before it gives up (Twilio's ValidityPeriod): whole seconds, 1 s to 10 h.
     * Default: 10 h. Never more than what is left of the wait when the message is handed over.
     */
    validityPeriod: Duration | undefined;
    /** The most segments that the text may take, prompt included; 1 to 24. Default: as many as 1,600 characters take. */
    maxSegments: number;
    /** What happens to a text that is too long. Default: it is refused, with the counts. */
    onTooLong: OnTooLong;
    /**
     * The caller's own words about the message, returned with it and usable as a filter in ListMessages. At most 16;
     * keys 1 to 64 and values 0 to 256 visible characters. Not sent to Twilio. Default: none.
     */
    labels: {
        [key: string]: string;
    };
    /**
     * Twilio replaces characters that look like GSM-7 ones, e.g. curly quotes (Twilio's SmartEncoded). The service still
     * counts the text as it was given. Default: false.
     */
    smartEncoded: boolean;
    /**
     * Whether to hand the SMS to Twilio a second time, once, where nobody can say whether Twilio took it the first time:
     * after two minutes without any evidence, and only if Twilio's own list of messages does not show it. The risk is
     * that the person gets it twice: Twilio publishes no bound on how late it may still send, or list, what it took.
     * Default: false, it is never repeated and ends as MESSAGE_STATE_OUTCOME_UNKNOWN.
     */
    resendIfUnconfirmed: boolean;
}
export interface Sms_LabelsEntry {
    key: string;
    value: string;
}
/** What the caller is working on. Stored with the message, returned with it, never sent to Twilio. */
export interface Context {
    /** The case the message belongs to; at most 256 characters. ListMessages can filter by it. Default: none. */
    caseId: string;
    /** The alert groups it belongs to; at most 64 of at most 256 characters each. Default: none. */
    alertGroupIdentifiers: string[];
    /** The entities it is about; at most 64. Default: none. */
    targetEntities: TargetEntity[];
    /** The scope the caller worked in, e.g. "All entities"; at most 256 characters. Default: none. */
    scope: string;
}
/** One entity of a case. */
export interface TargetEntity {
    /** Its name, e.g. a host name; 1 to 256 characters. Required. */
    identifier: string;
    /** What kind of thing it is, e.g. "HOSTNAME"; at most 64 characters. Default: none. */
    entityType: string;
}
/** What may be answered, and for how long. */
export interface WaitOptions {
    /**
     * How long the question stays open, counted from its acceptance by this service. 10 s to 7 days (an operator may
     * narrow or widen both). Independent of the RPC deadline. Default: 1 h.
     */
    replyTimeout: Duration | undefined;
    /**
     * The answers that count; at most 10. The person is told them, and any other answer is rejected while the question
     * stays open. Default: none, then any non-blank text counts, and the bare code as an acknowledgement.
     */
    choices: Choice[];
    /**
     * The choice that a timeout stands for: result.choice carries it, result.decided_by says TIMEOUT.
     * Must be one of choices. Default: none, a timeout has no choice.
     */
    timeoutChoice: string;
    /** What a reply must carry. Default: the account's, which is CODE unless configured. */
    replyMatch: ReplyMatch;
    /**
     * The line that tells the person what to text back, with the placeholders {code}, {choices}, {timeout} and
     * {timeout_choice}; "{{" is a brace. At most 320 characters. It must have {code} or {choices}, unless reply_match is
     * SENDER. Default: the account's, else e.g. "Text back {choices}.".
     */
    prompt: string;
    /** Whether the bare code, with nothing else, is an answer. Default: only where there are no choices. */
    allowEmptyReply?: boolean | undefined;
    /** What the person may be texted back. Default: HINTS. */
    notices: Notices;
    /**
     * After so many replies that were not the answer the wait ends as FAILED (TOO_MANY_INVALID_REPLIES); at most 20.
     * Default: 0, never.
     */
    maxInvalidReplies: number;
}
/** One answer that counts. */
export interface Choice {
    /**
     * What result.choice will say, and what the person is asked to text; 1 to 40 visible characters, unique in its
     * question regardless of case. Required.
     */
    value: string;
    /**
     * Other texts that mean the same; at most 10 of 1 to 40 characters, each unique in its question regardless of case.
     * Default: none.
     */
    aliases: string[];
}
/** One outbound SMS that this service was asked to send, and all it knows of it. */
export interface SmsMessage {
    /** Identifier given by this service: "msg_" and 26 letters and digits, sortable by creation. */
    messageId: string;
    /** The caller's idempotency key, if one was given. */
    requestId: string;
    /** The account it was sent with. */
    account: string;
    /** Where the SMS is on its way. */
    state: MessageState;
    /** Twilio's own word for the state, e.g. "delivered". Empty before Twilio said one. */
    twilioStatus: string;
    /** Twilio's identifier, "SM" or "MM" and 32 hex digits. Empty before Twilio accepted the message. */
    twilioSid: string;
    /** Who it is to, E.164. */
    recipient: string;
    /** Who it is from. */
    sender: string;
    /** The full text as the person gets it, prompt included. */
    text: string;
    /** How the text is encoded on the air. */
    encoding: SmsEncoding;
    /** How many segments the text takes, which is what is billed. */
    segments: number;
    /** The caller's labels. */
    labels: {
        [key: string]: string;
    };
    /** The caller's context. Absent if none was given. */
    context: Context | undefined;
    /** When this service stored it. */
    createTime: Date | undefined;
    /** When it last changed. */
    updateTime: Date | undefined;
    /** Why the SMS cannot arrive. Absent unless the state says so. */
    failure: Failure | undefined;
    /** The question, if the message asks one. */
    wait: Wait | undefined;
    /** The newest stored event's number. */
    sequence: number;
    /** How the message ended, equal to the terminal event's result. Absent while its stream can still grow. */
    result: Result | undefined;
    /**
     * Whether its content was erased, which happens some time after its end (7 days, unless the operator chose another
     * time): text, the reply's text and body, result.text, the bodies of rejected replies are then empty, also in its
     * events. Outcome, choice, states and times stay until the message is purged (30 days after its end).
     */
    contentErased: boolean;
}
export interface SmsMessage_LabelsEntry {
    key: string;
    value: string;
}
/** The part of a message that expects a reply. */
export interface Wait {
    /** Open, or how it ended. */
    state: WaitState;
    /** The correlation code: digits that the person texts back. */
    code: string;
    /** When the question closes without an answer. */
    expireTime: Date | undefined;
    /** The answers that count. */
    choices: Choice[];
    /** The choice that a timeout stands for. */
    timeoutChoice: string;
    /** The inbound SMS that answered. Absent without one. */
    reply: Reply | undefined;
    /** How many inbound SMS were seen that were not the answer. */
    rejectedReplies: number;
    /** What a reply must carry. */
    replyMatch: ReplyMatch;
}
/** An inbound SMS that answered a question. */
export interface Reply {
    /** The text without the code, trimmed. Empty if the person sent the bare code. */
    text: string;
    /** The text as it came. */
    body: string;
    /** The choice it stands for, as the request spelled it. Empty without choices. */
    choice: string;
    /** Twilio's identifier of the inbound SMS. */
    twilioSid: string;
    /** When this service received it. */
    receiveTime: Date | undefined;
    /** By which way it came. */
    via: ReplyVia;
}
/** How a message ended. One result, for ever. */
export interface Result {
    /** What happened. */
    outcome: Outcome;
    /** The choice that was made, by the person or by the timeout. Empty without choices. */
    choice: string;
    /** The reply's text without the code. */
    text: string;
    /** Who decided. Unspecified if nothing was decided. */
    decidedBy: DecidedBy;
    /** Why it failed. Absent otherwise. */
    failure: Failure | undefined;
}
/** Why an SMS did not or cannot arrive. */
export interface Failure {
    /** Stable UPPER_SNAKE word, from the same list as ErrorInfo.reason (docs/errors.md). */
    reason: string;
    /** A sentence for people. */
    message: string;
    /** Twilio's error code, 0 without one. */
    twilioCode: number;
    /** Twilio's page about that code. Empty without one. */
    helpUrl: string;
}
/** An inbound SMS, matched or not. */
export interface InboundSms {
    /** Twilio's identifier: each inbound SMS is stored once. */
    twilioSid: string;
    /** The account that received it. */
    account: string;
    /** Who it is from. */
    sender: string;
    /** Our number that received it. */
    recipient: string;
    /** The text as it came. */
    body: string;
    /** When this service received it. */
    receiveTime: Date | undefined;
    /** By which way it came. */
    via: ReplyVia;
    /** What became of it. */
    disposition: InboundDisposition;
    /** The message whose wait it answered or was held against. Empty if it matched none. */
    messageId: string;
    /** Why it was no answer. Unspecified for an answer and for an opt-out. */
    reason: RejectReason;
    /**
     * Whether body was erased, with the content of the messages it spoke to, or, if there are none, some time after it
     * came.
     */
    contentErased: boolean;
}
/** Something to know that does not stop the work. */
export interface Warning {
    /** Stable UPPER_SNAKE word. */
    reason: string;
    /** What is the matter, a sentence. */
    message: string;
    /** What to do about it, a sentence. */
    fix: string;
}
export declare const Sms: MessageFns<Sms>;
export declare const Sms_LabelsEntry: MessageFns<Sms_LabelsEntry>;
export declare const Context: MessageFns<Context>;
export declare const TargetEntity: MessageFns<TargetEntity>;
export declare const WaitOptions: MessageFns<WaitOptions>;
export declare const Choice: MessageFns<Choice>;
export declare const SmsMessage: MessageFns<SmsMessage>;
export declare const SmsMessage_LabelsEntry: MessageFns<SmsMessage_LabelsEntry>;
export declare const Wait: MessageFns<Wait>;
export declare const Reply: MessageFns<Reply>;
export declare const Result: MessageFns<Result>;
export declare const Failure: MessageFns<Failure>;
export declare const InboundSms: MessageFns<InboundSms>;
export declare const Warning: MessageFns<Warning>;
type Builtin = Date | Function | Uint8Array | string | number | boolean | undefined;
type DeepPartial<T> = T extends Builtin ? T : T extends globalThis.Array<infer U> ? globalThis.Array<DeepPartial<U>> : T extends ReadonlyArray<infer U> ? ReadonlyArray<DeepPartial<U>> : T extends {
    $case: string;
    value: unknown;
} ? {
    $case: T["$case"];
    value?: DeepPartial<T["value"]>;
} : T extends {} ? {
    [K in keyof T]?: DeepPartial<T[K]>;
} : Partial<T>;
type KeysOfUnion<T> = T extends T ? keyof T : never;
type Exact<P, I extends P> = P extends Builtin ? P : P & {
    [K in keyof P]: Exact<P[K], I[K]>;
} & {
    [K in Exclude<keyof I, KeysOfUnion<P>>]: never;
};
interface MessageFns<T> {
    encode(message: T, writer?: BinaryWriter): BinaryWriter;
    decode(input: BinaryReader | Uint8Array, length?: number): T;
    fromJSON(object: any): T;
    toJSON(message: T): unknown;
    create<I extends Exact<DeepPartial<T>, I>>(base?: I): T;
    fromPartial<I extends Exact<DeepPartial<T>, I>>(object: I): T;
}
export {};
