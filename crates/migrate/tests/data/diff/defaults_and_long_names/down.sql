/*
  May lose data or fail:

  - table `ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames` is dropped with all its rows
  - table `Oth` is dropped with all its rows
  - table `_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst` is dropped with all its rows
*/
-- DropForeignKey
ALTER TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames" DROP CONSTRAINT "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstr_fkey";

-- DropForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" DROP CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_A_fkey";

-- DropForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" DROP CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_B_fkey";

-- DropTable
DROP TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames";

-- DropTable
DROP TABLE "Oth";

-- DropTable
DROP TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst";
