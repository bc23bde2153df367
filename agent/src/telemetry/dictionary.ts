/** Declares resources, switches and policies: everything after a greeting, additions as they come, in pieces the console takes. */
import type { Declare, PolicyDeclaration, ResourceDeclaration, SwitchDeclaration } from "../../../protocol/agent-up.ts";
import type { Resource } from "./resource-table.ts";
import type { Wire } from "./wire.ts";

const MESSAGE_BYTES = 96 * 1024;

export interface DictionarySource {
  resources(): readonly Resource[];
  switches(): readonly SwitchDeclaration[];
  policies(): readonly PolicyDeclaration[];
}

export class Dictionary {
  readonly #source: DictionarySource;
  #resources: ResourceDeclaration[] = [];
  #switches = new Map<string, SwitchDeclaration>();
  #policies: PolicyDeclaration[] = [];
  #retired: number[] = [];

  constructor(source: DictionarySource) {
    this.#source = source;
  }

  addResource(declaration: ResourceDeclaration): void {
    this.#resources.push(declaration);
  }

  /** A new switch, or one whose position changed: the console replaces the entry of that key. */
  addSwitch(declaration: SwitchDeclaration): void {
    this.#switches.set(declaration.key, declaration);
  }

  addPolicy(declaration: PolicyDeclaration): void {
    this.#policies.push(declaration);
  }

  retire(id: number): void {
    this.#retired.push(id);
  }

  /** After a greeting: the whole dictionary. */
  sendAll(wire: Wire): void {
    const resources = this.#source.resources();
    this.#resources = resources.map((resource) => resource.declaration);
    this.#retired = resources.filter((resource) => resource.reader === null).map((resource) => resource.id);
    this.#switches = new Map(this.#source.switches().map((declaration) => [declaration.key, declaration]));
    this.#policies = [...this.#source.policies()];
    this.#send(wire, true);
  }

  /** What was added since. Must go before any frame that has the new slots. False when there was nothing. */
  sendNew(wire: Wire): boolean {
    const some = this.#resources.length + this.#switches.size + this.#policies.length + this.#retired.length > 0;
    if (some) this.#send(wire, false);
    return some;
  }

  #send(wire: Wire, evenIfEmpty: boolean): void {
    const empty = (): Declare => ({ t: "declare", resources: [], switches: [], retired: [] });
    let part = empty();
    let bytes = 0;
    const make = (): void => {
      wire.sendText(JSON.stringify(part));
      part = empty();
      bytes = 0;
    };
    const add = <T>(list: (message: Declare) => T[], item: T): void => {
      const size = JSON.stringify(item).length;
      if (bytes > 0 && bytes + size > MESSAGE_BYTES) make();
      list(part).push(item);
      bytes += size;
    };
    for (const item of this.#resources) add((message) => message.resources, item);
    for (const item of this.#switches.values()) add((message) => message.switches, item);
    for (const item of this.#policies) add((message) => (message.policies ??= []), item);
    for (const item of this.#retired) add((message) => message.retired, item);
    if (bytes > 0 || evenIfEmpty) make();
    this.#resources = [];
    this.#switches = new Map();
    this.#policies = [];
    this.#retired = [];
  }
}
