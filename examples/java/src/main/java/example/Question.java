package example;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.textback.v1.Result;
import dev.textback.v1.SendSmsAndWaitRequest;
import dev.textback.v1.SendSmsAndWaitResponse;
import dev.textback.v1.SmsEvent;
import dev.textback.v1.SmsServiceGrpc.SmsServiceBlockingStub;
import dev.textback.v1.WatchMessageRequest;
import dev.textback.v1.WatchMessageResponse;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A message's events, each once, over as many streams as it takes. */
final class Question {
  private final SmsServiceBlockingStub stub;
  private final SendSmsAndWaitRequest request;
  private volatile String message;
  private volatile int sequence;
  private volatile boolean ended;

  /** Asks. */
  Question(SmsServiceBlockingStub stub, SendSmsAndWaitRequest request) {
    this.stub = stub;
    this.request = request;
    this.message = "";
  }

  /** Goes on with a message, after an event. */
  Question(SmsServiceBlockingStub stub, String message, int sequence) {
    this.stub = stub;
    this.request = null;
    this.message = message;
    this.sequence = sequence;
  }

  /** Reports each event, and returns the result that the last one carries. */
  Result follow() throws InvalidProtocolBufferException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::say));
    for (int attempt = 0; ; attempt++) {
      int before = sequence;
      try {
        for (Iterator<SmsEvent> events = open(); events.hasNext(); ) {
          SmsEvent event = events.next();
          report(event);
          if (event.getTerminal()) {
            ended = true;
            return event.getResult();
          }
        }
      } catch (StatusRuntimeException error) {
        Retries.pause(error, Integer.compareUnsigned(sequence, before) > 0 ? 0 : attempt);
      }
    }
  }

  /** Asks the question, or repeats that with the same request id, until the message is known; then it watches. */
  private Iterator<SmsEvent> open() {
    if (message.isEmpty()) {
      return events(stub.sendSmsAndWait(request)).map(SendSmsAndWaitResponse::getEvent).iterator();
    }
    var after = WatchMessageRequest.newBuilder().setMessageId(message).setAfterSequence(sequence).build();
    return events(stub.watchMessage(after)).map(WatchMessageResponse::getEvent).iterator();
  }

  private void report(SmsEvent event) throws InvalidProtocolBufferException {
    message = event.getMessageId();
    if (Integer.compareUnsigned(event.getSequence(), sequence) > 0) { // a heartbeat repeats the last number
      sequence = event.getSequence();
      System.err.println(JsonFormat.printer().omittingInsignificantWhitespace().print(event));
    }
  }

  /** When the program ends before the question does. */
  private void say() {
    if (!ended && !message.isEmpty()) {
      System.err.println("the question stays open; go on with: watch " + message + " " + Integer.toUnsignedString(sequence));
    }
  }

  private static <T> Stream<T> events(Iterator<T> responses) {
    Iterable<T> once = () -> responses;
    return StreamSupport.stream(once.spliterator(), false);
  }
}
