/*
  Fails if the tables contain data:

  - column `A.a9` becomes required, which fails if a row has null there
  - column `A.b4` becomes required, which fails if a row has null there
  - column `A.c3` becomes required, which fails if a row has null there

  May lose data or fail:

  - column `A.c7` is dropped and recreated with another type, which loses all its values
  - column `A.a4` is dropped and recreated with another type, which loses all its values
  - column `A.a5` is dropped and recreated with another type, which loses all its values
  - column `A.a8` is dropped and recreated with another type, which loses all its values
  - column `A.a9` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `A.b1` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `A.b2` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `A.b3` is dropped and recreated with another type, which loses all its values
  - column `A.c2` changes from `INTEGER` to `SMALLINT`: values may be out of range
  - column `A.c6` is dropped and recreated with another type, which loses all its values
*/
-- AlterTable
CREATE SEQUENCE a_c3_seq;
ALTER TABLE "A" DROP COLUMN "c7",
ADD COLUMN     "c7" INTEGER DEFAULT 1,
DROP COLUMN "a4",
ADD COLUMN     "a4" TEXT[],
DROP COLUMN "a5",
ADD COLUMN     "a5" TEXT[] DEFAULT ARRAY['x']::TEXT[],
ALTER COLUMN "a7" DROP NOT NULL,
ALTER COLUMN "a7" DROP DEFAULT,
DROP COLUMN "a8",
ADD COLUMN     "a8" INTEGER,
ALTER COLUMN "a9" SET NOT NULL,
ALTER COLUMN "a9" SET DEFAULT 3,
ALTER COLUMN "a9" SET DATA TYPE INTEGER,
ALTER COLUMN "b1" SET DATA TYPE INTEGER,
ALTER COLUMN "b2" DROP DEFAULT,
ALTER COLUMN "b2" SET DATA TYPE INTEGER,
DROP COLUMN "b3",
ADD COLUMN     "b3" SERIAL NOT NULL,
ALTER COLUMN "b4" SET NOT NULL,
ALTER COLUMN "b4" SET DEFAULT 'x',
ALTER COLUMN "b5" SET DEFAULT CURRENT_TIMESTAMP,
ALTER COLUMN "b6" DROP DEFAULT,
ALTER COLUMN "b7" SET DEFAULT x(),
ALTER COLUMN "b8" SET DEFAULT x(),
ALTER COLUMN "b9" SET DEFAULT 'a',
ALTER COLUMN "c1" SET DATA TYPE BIGINT,
ALTER COLUMN "c2" SET DATA TYPE SMALLINT,
ALTER COLUMN "c3" SET NOT NULL,
ALTER COLUMN "c3" SET DEFAULT nextval('a_c3_seq'),
ALTER COLUMN "c5" DROP DEFAULT,
DROP COLUMN "c6",
ADD COLUMN     "c6" INTEGER NOT NULL DEFAULT 1;
ALTER SEQUENCE a_c3_seq OWNED BY "A"."c3";
