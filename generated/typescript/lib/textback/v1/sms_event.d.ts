import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Duration } from "../../google/protobuf/duration.js";
import { Failure, MessageState, RejectReason, Reply, Result, SmsMessage, Warning } from "./sms_message.js";
/** One numbered step in a message's history. */
export interface SmsEvent {
    /** The message. */
    messageId: string;
    /**
     * Starts at 1, grows by 1 per message, never reused: the position to resume from. A heartbeat repeats the last
     * number written to this stream.
     */
    sequence: number;
    /** When it happened. */
    eventTime: Date | undefined;
    /** Nothing follows this event. Look at this rather than at the kind: kinds may be added. */
    terminal: boolean;
    /** How the message ended; in the terminal event only. */
    result: Result | undefined;
    /** What happened. An unknown kind is harmless. */
    kind: //
    /** The message is stored; Twilio has not been called yet. Always event 1. */
    {
        $case: "created";
        value: Created;
    } | //
    /** The SMS moved on. */
    {
        $case: "statusChanged";
        value: StatusChanged;
    } | //
    /** An inbound SMS was seen that is not the answer. The question stays open. */
    {
        $case: "replyRejected";
        value: ReplyRejected;
    } | //
    /** Terminal: the person answered. */
    {
        $case: "replyReceived";
        value: ReplyReceived;
    } | //
    /** Terminal: nobody answered in time. */
    {
        $case: "timedOut";
        value: TimedOut;
    } | //
    /** Terminal: the SMS cannot arrive. */
    {
        $case: "failed";
        value: Failed;
    } | //
    /** Terminal: the person texted STOP, or had done so before. */
    {
        $case: "optedOut";
        value: OptedOut;
    } | //
    /** Terminal: CancelWait, or never sent. */
    {
        $case: "cancelled";
        value: Cancelled;
    } | //
    /** Terminal, without a wait only: accepted, and no receipt came within 72 hours. */
    {
        $case: "settled";
        value: Settled;
    } | //
    /** Sign of life on a quiet stream, about every 15 s. Not stored. */
    {
        $case: "heartbeat";
        value: Heartbeat;
    } | undefined;
}
/** The message is stored. */
export interface Created {
    /** The message as stored: code, full text, sender, encoding, segments, expire time. */
    message: SmsMessage | undefined;
    /** What to know about it. */
    warnings: Warning[];
}
/** The SMS moved on. */
export interface StatusChanged {
    /** Where it is now. */
    state: MessageState;
    /** Twilio's own word. Empty where the news is not Twilio's. */
    twilioStatus: string;
    /** Twilio's identifier, once known. */
    twilioSid: string;
    /** Why it did not get further. Absent if nothing is wrong. */
    failure: Failure | undefined;
}
/** An inbound SMS was seen that is not the answer. */
export interface ReplyRejected {
    /** Why not. */
    reason: RejectReason;
    /** The text as it came. */
    body: string;
    /** Twilio's identifier of the inbound SMS. */
    twilioSid: string;
    /** Whether the person was told why. */
    personTold: boolean;
}
/** The person answered. */
export interface ReplyReceived {
    /** The answer. */
    reply: Reply | undefined;
}
/** Nobody answered in time. */
export interface TimedOut {
}
/** The SMS cannot arrive. */
export interface Failed {
    /** Where the SMS ended. */
    state: MessageState;
    /** Twilio's own word. Empty where the news is not Twilio's. */
    twilioStatus: string;
    /** Why. */
    failure: Failure | undefined;
}
/** The person does not want messages from this sender. */
export interface OptedOut {
    /** Twilio's identifier of the inbound SMS that said so. Empty if Twilio refused the SMS because of an earlier one. */
    twilioSid: string;
}
/** Cancelled before an answer. */
export interface Cancelled {
}
/** No receipt came. */
export interface Settled {
}
/** A sign of life. */
export interface Heartbeat {
    /** What is left of the wait. Absent without one. */
    timeLeft: Duration | undefined;
}
export declare const SmsEvent: MessageFns<SmsEvent>;
export declare const Created: MessageFns<Created>;
export declare const StatusChanged: MessageFns<StatusChanged>;
export declare const ReplyRejected: MessageFns<ReplyRejected>;
export declare const ReplyReceived: MessageFns<ReplyReceived>;
export declare const TimedOut: MessageFns<TimedOut>;
export declare const Failed: MessageFns<Failed>;
export declare const OptedOut: MessageFns<OptedOut>;
export declare const Cancelled: MessageFns<Cancelled>;
export declare const Settled: MessageFns<Settled>;
export declare const Heartbeat: MessageFns<Heartbeat>;
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
