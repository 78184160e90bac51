// An SMSC on 127.0.0.1, on the npm package smpp, that plays what it is told: smsc/behaviour.js has the list.
//
//   node smsc.js [KEY CERTIFICATE] PORT     0 is any free port; with the two files, over TLS
//
// It prints {"port": N} when it listens. Then each line on stdin, {"do": name, "with": {...}}, is answered by
// one line on stdout, {"done": ...} or {"failed": why}, in order. ACTIONS has the names. It ends with stdin.
"use strict";

const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const { Centre } = require("./smsc/centre");
const smpp = require("./smsc/faithful");
const { outcome } = require("./smsc/receipt");

const port = process.argv.at(-1);
const [key, cert] = process.argv.slice(2, -1).map((file) => readFileSync(file));
const centre = new Centre();
const server = smpp.createServer(key ? { key, cert } : {}, (session) => centre.linkUp(session));
const HOST = "127.0.0.1";
let listening = 0;

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function destroyLinks() {
  const links = [...centre.links];
  for (const link of links) link.session.destroy();
  return links.length;
}

function mo({ system_id: systemId = null, payload = false, udh = "", message, esm_class: esmClass = 0, ...rest }) {
  const { tlvs = {}, ...fields } = rest;
  const bytes = Buffer.from(udh + message, "hex");
  const parameters = Object.fromEntries(Object.entries(tlvs).map(([tag, value]) => [tag, Buffer.from(value, "hex")]));
  if (payload) parameters[0x0424] = bytes;
  fields.short_message = payload ? Buffer.alloc(0) : bytes;
  return centre.deliveries.add("mo", systemId, { ...fields, esm_class: esmClass | (udh ? 0x40 : 0) }, parameters);
}

function receipt({ id, about = id, outcome: step, system_id: systemId = null }) {
  const submit = centre.submits.findLast((one) => one.id === about);
  return centre.receipt({ id, ...outcome(step), submit, systemId });
}

const ACTIONS = {
  set: (changes) => centre.set(changes),
  counts: () => centre.counts(),
  received: () => centre.received,
  faults: () => centre.faults,
  binds: () => centre.binds,
  journal: ({ since = 0 }) => centre.submits.slice(since),
  deliveries: ({ since = 0 }) => centre.deliveries.all.slice(since),
  wire: () => centre.wire.splice(0),
  mo,
  receipt,
  release: () => centre.release(),
  drop: destroyLinks,
  down: ({ keep_links: keep = false }) => {
    server.close();
    return keep ? 0 : destroyLinks();
  },
  up: () => new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(listening, HOST, () => {
      server.removeListener("error", reject);
      resolve(listening);
    });
  }),
  unbind: () => centre.unbind(),
  enquire_link: () => centre.bound().forEach((link) => link.session.enquire_link()),
  raw: ({ data }) => centre.bound().forEach((link) => link.session.socket.write(Buffer.from(data, "hex"))),
};

async function obey(line) {
  try {
    const { do: name, with: what = {} } = JSON.parse(line);
    if (!Object.hasOwn(ACTIONS, name)) throw new Error(`no such action: ${name}`);
    say({ done: (await ACTIONS[name](what)) ?? null });
  } catch (error) {
    say({ failed: error.message });
  }
}

let turn = Promise.resolve();
listening = Number(port);
ACTIONS.up().then(() => {
  listening = server.address().port;
  say({ port: listening });
  createInterface({ input: process.stdin })
    .on("line", (line) => (turn = turn.then(() => obey(line))))
    .on("close", () => process.exit(0));
});
