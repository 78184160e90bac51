// deliver_sm on its way to ESMEs: kept until it is acknowledged, on whatever link that takes it.
"use strict";

const { tlvs } = require("./faithful");

class Deliveries {
  // links: the set of all links; behaviour: as in behaviour.js.
  constructor(links, behaviour) {
    this.links = links;
    this.behaviour = behaviour;
    this.all = [];
    this.late = 0;
    this.waiting = [];
    this.turn = 0;
  }

  // Hand over to who bound as systemId (null: to anyone); kind is "receipt" or "mo".
  add(kind, systemId, fields, parameters) {
    const told = { number: this.all.length, kind, session: null, attempts: 0, sent: null, answered: null, status: null };
    const delivery = { told, systemId, pdu: { ...fields, ...tlvs(parameters) } };
    this.all.push(told);
    this.#send(delivery);
    return told.number;
  }

  linkUp() {
    for (const delivery of this.waiting.splice(0)) this.#send(delivery);
  }

  // What it had not acknowledged goes to another link, or waits for one.
  linkDown(link) {
    for (const [delivery, timer] of link.unacknowledged) {
      clearTimeout(timer);
      this.#send(delivery);
    }
    link.unacknowledged.clear();
  }

  #receiver(systemId) {
    const fit = [...this.links].filter((link) => link.receives && (systemId ?? link.systemId) === link.systemId);
    return fit[this.turn++ % fit.length];
  }

  #send(delivery) {
    const told = delivery.told;
    const link = this.#receiver(delivery.systemId);
    if (told.attempts >= this.behaviour.attempts) return;
    if (!link) {
      this.waiting.push(delivery);
      return;
    }
    const attempt = ++told.attempts;
    told.session = link.number;
    told.sent = Date.now() / 1000;
    link.unacknowledged.set(delivery, this.#later(link, delivery));
    link.session.deliver_sm(delivery.pdu, (response) => this.#answered(link, delivery, attempt, response));
  }

  #later(link, delivery) {
    return setTimeout(() => {
      link.unacknowledged.delete(delivery);
      this.#send(delivery);
    }, this.behaviour.retry_after * 1000);
  }

  #answered(link, delivery, attempt, response) {
    const told = delivery.told;
    if (attempt !== told.attempts || told.status === 0) {
      this.late += 1;
      return;
    }
    told.status = response.command_status;
    told.answered = Date.now() / 1000;
    if (told.status !== 0) return; // the timer sends it again
    clearTimeout(link.unacknowledged.get(delivery));
    link.unacknowledged.delete(delivery);
  }

  counts() {
    const receipts = this.all.filter((told) => told.kind === "receipt");
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    return {
      receipts: receipts.length,
      receipts_sent: sum(receipts.map((told) => told.attempts)),
      receipts_acknowledged: receipts.filter((told) => told.status === 0).length,
      late: this.late,
    };
  }
}

module.exports = { Deliveries };
