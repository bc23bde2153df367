-- CreateTable
CREATE TABLE "story_change" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "environment" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "bytes" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "story_key_frame" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "environment" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "untilMs" BIGINT NOT NULL,
    "changeId" BIGINT NOT NULL,
    "bytes" BLOB NOT NULL
);

-- CreateIndex
CREATE INDEX "story_change_environment_id_idx" ON "story_change"("environment", "id");

-- CreateIndex
CREATE INDEX "story_key_frame_environment_atMs_idx" ON "story_key_frame"("environment", "atMs");
