-- AlterTable
ALTER TABLE "flip" ADD COLUMN     "purpose" TEXT;

-- CreateTable
CREATE TABLE "switch_place" (
    "environment" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "capability" TEXT,
    "steps" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "updatedAt" BIGINT NOT NULL,
    "updatedBy" TEXT NOT NULL,

    CONSTRAINT "switch_place_pkey" PRIMARY KEY ("environment","key")
);

-- CreateTable
CREATE TABLE "preset" (
    "id" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "items" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "updatedAt" BIGINT NOT NULL,
    "updatedBy" TEXT NOT NULL,

    CONSTRAINT "preset_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "preset_environment_name_key" ON "preset"("environment", "name");
