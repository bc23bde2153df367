import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** Starts a worker thread that does not hold the process open. @param url TypeScript from the sources, or a bundle. */
export function startWorker(url: URL, name: string): Worker {
  const fromSource = url.pathname.endsWith(".ts");
  const worker = new Worker(fromSource ? throughTsx(url) : url, { name, eval: fromSource });
  worker.unref();
  return worker;
}

/** A thread does not inherit the loader for TypeScript: it registers the loader itself. */
function throughTsx(url: URL): string {
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs"),
  ).href;
  return `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); })`;
}
