-- CreateTable
CREATE TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames" (
    "id" INTEGER NOT NULL,
    "fk" INTEGER NOT NULL,
    "d" TIMESTAMP(3) NOT NULL DEFAULT '2021-03-04 05:06:07.120 +02:00',
    "e" TIMESTAMP(3)[] DEFAULT ARRAY['2021-03-04 05:06:07 +00:00']::TIMESTAMP(3)[],
    "b" BYTEA[] DEFAULT ARRAY['\x68656c6c6f']::BYTEA[],
    "j" JSONB[] DEFAULT ARRAY['{"a":"it''s"}']::JSONB[],
    "s" TEXT[] DEFAULT ARRAY['it''s', 'b']::TEXT[],
    "bo" BOOLEAN[] DEFAULT ARRAY[true, false]::BOOLEAN[],
    "de" DECIMAL(65,30)[] DEFAULT ARRAY[1.50, 2]::DECIMAL(65,30)[],
    "t" DATE NOT NULL DEFAULT '2021-03-04 05:06:07.123456 +00:00',
    "t2" TIME(3) NOT NULL DEFAULT '2021-03-04 05:06:07.100 +00:00',
    "vc" VARCHAR(20)[] DEFAULT ARRAY['a']::VARCHAR(20)[],
    "dd" DECIMAL(10,2)[] DEFAULT ARRAY[1]::DECIMAL(10,2)[],

    CONSTRAINT "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstr_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Oth" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "Oth_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncatio_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE INDEX "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstra_idx" ON "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames"("fk", "id", "t", "t2", "vc", "dd");

-- CreateIndex
CREATE UNIQUE INDEX "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstra_key" ON "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames"("fk");

-- CreateIndex
CREATE INDEX "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncatio_B_index" ON "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst"("B");

-- AddForeignKey
ALTER TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames" ADD CONSTRAINT "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstr_fkey" FOREIGN KEY ("fk") REFERENCES "Oth"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" ADD CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_A_fkey" FOREIGN KEY ("A") REFERENCES "Oth"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" ADD CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_B_fkey" FOREIGN KEY ("B") REFERENCES "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames"("id") ON DELETE CASCADE ON UPDATE CASCADE;
