-- CreateTable
CREATE TABLE "rollup_page" (
    "tierMs" INTEGER NOT NULL,
    "environment" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "instance" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "bytes" BLOB NOT NULL,

    PRIMARY KEY ("tierMs", "environment", "service", "fromMs", "instance", "kind", "resource")
);

-- CreateTable
CREATE TABLE "rollup_due" (
    "environment" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "instance" TEXT NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "changes" INTEGER NOT NULL,

    PRIMARY KEY ("environment", "service", "instance", "fromMs")
);

-- CreateTable
CREATE TABLE "page_pin" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "environment" TEXT NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "toMs" BIGINT NOT NULL,
    "instances" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "job_lease" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "token" BIGINT NOT NULL,
    "since" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "job_state" (
    "job" TEXT NOT NULL PRIMARY KEY,
    "token" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "updatedAt" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "rollup_page_tierMs_fromMs_idx" ON "rollup_page"("tierMs", "fromMs");

-- CreateIndex
CREATE INDEX "rollup_due_fromMs_idx" ON "rollup_due"("fromMs");

-- CreateIndex
CREATE INDEX "page_pin_environment_idx" ON "page_pin"("environment");

-- Pages that are there already are still to be rolled up: each hour they lie in.
INSERT INTO "rollup_due" ("environment", "service", "instance", "fromMs", "changes")
SELECT DISTINCT "environment", "service", "instance", "fromMs" / 3600000 * 3600000, 1 FROM "sample_page"
UNION
SELECT DISTINCT "environment", "service", "instance", "toMs" / 3600000 * 3600000, 1 FROM "sample_page";
