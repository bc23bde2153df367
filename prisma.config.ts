/**
 * For the Prisma CLI. Generating needs no schema engine, but the CLI looks for one and would download it; naming any existing file
 * ends the search, so that `prisma generate` works without a network. Other commands may download the real one.
 */
import { defineConfig } from "prisma/config";

if (process.argv.includes("generate")) process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= process.execPath;

export default defineConfig({ schema: "prisma/sqlite" });
