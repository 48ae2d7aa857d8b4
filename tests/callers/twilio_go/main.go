// Walks the Messages resource with the unmodified SDK, and checks a webhook: {"url", "form", "signature"} as JSON.
// Usage: go run . BASE_URL ACCOUNT_SID AUTH_TOKEN FROM TO WEBHOOK
package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"time"

	twilio "github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	messaging "github.com/twilio/twilio-go/rest/messaging/v1"
)

// elsewhere sends what is meant for Twilio's hosts to the emulator.
type elsewhere struct{ base *url.URL }

func (e elsewhere) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.URL.Scheme, request.URL.Host, request.Host = e.base.Scheme, e.base.Host, e.base.Host
	return http.DefaultTransport.RoundTrip(request)
}

type found map[string]any

type webhook struct {
	URL       string            `json:"url"`
	Form      map[string]string `json:"form"`
	Signature string            `json:"signature"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func refusal(err error) found {
	var refused *client.TwilioRestError
	if !errors.As(err, &refused) {
		panic("not Twilio's error")
	}
	return found{"status": refused.Status, "code": refused.Code, "moreInfo": refused.MoreInfo}
}

func main() {
	base, account, token, from, to := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	basic := &client.Client{
		Credentials: client.NewCredentials(account, token),
		HTTPClient:  &http.Client{Transport: elsewhere{must(url.Parse(base))}, Timeout: 10 * time.Second},
	}
	basic.SetAccountSid(account)
	rest := twilio.NewRestClientWithParams(twilio.ClientParams{Username: account, Password: token, Client: basic})
	messages := rest.Api

	var sids, statuses []string
	dated := true
	for range 3 {
		made := must(messages.CreateMessage((&api.CreateMessageParams{}).SetFrom(from).SetTo(to).SetBody("Backup finished.")))
		sids, statuses = append(sids, *made.Sid), append(statuses, *made.Status)
		_, err := time.Parse(time.RFC1123Z, *made.DateCreated)
		dated = dated && err == nil && *made.NumSegments == "1"
	}
	fetched := must(messages.FetchMessage(sids[0], nil))
	listed := []string{}
	for _, message := range must(messages.ListMessage((&api.ListMessageParams{}).SetTo(to).SetPageSize(2))) {
		listed = append(listed, *message.Sid)
	}
	_, bad := messages.CreateMessage((&api.CreateMessageParams{}).SetFrom(from).SetTo("not a number").SetBody("x"))
	redacted := must(messages.UpdateMessage(sids[0], (&api.UpdateMessageParams{}).SetBody("")))
	removed := messages.DeleteMessage(sids[1], nil)
	_, gone := messages.FetchMessage(sids[1], nil)

	service := must(rest.MessagingV1.CreateService((&messaging.CreateServiceParams{}).SetFriendlyName("Alerts")))
	number := must(messages.ListIncomingPhoneNumber((&api.ListIncomingPhoneNumberParams{}).SetPhoneNumber("+15005550099")))[0]
	must(rest.MessagingV1.CreatePhoneNumber(*service.Sid, (&messaging.CreatePhoneNumberParams{}).SetPhoneNumberSid(*number.Sid)))
	later := (&api.CreateMessageParams{}).SetMessagingServiceSid(*service.Sid).SetTo(to).SetBody("Later")
	scheduled := must(messages.CreateMessage(later.SetScheduleType("fixed").SetSendAt(time.Now().Add(time.Hour).UTC())))
	canceled := must(messages.UpdateMessage(*scheduled.Sid, (&api.UpdateMessageParams{}).SetStatus("canceled")))

	var call webhook
	must(0, json.Unmarshal([]byte(os.Args[6]), &call))
	validator := client.NewRequestValidator(token)

	must(0, json.NewEncoder(os.Stdout).Encode(found{
		"created":   found{"sids": sids, "statuses": statuses, "dated": dated},
		"fetched":   found{"sid": fetched.Sid, "body": fetched.Body, "from": fetched.From, "direction": fetched.Direction},
		"listed":    listed,
		"refusal":   refusal(bad),
		"redacted":  redacted.Body,
		"removed":   removed == nil,
		"genuine":   validator.Validate(call.URL, call.Form, call.Signature),
		"forged":    validator.Validate(call.URL+"?x=1", call.Form, call.Signature),
		"gone":      refusal(gone),
		"scheduled": found{"status": scheduled.Status, "from": scheduled.From, "canceled": canceled.Status},
	}))
}
