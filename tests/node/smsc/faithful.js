// The npm package smpp, made to hand over what came as it came. By itself it decodes texts by their
// data_coding, takes headers off, turns times into dates, drops the eighth bit of addresses and knows
// only some TLVs; here texts and TLVs stay bytes (a TLV under its tag's number), addresses Latin-1.
"use strict";

const smpp = require("smpp");

smpp.PDU.maxLength = 70000;
smpp.PDU.prototype._filter = () => {};
for (const id of Object.keys(smpp.tlvsById)) delete smpp.tlvsById[id];

smpp.types.cstring.read = (buffer, offset) => {
  const end = buffer.indexOf(0, offset);
  return buffer.toString("latin1", offset, end < 0 ? buffer.length : end);
};

const parse = smpp.PDU.prototype.fromBuffer;
smpp.PDU.prototype.fromBuffer = function (buffer) {
  this.raw = buffer;
  parse.call(this, buffer);
};

// TLVs for a PDU that goes out, of { tag: Buffer }.
function tlvs(values) {
  const named = {};
  for (const [tag, value] of Object.entries(values)) {
    const name = `tlv_${Number(tag)}`;
    smpp.tlvs[name] ??= { id: Number(tag), tag: name, type: smpp.types.tlv.buffer };
    named[name] = value;
  }
  return named;
}

module.exports = { ...smpp, tlvs };
