// Reads a JSON array of texts on stdin and prints, for each, its encoding and its number of segments
// as sms-segments-calculator finds them.
"use strict";

const { readFileSync } = require("node:fs");
const { SegmentedMessage } = require("sms-segments-calculator");

const texts = JSON.parse(readFileSync(0, "utf8"));
const answers = texts.map((text) => {
  const message = new SegmentedMessage(text, "auto", false);
  return [message.getEncodingName(), message.segmentsCount];
});
process.stdout.write(JSON.stringify(answers));
