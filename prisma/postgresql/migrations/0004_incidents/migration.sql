-- CreateTable
CREATE TABLE "incident" (
    "id" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "startedAt" BIGINT NOT NULL,
    "updatedAt" BIGINT NOT NULL,
    "mergedInto" TEXT,
    "version" INTEGER NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_entry" (
    "id" TEXT NOT NULL,
    "incidentId" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "eventId" BIGINT,
    "body" TEXT NOT NULL,

    CONSTRAINT "incident_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_rule" (
    "environment" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "updatedAt" BIGINT NOT NULL,
    "updatedBy" TEXT NOT NULL,

    CONSTRAINT "incident_rule_pkey" PRIMARY KEY ("environment","id")
);

-- CreateIndex
CREATE INDEX "incident_environment_startedAt_number_idx" ON "incident"("environment", "startedAt", "number");

-- CreateIndex
CREATE INDEX "incident_environment_status_startedAt_number_idx" ON "incident"("environment", "status", "startedAt", "number");

-- CreateIndex
CREATE UNIQUE INDEX "incident_environment_number_key" ON "incident"("environment", "number");

-- CreateIndex
CREATE INDEX "incident_entry_incidentId_at_idx" ON "incident_entry"("incidentId", "at");

-- CreateIndex
CREATE UNIQUE INDEX "incident_entry_incidentId_eventId_key" ON "incident_entry"("incidentId", "eventId");
