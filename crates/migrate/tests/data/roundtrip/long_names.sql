-- CreateEnum
CREATE TYPE "AnEnumWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase" AS ENUM ('a');

-- CreateTable
CREATE TABLE "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase" (
    "aRatherLongNameOfAColumn" INTEGER NOT NULL,
    "anotherRatherLongNameOfAColumn" INTEGER NOT NULL,
    "größe größe größe größe größe größe größe größe größe größe größe" TEXT NOT NULL,
    "kind" "AnEnumWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase" NOT NULL DEFAULT 'a',
    "kinds" "AnEnumWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"[] DEFAULT ARRAY['a']::"AnEnumWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"[],

    CONSTRAINT "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeByt_pkey" PRIMARY KEY ("aRatherLongNameOfAColumn","anotherRatherLongNameOfAColumn")
);

-- CreateTable
CREATE TABLE "Other" (
    "id" INTEGER NOT NULL,
    "thisColumnHasANameThatIsLongerThanSixtyThreeBytesToo___________________" TEXT NOT NULL,

    CONSTRAINT "Other_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "k" ON "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"("größe größe größe größe größe größe größe größe größe größe größe");

-- CreateIndex
CREATE INDEX "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeByte_idx" ON "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"("aRatherLongNameOfAColumn", "größe größe größe größe größe größe größe größe größe größe größe");

-- CreateIndex
CREATE UNIQUE INDEX "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeByte_key" ON "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"("anotherRatherLongNameOfAColumn", "aRatherLongNameOfAColumn");

-- AddForeignKey
ALTER TABLE "Other" ADD CONSTRAINT "Other_thisColumnHasANameThatIsLongerThanSixtyThreeBytesToo_fkey" FOREIGN KEY ("thisColumnHasANameThatIsLongerThanSixtyThreeBytesToo___________________") REFERENCES "ModelWithALongNameThatReachesBeyondTheLimitOfSixtyThreeBytesInTheDatabase"("größe größe größe größe größe größe größe größe größe größe größe") ON DELETE RESTRICT ON UPDATE CASCADE;

