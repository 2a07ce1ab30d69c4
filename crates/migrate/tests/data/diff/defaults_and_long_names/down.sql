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
