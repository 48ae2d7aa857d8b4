import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.twilio.exception.ApiException;
import com.twilio.http.NetworkHttpClient;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.IncomingPhoneNumber;
import com.twilio.rest.api.v2010.account.Message;
import com.twilio.rest.messaging.v1.Service;
import com.twilio.rest.messaging.v1.service.PhoneNumber;
import com.twilio.security.RequestValidator;
import java.net.URI;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.HttpHost;

/**
 * Walks the Messages resource with the unmodified SDK, and checks a webhook: {"url", "form", "signature"} as JSON.
 * Arguments: BASE_URL ACCOUNT_SID AUTH_TOKEN FROM TO WEBHOOK.
 */
public final class Caller {
  private interface Call {
    void make();
  }

  public static void main(String[] arguments) throws Exception {
    String account = arguments[1];
    var to = new com.twilio.type.PhoneNumber(arguments[4]);
    var from = new com.twilio.type.PhoneNumber(arguments[3]);
    TwilioRestClient client = client(URI.create(arguments[0]), account, arguments[2]);

    List<Message> created = new ArrayList<>();
    for (int number = 1; number <= 3; number++) {
      created.add(Message.creator(to, from, "Backup finished.").create(client));
    }
    List<String> sids = created.stream().map(Message::getSid).toList();
    Message fetched = Message.fetcher(sids.get(0)).fetch(client);
    List<String> listed = new ArrayList<>();
    Message.reader().setTo(to).pageSize(2).read(client).forEach(each -> listed.add(each.getSid()));
    var nobody = new com.twilio.type.PhoneNumber("not a number");
    Map<String, Object> refusal = refused(() -> Message.creator(nobody, from, "x").create(client));
    Message redacted = Message.updater(sids.get(0)).setBody("").update(client);
    boolean removed = Message.deleter(sids.get(1)).delete(client);
    Map<String, Object> gone = refused(() -> Message.fetcher(sids.get(1)).fetch(client));

    Service service = Service.creator("Alerts").create(client);
    var ours = new com.twilio.type.PhoneNumber("+15005550099");
    IncomingPhoneNumber number = IncomingPhoneNumber.reader().setPhoneNumber(ours).firstPage(client).getRecords().get(0);
    PhoneNumber.creator(service.getSid(), number.getSid()).create(client);
    Message scheduled =
        Message.creator(to, service.getSid(), "Later")
            .setScheduleType(Message.ScheduleType.FIXED)
            .setSendAt(ZonedDateTime.now().plusHours(1))
            .create(client);
    Message canceled = Message.updater(scheduled.getSid()).setStatus(Message.UpdateStatus.CANCELED).update(client);

    Map<String, Object> found = new HashMap<>();
    boolean dated = created.stream().allMatch(each -> each.getDateCreated() != null && each.getNumSegments().equals("1"));
    List<String> statuses = created.stream().map(each -> each.getStatus().toString()).toList();
    found.put("created", Map.of("sids", sids, "statuses", statuses, "dated", dated));
    found.put(
        "fetched",
        Map.of(
            "sid", fetched.getSid(),
            "body", fetched.getBody(),
            "from", fetched.getFrom().toString(),
            "direction", fetched.getDirection().toString()));
    found.put("listed", listed);
    found.put("refusal", refusal);
    found.put("redacted", redacted.getBody());
    found.put("removed", removed);
    found.put("gone", gone);
    var call = new ObjectMapper().readTree(arguments[5]);
    Map<String, String> form = new ObjectMapper().convertValue(call.get("form"), new TypeReference<>() {});
    String url = call.get("url").asText();
    String signature = call.get("signature").asText();
    var validator = new RequestValidator(arguments[2]);
    found.put("genuine", validator.validate(url, form, signature));
    found.put("forged", validator.validate(url + "?x=1", form, signature));
    Map<String, Object> later = new HashMap<>();
    later.put("status", scheduled.getStatus().toString());
    later.put("from", scheduled.getFrom());
    later.put("canceled", canceled.getStatus().toString());
    found.put("scheduled", later);
    System.out.println(new ObjectMapper().writeValueAsString(found));
  }

  /** A client whose every connection leads to the emulator, whatever the host that it means. */
  private static TwilioRestClient client(URI base, String account, String token) {
    var emulator = new HttpHost(base.getScheme(), base.getHost(), base.getPort());
    var everywhere = HttpClientBuilder.create().setRoutePlanner((host, context) -> new HttpRoute(emulator));
    return new TwilioRestClient.Builder(account, token).httpClient(new NetworkHttpClient(everywhere)).build();
  }

  private static Map<String, Object> refused(Call call) {
    try {
      call.make();
    } catch (ApiException error) {
      return Map.of("status", error.getStatusCode(), "code", error.getCode(), "moreInfo", error.getMoreInfo());
    }
    throw new IllegalStateException("it was not refused");
  }
}
