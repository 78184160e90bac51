// What the SMSC can be told to play, by {"do": "set", "with": {...}}, at any moment. Times are in seconds.
// A table goes from the last digits of a destination to what becomes of it: the longest that fits counts.
"use strict";

const DEFAULTS = {
  // --- binds. The system_id "bad" is always refused.
  password: null, // the only one that is taken; null takes any
  next_binds: [], // statuses of the next binds, one each; null leaves that one without an answer

  // --- answers to submit_sm
  next_answers: [], // statuses of the next submits, one each; null takes it and does not answer
  statuses: {}, // table of statuses
  rate: 0, // submits taken in any second; above, they get rate_status; 0 is no limit
  rate_status: 0x58, // ESME_RTHROTTLED; ESME_RMSGQFUL is 0x14
  answer_delay: 0,
  hold_answers: false, // keep them back until {"do": "release"}
  drop_after: 0, // every so many submits, the link is destroyed instead of answering; 0 is never

  // --- ids: decimal, hex, HEX, %010d, %08x, %08X (any width) or uuid
  start: 1, // the next id, as a number
  response_id: "decimal",
  receipt_id: null, // null: as in the response

  // --- receipts, for who asked for them (registered_delivery)
  outcome: ["DELIVRD"], // a receipt for each; "UNDELIV:027" has an err; [] sends none
  outcomes: {}, // table of outcomes
  receipt_delay: 0, // from the answer to the first, and from one to the next
  receipt_early: false, // before the answer instead
  receipt_copies: 1,
  receipt_order: "sent", // "reversed" or "shuffled" among the parts of a message, once all came
  receipt_text: "standard", // one of the shapes in receipt.js
  receipt_tlvs: true, // receipted_message_id, message_state, and network_error_code where there is an err
  receipt_esm_class: 4,

  // --- links
  answer_enquire_link: true,
  answer_unbind: true,
  wire: false, // keep every PDU of both directions, for {"do": "wire"}

  // --- deliver_sm that is refused, or not answered for so long, is sent again, so often at most
  retry_after: 2,
  attempts: 10,
};

function fromTable(table, destination) {
  const fits = Object.keys(table).filter((digits) => destination.endsWith(digits));
  return table[fits.sort((one, other) => other.length - one.length)[0]];
}

module.exports = { DEFAULTS, fromTable };
