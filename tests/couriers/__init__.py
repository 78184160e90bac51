"""Letters to senders: what they say, and the ways they leave."""
