-- CreateTable
CREATE TABLE "change_set" (
    "ordinal" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "id" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "made" TEXT NOT NULL,
    "ended" TEXT NOT NULL,
    "undoneBy" TEXT
);

-- CreateIndex
CREATE UNIQUE INDEX "change_set_id_key" ON "change_set"("id");

-- CreateIndex
CREATE INDEX "change_set_environment_ordinal_idx" ON "change_set"("environment", "ordinal");
