// Ids and receipts as the SMSCs of this world write them.
"use strict";

const STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const GSM_NETWORK = 3;
const FORMATS = { decimal: "%d", hex: "%x", HEX: "%X" };

// The id of a message with that number and uuid, in that format.
function idAs(format, number, uuid) {
  if (format === "uuid") return uuid;
  const [, width, kind] = /^%0?(\d*)([dxX])$/.exec(FORMATS[format] ?? format) ?? fail(`no such id format: ${format}`);
  const digits = number.toString(kind === "d" ? 10 : 16).padStart(Number(width || 0), "0");
  return kind === "X" ? digits.toUpperCase() : digits;
}

function fail(why) {
  throw new Error(why);
}

function stamp(seconds, digits) {
  return new Date(seconds * 1000).toISOString().replace(/\D/g, "").slice(2, 2 + digits);
}

function pairs(told, digits = 10) {
  return [
    ...[["id", told.id], ["sub", "001"], ["dlvrd", told.stat === "DELIVRD" ? "001" : "000"]],
    ...[["submit date", stamp(told.submitted, digits)], ["done date", stamp(told.done, digits)]],
    ...[["stat", told.stat], ["err", told.err], ["text", told.text]],
  ];
}

const written = (fields, colon = ":", gap = " ") => fields.map(([key, value]) => key + colon + value).join(gap);
const keys = (change) => (told) => written(pairs(told).map(([key, value]) => [change(key), value]));

const SHAPES = {
  standard: keys((key) => key),
  upper: keys((key) => key.toUpperCase()),
  capitals: keys((key) => key.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())),
  lower: (told) => written(pairs({ ...told, stat: told.stat.toLowerCase() })),
  seconds: (told) => written(pairs(told, 12)),
  terse: (told) => written([["id", told.id], ["stat", told.stat]]),
  undated: (told) => written(pairs(told).filter(([key]) => !key.endsWith("date"))),
  spaced: (told) => `  ${written(pairs(told), ": ", "   ")} `,
  none: () => "",
};

// Bytes of a receipt and its TLVs. told: { id, stat, err, submitted, done, text }.
function receipt(told, shape, withTlvs) {
  const write = SHAPES[shape] ?? fail(`no such receipt text: ${shape}`);
  const tlvs = {};
  if (withTlvs) {
    tlvs[0x001e] = Buffer.from(`${told.id}\0`, "latin1");
    tlvs[0x0427] = Buffer.from([STATES[told.stat] ?? STATES.UNKNOWN]);
    if (Number(told.err) > 0) tlvs[0x0423] = Buffer.from([GSM_NETWORK, Number(told.err) >> 8, Number(told.err) & 255]);
  }
  return { message: Buffer.from(write(told), "latin1"), tlvs };
}

// "UNDELIV:027" is stat UNDELIV with err 027.
function outcome(step) {
  const [stat, err = "000"] = step.split(":");
  return { stat, err };
}

module.exports = { idAs, outcome, receipt };
