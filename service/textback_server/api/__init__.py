"""The gRPC face: proto to domain, domain to proto, errors, health. Translation only."""
