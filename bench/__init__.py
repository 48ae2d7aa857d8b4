"""Benchmarks of the service, each figure beside its floor measured in the same run.

The floor is a servicer with the same contract that calls the official Twilio SDK and keeps everything in a dict: what a
durable service can at best come near to. Both talk to the same stub of Twilio.
"""
