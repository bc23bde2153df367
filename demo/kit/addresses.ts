/** Where the other services listen now, as the supervisor said last. */
import type { Address, AddressBook } from "../messages.ts";
import type { Role } from "../shop-plan.ts";

export class Addresses {
  #book: AddressBook = {};
  readonly #listeners: (() => void)[] = [];

  of(role: Role): readonly Address[] {
    return this.#book[role] ?? [];
  }

  set(book: AddressBook): void {
    this.#book = book;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
