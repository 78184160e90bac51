// How a text is counted, as the server does it: the tables are the server's own (alphabet.js).
import {
  BASIC, EXTENSION, EQUIVALENTS, INVISIBLE, SEPTETS_ALONE, SEPTETS_JOINED, UNITS_ALONE, UNITS_JOINED,
} from "./alphabet.js";

const basic = new Set(BASIC);
const extension = new Set(EXTENSION);
const invisible = new RegExp(`[${INVISIBLE}]+`, "g");
const lineEnd = /\r\n|[\r\x85\u2028\u2029]/g;
const dropped = /[\x00-\x09\x0b-\x1f\x7f-\x9f]+/g;
const loneSurrogate = /\p{Surrogate}+/gu;
const outer = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;
const fraction = /([0-9])(?=[¼-¾⅐-⅞])/g;

/** The text as it is kept: line ends are \n, control characters are gone, outer white space is off. */
export function clean(text) {
  const lines = text.replace(lineEnd, "\n");
  return lines.replace(dropped, "").replace(loneSurrogate, "").normalize("NFC").replace(outer, "");
}

/** Whether every character is in the GSM 7 bit alphabet or its extension table. */
export function isGsm7(text) {
  for (const character of text) {
    if (!basic.has(character) && !extension.has(character)) return false;
  }
  return true;
}

/** The text with what GSM-7 lacks replaced by its plain equivalent, where it has one. */
export function adapt(text) {
  const visible = text.replace(invisible, "").normalize("NFC").replace(/([nN])°/g, "$1o").replace(fraction, "$1 ");
  let adapted = "";
  for (const character of visible) {
    adapted += character in EQUIVALENTS ? EQUIVALENTS[character] : character;
  }
  return adapted;
}

/** What is sent of a typed text; adapted, unless characters go as they are. */
export function forSending(text, adapts) {
  const kept = clean(text);
  if (!adapts || isGsm7(kept)) return kept;
  const adapted = adapt(kept).replace(outer, "");
  return isGsm7(adapted) ? adapted : kept;
}

/** Coding, length (septets, or UTF-16 units) and number of segments of what is sent. */
export function measure(text) {
  return isGsm7(text) ? measureGsm7(text) : measureUcs2(text);
}

function measureGsm7(text) {
  const widths = Array.from(text, (character) => (extension.has(character) ? 2 : 1));
  const length = widths.reduce((sum, width) => sum + width, 0);
  const segments = length <= SEPTETS_ALONE ? 1 : pack(widths, SEPTETS_JOINED);
  return { coding: "gsm7", length, segments, room: room(length, segments, SEPTETS_ALONE, SEPTETS_JOINED) };
}

function measureUcs2(text) {
  const widths = Array.from(text, (character) => character.length);
  const segments = text.length <= UNITS_ALONE ? 1 : pack(widths, UNITS_JOINED);
  return { coding: "ucs2", length: text.length, segments, room: room(text.length, segments, UNITS_ALONE, UNITS_JOINED) };
}

// a character of two is never parted
function pack(widths, most) {
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > most) {
      segments += 1;
      used = 0;
    }
    used += width;
  }
  return segments;
}

function room(length, segments, alone, joined) {
  return Math.max(0, (segments === 1 ? alone : segments * joined) - length);
}
