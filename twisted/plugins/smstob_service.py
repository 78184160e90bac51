"""Lets ``twistd smstob`` find the daemon."""

from twisted.application.service import ServiceMaker

smstob = ServiceMaker("SMStoB", "smstob.tap", "Send SMS: the SMStoB daemon", "smstob")
