-- CreateTable
CREATE TABLE "story_change" (
    "id" BIGSERIAL NOT NULL,
    "environment" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "story_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "story_key_frame" (
    "id" BIGSERIAL NOT NULL,
    "environment" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "untilMs" BIGINT NOT NULL,
    "changeId" BIGINT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "story_key_frame_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "story_change_environment_id_idx" ON "story_change"("environment", "id");

-- CreateIndex
CREATE INDEX "story_key_frame_environment_atMs_idx" ON "story_key_frame"("environment", "atMs");
