/** Bytes and microseconds of a sample frame, against JSON of the same changes and against JSON deflated. Medians of seven rounds. */
import { pathToFileURL } from "node:url";
import type { measureWire } from "../support/wire-loops.ts";
import { bundle } from "../support/bundle.ts";
import type { SuiteResult } from "../support/suite.ts";

export async function run(): Promise<SuiteResult> {
  const { wire } = await bundle({ wire: "bench/support/wire-loops.ts" });
  const loops = (await import(pathToFileURL(wire).href)) as { readonly measureWire: typeof measureWire };
  return loops.measureWire();
}
