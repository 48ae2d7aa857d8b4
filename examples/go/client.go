package main

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // the service config asks for health checks
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

//go:embed service-config.json
var serviceConfig string

// connect prepares a connection; it is made with the first call. Beyond this machine it takes TLS.
func connect(server string) (*grpc.ClientConn, error) {
	return grpc.NewClient(
		server,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
	)
}

// retryAfter is how long the server asks to wait, if it does.
func retryAfter(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.RetryDelay.AsDuration(), true
		}
	}
	return 0, false
}

// explained is all that an error says: its sentence, its reason for programs, every wrong field, and what helps.
func explained(err error) string {
	failure, ok := status.FromError(err)
	if !ok {
		return err.Error()
	}
	lines := []string{fmt.Sprintf("%v: %s", failure.Code(), failure.Message())}
	for _, detail := range failure.Details() {
		switch found := detail.(type) {
		case *errdetails.ErrorInfo:
			lines = append(lines, fmt.Sprintf("  reason %s %v", found.Reason, found.Metadata))
		case *errdetails.BadRequest:
			for _, violation := range found.FieldViolations {
				lines = append(lines, fmt.Sprintf("  field %s: %s", violation.Field, violation.Description))
			}
		case *errdetails.RetryInfo:
			lines = append(lines, fmt.Sprintf("  retry after %v", found.RetryDelay.AsDuration()))
		case *errdetails.Help:
			for _, link := range found.Links {
				lines = append(lines, "  see "+link.Url)
			}
		}
	}
	return strings.Join(lines, "\n")
}
