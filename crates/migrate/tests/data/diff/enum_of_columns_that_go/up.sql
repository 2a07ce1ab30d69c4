/*
  Fails if there are data:

  - required column `Changed.text` is dropped and made anew with another type, which fails if the table has rows

  Loses data, or may fail:

  - enum `E` loses `c`, which fails where a row has it
  - column `Changed.gone` goes, and all its values with it
  - column `Changed.list` is dropped and made anew with another type, which loses all its values
  - column `Changed.single` is dropped and made anew with another type, which loses all its values
  - table `Gone` goes, and all its rows with it
*/
-- AlterEnum
BEGIN;
CREATE TYPE "E_new" AS ENUM ('a', 'b');
ALTER TABLE "Gone" ALTER COLUMN "e" DROP DEFAULT;
ALTER TABLE "Kept" ALTER COLUMN "one" DROP DEFAULT;
ALTER TABLE "Changed" ALTER COLUMN "gone" DROP DEFAULT;
ALTER TABLE "Changed" ALTER COLUMN "list" DROP DEFAULT;
ALTER TABLE "Kept" ALTER COLUMN "one" TYPE "E_new" USING ("one"::text::"E_new");
ALTER TYPE "E" RENAME TO "E_old";
ALTER TYPE "E_new" RENAME TO "E";
ALTER TABLE "Kept" ALTER COLUMN "one" SET DEFAULT 'b';
COMMIT;

-- AlterTable
ALTER TABLE "Changed" DROP COLUMN "gone",
DROP COLUMN "text",
ADD COLUMN     "text" TEXT NOT NULL,
DROP COLUMN "list",
ADD COLUMN     "list" "E"[],
DROP COLUMN "single",
ADD COLUMN     "single" "E" NOT NULL DEFAULT 'a';

-- DropTable
DROP TABLE "Gone";

-- DropEnum
DROP TYPE "E_old";
