import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.RetryInfo;
import dev.textback.v1.CancelWaitRequest;
import dev.textback.v1.GetMessageRequest;
import dev.textback.v1.ListInboundRequest;
import dev.textback.v1.ListMessagesRequest;
import dev.textback.v1.PingRequest;
import dev.textback.v1.SendSmsAndWaitRequest;
import dev.textback.v1.SendSmsRequest;
import dev.textback.v1.SmsServiceGrpc;
import dev.textback.v1.SmsServiceGrpc.SmsServiceStub;
import dev.textback.v1.WatchMessageRequest;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The runner in Java: the generated stubs on grpc-java. runners.py says what a runner does. Argument: SERVER. */
public final class Runner {
  private static final PrintStream OUTPUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  /** Makes a call with a request in JSON. */
  private interface Method {
    void make(SmsServiceStub stub, String request, StreamObserver<Message> responses)
        throws InvalidProtocolBufferException;
  }

  private interface Call<Q, R> {
    void make(SmsServiceStub stub, Q request, StreamObserver<R> responses);
  }

  @SuppressWarnings("unchecked") // a builder of Q builds a Q, and every R is a Message
  private static <Q extends Message, R extends Message> Method method(Q empty, Call<Q, R> call) {
    return (stub, request, responses) -> {
      Message.Builder builder = empty.newBuilderForType();
      JsonFormat.parser().merge(request, builder);
      call.make(stub, (Q) builder.build(), (StreamObserver<R>) (StreamObserver<?>) responses);
    };
  }

  private static final Map<String, Method> METHODS =
      Map.of(
          "Ping", method(PingRequest.getDefaultInstance(), SmsServiceStub::ping),
          "SendSms", method(SendSmsRequest.getDefaultInstance(), SmsServiceStub::sendSms),
          "SendSmsAndWait", method(SendSmsAndWaitRequest.getDefaultInstance(), SmsServiceStub::sendSmsAndWait),
          "WatchMessage", method(WatchMessageRequest.getDefaultInstance(), SmsServiceStub::watchMessage),
          "GetMessage", method(GetMessageRequest.getDefaultInstance(), SmsServiceStub::getMessage),
          "ListMessages", method(ListMessagesRequest.getDefaultInstance(), SmsServiceStub::listMessages),
          "ListInbound", method(ListInboundRequest.getDefaultInstance(), SmsServiceStub::listInbound),
          "CancelWait", method(CancelWaitRequest.getDefaultInstance(), SmsServiceStub::cancelWait));

  /** Tells what comes back of one call. */
  private record Told(String id, int cut, CancellableContext context, int[] count) implements StreamObserver<Message> {
    @Override
    public void onNext(Message response) {
      count[0]++;
      if (cut > 0 && count[0] > cut) {
        return; // came between the cut and its effect
      }
      try {
        tell(Map.of("id", id, "response", JsonParser.parseString(JsonFormat.printer().print(response))));
      } catch (InvalidProtocolBufferException impossible) {
        throw new IllegalStateException(impossible);
      }
      if (count[0] == cut) {
        context.cancel(null);
      }
    }

    @Override
    public void onError(Throwable error) {
      var status = Status.fromThrowable(error);
      String message = status.getDescription() == null ? "" : status.getDescription();
      tell(Map.of("id", id, "code", status.getCode().name(), "message", message, "details", details(error)));
    }

    @Override
    public void onCompleted() {
      tell(Map.of("id", id, "code", "OK"));
    }
  }

  private static synchronized void tell(Map<String, Object> line) {
    OUTPUT.println(new Gson().toJson(line));
  }

  private static Map<String, Object> details(Throwable error) {
    Map<String, Object> said = new LinkedHashMap<>();
    var rich = StatusProto.fromThrowable(error);
    try {
      for (Any detail : rich == null ? List.<Any>of() : rich.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          var info = detail.unpack(ErrorInfo.class);
          said.put("reason", info.getReason());
          said.put("domain", info.getDomain());
          said.put("metadata", info.getMetadataMap());
        } else if (detail.is(BadRequest.class)) {
          Map<String, String> violations = new HashMap<>();
          detail
              .unpack(BadRequest.class)
              .getFieldViolationsList()
              .forEach(each -> violations.put(each.getField(), each.getDescription()));
          said.put("violations", violations);
        } else if (detail.is(RetryInfo.class)) {
          said.put("retry_after", Durations.toMillis(detail.unpack(RetryInfo.class).getRetryDelay()) / 1000.0);
        } else if (detail.is(Help.class)) {
          said.put("help", detail.unpack(Help.class).getLinks(0).getUrl());
        }
      }
    } catch (InvalidProtocolBufferException unreadable) {
      said.put("unreadable", unreadable.getMessage());
    }
    return said;
  }

  public static void main(String[] arguments) throws Exception {
    var channel = Grpc.newChannelBuilder(arguments[0], InsecureChannelCredentials.create()).build();
    var stub = SmsServiceGrpc.newStub(channel);
    Map<String, CancellableContext> calls = new ConcurrentHashMap<>();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      JsonObject told = JsonParser.parseString(line).getAsJsonObject();
      String id = told.get("id").getAsString();
      if (told.has("cancel")) {
        calls.get(id).cancel(null);
        continue;
      }
      CancellableContext context = Context.current().withCancellation();
      calls.put(id, context);
      var timed =
          told.has("deadline")
              ? stub.withDeadlineAfter((long) (told.get("deadline").getAsDouble() * 1000), TimeUnit.MILLISECONDS)
              : stub;
      int cut = told.has("cut") ? told.get("cut").getAsInt() : 0;
      var method = METHODS.get(told.get("method").getAsString());
      var responses = new Told(id, cut, context, new int[1]);
      context.call(
          () -> {
            method.make(timed, told.get("request").toString(), responses);
            return null;
          });
    }
    channel.shutdownNow();
  }
}
