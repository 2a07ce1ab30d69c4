/*
  Fails if there are data:

  - required column `Changed.text` is dropped and made anew with another type, which fails if the table has rows

  Loses data, or may fail:

  - column `Changed.list` is dropped and made anew with another type, which loses all its values
  - column `Changed.single` is dropped and made anew with another type, which loses all its values
*/
-- AlterEnum
ALTER TYPE "E" ADD VALUE 'c';

-- AlterTable
ALTER TABLE "Changed" ADD COLUMN     "gone" "E" NOT NULL DEFAULT 'c',
DROP COLUMN "text",
ADD COLUMN     "text" "E" NOT NULL,
DROP COLUMN "list",
ADD COLUMN     "list" "E" NOT NULL DEFAULT 'a',
DROP COLUMN "single",
ADD COLUMN     "single" "E"[];

-- CreateTable
CREATE TABLE "Gone" (
    "id" INTEGER NOT NULL,
    "e" "E"[] DEFAULT ARRAY['c']::"E"[],

    CONSTRAINT "Gone_pkey" PRIMARY KEY ("id")
);
