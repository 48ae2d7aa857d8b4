package dev.textback.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SmsService sends SMS through Twilio, and waits for what people text back.
 * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
 * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
 * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
 * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SmsServiceGrpc {

  private SmsServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "textback.v1.SmsService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.PingRequest,
      dev.textback.v1.PingResponse> getPingMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Ping",
      requestType = dev.textback.v1.PingRequest.class,
      responseType = dev.textback.v1.PingResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.PingRequest,
      dev.textback.v1.PingResponse> getPingMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.PingRequest, dev.textback.v1.PingResponse> getPingMethod;
    if ((getPingMethod = SmsServiceGrpc.getPingMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getPingMethod = SmsServiceGrpc.getPingMethod) == null) {
          SmsServiceGrpc.getPingMethod = getPingMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.PingRequest, dev.textback.v1.PingResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Ping"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.PingRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.PingResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("Ping"))
              .build();
        }
      }
    }
    return getPingMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.SendSmsRequest,
      dev.textback.v1.SendSmsResponse> getSendSmsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendSms",
      requestType = dev.textback.v1.SendSmsRequest.class,
      responseType = dev.textback.v1.SendSmsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.SendSmsRequest,
      dev.textback.v1.SendSmsResponse> getSendSmsMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.SendSmsRequest, dev.textback.v1.SendSmsResponse> getSendSmsMethod;
    if ((getSendSmsMethod = SmsServiceGrpc.getSendSmsMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getSendSmsMethod = SmsServiceGrpc.getSendSmsMethod) == null) {
          SmsServiceGrpc.getSendSmsMethod = getSendSmsMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.SendSmsRequest, dev.textback.v1.SendSmsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendSms"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.SendSmsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.SendSmsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("SendSms"))
              .build();
        }
      }
    }
    return getSendSmsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.SendSmsAndWaitRequest,
      dev.textback.v1.SendSmsAndWaitResponse> getSendSmsAndWaitMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendSmsAndWait",
      requestType = dev.textback.v1.SendSmsAndWaitRequest.class,
      responseType = dev.textback.v1.SendSmsAndWaitResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.textback.v1.SendSmsAndWaitRequest,
      dev.textback.v1.SendSmsAndWaitResponse> getSendSmsAndWaitMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.SendSmsAndWaitRequest, dev.textback.v1.SendSmsAndWaitResponse> getSendSmsAndWaitMethod;
    if ((getSendSmsAndWaitMethod = SmsServiceGrpc.getSendSmsAndWaitMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getSendSmsAndWaitMethod = SmsServiceGrpc.getSendSmsAndWaitMethod) == null) {
          SmsServiceGrpc.getSendSmsAndWaitMethod = getSendSmsAndWaitMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.SendSmsAndWaitRequest, dev.textback.v1.SendSmsAndWaitResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendSmsAndWait"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.SendSmsAndWaitRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.SendSmsAndWaitResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("SendSmsAndWait"))
              .build();
        }
      }
    }
    return getSendSmsAndWaitMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.WatchMessageRequest,
      dev.textback.v1.WatchMessageResponse> getWatchMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchMessage",
      requestType = dev.textback.v1.WatchMessageRequest.class,
      responseType = dev.textback.v1.WatchMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.textback.v1.WatchMessageRequest,
      dev.textback.v1.WatchMessageResponse> getWatchMessageMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.WatchMessageRequest, dev.textback.v1.WatchMessageResponse> getWatchMessageMethod;
    if ((getWatchMessageMethod = SmsServiceGrpc.getWatchMessageMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getWatchMessageMethod = SmsServiceGrpc.getWatchMessageMethod) == null) {
          SmsServiceGrpc.getWatchMessageMethod = getWatchMessageMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.WatchMessageRequest, dev.textback.v1.WatchMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.WatchMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.WatchMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("WatchMessage"))
              .build();
        }
      }
    }
    return getWatchMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.GetMessageRequest,
      dev.textback.v1.GetMessageResponse> getGetMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetMessage",
      requestType = dev.textback.v1.GetMessageRequest.class,
      responseType = dev.textback.v1.GetMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.GetMessageRequest,
      dev.textback.v1.GetMessageResponse> getGetMessageMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.GetMessageRequest, dev.textback.v1.GetMessageResponse> getGetMessageMethod;
    if ((getGetMessageMethod = SmsServiceGrpc.getGetMessageMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getGetMessageMethod = SmsServiceGrpc.getGetMessageMethod) == null) {
          SmsServiceGrpc.getGetMessageMethod = getGetMessageMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.GetMessageRequest, dev.textback.v1.GetMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.GetMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.GetMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("GetMessage"))
              .build();
        }
      }
    }
    return getGetMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.ListMessagesRequest,
      dev.textback.v1.ListMessagesResponse> getListMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListMessages",
      requestType = dev.textback.v1.ListMessagesRequest.class,
      responseType = dev.textback.v1.ListMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.ListMessagesRequest,
      dev.textback.v1.ListMessagesResponse> getListMessagesMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.ListMessagesRequest, dev.textback.v1.ListMessagesResponse> getListMessagesMethod;
    if ((getListMessagesMethod = SmsServiceGrpc.getListMessagesMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getListMessagesMethod = SmsServiceGrpc.getListMessagesMethod) == null) {
          SmsServiceGrpc.getListMessagesMethod = getListMessagesMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.ListMessagesRequest, dev.textback.v1.ListMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.ListMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.ListMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("ListMessages"))
              .build();
        }
      }
    }
    return getListMessagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.ListInboundRequest,
      dev.textback.v1.ListInboundResponse> getListInboundMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListInbound",
      requestType = dev.textback.v1.ListInboundRequest.class,
      responseType = dev.textback.v1.ListInboundResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.ListInboundRequest,
      dev.textback.v1.ListInboundResponse> getListInboundMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.ListInboundRequest, dev.textback.v1.ListInboundResponse> getListInboundMethod;
    if ((getListInboundMethod = SmsServiceGrpc.getListInboundMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getListInboundMethod = SmsServiceGrpc.getListInboundMethod) == null) {
          SmsServiceGrpc.getListInboundMethod = getListInboundMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.ListInboundRequest, dev.textback.v1.ListInboundResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListInbound"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.ListInboundRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.ListInboundResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("ListInbound"))
              .build();
        }
      }
    }
    return getListInboundMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.textback.v1.CancelWaitRequest,
      dev.textback.v1.CancelWaitResponse> getCancelWaitMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelWait",
      requestType = dev.textback.v1.CancelWaitRequest.class,
      responseType = dev.textback.v1.CancelWaitResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.textback.v1.CancelWaitRequest,
      dev.textback.v1.CancelWaitResponse> getCancelWaitMethod() {
    io.grpc.MethodDescriptor<dev.textback.v1.CancelWaitRequest, dev.textback.v1.CancelWaitResponse> getCancelWaitMethod;
    if ((getCancelWaitMethod = SmsServiceGrpc.getCancelWaitMethod) == null) {
      synchronized (SmsServiceGrpc.class) {
        if ((getCancelWaitMethod = SmsServiceGrpc.getCancelWaitMethod) == null) {
          SmsServiceGrpc.getCancelWaitMethod = getCancelWaitMethod =
              io.grpc.MethodDescriptor.<dev.textback.v1.CancelWaitRequest, dev.textback.v1.CancelWaitResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelWait"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.CancelWaitRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.textback.v1.CancelWaitResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SmsServiceMethodDescriptorSupplier("CancelWait"))
              .build();
        }
      }
    }
    return getCancelWaitMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SmsServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SmsServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SmsServiceStub>() {
        @java.lang.Override
        public SmsServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SmsServiceStub(channel, callOptions);
        }
      };
    return SmsServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SmsServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SmsServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SmsServiceBlockingV2Stub>() {
        @java.lang.Override
        public SmsServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SmsServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SmsServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SmsServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SmsServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SmsServiceBlockingStub>() {
        @java.lang.Override
        public SmsServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SmsServiceBlockingStub(channel, callOptions);
        }
      };
    return SmsServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SmsServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SmsServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SmsServiceFutureStub>() {
        @java.lang.Override
        public SmsServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SmsServiceFutureStub(channel, callOptions);
        }
      };
    return SmsServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     * </pre>
     */
    default void ping(dev.textback.v1.PingRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.PingResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPingMethod(), responseObserver);
    }

    /**
     * <pre>
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     * </pre>
     */
    default void sendSms(dev.textback.v1.SendSmsRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendSmsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     * </pre>
     */
    default void sendSmsAndWait(dev.textback.v1.SendSmsAndWaitRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsAndWaitResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendSmsAndWaitMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     * </pre>
     */
    default void watchMessage(dev.textback.v1.WatchMessageRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.WatchMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one message.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     * </pre>
     */
    default void getMessage(dev.textback.v1.GetMessageRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.GetMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists messages, newest first.
     * </pre>
     */
    default void listMessages(dev.textback.v1.ListMessagesRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.ListMessagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListMessagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists inbound SMS, matched or not, newest first.
     * </pre>
     */
    default void listInbound(dev.textback.v1.ListInboundRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.ListInboundResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListInboundMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     * </pre>
     */
    default void cancelWait(dev.textback.v1.CancelWaitRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.CancelWaitResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelWaitMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SmsService.
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public static abstract class SmsServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SmsServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SmsService.
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public static final class SmsServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SmsServiceStub> {
    private SmsServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SmsServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SmsServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     * </pre>
     */
    public void ping(dev.textback.v1.PingRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.PingResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPingMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     * </pre>
     */
    public void sendSms(dev.textback.v1.SendSmsRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendSmsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     * </pre>
     */
    public void sendSmsAndWait(dev.textback.v1.SendSmsAndWaitRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsAndWaitResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSendSmsAndWaitMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     * </pre>
     */
    public void watchMessage(dev.textback.v1.WatchMessageRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.WatchMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads one message.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     * </pre>
     */
    public void getMessage(dev.textback.v1.GetMessageRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.GetMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists messages, newest first.
     * </pre>
     */
    public void listMessages(dev.textback.v1.ListMessagesRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.ListMessagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListMessagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists inbound SMS, matched or not, newest first.
     * </pre>
     */
    public void listInbound(dev.textback.v1.ListInboundRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.ListInboundResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListInboundMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     * </pre>
     */
    public void cancelWait(dev.textback.v1.CancelWaitRequest request,
        io.grpc.stub.StreamObserver<dev.textback.v1.CancelWaitResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelWaitMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SmsService.
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public static final class SmsServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SmsServiceBlockingV2Stub> {
    private SmsServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SmsServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SmsServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     * </pre>
     */
    public dev.textback.v1.PingResponse ping(dev.textback.v1.PingRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     * </pre>
     */
    public dev.textback.v1.SendSmsResponse sendSms(dev.textback.v1.SendSmsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendSmsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.textback.v1.SendSmsAndWaitResponse>
        sendSmsAndWait(dev.textback.v1.SendSmsAndWaitRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSendSmsAndWaitMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.textback.v1.WatchMessageResponse>
        watchMessage(dev.textback.v1.WatchMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one message.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     * </pre>
     */
    public dev.textback.v1.GetMessageResponse getMessage(dev.textback.v1.GetMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists messages, newest first.
     * </pre>
     */
    public dev.textback.v1.ListMessagesResponse listMessages(dev.textback.v1.ListMessagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists inbound SMS, matched or not, newest first.
     * </pre>
     */
    public dev.textback.v1.ListInboundResponse listInbound(dev.textback.v1.ListInboundRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListInboundMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     * </pre>
     */
    public dev.textback.v1.CancelWaitResponse cancelWait(dev.textback.v1.CancelWaitRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelWaitMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SmsService.
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public static final class SmsServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SmsServiceBlockingStub> {
    private SmsServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SmsServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SmsServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     * </pre>
     */
    public dev.textback.v1.PingResponse ping(dev.textback.v1.PingRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     * </pre>
     */
    public dev.textback.v1.SendSmsResponse sendSms(dev.textback.v1.SendSmsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendSmsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Hands over one SMS with a correlation code and streams events until the person replies, the wait times out, or it
     * can never succeed. Leaving the stream changes nothing: WatchMessage, or the same request_id, picks it up.
     * Errors: those of SendSms, but what Twilio refuses is an event; FAILED_PRECONDITION NO_INBOUND_PATH;
     * RESOURCE_EXHAUSTED CODES_EXHAUSTED; UNAVAILABLE STREAM_RECYCLED, for a stream that is an hour old or that nobody
     * reads for a minute.
     * </pre>
     */
    public java.util.Iterator<dev.textback.v1.SendSmsAndWaitResponse> sendSmsAndWait(
        dev.textback.v1.SendSmsAndWaitRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSendSmsAndWaitMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams any message's events after a sequence number: first the stored ones, then live, no gap and no double.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; OUT_OF_RANGE SEQUENCE_BEYOND_END; UNAVAILABLE STREAM_RECYCLED, for a stream that
     * is an hour old or that nobody reads for a minute.
     * </pre>
     */
    public java.util.Iterator<dev.textback.v1.WatchMessageResponse> watchMessage(
        dev.textback.v1.WatchMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one message.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     * </pre>
     */
    public dev.textback.v1.GetMessageResponse getMessage(dev.textback.v1.GetMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists messages, newest first.
     * </pre>
     */
    public dev.textback.v1.ListMessagesResponse listMessages(dev.textback.v1.ListMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists inbound SMS, matched or not, newest first.
     * </pre>
     */
    public dev.textback.v1.ListInboundResponse listInbound(dev.textback.v1.ListInboundRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListInboundMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     * </pre>
     */
    public dev.textback.v1.CancelWaitResponse cancelWait(dev.textback.v1.CancelWaitRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelWaitMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SmsService.
   * <pre>
   * SmsService sends SMS through Twilio, and waits for what people text back.
   * Every error is a google.rpc.Status with an ErrorInfo (domain "textback", reason from docs/errors.md), and with
   * BadRequest, RetryInfo and Help where they apply. With a request_id any failed call may be repeated blindly.
   * Errors of every call: INVALID_ARGUMENT INVALID_FIELD, all wrong fields at once; NOT_FOUND ACCOUNT_UNKNOWN;
   * RESOURCE_EXHAUSTED OVERLOADED; UNAVAILABLE STORE_UNAVAILABLE, SHUTTING_DOWN; INTERNAL INTERNAL. Each call adds its own.
   * </pre>
   */
  public static final class SmsServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SmsServiceFutureStub> {
    private SmsServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SmsServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SmsServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Proves that the configured Twilio credentials and sender work, right now. Sends nothing.
     * Errors: FAILED_PRECONDITION TWILIO_AUTH_FAILED, TWILIO_ACCOUNT_SUSPENDED, INVALID_SENDER; RESOURCE_EXHAUSTED
     * TWILIO_BUSY; UNAVAILABLE TWILIO_UNREACHABLE, TWILIO_TIMEOUT, TWILIO_UNAVAILABLE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.PingResponse> ping(
        dev.textback.v1.PingRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPingMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Hands one SMS to Twilio and returns the stored message when Twilio answered, after 15 s, or just before the
     * deadline, whichever is first. OK means accepted, PENDING, SENDING or UNCONFIRMED: see message.state.
     * Errors: ALREADY_EXISTS REQUEST_ID_REUSED; FAILED_PRECONDITION REQUEST_ID_REQUIRED, COUNTRY_NOT_ALLOWED,
     * RECIPIENT_OPTED_OUT; RESOURCE_EXHAUSTED RECIPIENT_LIMIT, DAILY_LIMIT; and, where Twilio refused the SMS, the reason
     * of Twilio's code, with message_id in its metadata.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.SendSmsResponse> sendSms(
        dev.textback.v1.SendSmsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendSmsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one message.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.GetMessageResponse> getMessage(
        dev.textback.v1.GetMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists messages, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.ListMessagesResponse> listMessages(
        dev.textback.v1.ListMessagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListMessagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists inbound SMS, matched or not, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.ListInboundResponse> listInbound(
        dev.textback.v1.ListInboundRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListInboundMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops waiting for a reply. A message that is still PENDING is never sent; one being sent may still go. Nothing
     * unsends an SMS. A wait that is closed already keeps its outcome and is returned, OK.
     * Errors: NOT_FOUND MESSAGE_UNKNOWN; FAILED_PRECONDITION NO_WAIT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.textback.v1.CancelWaitResponse> cancelWait(
        dev.textback.v1.CancelWaitRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelWaitMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PING = 0;
  private static final int METHODID_SEND_SMS = 1;
  private static final int METHODID_SEND_SMS_AND_WAIT = 2;
  private static final int METHODID_WATCH_MESSAGE = 3;
  private static final int METHODID_GET_MESSAGE = 4;
  private static final int METHODID_LIST_MESSAGES = 5;
  private static final int METHODID_LIST_INBOUND = 6;
  private static final int METHODID_CANCEL_WAIT = 7;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PING:
          serviceImpl.ping((dev.textback.v1.PingRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.PingResponse>) responseObserver);
          break;
        case METHODID_SEND_SMS:
          serviceImpl.sendSms((dev.textback.v1.SendSmsRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsResponse>) responseObserver);
          break;
        case METHODID_SEND_SMS_AND_WAIT:
          serviceImpl.sendSmsAndWait((dev.textback.v1.SendSmsAndWaitRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.SendSmsAndWaitResponse>) responseObserver);
          break;
        case METHODID_WATCH_MESSAGE:
          serviceImpl.watchMessage((dev.textback.v1.WatchMessageRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.WatchMessageResponse>) responseObserver);
          break;
        case METHODID_GET_MESSAGE:
          serviceImpl.getMessage((dev.textback.v1.GetMessageRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.GetMessageResponse>) responseObserver);
          break;
        case METHODID_LIST_MESSAGES:
          serviceImpl.listMessages((dev.textback.v1.ListMessagesRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.ListMessagesResponse>) responseObserver);
          break;
        case METHODID_LIST_INBOUND:
          serviceImpl.listInbound((dev.textback.v1.ListInboundRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.ListInboundResponse>) responseObserver);
          break;
        case METHODID_CANCEL_WAIT:
          serviceImpl.cancelWait((dev.textback.v1.CancelWaitRequest) request,
              (io.grpc.stub.StreamObserver<dev.textback.v1.CancelWaitResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPingMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.PingRequest,
              dev.textback.v1.PingResponse>(
                service, METHODID_PING)))
        .addMethod(
          getSendSmsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.SendSmsRequest,
              dev.textback.v1.SendSmsResponse>(
                service, METHODID_SEND_SMS)))
        .addMethod(
          getSendSmsAndWaitMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.textback.v1.SendSmsAndWaitRequest,
              dev.textback.v1.SendSmsAndWaitResponse>(
                service, METHODID_SEND_SMS_AND_WAIT)))
        .addMethod(
          getWatchMessageMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.textback.v1.WatchMessageRequest,
              dev.textback.v1.WatchMessageResponse>(
                service, METHODID_WATCH_MESSAGE)))
        .addMethod(
          getGetMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.GetMessageRequest,
              dev.textback.v1.GetMessageResponse>(
                service, METHODID_GET_MESSAGE)))
        .addMethod(
          getListMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.ListMessagesRequest,
              dev.textback.v1.ListMessagesResponse>(
                service, METHODID_LIST_MESSAGES)))
        .addMethod(
          getListInboundMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.ListInboundRequest,
              dev.textback.v1.ListInboundResponse>(
                service, METHODID_LIST_INBOUND)))
        .addMethod(
          getCancelWaitMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.textback.v1.CancelWaitRequest,
              dev.textback.v1.CancelWaitResponse>(
                service, METHODID_CANCEL_WAIT)))
        .build();
  }

  private static abstract class SmsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SmsServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.textback.v1.SmsServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SmsService");
    }
  }

  private static final class SmsServiceFileDescriptorSupplier
      extends SmsServiceBaseDescriptorSupplier {
    SmsServiceFileDescriptorSupplier() {}
  }

  private static final class SmsServiceMethodDescriptorSupplier
      extends SmsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SmsServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (SmsServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SmsServiceFileDescriptorSupplier())
              .addMethod(getPingMethod())
              .addMethod(getSendSmsMethod())
              .addMethod(getSendSmsAndWaitMethod())
              .addMethod(getWatchMessageMethod())
              .addMethod(getGetMessageMethod())
              .addMethod(getListMessagesMethod())
              .addMethod(getListInboundMethod())
              .addMethod(getCancelWaitMethod())
              .build();
        }
      }
    }
    return result;
  }
}
