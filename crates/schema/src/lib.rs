//! The Prisma schema language: text, tree, validated model, diagnostics, formatter.
