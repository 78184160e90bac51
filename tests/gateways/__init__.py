"""The gateways that come with SMStoB."""
