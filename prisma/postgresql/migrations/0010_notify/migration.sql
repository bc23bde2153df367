-- CreateTable
CREATE TABLE "notify_sink" (
    "ordinal" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "url" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "secret" TEXT,
    "previousSecret" TEXT,
    "previousUntil" BIGINT,
    "hears" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "afterId" BIGINT NOT NULL,
    "failingSince" BIGINT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "lastDeliveredAt" BIGINT,
    "pausedAt" BIGINT,
    "dropped" INTEGER NOT NULL DEFAULT 0,
    "droppedUntold" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "notify_sink_pkey" PRIMARY KEY ("ordinal")
);

-- CreateTable
CREATE TABLE "notify_delivery" (
    "ordinal" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "sinkId" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "nextAt" BIGINT NOT NULL,
    "deadline" BIGINT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "code" INTEGER,
    "answer" TEXT,
    "error" TEXT,
    "tookMs" INTEGER,
    "settledAt" BIGINT,

    CONSTRAINT "notify_delivery_pkey" PRIMARY KEY ("ordinal")
);

-- CreateIndex
CREATE UNIQUE INDEX "notify_sink_id_key" ON "notify_sink"("id");

-- CreateIndex
CREATE UNIQUE INDEX "notify_delivery_id_key" ON "notify_delivery"("id");

-- CreateIndex
CREATE INDEX "notify_delivery_sinkId_status_ordinal_idx" ON "notify_delivery"("sinkId", "status", "ordinal");

-- CreateIndex
CREATE INDEX "notify_delivery_sinkId_ordinal_idx" ON "notify_delivery"("sinkId", "ordinal");

-- CreateIndex
CREATE INDEX "notify_delivery_settledAt_idx" ON "notify_delivery"("settledAt");
