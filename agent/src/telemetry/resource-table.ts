/** The resources of this boot: dense ascending ids, a place on the row for each, for ever. */
import type { ResourceDeclaration } from "../../../protocol/agent-up.ts";
import { columnsOf, type Kind } from "../../../protocol/kinds.ts";
import { growRow } from "../../../protocol/frame.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { MAX_COLUMNS, slotOf, type Cells } from "./columns.ts";

/** Where the values of a resource come from. */
export interface Reader {
  /** Writes what is known into the cells, which come filled with NaN. False: what was observed is gone. */
  read(cells: Cells): boolean;
  /** Sees the cells after each sample; for transitions that show only there. */
  sampled?(cells: Cells): void;
}

export interface Resource {
  readonly id: number;
  readonly declaration: ResourceDeclaration;
  readonly offset: number;
  reader: Reader | null;
}

export type Refusal = "full" | "duplicate";

export class ResourceTable {
  readonly #resources: Resource[] = [];
  readonly #live = new Set<string>();
  readonly #cells: Cells = new Float64Array(MAX_COLUMNS);
  #row: Float64Array = new Float64Array(64);
  #slots = 0;

  get row(): Float64Array {
    return this.#row;
  }

  /** Slots of the row that count. Never shrinks within a boot. */
  get slots(): number {
    return this.#slots;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  all(): readonly Resource[] {
    return this.#resources;
  }

  add(declaration: Omit<ResourceDeclaration, "id">, reader: Reader): Resource | Refusal {
    const key = keyOf(declaration);
    if (this.#live.has(key)) return "duplicate";
    const width = columnsOf(declaration.kind).length;
    if (this.#resources.length >= LIMITS.resourcesPerAgent || this.#slots + width > LIMITS.slotsPerFrame) return "full";
    const id = this.#resources.length;
    const resource: Resource = { id, declaration: { id, ...declaration }, offset: this.#slots, reader };
    this.#resources.push(resource);
    this.#live.add(key);
    this.#slots += width;
    this.#row = growRow(this.#row, this.#slots);
    return resource;
  }

  /** From now on the slots of the resource are unknown. The id is not used again; the name may be. */
  retire(resource: Resource): boolean {
    if (resource.reader === null) return false;
    resource.reader = null;
    this.#live.delete(keyOf(resource.declaration));
    this.#row.fill(0, resource.offset, resource.offset + columnsOf(resource.declaration.kind).length);
    return true;
  }

  /**
   * Reads every live resource into the row.
   * @param gone called for each resource whose object was collected or whose reader ended itself.
   */
  sample(gone: (resource: Resource) => void): void {
    for (const resource of this.#resources) {
      const reader = resource.reader;
      if (reader === null) continue;
      const cells = this.#cells.fill(NaN);
      if (!reader.read(cells)) {
        gone(resource);
        continue;
      }
      const width = columnsOf(resource.declaration.kind).length;
      for (let i = 0; i < width; i++) this.#row[resource.offset + i] = slotOf(cells[i] as number);
      reader.sampled?.(cells);
    }
  }
}

function keyOf(declaration: { readonly kind: Kind; readonly name: string }): string {
  return `${declaration.kind} ${declaration.name}`;
}
