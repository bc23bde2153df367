/** A folder on a disk of its own that is small, and can be filled and emptied. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Takes what is left of it. */
  fill(): void;
  /** Gives back what `fill` took. */
  free(): void;
  dispose(): void;
}

const CHUNK = 64 * 1024;

/**
 * A tmpfs, which only root may mount; others make a namespace in which they are root: the whole test must run in it then. Throws where
 * neither is possible, because a test that finds no full disk proves nothing.
 */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const above = mkdtempSync(join(tmpdir(), "holdfast-small-disk-"));
  const folder = join(above, "disk");
  const ballast = join(folder, "ballast");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0700`, "holdfast-test", folder], { stdio: "pipe" });
  } catch (error) {
    rmSync(above, { recursive: true });
    throw new Error("a small disk cannot be mounted here: run this test as root, or with `unshare --map-root-user --mount`", {
      cause: error,
    });
  }
  return {
    folder,
    fill() {
      const file = openSync(ballast, "a");
      for (let size = CHUNK; size >= 1;) {
        try {
          writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          size = Math.floor(size / 2);
        }
      }
      closeSync(file);
    },
    free: () => rmSync(ballast, { force: true }),
    dispose() {
      execFileSync("umount", ["--lazy", folder]);
      rmSync(above, { recursive: true, force: true });
    },
  };
}
