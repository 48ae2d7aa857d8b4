"""Everything that knows Twilio: accounts, the SDK behind one narrow protocol, its errors, its signatures."""
