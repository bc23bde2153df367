/**
 * Changes of a story and its key frames as bytes: deflated JSON. Dictionaries, switches and policies are each written once and named by
 * number, because thousands of instances declare the same.
 */
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { StoryChange, StoryInstance } from "../../core/replay-story.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

const VERSION = 1;
type List = "labels" | "resources" | "switches" | "policies";
type Shared = Readonly<Record<List, number>>;

interface Packed extends Omit<StoryChange, "whole"> {
  readonly version: number;
  readonly lists: readonly unknown[];
  readonly whole: readonly (Omit<StoryInstance, List> & Shared)[];
}

/** The bytes are not those of a story that this version can read. */
export class StoryError extends Error {
  override readonly name = "StoryError";
}

/** Compresses in zlib's threads. */
export async function packStory(change: StoryChange): Promise<Uint8Array> {
  const lists = new Interned();
  const whole = change.whole.map((instance) => ({
    ...instance,
    labels: lists.place(instance.labels),
    resources: lists.place(instance.resources),
    switches: lists.place(instance.switches),
    policies: lists.place(instance.policies),
  }));
  const packed: Packed = { ...change, version: VERSION, lists: lists.all, whole };
  return Uint8Array.from(await deflate(JSON.stringify(packed), { level: 6 }));
}

/** @throws StoryError */
export async function unpackStory(bytes: Uint8Array): Promise<StoryChange> {
  let packed: Packed;
  try {
    packed = JSON.parse((await inflate(bytes)).toString("utf8")) as Packed;
  } catch (error) {
    throw new StoryError("the story is damaged", { cause: error });
  }
  const { version, lists, whole, ...change } = packed;
  if (version !== VERSION) throw new StoryError(`the story has version ${String(version)}, which is not known here`);
  return {
    ...change,
    whole: whole.map((instance) => ({
      ...instance,
      labels: lists[instance.labels] as StoryInstance["labels"],
      resources: lists[instance.resources] as StoryInstance["resources"],
      switches: lists[instance.switches] as StoryInstance["switches"],
      policies: lists[instance.policies] as StoryInstance["policies"],
    })),
  };
}

/** Each value once, the first by identity and then by its text: nearly all instances of a service share the objects. */
class Interned {
  readonly all: unknown[] = [];
  readonly #byIdentity = new Map<object, number>();
  readonly #byText = new Map<string, number>();

  place(value: object): number {
    let at = this.#byIdentity.get(value);
    if (at !== undefined) return at;
    const text = JSON.stringify(value);
    at = this.#byText.get(text);
    if (at === undefined) {
      at = this.all.push(value) - 1;
      this.#byText.set(text, at);
    }
    this.#byIdentity.set(value, at);
    return at;
  }
}
