"""The other side of SMPP, in tests: SMSCs that are not ours, and a dissector that is not ours."""
