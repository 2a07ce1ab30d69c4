-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "Odd "name"";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "base";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "base"."Kind" AS ENUM ('a', 'b');

-- CreateEnum
CREATE TYPE "public"."State" AS ENUM ('on', 'off');

-- CreateTable
CREATE TABLE "public"."Thing" (
    "id" SERIAL NOT NULL,
    "kind" "base"."Kind" NOT NULL DEFAULT 'a',
    "kinds" "base"."Kind"[] DEFAULT ARRAY['a', 'b']::"base"."Kind"[],
    "state" "public"."State" NOT NULL DEFAULT 'off',

    CONSTRAINT "Thing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "base"."Thing" (
    "id" SERIAL NOT NULL,
    "kind" "base"."Kind" NOT NULL DEFAULT 'b',
    "state" "public"."State",
    "thingId" INTEGER NOT NULL,

    CONSTRAINT "Thing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Odd "name""."Deep" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "words" TEXT NOT NULL DEFAULT 'a'||'b',

    CONSTRAINT "Deep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Odd "name""."_DeepToOther" (
    "A" UUID NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_DeepToOther_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "Thing_kind_id_key" ON "public"."Thing"("kind", "id");

-- CreateIndex
CREATE INDEX "Thing_thingId_idx" ON "base"."Thing"("thingId");

-- CreateIndex
CREATE INDEX "_DeepToOther_B_index" ON "Odd "name""."_DeepToOther"("B");

-- AddForeignKey
ALTER TABLE "base"."Thing" ADD CONSTRAINT "Thing_thingId_fkey" FOREIGN KEY ("thingId") REFERENCES "public"."Thing"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Odd "name""."_DeepToOther" ADD CONSTRAINT "_DeepToOther_A_fkey" FOREIGN KEY ("A") REFERENCES "Odd "name""."Deep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Odd "name""."_DeepToOther" ADD CONSTRAINT "_DeepToOther_B_fkey" FOREIGN KEY ("B") REFERENCES "base"."Thing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

