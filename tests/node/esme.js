// An ESME on the npm package smpp that lives one session: bind, submits, a deliver_sm, unbind.
//
//   node esme.js KIND PORT COUNT PASSWORD     KIND is transmitter, receiver or transceiver
//
// It prints one line of JSON when the session is over: the statuses and ids that it was answered, the texts that
// came. A receiver waits for COUNT texts instead of submitting so many; a transceiver does both.
"use strict";

const smpp = require("smpp");

const [kind, port, count, password] = process.argv.slice(2);
const told = { bind: null, system_id: null, submits: [], texts: [], enquired: null, unbound: null };
const session = smpp.connect({ url: `smpp://127.0.0.1:${port}`, auto_enquire_link_period: 0 });

function leave() {
  session.enquire_link((answer) => {
    told.enquired = answer.command_status;
    session.unbind((end) => {
      told.unbound = end.command_status;
    });
  });
}

function whenDone() {
  const submitted = kind === "receiver" || told.submits.length === Number(count);
  const heard = kind === "transmitter" || told.texts.length === Number(count);
  if (submitted && heard) leave();
}

session.on("deliver_sm", (pdu) => {
  told.texts.push(pdu.short_message.message);
  session.send(pdu.response());
  whenDone();
});

session.on("connect", () => {
  session[`bind_${kind}`]({ system_id: "noeud", password }, (answer) => {
    told.bind = answer.command_status;
    told.system_id = answer.system_id ?? null;
    if (answer.command_status || kind === "receiver") return;
    for (let at = 0; at < Number(count); at++) {
      session.submit_sm({ destination_addr: "33612345678", short_message: `essai ${at}` }, (submitted) => {
        told.submits.push([submitted.command_status, submitted.message_id ?? null]);
        whenDone();
      });
    }
  });
});
session.on("close", () => process.stdout.write(`${JSON.stringify(told)}\n`));
session.on("error", () => {});
