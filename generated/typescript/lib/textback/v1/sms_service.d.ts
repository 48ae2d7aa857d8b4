import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { type CallOptions, type ChannelCredentials, Client, type ClientOptions, type ClientReadableStream, type ClientUnaryCall, type handleServerStreamingCall, type handleUnaryCall, type Metadata, type ServiceError, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { Duration } from "../../google/protobuf/duration.js";
import { SmsEvent } from "./sms_event.js";
import { Context, InboundDisposition, InboundSms, MessageState, Sms, SmsMessage, WaitOptions, WaitState, Warning } from "./sms_message.js";
/** Asks whether an account can send. */
export interface PingRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
}
/** What Twilio says of the account. */
export interface PingResponse {
    /** The account's configured name. */
    account: string;
    /** Its Account SID, masked but for the ends. */
    accountSid: string;
    /** "active". Empty if the credentials may not read it (API keys). */
    accountStatus: string;
    /** "Full" or "Trial". Empty if the credentials may not read it (API keys). */
    accountType: string;
    /** The far end is an emulator: no SMS leaves the machine. */
    emulator: boolean;
    /** Time of the probing request to Twilio. */
    roundTrip: Duration | undefined;
    /** The sender that was looked at: the account's only one, else the first that it lists. Empty if it lists none. */
    sender: string;
    /** That sender can send SMS. Absent if it cannot be known. */
    senderCanSms?: boolean | undefined;
    /** Twilio's inbound URL for that sender is ours. Absent if it cannot be known. */
    webhookPointsHere?: boolean | undefined;
    /** What to know although sending works: e.g. replies that will not arrive. */
    warnings: Warning[];
}
/** Asks for one SMS to be sent. */
export interface SendSmsRequest {
    /**
     * Idempotency key, 1 to 128 visible ASCII characters, unique per account, kept as long as the message. The same key
     * with the same request gives the same outcome; with another request or method: ALREADY_EXISTS REQUEST_ID_REUSED.
     * Default: none, each call sends.
     */
    requestId: string;
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** The SMS. Required. */
    sms: Sms | undefined;
    /** What the caller is working on. Default: nothing. */
    context: Context | undefined;
}
/** One message, stored and handed over. */
export interface SendSmsResponse {
    /** The message. */
    message: SmsMessage | undefined;
}
/** Asks for one SMS to be sent and its reply awaited. */
export interface SendSmsAndWaitRequest {
    /**
     * Idempotency key, 1 to 128 visible ASCII characters, unique per account, kept as long as the message. The same key
     * with the same request attaches to the running wait and replays its events from the first; with another request
     * or method: ALREADY_EXISTS REQUEST_ID_REUSED. Default: none, each call asks.
     */
    requestId: string;
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** The SMS. Required. */
    sms: Sms | undefined;
    /** What the caller is working on. Default: nothing. */
    context: Context | undefined;
    /** What may be answered, and for how long. Default: anything, for 1 h. */
    wait: WaitOptions | undefined;
}
/** One event of the message. */
export interface SendSmsAndWaitResponse {
    /** The event. */
    event: SmsEvent | undefined;
}
/** Names a message whose events to stream. */
export interface WatchMessageRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** The message. Required. NOT_FOUND if this account has none of that name. */
    messageId: string;
    /** Only events with a greater sequence. OUT_OF_RANGE beyond the newest event. Default: 0, which replays all. */
    afterSequence: number;
}
/** One event of the message. */
export interface WatchMessageResponse {
    /** The event. */
    event: SmsEvent | undefined;
}
/** Names a message to read. */
export interface GetMessageRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** The message. Required. NOT_FOUND if this account has none of that name. */
    messageId: string;
}
/** One message. */
export interface GetMessageResponse {
    /** The message. */
    message: SmsMessage | undefined;
    /**
     * What people texted that spoke to its wait, answers, wrong answers and late ones; newest first, at most 50. All of
     * it: ListInbound with message_id.
     */
    inbound: InboundSms[];
}
/** Asks for messages. All filters given must fit. */
export interface ListMessagesRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** At most so many; 1 to 1000. A page of large messages may have fewer. Default: 50. */
    pageSize: number;
    /** The previous answer's next_page_token, with the same filters. Default: the first page. */
    pageToken: string;
    /** Only messages in one of these states. Default: any. */
    states: MessageState[];
    /** Only messages whose wait is in one of these states. Default: any, also messages without a wait. */
    waitStates: WaitState[];
    /** Only messages to this number, E.164. Default: any. */
    recipient: string;
    /** Only messages that carry all these labels; at most 4. Default: any. */
    labels: {
        [key: string]: string;
    };
    /** Only messages of this case. Default: any. */
    caseId: string;
}
export interface ListMessagesRequest_LabelsEntry {
    key: string;
    value: string;
}
/** A page of messages, newest first. */
export interface ListMessagesResponse {
    /** The messages. */
    messages: SmsMessage[];
    /** Asks for the next page. Empty on the last one. */
    nextPageToken: string;
}
/** Asks for inbound SMS. All filters given must fit. */
export interface ListInboundRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /** At most so many; 1 to 1000. A page of large messages may have fewer. Default: 50. */
    pageSize: number;
    /** The previous answer's next_page_token, with the same filters. Default: the first page. */
    pageToken: string;
    /** Only SMS from this number. Default: any. */
    sender: string;
    /** Only SMS that became one of these. Default: any. */
    dispositions: InboundDisposition[];
    /** Only SMS that spoke to this message's wait. Default: any. */
    messageId: string;
}
/** A page of inbound SMS, newest first. */
export interface ListInboundResponse {
    /** The inbound SMS. */
    inbound: InboundSms[];
    /** Asks for the next page. Empty on the last one. */
    nextPageToken: string;
}
/** Names a message whose wait to cancel. */
export interface CancelWaitRequest {
    /** The account, as configured. Default: the only one, else the one called "default". */
    account: string;
    /**
     * The message. Required. NOT_FOUND if this account has none of that name; FAILED_PRECONDITION NO_WAIT if it asks
     * nothing.
     */
    messageId: string;
}
/** The message after the cancellation. */
export interface CancelWaitResponse {
    /** The message. */
    message: SmsMessage | undefined;
}
export declare const PingRequest: MessageFns<PingRequest>;
export declare const PingResponse: MessageFns<PingResponse>;
export declare const SendSmsRequest: MessageFns<SendSmsRequest>;
export declare const SendSmsResponse: MessageFns<SendSmsResponse>;
export declare const SendSmsAndWaitRequest: MessageFns<SendSmsAndWaitRequest>;
export declare const SendSmsAndWaitResponse: MessageFns<SendSmsAndWaitResponse>;
export declare const WatchMessageRequest: MessageFns<WatchMessageRequest>;
export declare const WatchMessageResponse: MessageFns<WatchMessageResponse>;
export declare const GetMessageRequest: MessageFns<GetMessageRequest>;
export declare const GetMessageResponse: MessageFns<GetMessageResponse>;
export declare const ListMessagesRequest: MessageFns<ListMessagesRequest>;
export declare const ListMessagesRequest_LabelsEntry: MessageFns<ListMessagesRequest_LabelsEntry>;
export declare const ListMessagesResponse: MessageFns<ListMessagesResponse>;
export declare const ListInboundRequest: MessageFns<ListInboundRequest>;
export declare const ListInboundResponse: MessageFns<ListInboundResponse>;
export declare const CancelWaitRequest: MessageFns<CancelWaitRequest>;
export declare const CancelWaitResponse: MessageFns<CancelWaitResponse>;
/**
 * SmsService sends SMS through Twilio, and waits for what people text back.
 *
 * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
 * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
 *
 * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
 * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
 */
export type SmsServiceService = typeof SmsServiceService;
export declare const SmsServiceService: {
    /**
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     *
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     */
    readonly ping: {
        readonly path: "/textback.v1.SmsService/Ping";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: PingRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => PingRequest;
        readonly responseSerialize: (value: PingResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => PingResponse;
    };
    /**
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     *
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     */
    readonly sendSms: {
        readonly path: "/textback.v1.SmsService/SendSms";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: SendSmsRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => SendSmsRequest;
        readonly responseSerialize: (value: SendSmsResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => SendSmsResponse;
    };
    /**
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     *
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     */
    readonly sendSmsAndWait: {
        readonly path: "/textback.v1.SmsService/SendSmsAndWait";
        readonly requestStream: false;
        readonly responseStream: true;
        readonly requestSerialize: (value: SendSmsAndWaitRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => SendSmsAndWaitRequest;
        readonly responseSerialize: (value: SendSmsAndWaitResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => SendSmsAndWaitResponse;
    };
    /**
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     */
    readonly watchMessage: {
        readonly path: "/textback.v1.SmsService/WatchMessage";
        readonly requestStream: false;
        readonly responseStream: true;
        readonly requestSerialize: (value: WatchMessageRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => WatchMessageRequest;
        readonly responseSerialize: (value: WatchMessageResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => WatchMessageResponse;
    };
    /**
     * Reads one message.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     */
    readonly getMessage: {
        readonly path: "/textback.v1.SmsService/GetMessage";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: GetMessageRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => GetMessageRequest;
        readonly responseSerialize: (value: GetMessageResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => GetMessageResponse;
    };
    /** Lists messages, newest first. */
    readonly listMessages: {
        readonly path: "/textback.v1.SmsService/ListMessages";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: ListMessagesRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => ListMessagesRequest;
        readonly responseSerialize: (value: ListMessagesResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => ListMessagesResponse;
    };
    /** Lists inbound SMS, matched or not, newest first. */
    readonly listInbound: {
        readonly path: "/textback.v1.SmsService/ListInbound";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: ListInboundRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => ListInboundRequest;
        readonly responseSerialize: (value: ListInboundResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => ListInboundResponse;
    };
    /**
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     */
    readonly cancelWait: {
        readonly path: "/textback.v1.SmsService/CancelWait";
        readonly requestStream: false;
        readonly responseStream: false;
        readonly requestSerialize: (value: CancelWaitRequest) => Buffer;
        readonly requestDeserialize: (value: Buffer) => CancelWaitRequest;
        readonly responseSerialize: (value: CancelWaitResponse) => Buffer;
        readonly responseDeserialize: (value: Buffer) => CancelWaitResponse;
    };
};
export interface SmsServiceServer extends UntypedServiceImplementation {
    /**
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     *
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     */
    ping: handleUnaryCall<PingRequest, PingResponse>;
    /**
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     *
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     */
    sendSms: handleUnaryCall<SendSmsRequest, SendSmsResponse>;
    /**
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     *
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     */
    sendSmsAndWait: handleServerStreamingCall<SendSmsAndWaitRequest, SendSmsAndWaitResponse>;
    /**
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     */
    watchMessage: handleServerStreamingCall<WatchMessageRequest, WatchMessageResponse>;
    /**
     * Reads one message.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     */
    getMessage: handleUnaryCall<GetMessageRequest, GetMessageResponse>;
    /** Lists messages, newest first. */
    listMessages: handleUnaryCall<ListMessagesRequest, ListMessagesResponse>;
    /** Lists inbound SMS, matched or not, newest first. */
    listInbound: handleUnaryCall<ListInboundRequest, ListInboundResponse>;
    /**
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     */
    cancelWait: handleUnaryCall<CancelWaitRequest, CancelWaitResponse>;
}
export interface SmsServiceClient extends Client {
    /**
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     *
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     */
    ping(request: PingRequest, callback: (error: ServiceError | null, response: PingResponse) => void): ClientUnaryCall;
    ping(request: PingRequest, metadata: Metadata, callback: (error: ServiceError | null, response: PingResponse) => void): ClientUnaryCall;
    ping(request: PingRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: PingResponse) => void): ClientUnaryCall;
    /**
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     *
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     */
    sendSms(request: SendSmsRequest, callback: (error: ServiceError | null, response: SendSmsResponse) => void): ClientUnaryCall;
    sendSms(request: SendSmsRequest, metadata: Metadata, callback: (error: ServiceError | null, response: SendSmsResponse) => void): ClientUnaryCall;
    sendSms(request: SendSmsRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: SendSmsResponse) => void): ClientUnaryCall;
    /**
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     *
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     */
    sendSmsAndWait(request: SendSmsAndWaitRequest, options?: Partial<CallOptions>): ClientReadableStream<SendSmsAndWaitResponse>;
    sendSmsAndWait(request: SendSmsAndWaitRequest, metadata?: Metadata, options?: Partial<CallOptions>): ClientReadableStream<SendSmsAndWaitResponse>;
    /**
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     */
    watchMessage(request: WatchMessageRequest, options?: Partial<CallOptions>): ClientReadableStream<WatchMessageResponse>;
    watchMessage(request: WatchMessageRequest, metadata?: Metadata, options?: Partial<CallOptions>): ClientReadableStream<WatchMessageResponse>;
    /**
     * Reads one message.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     */
    getMessage(request: GetMessageRequest, callback: (error: ServiceError | null, response: GetMessageResponse) => void): ClientUnaryCall;
    getMessage(request: GetMessageRequest, metadata: Metadata, callback: (error: ServiceError | null, response: GetMessageResponse) => void): ClientUnaryCall;
    getMessage(request: GetMessageRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: GetMessageResponse) => void): ClientUnaryCall;
    /** Lists messages, newest first. */
    listMessages(request: ListMessagesRequest, callback: (error: ServiceError | null, response: ListMessagesResponse) => void): ClientUnaryCall;
    listMessages(request: ListMessagesRequest, metadata: Metadata, callback: (error: ServiceError | null, response: ListMessagesResponse) => void): ClientUnaryCall;
    listMessages(request: ListMessagesRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: ListMessagesResponse) => void): ClientUnaryCall;
    /** Lists inbound SMS, matched or not, newest first. */
    listInbound(request: ListInboundRequest, callback: (error: ServiceError | null, response: ListInboundResponse) => void): ClientUnaryCall;
    listInbound(request: ListInboundRequest, metadata: Metadata, callback: (error: ServiceError | null, response: ListInboundResponse) => void): ClientUnaryCall;
    listInbound(request: ListInboundRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: ListInboundResponse) => void): ClientUnaryCall;
    /**
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     *
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     */
    cancelWait(request: CancelWaitRequest, callback: (error: ServiceError | null, response: CancelWaitResponse) => void): ClientUnaryCall;
    cancelWait(request: CancelWaitRequest, metadata: Metadata, callback: (error: ServiceError | null, response: CancelWaitResponse) => void): ClientUnaryCall;
    cancelWait(request: CancelWaitRequest, metadata: Metadata, options: Partial<CallOptions>, callback: (error: ServiceError | null, response: CancelWaitResponse) => void): ClientUnaryCall;
}
export declare const SmsServiceClient: {
    new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>): SmsServiceClient;
    service: typeof SmsServiceService;
    serviceName: string;
};
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
