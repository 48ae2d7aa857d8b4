package example;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.Supplier;

/** When a failed call is worth another try, and after how long. */
final class Retries {
  private Retries() {}

  /** Makes a call until it succeeds or can never. */
  static <R> R retried(Supplier<R> call) throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        return call.get();
      } catch (StatusRuntimeException error) {
        pause(error, attempt);
      }
    }
  }

  /** Waits before the next attempt, as long as the server says if it says so. Throws the error if none can help. */
  static void pause(StatusRuntimeException error, int attempt) throws InterruptedException {
    var said = Errors.retryAfter(error);
    if (said.isEmpty() && error.getStatus().getCode() != Status.Code.UNAVAILABLE || attempt == 8) {
      throw error;
    }
    System.err.println("once more, since: " + error.getStatus().getDescription());
    Thread.sleep(said.orElse(0L) + Math.min(5000, 100L << attempt));
  }
}
