package example;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the server attached to an error. */
final class Errors {
  private Errors() {}

  /** Milliseconds that the server asks to wait, if it does. */
  static Optional<Long> retryAfter(StatusRuntimeException error) {
    return detail(error, RetryInfo.class).map(found -> Durations.toMillis(found.getRetryDelay()));
  }

  /** All that an error says: its sentence, its reason for programs, every wrong field, and what helps. */
  static String explained(StatusRuntimeException error) {
    List<String> lines = new ArrayList<>();
    lines.add(error.getStatus().getCode() + ": " + error.getStatus().getDescription());
    detail(error, ErrorInfo.class)
        .ifPresent(info -> lines.add("  reason " + info.getReason() + " " + info.getMetadataMap()));
    detail(error, BadRequest.class)
        .ifPresent(
            bad ->
                bad.getFieldViolationsList()
                    .forEach(each -> lines.add("  field " + each.getField() + ": " + each.getDescription())));
    retryAfter(error).ifPresent(milliseconds -> lines.add("  retry after " + milliseconds / 1000.0 + " s"));
    detail(error, Help.class)
        .ifPresent(help -> help.getLinksList().forEach(link -> lines.add("  see " + link.getUrl())));
    return String.join("\n", lines);
  }

  private static <T extends Message> Optional<T> detail(StatusRuntimeException error, Class<T> type) {
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(type)) {
        try {
          return Optional.of(detail.unpack(type));
        } catch (InvalidProtocolBufferException unreadable) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
