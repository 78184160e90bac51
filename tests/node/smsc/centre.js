// The SMSC itself: its links, what it answers on them, and the journal of what it was sent.
"use strict";

const { randomUUID } = require("node:crypto");
const smpp = require("./faithful");
const { DEFAULTS, fromTable } = require("./behaviour");
const { Deliveries } = require("./deliveries");
const { idAs, outcome, receipt } = require("./receipt");

const BINDS = ["bind_transmitter", "bind_receiver", "bind_transceiver"];
const VERSION = { 0x0210: Buffer.from([0x34]) };
const [UDH_INDICATOR, MESSAGE_PAYLOAD] = [0x40, 0x0424];
const SAR = [0x020c, 0x020e, 0x020f];

const now = () => Date.now() / 1000;
const hex = (buffer) => buffer?.toString("hex") ?? null;

// Now where there is nothing to wait for: what is early must be before what is not.
function later(seconds, act) {
  if (seconds > 0) setTimeout(act, seconds * 1000);
  else act();
}

function shuffle(list) {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
}

// What tells the parts of one message from all others, and how many there are; null for a whole message.
function partOf(submit) {
  const udh = Buffer.from(submit.udh ?? "", "hex");
  const sar = SAR.map((tag) => submit.tlvs[tag]);
  let part = null;
  if (sar.every(Boolean)) part = [sar[0], parseInt(sar[1], 16)];
  for (let at = 1; at + 1 < udh.length; at += 2 + udh[at + 1]) {
    if (udh[at] === 0 || udh[at] === 8) part = [hex(udh.subarray(at + 2, at + udh[at + 1])), udh[at + udh[at + 1]]];
  }
  return part && { key: [submit.source, submit.destination, ...part].join(" "), total: part[1] };
}

function entry(link, pdu) {
  const tags = Object.keys(pdu).filter((key) => /^\d+$/.test(key));
  const bytes = pdu.short_message.length ? pdu.short_message : pdu[MESSAGE_PAYLOAD] ?? pdu.short_message;
  return {
    ...{ session: link.number, sequence: pdu.sequence_number, at: now(), id: null, status: null },
    ...{ source: pdu.source_addr, source_ton: pdu.source_addr_ton, source_npi: pdu.source_addr_npi },
    ...{ destination: pdu.destination_addr, destination_ton: pdu.dest_addr_ton, destination_npi: pdu.dest_addr_npi },
    ...{ service_type: pdu.service_type, esm_class: pdu.esm_class, protocol_id: pdu.protocol_id },
    ...{ priority: pdu.priority_flag, schedule: pdu.schedule_delivery_time, validity: pdu.validity_period },
    ...{ registered_delivery: pdu.registered_delivery, replace_if_present: pdu.replace_if_present_flag },
    ...{ data_coding: pdu.data_coding, short_message: hex(pdu.short_message) },
    udh: pdu.esm_class & UDH_INDICATOR && bytes.length ? hex(bytes.subarray(0, bytes[0] + 1)) : null,
    tlvs: Object.fromEntries(tags.map((tag) => [tag, hex(pdu[tag])])),
  };
}

class Centre {
  constructor() {
    this.behaviour = structuredClone(DEFAULTS);
    this.links = new Set();
    this.submits = [];
    this.binds = [];
    this.faults = [];
    this.wire = [];
    this.received = {}; // how often each command came
    this.deliveries = new Deliveries(this.links, this.behaviour);
    this.sessions = 0;
    this.taken = 0;
    this.answered = 0;
    this.distinct = new Set();
    this.parts = new Map();
    this.held = [];
    this.recent = [];
    this.next = this.behaviour.start;
  }

  set(changes) {
    for (const name of Object.keys(changes)) {
      if (!(name in DEFAULTS)) throw new Error(`no such behaviour: ${name}`);
    }
    Object.assign(this.behaviour, changes);
    this.next = changes.start ?? this.next;
  }

  counts() {
    return {
      ...{ submits: this.submits.length, taken: this.taken, answered: this.answered, distinct: this.distinct.size },
      ...{ held: this.held.length, links: this.bound().length },
      ...{ binds: this.binds.filter((bind) => bind.status === 0).length },
      ...{ refused_binds: this.binds.filter((bind) => bind.status !== 0).length },
      ...{ enquire_links: this.received.enquire_link ?? 0, nacks: this.received.generic_nack ?? 0 },
      ...this.deliveries.counts(),
    };
  }

  bound() {
    return [...this.links].filter((link) => link.bound);
  }

  linkUp(session) {
    const link = { number: ++this.sessions, session, unacknowledged: new Map(), bound: null, receives: false };
    this.links.add(link);
    session.on("pdu", (pdu) => this.#received(link, pdu));
    session.on("error", (error) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") this.faults.push(`${link.number}: ${error.message}`);
      session.destroy();
    });
    session.on("close", () => {
      this.links.delete(link);
      this.deliveries.linkDown(link);
    });
    const write = session.socket.write;
    session.socket.write = (data, ...rest) => {
      this.#keep(link, true, data);
      return write.call(session.socket, data, ...rest);
    };
  }

  #keep(link, sent, pdu) {
    if (this.behaviour.wire) this.wire.push({ session: link.number, sent, pdu: hex(pdu) });
  }

  #received(link, pdu) {
    this.#keep(link, false, pdu.raw);
    this.received[pdu.command] = (this.received[pdu.command] ?? 0) + 1;
    if (pdu.isResponse()) return;
    if (BINDS.includes(pdu.command)) this.#bind(link, pdu);
    else if (pdu.command === "submit_sm" && pdu.short_message) this.#submit(link, pdu);
    else if (pdu.command === "enquire_link") this.#enquireLink(link, pdu);
    else if (pdu.command === "unbind") this.#unbind(link, pdu);
    else link.session.send(pdu.response({ command_status: smpp.ESME_RINVCMDID }));
  }

  #enquireLink(link, pdu) {
    if (this.behaviour.answer_enquire_link) link.session.send(pdu.response());
  }

  // --- binds

  #bindStatus(link, pdu) {
    if (link.bound) return smpp.ESME_RALYBND;
    if (this.behaviour.next_binds.length) return this.behaviour.next_binds.shift();
    if (pdu.system_id === "bad") return smpp.ESME_RINVSYSID;
    return pdu.password === (this.behaviour.password ?? pdu.password) ? smpp.ESME_ROK : smpp.ESME_RINVPASWD;
  }

  #bind(link, pdu) {
    const status = this.#bindStatus(link, pdu);
    this.binds.push({
      ...{ session: link.number, mode: pdu.command.slice("bind_".length), status, at: now() },
      ...{ system_id: pdu.system_id, password: pdu.password, system_type: pdu.system_type },
      ...{ interface_version: pdu.interface_version, ton: pdu.addr_ton, npi: pdu.addr_npi, range: pdu.address_range },
    });
    if (status === null) return;
    link.session.send(pdu.response({ command_status: status, system_id: "NODESMSC", ...smpp.tlvs(VERSION) }));
    if (status !== 0) return;
    Object.assign(link, { bound: pdu.command, systemId: pdu.system_id, receives: pdu.command !== "bind_transmitter" });
    if (link.receives) this.deliveries.linkUp();
  }

  #unbind(link, pdu) {
    Object.assign(link, { bound: null, receives: false });
    if (!this.behaviour.answer_unbind) return;
    link.session.send(pdu.response());
    link.session.close();
  }

  // Ask every ESME to leave.
  unbind() {
    for (const link of this.bound()) {
      link.receives = false;
      link.session.unbind(() => link.session.close());
    }
  }

  // --- submits

  #status(link, submit) {
    if (!link.bound || link.bound === "bind_receiver") return smpp.ESME_RINVBNDSTS;
    const { next_answers: next, statuses, rate, rate_status: full } = this.behaviour;
    if (next.length) return next.shift();
    const told = fromTable(statuses, submit.destination);
    if (told !== undefined) return told;
    if (rate <= 0) return 0;
    while (this.recent.length && this.recent[0] <= submit.at - 1) this.recent.shift();
    if (this.recent.length >= rate) return full;
    this.recent.push(submit.at);
    return 0;
  }

  #submit(link, pdu) {
    const submit = entry(link, pdu);
    this.submits.push(submit);
    const status = this.#status(link, submit);
    const plan = status ? () => {} : this.#take(link, submit);
    if (this.behaviour.receipt_early) plan();
    if (this.behaviour.drop_after && this.submits.length % this.behaviour.drop_after === 0) link.session.destroy();
    const answer = () => {
      const response = status === null ? null : pdu.response({ command_status: status, message_id: submit.id ?? "" });
      if (response && link.session.send(response)) {
        submit.status = status;
        this.answered += 1;
      }
      if (!this.behaviour.receipt_early) later(this.behaviour.receipt_delay, plan);
    };
    if (this.behaviour.hold_answers) this.held.push(answer);
    else later(status === null ? 0 : this.behaviour.answer_delay, answer);
  }

  // Give the answers that were held.
  release() {
    this.behaviour.hold_answers = false;
    for (const answer of this.held.splice(0)) answer();
  }

  // It is the network's from here on. Gives what sends its receipts.
  #take(link, submit) {
    const { response_id: ours, receipt_id: theirs } = this.behaviour;
    const [number, uuid] = [this.next++, randomUUID()];
    submit.id = idAs(ours, number, uuid);
    this.taken += 1;
    this.distinct.add(`${submit.destination} ${submit.short_message} ${JSON.stringify(submit.tlvs)}`);
    const steps = fromTable(this.behaviour.outcomes, submit.destination) ?? this.behaviour.outcome;
    const due = { link, submit, id: idAs(theirs ?? ours, number, uuid), steps };
    return () => this.#inOrder(due);
  }

  #inOrder(due) {
    const part = this.behaviour.receipt_order === "sent" ? null : partOf(due.submit);
    if (!part) {
      this.#report(due);
      return;
    }
    const group = this.parts.get(part.key) ?? [];
    this.parts.set(part.key, [...group, due]);
    if (group.length + 1 < part.total) return;
    const all = this.parts.get(part.key);
    this.parts.delete(part.key);
    if (this.behaviour.receipt_order === "reversed") all.reverse();
    else shuffle(all);
    for (const one of all) this.#report(one);
  }

  #report({ link, submit, id, steps }) {
    const asked = submit.registered_delivery & 3; // 1: every outcome, 2: failures
    const wanted = (step) => asked === 1 || (asked === 2 && !step.startsWith("DELIVRD"));
    steps.filter(wanted).forEach((step, index) => {
      later(index * this.behaviour.receipt_delay, () => {
        for (let copy = 0; copy < this.behaviour.receipt_copies; copy++) {
          this.receipt({ ...outcome(step), id, submit, systemId: link.systemId });
        }
      });
    });
  }

  // Send a receipt now; submit is what it is about, where we have that.
  receipt({ id, stat, err, submit = {}, systemId = null }) {
    const { receipt_text: shape, receipt_tlvs: withTlvs, receipt_esm_class: esmClass } = this.behaviour;
    const header = Buffer.from(submit.udh ?? "", "hex").length;
    const text = Buffer.from(submit.short_message ?? "", "hex").toString("latin1", header, header + 20);
    const told = { id, stat, err, submitted: submit.at ?? now(), done: now(), text };
    const { message, tlvs } = receipt(told, shape, withTlvs);
    const fields = {
      ...{ source_addr: submit.destination ?? "", source_addr_ton: submit.destination_ton ?? 0 },
      ...{ source_addr_npi: submit.destination_npi ?? 0, destination_addr: submit.source ?? "" },
      ...{ dest_addr_ton: submit.source_ton ?? 0, dest_addr_npi: submit.source_npi ?? 0 },
      ...{ esm_class: esmClass, short_message: message },
    };
    return this.deliveries.add("receipt", systemId, fields, tlvs);
  }
}

module.exports = { Centre };
