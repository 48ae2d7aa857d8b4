package example;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import dev.textback.v1.CancelWaitRequest;
import dev.textback.v1.Choice;
import dev.textback.v1.Outcome;
import dev.textback.v1.PingRequest;
import dev.textback.v1.Result;
import dev.textback.v1.SendSmsAndWaitRequest;
import dev.textback.v1.SendSmsRequest;
import dev.textback.v1.Sms;
import dev.textback.v1.SmsServiceGrpc;
import dev.textback.v1.SmsServiceGrpc.SmsServiceBlockingStub;
import dev.textback.v1.WaitOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Ask a person by text message, and get the answer back.
 *
 * <pre>
 *   ping
 *   send +14155550123 "Backup finished."
 *   ask +14155550123 "Isolate host web-03?" yes no
 *   watch msg_01m80dkhjdg64dkxvhht2cfksv 3
 *   cancel msg_01m80dkhjdg64dkxvhht2cfksv
 * </pre>
 *
 * TEXTBACK_SERVER names the server, by default 127.0.0.1:50051. Progress goes to standard error, the answer to standard
 * output.
 */
public final class Main {
  private static final String USAGE =
      "usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...] | watch MESSAGE [AFTER] | cancel MESSAGE";
  private static final int CALL_LIMIT = 20; // seconds, of a call with one answer
  private static final int REPLY_TIMEOUT = 600; // seconds, kept by the server

  private final SmsServiceBlockingStub stub;

  private Main(ManagedChannel channel) {
    stub = SmsServiceGrpc.newBlockingStub(channel);
  }

  public static void main(String[] arguments) throws InterruptedException {
    String server = System.getenv().getOrDefault("TEXTBACK_SERVER", "127.0.0.1:50051");
    ManagedChannel channel = Channels.open(server);
    int code = 0;
    try {
      new Main(channel).run(arguments);
    } catch (StatusRuntimeException error) {
      System.err.println(Errors.explained(error));
      code = 1;
    } catch (IllegalArgumentException | IllegalStateException | InvalidProtocolBufferException error) {
      System.err.println(error.getMessage());
      code = 1;
    } finally {
      channel.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
    }
    System.exit(code);
  }

  private void run(String[] arguments) throws InvalidProtocolBufferException, InterruptedException {
    String[] args = arguments.length == 0 ? arguments : Arrays.copyOfRange(arguments, 1, arguments.length);
    switch (arguments.length == 0 ? "" : arguments[0] + " " + Math.min(args.length, 3)) {
      case "ping 0" -> ping();
      case "send 2" -> send(args[0], args[1]);
      case "ask 2", "ask 3" -> ask(args[0], args[1], Arrays.copyOfRange(args, 2, args.length));
      case "watch 1" -> watch(args[0], 0);
      case "watch 2" -> watch(args[0], Integer.parseUnsignedInt(args[1]));
      case "cancel 1" -> cancel(args[0]);
      default -> throw new IllegalArgumentException(USAGE);
    }
  }

  private void ping() throws InvalidProtocolBufferException {
    // A server that is just starting is waited for, up to the deadline.
    var response = limited().withWaitForReady().ping(PingRequest.getDefaultInstance());
    System.out.println(JsonFormat.printer().print(response));
  }

  private void send(String recipient, String body) throws InterruptedException {
    // The request id makes the call safe to repeat: with the same one, nothing is sent twice.
    var request =
        SendSmsRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setSms(Sms.newBuilder().setRecipient(recipient).setBody(body))
            .build();
    var message = Retries.retried(() -> limited().sendSms(request).getMessage());
    System.out.println(message.getMessageId() + " " + message.getState());
  }

  private void ask(String recipient, String question, String[] choices)
      throws InvalidProtocolBufferException, InterruptedException {
    var wait = WaitOptions.newBuilder().setReplyTimeout(Durations.fromSeconds(REPLY_TIMEOUT));
    for (String choice : choices) {
      wait.addChoices(Choice.newBuilder().setValue(choice));
    }
    var request =
        SendSmsAndWaitRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setSms(Sms.newBuilder().setRecipient(recipient).setBody(question))
            .setWait(wait)
            .build();
    // The deadline is this program's patience. It leaves the question open, so it is longer than the question is.
    answer(new Question(stub.withDeadlineAfter(REPLY_TIMEOUT + 60, TimeUnit.SECONDS), request).follow());
  }

  private void watch(String message, int after) throws InvalidProtocolBufferException, InterruptedException {
    answer(new Question(stub, message, after).follow());
  }

  private static void answer(Result result) {
    if (result.getOutcome() != Outcome.OUTCOME_REPLIED) {
      throw new IllegalStateException("no answer: " + result.getOutcome() + " " + result.getFailure().getMessage());
    }
    System.out.println(result.getChoice().isEmpty() ? result.getText() : result.getChoice());
  }

  private void cancel(String message) {
    var response = limited().cancelWait(CancelWaitRequest.newBuilder().setMessageId(message).build());
    System.out.println(response.getMessage().getWait().getState());
  }

  private SmsServiceBlockingStub limited() {
    return stub.withDeadlineAfter(CALL_LIMIT, TimeUnit.SECONDS);
  }
}
