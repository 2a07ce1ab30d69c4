-- CreateEnum
CREATE TYPE "select" AS ENUM ('with 'quotes'', 'with "more"', ' ', 'grün');

-- CreateTable
CREATE TABLE "table with a 'name'" (
    "The Id" SERIAL NOT NULL,
    "order by" TEXT NOT NULL,
    "$enum" "select" NOT NULL DEFAULT 'grün',
    "enums" "select"[] DEFAULT ARRAY['with ''quotes''', 'with "more"']::"select"[],
    "größe" TEXT NOT NULL,
    "a "quote"" TEXT NOT NULL,
    "ref id" INTEGER,

    CONSTRAINT "table with a 'name'_pkey" PRIMARY KEY ("The Id")
);

-- CreateIndex
CREATE UNIQUE INDEX "table with a 'name'_größe_key" ON "table with a 'name'"("größe");

-- CreateIndex
CREATE INDEX "table with a 'name'_order by_a "quote"_idx" ON "table with a 'name'"("order by", "a "quote"");

-- AddForeignKey
ALTER TABLE "table with a 'name'" ADD CONSTRAINT "table with a 'name'_ref id_fkey" FOREIGN KEY ("ref id") REFERENCES "table with a 'name'"("The Id") ON DELETE SET NULL ON UPDATE CASCADE;

