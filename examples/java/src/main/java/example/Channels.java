package example;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How the server is reached. */
final class Channels {
  private Channels() {}

  /** Prepares a connection; it is made with the first call. Beyond this machine it takes TLS. */
  static ManagedChannel open(String server) {
    return Grpc.newChannelBuilder(server, InsecureChannelCredentials.create())
        .defaultServiceConfig(serviceConfig())
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  private static Map<String, ?> serviceConfig() {
    try (var file = Channels.class.getResourceAsStream("/service-config.json");
        var reader = new InputStreamReader(file, StandardCharsets.UTF_8)) {
      return new Gson().fromJson(reader, new TypeToken<Map<String, Object>>() {}.getType());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
